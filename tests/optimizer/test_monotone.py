"""The monotone cubic, and the nearest values that never rise."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.monotone import Monotone, not_rising

VALUES = st.lists(st.floats(-1000, 1000), min_size=2, max_size=8)


def test_it_gives_the_published_pchip_values() -> None:
    """RPN 14, the data of Fritsch and Carlson's paper, as scipy 1.17 interpolates it."""
    xs = [7.99, 8.09, 8.19, 8.7, 9.2, 10, 12, 15, 20]
    ys = [0, 2.76429e-5, 4.37498e-2, 0.169183, 0.469428, 0.943740, 0.998636, 0.999919, 0.999994]
    curve = Monotone.through(xs, ys)
    assert [curve.at(x) for x in (8.0, 8.15, 8.4, 9.0, 9.6, 11, 14, 18)] == pytest.approx(
        [2.767433863187248e-07, 0.023528278365786123, 0.09666880560766512, 0.33753432684619816,
         0.7602476393403818, 0.9860433625350502, 0.99977249170715, 0.9999826838481427], rel=1e-12
    )  # fmt: skip
    assert curve.slopes == pytest.approx(
        [0, 0.0005525086818680746, 0.3358768346083505, 0.3494491676859672, 0.5969582389267871,
         0.06032184552297048, 0.0009003953827692708, 3.142468363044495e-05, 0], abs=1e-12
    )  # fmt: skip


def test_a_curve_of_vmaf_over_crf_is_as_scipy_has_it() -> None:
    curve = Monotone.through([20, 25, 30, 36], [97.1, 93.0, 84.2, 66.5])
    assert [curve.at(x) for x in (20.5, 22, 27.5, 33, 35.5)] == pytest.approx(
        [96.8937941860465, 95.94180465116278, 89.26822507248572, 76.40837832739345, 68.27681556296912], rel=1e-12
    )


def test_two_points_are_joined_by_a_straight_line() -> None:
    curve = Monotone.through([20, 30], [90, 70])
    assert [curve.at(x) for x in (20, 22.5, 30)] == [90, 85, 70]


@given(VALUES, st.data())
def test_it_meets_its_points_and_never_leaves_the_range_between_neighbours(
    ys: list[float], data: st.DataObject
) -> None:
    widths = data.draw(st.lists(st.floats(0.1, 10), min_size=len(ys), max_size=len(ys)))
    xs = [sum(widths[: i + 1]) for i in range(len(ys))]
    curve = Monotone.through(xs, ys)
    assert [curve.at(x) for x in xs] == pytest.approx(ys, abs=1e-9)
    i = data.draw(st.integers(0, len(ys) - 2))
    inside = [xs[i] + (xs[i + 1] - xs[i]) * n / 16 for n in range(17)]
    found = [curve.at(min(x, xs[-1])) for x in inside]
    falls = ys[i] > ys[i + 1]
    assert all((b <= a + 1e-9) if falls else (b >= a - 1e-9) for a, b in pairwise(found))


def test_nothing_is_extrapolated_and_xs_must_ascend() -> None:
    curve = Monotone.through([20, 30], [90, 70])
    for x in (19.9, 30.1):
        with pytest.raises(ValueError, match="outside of 20 to 30"):
            curve.at(x)
    for xs, ys in (([20, 20], [1, 2]), ([30, 20], [1, 2]), ([20], [1])):
        with pytest.raises(ValueError, match="at least two points"):
            Monotone.through(xs, ys)


def test_rising_values_are_replaced_by_their_mean() -> None:
    assert not_rising([96, 90, 92, 70]) == (96, 91, 91, 70)
    assert not_rising([1, 2, 3]) == (2, 2, 2)
    assert not_rising([4, 6, 2, 5, 0]) == (5, 5, 3.5, 3.5, 0)


@given(VALUES)
def test_the_nearest_values_never_rise_keep_the_sum_and_leave_falling_ones_alone(values: list[float]) -> None:
    out = not_rising(values)
    assert all(b <= a for a, b in pairwise(out))
    assert sum(out) == pytest.approx(sum(values), abs=1e-6)
    assert not_rising(sorted(values, reverse=True)) == tuple(sorted(values, reverse=True))
