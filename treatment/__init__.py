"""What becomes of a master: rate, scan, geometry, colour, sound and text, decided from what it is. Pure."""
