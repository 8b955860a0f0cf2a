"""Measured picture quality: scores per frame, pooled over a film, and Bjøntegaard deltas. Pure."""
