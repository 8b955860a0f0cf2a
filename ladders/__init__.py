"""Ladders of rungs: what to encode a film into. Reads its own YAML files, otherwise pure."""
