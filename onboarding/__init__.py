"""The one place that wires the rooms into the line from master to title. Does I/O."""
