"""Origin, edges and the watch page in one process group: `matinee serve` and `matinee demo`. Does I/O."""
