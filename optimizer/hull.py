"""The upper convex hull: what is worth its bits. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from math import inf, log2

from optimizer.points import Point


def upper_hull(points: Iterable[Point]) -> tuple[Point, ...]:
    """The points on the upper convex hull in (log2 of bits per second, VMAF), from the fewest bits to the most.

    Both increase along it, and each further bit gives no more than the one before. Points on a straight stretch between
    two others are kept out. Points without bits are an error.
    """
    known = tuple(points)
    return tuple(known[i] for i in hull_indices([(log2(p.bps), p.vmaf) for p in known]))


def efficient(points: Iterable[Point]) -> tuple[Point, ...]:
    """The points that no other one equals in VMAF with as few bits, ascending. The hull is made of some of them."""
    out: list[Point] = []
    for point in sorted(points, key=lambda p: (p.bps, -p.vmaf)):
        if not out or point.vmaf > out[-1].vmaf:
            out.append(point)
    return tuple(out)


def hull_indices(points: Sequence[tuple[float, float]]) -> tuple[int, ...]:
    """Which of the (cost, gain) points are on the upper convex hull, cheapest first, up to the first with most gain."""
    hull: list[int] = []
    for i in sorted(range(len(points)), key=lambda i: (points[i][0], -points[i][1], i)):
        if hull and points[i][1] <= points[hull[-1]][1]:
            continue
        while len(hull) > 1 and not _bends(points[hull[-2]], points[hull[-1]], points[i]):
            hull.pop()
        hull.append(i)
    return tuple(hull)


def below_hull(point: Point, hull: Sequence[Point]) -> float:
    """How much VMAF `point` lacks to the hull at its bit rate: 0 on it, infinite where it has fewer bits than all.

    To the right of the hull the hull is level.
    """
    place = log2(point.bps)
    i = bisect_right([log2(p.bps) for p in hull], place) - 1
    if i < 0:
        return inf
    if i == len(hull) - 1:
        return hull[i].vmaf - point.vmaf
    left, right = log2(hull[i].bps), log2(hull[i + 1].bps)
    share = (place - left) / (right - left)
    return hull[i].vmaf + share * (hull[i + 1].vmaf - hull[i].vmaf) - point.vmaf


def _bends(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    """Whether b is above the line from a to c."""
    return (b[1] - a[1]) * (c[0] - a[0]) > (c[1] - a[1]) * (b[0] - a[0])
