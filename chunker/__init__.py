"""Where to cut: frame-exact chunk and segment plans. Pure."""
