"""HTTP nearer to the player: a caching reverse proxy. The rules are pure, the shell does I/O."""
