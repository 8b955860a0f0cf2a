"""The upper convex hull in (log2 bits per second, VMAF)."""

from __future__ import annotations

import random
from itertools import pairwise
from math import inf, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.hull import below_hull, upper_hull
from optimizer.points import Point


def at(bps: float, vmaf: float) -> Point:
    return Point("h264", 640, 360, 24.0, bps, vmaf)


POINTS = st.lists(
    st.builds(at, st.integers(1, 2000).map(lambda n: n * 10_000.0), st.integers(0, 400).map(lambda n: n / 4)),
    min_size=1,
    max_size=40,
)


def test_points_that_are_not_worth_their_bits_are_kept_out() -> None:
    low, under, middle, worse, high, level = (
        at(1e6, 50),
        at(2e6, 60),
        at(4e6, 80),
        at(5e6, 70),
        at(8e6, 90),
        at(9e6, 90),
    )
    assert upper_hull([worse, high, level, under, low, middle]) == (low, middle, high)


def test_a_point_on_a_straight_stretch_is_kept_out() -> None:
    assert upper_hull([at(1e6, 50), at(2e6, 60), at(4e6, 70)]) == (at(1e6, 50), at(4e6, 70))


def test_one_point_and_points_of_one_bit_rate_are_a_hull_of_one() -> None:
    assert upper_hull([at(1e6, 50)]) == (at(1e6, 50),)
    assert upper_hull([at(1e6, 50), at(1e6, 60), at(1e6, 40)]) == (at(1e6, 60),)
    assert upper_hull([]) == ()


@given(POINTS)
def test_no_point_is_above_the_hull_and_its_own_are_on_it(points: list[Point]) -> None:
    hull = upper_hull(points)
    assert all(below_hull(p, hull) >= -1e-9 for p in points)
    assert all(abs(below_hull(p, hull)) < 1e-9 for p in hull)


@given(POINTS)
def test_the_hull_rises_ever_less_steeply(points: list[Point]) -> None:
    hull = upper_hull(points)
    assert all(a.bps < b.bps and a.vmaf < b.vmaf for a, b in pairwise(hull))
    slopes = [(b.vmaf - a.vmaf) / (log2(b.bps) - log2(a.bps)) for a, b in pairwise(hull)]
    assert all(b < a + 1e-9 for a, b in pairwise(slopes))


@given(POINTS, st.integers())
def test_order_and_duplicates_do_not_matter(points: list[Point], seed: int) -> None:
    shuffled = points * 2
    random.Random(seed).shuffle(shuffled)
    assert upper_hull(shuffled) == upper_hull(points)


def test_the_distance_below_the_hull_is_measured_at_the_same_bit_rate() -> None:
    hull = (at(1e6, 50), at(4e6, 70))
    assert below_hull(at(2e6, 57), hull) == pytest.approx(3)
    assert below_hull(at(8e6, 69), hull) == 1
    assert below_hull(at(5e5, 40), hull) == inf
