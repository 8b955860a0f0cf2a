"""The quality gate: what is wrong with a master, found in one pass through it in parallel chunks. Does I/O in tasks.

A job measures its chunk and decides nothing (`gate.job`); the parts are joined (`gate.measures`) and judged as one
film by pure functions (`gate.detect`).
"""
