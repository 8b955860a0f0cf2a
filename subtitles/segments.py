"""Cues cut for HLS: each segment holds every cue that is seen in it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from subtitles.cue import BadSubtitles, Cue, to_ms

_MOST_REPEATS = 20  # copies of a cue in segments, on average, of which a film still can make use


@dataclass(frozen=True, slots=True)
class TextSegment:
    """The cues seen in ``[start_ms, stop_ms)``, with their own times."""

    start_ms: int
    stop_ms: int
    cues: tuple[Cue, ...]


def cut_segments(
    cues: Sequence[Cue], edges: Sequence[Fraction], duration: Fraction, *, where: str
) -> tuple[TextSegment, ...]:
    """Cut at `edges`, the starts of the picture's segments in seconds (the first is 0), up to `duration` seconds.

    `cues` are sorted by start. Text segments are as long as the picture's because all playlists of a title share one
    target duration (RFC 8216 section 4.3.3.1). Raises BadSubtitles where cues are so long that they'd fill the store.
    """
    starts = [to_ms(e) for e in edges]
    stops = [*starts[1:], to_ms(duration)]
    allowed = _MOST_REPEATS * len(cues) + 100 * len(edges)
    out = []
    for segment in _cut(cues, list(zip(starts, stops, strict=True))):
        allowed -= len(segment.cues)
        if allowed < 0:
            raise BadSubtitles(
                "most cues last over many segments",
                where=where,
                hint="Are the end times right? No one reads that many lines at once.",
            )
        out.append(segment)
    return tuple(out)


def _cut(cues: Sequence[Cue], spans: Sequence[tuple[int, int]]) -> Iterator[TextSegment]:
    shown: list[Cue] = []
    at = 0
    for start, stop in spans:
        shown = [c for c in shown if c.stop_ms > start]
        while at < len(cues) and cues[at].start_ms < stop:
            shown += [cues[at]] if cues[at].stop_ms > start else []
            at += 1
        yield TextSegment(start, stop, tuple(shown))
