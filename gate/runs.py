"""Runs of marked frames with hysteresis, and ranges gathered. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

Run = tuple[int, int]
"""``[start, stop)`` in frames or blocks."""

OUT, STAY, IN = 0, 1, 2
"""A mark: not of the kind; not enough to begin a run but no end of it either; of the kind."""


def runs(marks: Sequence[int], *, bridge: int = 0) -> Iterator[Run]:
    """The runs of marks, in order. A run begins and ends with IN; at most `bridge` STAY marks in a row lie within."""
    start = stop = -1
    for at, mark in enumerate(marks):
        if mark == IN:
            if start < 0:
                start = at
            stop = at + 1
        elif start >= 0 and (mark == OUT or at - stop >= bridge):
            yield start, stop
            start = -1
    if start >= 0:
        yield start, stop


def gather(ranges: Sequence[tuple[Fraction, Fraction]], within: Fraction) -> list[tuple[int, int]]:
    """Groups of `ranges` (in order of time) that lie less than `within` from one another, as index ranges."""
    groups: list[tuple[int, int]] = []
    for at, (start, _) in enumerate(ranges):
        if groups and start - ranges[at - 1][1] < within:
            groups[-1] = (groups[-1][0], at + 1)
        else:
            groups.append((at, at + 1))
    return groups
