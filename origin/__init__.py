"""A store's titles over HTTP. Does I/O."""
