"""What an audit finds: faults, and the facts read from the stored bytes themselves. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import takewhile

from media.tracks import Track
from values.title import Rendition

_BETWEEN_CODECS = 2.0


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong: the store key it concerns, and what it is."""

    file: str
    what: str


@dataclass(frozen=True, slots=True)
class SegmentFacts:
    """A stored segment as its bytes say; `start` and `stop` are presentation time in ticks, after the edit list.

    Of video, `key_bytes` is where the first sample ends, `key_digest` its digest, and `key_at` when it is shown.
    """

    key: str
    size_bytes: int
    start: int
    stop: int
    samples: int
    key_bytes: int = 0
    key_digest: str = ""
    key_at: int = 0


@dataclass(frozen=True, slots=True)
class RenditionFacts:
    """A rendition as its bytes say. `track` is None if the init, a segment None if it could not be read."""

    rendition: Rendition
    track: Track | None
    segments: tuple[SegmentFacts | None, ...]

    @property
    def readable(self) -> bool:
        """True if the init and all segments could be read, so that totals and rates mean something."""
        return self.track is not None and bool(self.segments) and None not in self.segments

    def seconds(self) -> list[tuple[int, Fraction]]:
        """(size in bytes, presented duration in seconds) of each readable segment."""
        timescale = self.track.timescale if self.track else 1
        return [(s.size_bytes, Fraction(s.stop - s.start, timescale)) for s in self.segments if s]


def measured_alike(found: Sequence[RenditionFacts]) -> bool:
    """Whether the record has a quality for every video rendition, by one model at one size."""
    measured = [f.rendition.quality for f in found if f.rendition.kind == "video"]
    return len({(q.model, q.width, q.height) if q else None for q in measured}) == 1 and None not in measured


def is_better(one: RenditionFacts, other: RenditionFacts, *, by_vmaf: bool) -> bool:
    """Whether a player must prefer `one` to `other`: by mean VMAF, else by average bit rate within one codec.

    Between codecs two points of VMAF settle it, below that the bits that a codec saves may. Written apart from
    `packager.scores`, which says what the manifests claim. A bit a second is rounding.
    """
    a, b = one.rendition.quality, other.rendition.quality
    if by_vmaf and a and b and one.track and other.track:
        leeway = 0.0 if one.track.entry == other.track.entry else _BETWEEN_CODECS
        return round(a.mean, 3) > round(b.mean, 3) + leeway
    if one.track is None or other.track is None or one.track.entry != other.track.entry:
        return False
    return average_rate(one.seconds()) > average_rate(other.seconds()) + 1


def average_rate(segments: Sequence[tuple[int, Fraction]]) -> int:
    """Bits per second over all segments, rounded down: the least that a manifest may claim."""
    total = sum((d for _, d in segments), Fraction(0))
    return math.floor(sum(s for s, _ in segments) * 8 / total) if total else 0


def peak_rate(segments: Sequence[tuple[int, Fraction]], target_s: int) -> int:
    """The largest bit rate over runs of segments that last 0.5 to 1.5 target durations, rounded down.

    Written apart from `packager.measure`, which says what the manifests claim; by sums from the start, not by runs.
    """
    edges: list[tuple[int, Fraction]] = [(0, Fraction(0))]
    for size, duration in segments:
        edges.append((edges[-1][0] + size, edges[-1][1] + duration))
    least, most = Fraction(target_s, 2), Fraction(3 * target_s, 2)
    rates = [
        Fraction(8 * (size - size0)) / (time - time0)
        for i, (size0, time0) in enumerate(edges)
        for size, time in takewhile(lambda edge: edge[1] - time0 <= most, edges[i + 1 :])  # noqa: B023 used at once
        if time - time0 >= least
    ]
    return math.floor(max(rates)) if rates else average_rate(segments)
