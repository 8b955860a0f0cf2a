"""From trial encodes to a ladder: curves, convex hulls, rungs, shots at constant slope, and what it may cost. Pure."""
