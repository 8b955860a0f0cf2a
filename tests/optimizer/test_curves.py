"""Curves over CRF within what was measured."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.curves import Curve, crf_grid, curves
from optimizer.points import Point
from tests.optimizer.synthetic import CRFS, film, point

CURVE = film()[2]


def test_a_curve_meets_its_points_and_is_near_the_film_between_them() -> None:
    for crf in CRFS:
        known = point((960, 540), crf)
        assert CURVE.at(crf).bps == pytest.approx(known.bps)
        assert CURVE.at(crf).vmaf == pytest.approx(known.vmaf)
        assert CURVE.at(crf).psnr_y == pytest.approx(known.psnr_y)
    assert CURVE.at(27).bps == pytest.approx(point((960, 540), 27).bps)
    assert CURVE.at(27).vmaf == pytest.approx(point((960, 540), 27).vmaf, abs=0.3)
    assert CURVE.at(27).xpsnr_y is None


def test_a_crf_outside_of_the_measured_ones_is_refused() -> None:
    with pytest.raises(ValueError, match="outside of 18 to 42"):
        CURVE.at(17.5)


@given(st.floats(18, 42), st.floats(18, 42))
def test_a_higher_crf_never_has_more_bits_or_quality(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert CURVE.at(high).bps <= CURVE.at(low).bps * (1 + 1e-9)
    assert CURVE.at(high).vmaf <= CURVE.at(low).vmaf + 1e-9


@given(st.floats(18, 42))
def test_a_quality_or_a_bit_rate_finds_its_crf(crf: float) -> None:
    assert CURVE.crf_for_vmaf(CURVE.at(crf).vmaf) == pytest.approx(crf, abs=1e-6)
    assert CURVE.crf_for_bps(CURVE.at(crf).bps) == pytest.approx(crf, abs=1e-6)


def test_what_a_curve_does_not_reach_is_none_and_what_it_exceeds_its_end() -> None:
    assert CURVE.crf_for_vmaf(99.9) is None
    assert CURVE.crf_for_vmaf(0) == 42
    assert CURVE.crf_for_bps(1) is None
    assert CURVE.crf_for_bps(1e12) == 18


def test_noise_that_rises_with_the_crf_is_levelled() -> None:
    noisy = Curve.through(
        [Point("h264", 640, 360, crf, bps, vmaf) for crf, bps, vmaf in [(20, 4e6, 90), (24, 1e6, 92), (28, 1e6, 80)]]
    )
    assert [noisy.at(crf).vmaf for crf in (20, 22, 24)] == [91, 91, 91]
    assert noisy.crf_for_vmaf(91) == pytest.approx(24, abs=1e-6)
    assert noisy.at(28).bps == pytest.approx(1e6)


def test_dense_points_lie_on_halves_or_whole_numbers_for_vp9() -> None:
    assert [p.crf for p in CURVE.points()] == [18 + n / 2 for n in range(49)]
    assert [p.crf for p in film(codec="vp9")[0].points()] == list(range(18, 43))
    assert crf_grid(20.3, 22, 0.5) == (20.3, 20.5, 21, 21.5, 22)


def test_a_curve_is_of_one_size_and_at_least_two_crfs() -> None:
    with pytest.raises(ValueError, match="one codec and one size"):
        Curve.through([point((640, 360), 20), point((416, 234), 24)])
    with pytest.raises(ValueError, match="at least two points"):
        Curve.through([point((640, 360), 20)])


def test_points_are_gathered_into_curves_and_lone_ones_left() -> None:
    points = [
        point((w, h), c, codec=k) for c in (30, 20) for (w, h) in ((640, 360), (416, 234)) for k in ("vp9", "av1")
    ]
    found = curves([*points, point((960, 540), 24)])
    assert [(c.codec, c.size, c.low, c.high) for c in found] == [
        ("av1", (416, 234), 20, 30),
        ("av1", (640, 360), 20, 30),
        ("vp9", (416, 234), 20, 30),
        ("vp9", (640, 360), 20, 30),
    ]


def test_curves_pickle_and_compare() -> None:
    assert pickle.loads(pickle.dumps(CURVE)) == CURVE
