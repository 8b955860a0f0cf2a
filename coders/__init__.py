"""What sets the four video codecs apart: one table entry each, behind one interface. Pure."""
