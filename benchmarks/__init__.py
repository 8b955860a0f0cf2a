"""Measured comparisons with peers: ``python -m benchmarks.NAME --json OUT``. Does I/O."""
