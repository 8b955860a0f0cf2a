"""How things look in a terminal: live progress, tables, JSON lines. Draws, decides nothing."""
