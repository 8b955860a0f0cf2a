"""What media files are: probing, frame index, ISO boxes, and the one ffmpeg runner. Does I/O."""
