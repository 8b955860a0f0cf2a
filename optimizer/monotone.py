"""Interpolation that neither overshoots nor turns: a monotone cubic, and the nearest monotone values. Pure.

The cubic is PCHIP: slopes that keep each piece monotone (F. N. Fritsch and R. E. Carlson, "Monotone Piecewise Cubic
Interpolation", SIAM J. Numer. Anal. 17, 1980), as the weighted harmonic mean of F. N. Fritsch and J. Butland (1984).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Monotone:
    """A piecewise cubic through (xs, ys), xs ascending. Where the data rises it rises, where it is level it is."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    slopes: tuple[float, ...]

    @classmethod
    def through(cls, xs: Sequence[float], ys: Sequence[float]) -> Monotone:
        """The cubic through at least two points. Raises ValueError if xs do not ascend."""
        if len(xs) < 2 or len(xs) != len(ys) or any(b <= a for a, b in pairwise(xs)):
            raise ValueError("a curve has at least two points, and their xs ascend")
        return cls(tuple(xs), tuple(ys), _slopes(xs, ys))

    def at(self, x: float) -> float:
        """The value at `x`. Raises ValueError outside of the data: nothing is extrapolated."""
        if not self.xs[0] <= x <= self.xs[-1]:
            raise ValueError(f"{x:g} is outside of {self.xs[0]:g} to {self.xs[-1]:g}")
        i = min(bisect_right(self.xs, x), len(self.xs) - 1) - 1
        width = self.xs[i + 1] - self.xs[i]
        t = (x - self.xs[i]) / width
        low, high = self.ys[i], self.ys[i + 1]
        bend = width * ((1 - t) * self.slopes[i] - t * self.slopes[i + 1])
        value = low + (high - low) * t * t * (3 - 2 * t) + t * (1 - t) * bend
        return min(max(value, min(low, high)), max(low, high))  # rounding alone could leave the piece's range


def not_rising(values: Sequence[float]) -> tuple[float, ...]:
    """The values nearest to `values` (least squares) of which none is above the one before it.

    Pool adjacent violators: a run that rises is replaced by its mean. What never rises comes back as it is.
    """
    pools: list[tuple[float, int]] = []
    for value in values:
        pools.append((value, 1))
        while len(pools) > 1 and pools[-1][0] > pools[-2][0]:
            (right, n), (left, m) = pools.pop(), pools.pop()
            pools.append(((left * m + right * n) / (m + n), m + n))
    return tuple(mean for mean, count in pools for _ in range(count))


def _slopes(xs: Sequence[float], ys: Sequence[float]) -> tuple[float, ...]:
    widths = [b - a for a, b in pairwise(xs)]
    secants = [(b - a) / h for (a, b), h in zip(pairwise(ys), widths, strict=True)]
    if len(secants) == 1:
        return (secants[0], secants[0])
    inner = [
        _harmonic(h, k, before, after)
        for (h, k), (before, after) in zip(pairwise(widths), pairwise(secants), strict=True)
    ]
    first = _end(widths[0], widths[1], secants[0], secants[1])
    last = _end(widths[-1], widths[-2], secants[-1], secants[-2])
    return (first, *inner, last)


def _harmonic(h: float, k: float, before: float, after: float) -> float:
    """The slope at a point between secants `before` over `h` and `after` over `k`; 0 at a turn."""
    if before == 0 or after == 0 or (before > 0) != (after > 0):
        return 0.0
    return 3 * (h + k) / ((2 * k + h) / before + (k + 2 * h) / after)


def _end(h: float, k: float, near: float, far: float) -> float:
    """The slope at an end by three points, kept within what leaves the last piece monotone."""
    slope = ((2 * h + k) * near - h * far) / (h + k)
    if near == 0 or slope * near <= 0:
        return 0.0
    if near * far < 0 and abs(slope) > 3 * abs(near):
        return 3 * near
    return slope
