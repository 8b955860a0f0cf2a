"""Timed text: subtitles, captions and chapters, from what masters bring to WebVTT. Pure but for `subtitles.extract`."""
