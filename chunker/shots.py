"""Shots, and segments that follow them: variable lengths, shared by all rungs. Pure.

Segments begin at cuts where their bounds allow: a key frame costs least where no earlier frame helps anyway, and a
segment of one shot can have its own quality. How far lengths may go from the target is set by players:

- RFC 8216bis section 4.4.3.1: every EXTINF, rounded to the nearest second, is at most EXT-X-TARGETDURATION. So the
  longest segment sets it, and with it how much a player holds. The default longest is 3/2 of the target: 6 s at 4 s,
  the target duration that Apple's HLS authoring specification names.
- Section 4.4.6.2 measures BANDWIDTH over runs of segments that last 0.5 to 1.5 target durations: segments shorter
  than half are never measured alone, and many short requests cost more than they give. The default shortest is half
  of the target.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise

from chunker.plan import Span, segment_length

LONGEST = Fraction(3, 2)
SHORTEST = Fraction(1, 2)
"""Default bounds of a segment's duration, as shares of the target."""


@dataclass(frozen=True, slots=True)
class Shot(Span):
    """Output frames ``[start, stop)`` from one cut to the next. ``shot.stop == next.start``."""


def list_shots(frames: int, cuts: Sequence[int]) -> tuple[Shot, ...]:
    """The shots between `cuts` (frames at which one begins, ascending, inside the film): they tile the film."""
    _check(frames, cuts)
    return tuple(Shot(i, a, b) for i, (a, b) in enumerate(pairwise((0, *cuts, frames))))


def shots_of(segments: Sequence[Span], cuts: Sequence[int]) -> tuple[tuple[Shot, ...], ...]:
    """For each of `segments`, which tile the film, the shots of which it holds frames, in order: at least one."""
    shots = list_shots(segments[-1].stop, cuts)
    starts = [s.start for s in shots]
    return tuple(shots[bisect_right(starts, s.start) - 1 : bisect_right(starts, s.stop - 1)] for s in segments)


def plan_shot_segments(
    frames: int,
    rate: Fraction,
    cuts: Sequence[int],
    *,
    target_s: Fraction,
    shortest_s: Fraction | None = None,
    longest_s: Fraction | None = None,
    strengths: Sequence[int] | None = None,
) -> tuple[Span, ...]:
    """Cut the film into segments that begin at `cuts` wherever the bounds (seconds) let them; they tile the film.

    Between two kept cuts there is one segment, or, where that would be longer than `longest_s`, as many near-equal
    ones as come nearest to `target_s`. Of the plans within the bounds this is the one that gives up the least
    `strengths` (positive, one a cut; by default all equal) of cuts, and among those the one with the least sum of
    squared differences from the target. Only a film shorter than `shortest_s` is shorter than the bounds: one segment.

    Raises ValueError if the longest is not about twice the shortest: then some lengths could not be divided.
    """
    _check(frames, cuts)
    weights = tuple(strengths) if strengths is not None else (1,) * len(cuts)
    if len(weights) != len(cuts) or min(weights, default=1) < 1:
        raise ValueError("there is one positive strength for each cut")
    bounds = _bounds(
        rate,
        target_s,
        SHORTEST * target_s if shortest_s is None else shortest_s,
        LONGEST * target_s if longest_s is None else longest_s,
    )
    starts = [n for a, b in pairwise(_kept((0, *cuts, frames), weights, bounds)) for n in bounds.split(a, b)]
    return tuple(Span(i, a, b) for i, (a, b) in enumerate(pairwise((*starts, frames))))


@dataclass(frozen=True, slots=True)
class _Bounds:
    """Lengths of segments in frames. ``longest + 1 >= 2 * shortest``, so any length from the shortest on divides."""

    target: int
    shortest: int
    longest: int

    def count(self, length: int) -> int:
        """How many segments a run of `length` frames between two kept cuts becomes: one if it can."""
        if length <= self.longest:
            return 1
        nearest = (2 * length + self.target) // (2 * self.target)
        return min(max(nearest, -(-length // self.longest)), length // self.shortest)

    def split(self, start: int, stop: int) -> list[int]:
        """The starts of the near-equal segments of frames ``[start, stop)``."""
        count = self.count(stop - start)
        return [start + i * (stop - start) // count for i in range(count)]

    def unevenness(self, length: int) -> int:
        """The sum over those segments of the squared difference from the target."""
        count = self.count(length)
        short, more = divmod(length, count)
        return more * (short + 1 - self.target) ** 2 + (count - more) * (short - self.target) ** 2


def _bounds(rate: Fraction, target_s: Fraction, shortest_s: Fraction, longest_s: Fraction) -> _Bounds:
    shortest, longest = max(1, -int(-rate * shortest_s // 1)), max(1, int(rate * longest_s // 1))
    bounds = _Bounds(segment_length(rate, target_s), shortest, longest)
    if longest + 1 < 2 * shortest:
        raise ValueError(f"segments of {shortest} to {longest} frames: the longest is at least twice the shortest")
    if not shortest <= bounds.target <= longest:
        raise ValueError(f"the target of {bounds.target} frames lies outside {shortest} to {longest}")
    return bounds


def _kept(edges: Sequence[int], weights: Sequence[int], bounds: _Bounds) -> list[int]:
    """The film's ends and the cuts kept between them, by dynamic programming over `edges` (the cuts and both ends).

    The cost of a plan up to an edge is the strength given up and the unevenness, compared in this order.
    """
    given_up = (0, *accumulate(weights))  # by edge: the strength of all cuts up to it
    best: list[tuple[int, int, int] | None] = [(0, 0, 0), *(None for _ in edges[1:])]
    for at in range(1, len(edges)):
        options = []
        for before in _predecessors(edges, at, bounds.shortest):
            cost = best[before]
            if cost is not None:
                lost = given_up[at - 1] - given_up[before]
                options.append((cost[0] + lost, cost[1] + bounds.unevenness(edges[at] - edges[before]), before))
        best[at] = min(options, default=None)
    at, kept = len(edges) - 1, [edges[-1]]
    while at:
        entry = best[at]
        at = entry[2] if entry else 0  # a film shorter than the shortest segment: one segment
        kept.append(edges[at])
    return kept[::-1]


def _predecessors(edges: Sequence[int], at: int, shortest: int) -> Iterator[int]:
    """The edges that may be the last kept one before `at`, latest first.

    Not those with a cut between that is far enough from both: keeping it too gives up less. So few are left.
    """
    between = bisect_right(edges, edges[at] - shortest) - 1  # the last edge far enough from `at`
    for before in range(between, -1, -1):
        if edges[between] - edges[before] >= shortest:
            return
        yield before


def _check(frames: int, cuts: Sequence[int]) -> None:
    if frames < 1:
        raise ValueError("a film has at least one frame")
    if any(a >= b for a, b in pairwise((0, *cuts, frames))):
        raise ValueError("cuts ascend and lie inside the film")
