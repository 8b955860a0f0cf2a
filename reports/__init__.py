"""Plots and self-contained HTML pages of what was measured. Draws; reads and writes no files."""
