"""Rungs from the hull: capped top, stated steps, a floor, and reasons."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ladders.rung import Policy
from optimizer.curves import Curve
from optimizer.hull import below_hull, efficient, upper_hull
from optimizer.pick import Choice, pick_rungs
from optimizer.points import Point
from tests.optimizer.synthetic import SIZES, film, point
from values.errors import EncodeError

POLICY = Policy(("h264",), SIZES)
POLICIES = st.builds(
    Policy,
    st.just(("h264",)),
    st.just(SIZES),
    top=st.floats(60, 100),
    step=st.floats(1, 20),
    floor_kbps=st.integers(20, 500),
    ceiling_kbps=st.integers(1000, 20_000),
    max_rungs=st.integers(1, 12),
    peak_ratio=st.floats(1, 3),
)
FILMS = st.one_of(
    st.builds(
        lambda hard, shift, codec: film(hard=hard, shift=shift, codec=codec),
        st.floats(0.01, 4),
        st.floats(-10, 1),
        st.sampled_from(["h264", "vp9"]),
    ),
    # Films with a will of their own at each size: larger pictures may look worse or need fewer bits.
    st.lists(st.tuples(st.floats(0.01, 2), st.floats(-40, 1)), min_size=1, max_size=len(SIZES)).map(
        lambda rows: tuple(
            film(hard=hard, sizes=[size], shift=shift)[0] for size, (hard, shift) in zip(SIZES, rows, strict=False)
        )
    ),
)


def test_a_plain_film_gets_eight_rungs_over_all_sizes() -> None:
    found = [(c.point.size, c.point.crf, c.max_bps, c.buffer_bits) for c in pick_rungs(film(), POLICY)]
    assert found == [
        ((416, 234), 38, 201_000, 402_000),
        ((640, 360), 38, 382_000, 764_000),
        ((960, 540), 39.5, 590_000, 1_180_000),
        ((1280, 720), 39, 963_000, 1_926_000),
        ((1280, 720), 34.5, 1_619_000, 3_238_000),
        ((1920, 1080), 34.5, 2_974_000, 5_948_000),
        ((1920, 1080), 30, 5_000_000, 10_000_000),
        ((1920, 1080), 24, 10_000_000, 20_000_000),
    ]


def test_each_rung_says_why() -> None:
    reasons = [c.reason for c in pick_rungs(film(), POLICY)]
    assert reasons[-1] == "top: VMAF 95.0 where 95 is as good as is asked for; 10000 kbit/s would add 3.4"
    assert reasons[-2] == "6.2 VMAF below the next rung; 1920x1080 beats 1280x720 by 3.0 VMAF at this bit rate"
    assert reasons[0] == (
        "11.6 VMAF below the next rung; no other size was tried at this bit rate; "
        "lowest: the floor is 100 kbit/s; 3.1 below the hull, which has nothing nearer"
    )


@given(FILMS, POLICIES)
def test_rungs_keep_to_the_policy(curves: tuple[Curve, ...], policy: Policy) -> None:
    choices = pick_rungs(curves, policy)
    points = [c.point for c in choices]
    assert 1 <= len(choices) <= policy.max_rungs
    assert all(p.bps <= policy.ceiling_kbps * 1000 for p in points)
    assert all(p.bps >= policy.floor_kbps * 1000 for p in points[:-1])
    assert all(a.vmaf <= b.vmaf - policy.step for a, b in pairwise(points))
    assert all(a.max_bps < b.max_bps for a, b in pairwise(choices))
    assert all(a.width <= b.width and a.height <= b.height for a, b in pairwise(points))
    assert [c.step for c in choices] == [b.vmaf - a.vmaf for a, b in pairwise(points)] + [None]
    reachable = [
        p.vmaf for p in efficient(p for c in curves for p in c.points()) if p.bps <= policy.ceiling_kbps * 1000
    ]
    target = min(policy.top, max(reachable))
    nearest = min(abs(vmaf - target) for vmaf in reachable)
    assert abs(points[-1].vmaf - target) <= max(nearest, policy.step / 4) + 0.25


@given(FILMS, POLICIES)
def test_predictions_are_those_of_the_curve_at_a_crf_the_codec_takes(curves: tuple[Curve, ...], policy: Policy) -> None:
    for choice in pick_rungs(curves, policy):
        curve = next(c for c in curves if c.size == choice.point.size)
        assert choice.point == curve.at(choice.point.crf)
        assert choice.point.crf * (1 if curve.codec == "vp9" else 2) % 1 == 0


@given(FILMS, POLICIES)
def test_caps_are_the_peak_ratio_in_whole_kilobits_over_two_seconds(curves: tuple[Curve, ...], policy: Policy) -> None:
    for choice in pick_rungs(curves, policy):
        least = max(1.1, policy.peak_ratio) * choice.point.bps
        assert choice.max_bps % 1000 == 0
        assert least - 1 <= choice.max_bps < max(least + 1000, 20_001)
        assert choice.buffer_bits == 2 * choice.max_bps


@given(FILMS, POLICIES)
def test_no_size_would_have_been_clearly_better_at_a_rungs_bit_rate(curves: tuple[Curve, ...], policy: Policy) -> None:
    """A CRF's rounding apart, which the next finer CRF of another size may use."""
    hull = upper_hull(p for c in curves for p in c.points())
    for choice in pick_rungs(curves, policy):
        others = [p for c in curves for p in c.points() if p.bps <= choice.point.bps]
        assert max(p.vmaf for p in others) == choice.point.vmaf
        assert ("below the hull" in choice.reason) == (below_hull(choice.point, hull) > 0.25)


def test_steps_are_even_where_there_are_rungs_enough() -> None:
    steps = [c.step for c in pick_rungs(film(), replace(POLICY, max_rungs=40, step=5.0))]
    assert len(steps) == 12
    assert all(5 <= step < 7.5 for step in steps if step is not None)


def test_with_few_rungs_the_steps_widen_downwards_to_the_floor() -> None:
    choices = pick_rungs(film(), replace(POLICY, max_rungs=4))
    steps = [c.step for c in choices if c.step is not None]
    assert steps == sorted(steps, reverse=True)
    assert choices[0].point.bps == pytest.approx(100_000, rel=0.1)
    assert len(choices) == 4


def test_the_ceiling_caps_the_top_rung() -> None:
    top = pick_rungs(film(hard=5), POLICY)[-1]
    assert 7_000_000 < top.point.bps <= 8_000_000
    assert "is the best under the ceiling of 8000 kbit/s; 50000 kbit/s would add" in top.reason


def test_a_film_that_never_reaches_the_top_says_that_it_is_the_best_tried() -> None:
    top = pick_rungs(film(sizes=SIZES[:3]), POLICY)[-1]
    assert top.point.crf == 18.5
    assert top.reason == "top: VMAF 78.3 is the best of all trial encodes"


def test_a_black_film_gets_one_rung() -> None:
    black = tuple(
        Curve.through([replace(point(size, crf, hard=0.001), vmaf=99.9 - crf / 1000) for crf in (20, 30, 40)])
        for size in SIZES
    )
    (only,) = pick_rungs(black, POLICY)
    assert only.point.size == (416, 234)
    assert only.max_bps == 20_000
    assert only.reason == (
        "top: VMAF 99.9 where 95 is as good as is asked for; the only one, as nothing from the floor of 100 kbit/s "
        "upwards is a step of 6 VMAF below it"
    )


def line(size: tuple[int, int], *points: tuple[float, float]) -> Curve:
    """A curve through (bits per second, VMAF) at CRFs of 20, 21 and so on."""
    return Curve.through([Point("h264", *size, 20.0 + i, *point) for i, point in enumerate(points)])


def test_rungs_whose_caps_would_be_equal_are_one() -> None:
    curves = (line((416, 234), (20_200, 60), (20_100, 59)), line((640, 360), (20_400, 90), (20_350, 89)))
    (only,) = pick_rungs(curves, replace(POLICY, floor_kbps=20))
    assert only.point.bps == pytest.approx(20_400)


def test_no_rung_is_larger_than_the_one_above_it() -> None:
    """Noise may put a large picture under a small one on the hull."""
    curves = (line((416, 234), (2e6, 95), (1.9e6, 94)), line((640, 360), (4e5, 70), (3.8e5, 69)))
    (only,) = pick_rungs(curves, POLICY)
    assert only.point.size == (416, 234)


def test_a_point_on_the_hull_is_preferred_to_one_below_it_that_is_a_little_nearer() -> None:
    """At 1280x720 the step would be 6.1, but 640x360, 0.7 farther down, is worth more for its bits."""
    curves = (
        line((640, 360), (1.0e6, 88.2), (5e5, 81)),
        line((1280, 720), (1.2e6, 88.9), (1.19e6, 88.8)),
        line((1920, 1080), (2e6, 95), (1.99e6, 94.9)),
    )
    choices = pick_rungs(curves, POLICY)
    assert [(c.point.size, round(c.point.vmaf, 6)) for c in choices] == [
        ((640, 360), 81),
        ((640, 360), 88.2),
        ((1920, 1080), 95),
    ]


def test_one_rung_is_all_if_no_more_are_allowed() -> None:
    (only,) = pick_rungs(film(), replace(POLICY, max_rungs=1))
    assert only.point.vmaf == pytest.approx(95, abs=0.3)
    assert only.reason.endswith("the only one, as one rung is allowed")


def test_a_ceiling_below_every_trial_is_an_error_that_says_what_to_change() -> None:
    with pytest.raises(EncodeError) as caught:
        pick_rungs(film(hard=200), POLICY)
    assert caught.value.what == (
        "no trial encode keeps to the ceiling of 8000 kbit/s: the least is 12607 kbit/s (416x234 at CRF 42)"
    )
    assert "ceiling_kbps" in caught.value.hint


def test_the_order_of_curves_does_not_matter() -> None:
    assert pick_rungs(film()[::-1], POLICY) == pick_rungs(film(), POLICY)


def test_rungs_are_picked_for_one_codec() -> None:
    for curves in ((), (film()[0], film(codec="vp9")[0])):
        with pytest.raises(ValueError, match="one codec"):
            pick_rungs(curves, POLICY)


def test_choices_compare_and_hash() -> None:
    first: Choice = pick_rungs(film(), POLICY)[0]
    assert {first} == {pick_rungs(film(), POLICY)[0]}
