"""Pictures to look at: thumbnail sheets for seeking, the poster and candidate artwork. Does I/O in tasks."""
