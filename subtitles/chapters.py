"""Chapters: from a container's marks to the film's timeline, and as a WebVTT track. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction

from media.probe import ChapterMark
from subtitles.cue import Cue, to_ms
from subtitles.markup import escape
from subtitles.webvtt import write_webvtt
from values.title import Chapter


def film_chapters(marks: Sequence[ChapterMark], *, start: Fraction, duration: Fraction) -> tuple[Chapter, ...]:
    """The container's chapters on the film's timeline, by time, none overlapping another.

    `start` is film time 0 on the container's clock and `duration` the film's length, in seconds. A chapter ends at the
    next one's start at the latest. One without a name is called by its number.
    """
    end = to_ms(duration)
    spans: dict[int, tuple[int, str]] = {}
    for mark in sorted(marks, key=lambda m: (m.start, -m.stop)):  # of nested ones, the outer first: it is replaced
        begin, stop = max(0, to_ms(mark.start - start)), min(end, to_ms(mark.stop - start))
        if begin < end and (stop > 0 or mark.stop <= mark.start):
            spans[begin] = (stop if stop > begin else end, " ".join(mark.name.split()))
    edges = [*sorted(spans), end]
    return tuple(
        Chapter(a, min(spans[a][0], following), spans[a][1] or f"Chapter {number}")
        for number, (a, following) in enumerate(itertools.pairwise(edges), 1)
    )


def write_chapters(chapters: Sequence[Chapter]) -> bytes:
    """A WebVTT chapters track (W3C WebVTT section 4.6.2): one cue a chapter, its text the name."""
    return write_webvtt(Cue(c.start_ms, c.stop_ms, escape(c.name)) for c in chapters)
