"""The quality gate: what is wrong with a master, found in one pass through it in parallel chunks. Does I/O in tasks."""
