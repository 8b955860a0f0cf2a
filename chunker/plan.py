"""Where to cut: segments and chunks of whole frames that tile the film exactly. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

MERGE_TAIL = 8
"""A last segment shorter than 1/8 of the others is merged into the one before it. At 4 s that is less than half a
second, so the merged segment still rounds to the same EXT-X-TARGETDURATION (RFC 8216 section 4.3.3.1)."""

_MIN_CHUNK_S = 8
_MAX_CHUNK_S = 60
_CHUNKS_PER_WORKER = 5


@dataclass(frozen=True, slots=True)
class Span:
    """Output frames ``[start, stop)`` and their place in the order of their kind."""

    index: int
    start: int
    stop: int

    @property
    def frames(self) -> int:
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class Chunk(Span):
    """A run of whole segments that one task encodes. ``chunk.stop == next.start``."""

    segments: tuple[Span, ...]


def segment_length(rate: Fraction, target_s: Fraction) -> int:
    """Frames in a segment of about `target_s` seconds at `rate` (Hz): 4 s at 30000/1001 is 120 frames, 4.004 s."""
    if target_s <= 0 or rate <= 0:
        raise ValueError("rate and segment length are positive")
    return max(1, int(rate * target_s + Fraction(1, 2)))


def plan_segments(frames: int, length: int) -> tuple[Span, ...]:
    """Cut `frames` output frames into segments of `length` frames; a very short tail is merged (see MERGE_TAIL)."""
    if frames < 1 or length < 1:
        raise ValueError("a film and a segment have at least one frame")
    starts = list(range(0, frames, length))
    if len(starts) > 1 and (frames - starts[-1]) * MERGE_TAIL < length:
        starts.pop()
    stops = [*starts[1:], frames]
    return tuple(Span(i, a, b) for i, (a, b) in enumerate(zip(starts, stops, strict=True)))


def plan_chunks(segments: tuple[Span, ...], per_chunk: int) -> tuple[Chunk, ...]:
    """Group `segments` into chunks of `per_chunk` (the last may have fewer)."""
    if per_chunk < 1:
        raise ValueError("a chunk has at least one segment")
    groups = [segments[i : i + per_chunk] for i in range(0, len(segments), per_chunk)]
    return tuple(Chunk(i, g[0].start, g[-1].stop, g) for i, g in enumerate(groups))


def segments_per_chunk(frames: int, rate: Fraction, length: int, *, workers: int, target_s: Fraction | None) -> int:
    """How many segments a chunk has.

    Given `target_s` (seconds), the nearest whole number of segments. Otherwise planned: about five chunks a worker, so
    that the last ones to finish leave little idle, but no chunk under 8 s (each costs a start and a preroll, and some
    bits: docs/measured.md) nor over 60 s (each is work to lose).
    """
    segment_s = length / rate
    if target_s is None:
        even = frames / rate / (workers * _CHUNKS_PER_WORKER)
        target_s = min(max(even, Fraction(_MIN_CHUNK_S)), Fraction(_MAX_CHUNK_S))
    return max(1, int(target_s / segment_s + Fraction(1, 2)))
