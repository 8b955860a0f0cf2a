"""CRFs for shots at constant slope."""

from __future__ import annotations

from fractions import Fraction
from math import exp, log, log2

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from optimizer.curves import Curve
from optimizer.points import Point
from optimizer.shots import TOLERANCE, Shot, allocate, constant_crf, mean_vmaf, offsets, shifted

RATE = Fraction(24)
SIZE = (640, 360)


def shot(bps: float, fall: float, frames: int = 96, *, codec: str = "h264", best: float = 98.0) -> Shot:
    """A shot of `bps` at CRF 18, half of that six CRFs later, whose VMAF falls by `fall` with each CRF from `best`."""
    crfs = [18.0 + 4 * n for n in range(7)]
    points = [Point(codec, *SIZE, c, bps * 2 ** ((18 - c) / 6), best - fall * (c - 18)) for c in crfs]
    return Shot(Curve.through(points), frames)


SHOTS = st.lists(
    st.builds(shot, st.floats(1e4, 2e7), st.floats(0.05, 3), st.integers(1, 500), best=st.floats(90, 100)),
    min_size=1,
    max_size=8,
)


def test_all_shots_end_at_one_slope() -> None:
    """With VMAF linear and bits exponential in CRF, the slope is fall / (bits * ln 2 / 6): bits are as the falls."""
    shots = [shot(4e6, 1.0, 100), shot(2e6, 1.0, 300), shot(6e6, 2.0, 50)]
    found = allocate(shots, 85.0, rate=RATE, step=0.01)
    bps = [s.curve.at(c).bps for s, c in zip(shots, found.crfs, strict=True)]
    assert bps == pytest.approx([bps[0], bps[0], 2 * bps[0]], rel=0.003)


def test_the_optimum_is_the_one_in_closed_form() -> None:
    """Two shots of equal length with falls of 1: bits are equal, so CRFs differ by 6 * log2 of the costs' ratio, and
    their mean is the CRF of the target."""
    shots = [shot(4e6, 1.0), shot(2e6, 1.0)]
    found = allocate(shots, 88.0 + TOLERANCE, rate=RATE, step=0.01)
    assert found.crfs == pytest.approx([31, 25], abs=0.02)
    assert found.vmaf == pytest.approx(88, abs=0.02)
    assert found.bits == pytest.approx(2 * 96 / 24 * 4e6 * 2 ** (-13 / 6), rel=0.005)
    assert found.base == pytest.approx(28, abs=0.02)
    assert found.bits / found.base_bits == pytest.approx(2 * exp(-log(2) / 2) / 1.5, rel=0.005)


@given(SHOTS, st.floats(30, 97))
def test_it_never_needs_more_bits_than_one_crf_for_all_and_keeps_the_target(shots: list[Shot], target: float) -> None:
    found = allocate(shots, target, rate=RATE)
    assert found.bits <= found.base_bits * (1 + 1e-9)
    assert found.vmaf == mean_vmaf(shots, found.crfs)
    if mean_vmaf(shots, [found.base] * len(shots)) >= target - TOLERANCE:
        assert found.vmaf >= target - TOLERANCE - 1e-9


@given(SHOTS, st.floats(30, 97), st.floats(0.5, 12))
def test_crfs_are_near_the_constant_one_and_such_as_the_codec_takes(
    shots: list[Shot], target: float, max_delta: float
) -> None:
    found = allocate(shots, target, rate=RATE, max_delta=max_delta)
    assert all(abs(crf - found.base) <= max_delta for crf in found.crfs)
    assert all(2 * crf % 1 == 0 for crf in found.crfs)


@given(SHOTS, st.floats(30, 97))
def test_no_single_crf_can_be_raised_without_missing_the_target(shots: list[Shot], target: float) -> None:
    found = allocate(shots, target, rate=RATE)
    assume(found.bits < found.base_bits)
    for i, crf in enumerate(found.crfs):
        raised = [*found.crfs[:i], crf + 0.5, *found.crfs[i + 1 :]]
        if crf + 0.5 <= min(found.base + 6, 42):
            assert mean_vmaf(shots, raised) < target - TOLERANCE + 1e-9


@given(st.floats(1e4, 1e7), st.floats(0.1, 3), st.floats(60, 97))
def test_a_single_shot_gets_the_constant_crf(bps: float, fall: float, target: float) -> None:
    shots = [shot(bps, fall)]
    found = allocate(shots, target, rate=RATE)
    assert found.crfs == (found.base,)
    assert found.bits == found.base_bits


def test_whole_numbers_for_vp9() -> None:
    found = allocate([shot(4e6, 1.0, codec="vp9"), shot(9e5, 1.3, codec="vp9")], 86.3, rate=RATE)
    assert all(crf % 1 == 0 for crf in found.crfs)


def test_a_black_shot_gives_its_bits_away_as_far_as_allowed() -> None:
    black = Shot(Curve.through([Point("h264", *SIZE, c, 1e4 * (1 + 42 - c), 100.0) for c in (18, 30, 42)]), 96)
    found = allocate([black, shot(4e6, 1.0)], 94.0, rate=RATE, max_delta=6)
    assert found.crfs[0] == found.base + 6


def test_where_halves_of_a_crf_are_too_coarse_for_slopes_the_constant_crf_is_kept() -> None:
    """The long shot's last step to the target costs more than the short one's saves."""
    rows = [
        (100, [(321359, 100.0), (180777, 96.26), (136589, 93.36), (77609, 93.26), (28960, 79.8)]),
        (10, [(303288, 100.0), (120361, 89.48), (95762, 88.92), (42089, 88.84), (13915, 86.59)]),
    ]
    shots = [
        Shot(Curve.through([Point("h264", *SIZE, 18.0 + 6 * i, *row) for i, row in enumerate(measured)]), frames)
        for frames, measured in rows
    ]
    found = allocate(shots, 90.9649, rate=RATE)
    assert found.crfs == (38, 38)
    assert found.bits == found.base_bits


def test_a_target_out_of_reach_gets_the_best_there_is() -> None:
    shots = [shot(4e6, 1.0), shot(2e6, 1.0)]
    assert allocate(shots, 99.9, rate=RATE).crfs == (18, 18)
    assert constant_crf(shots, 99.9, step=0.5) == 18
    assert allocate(shots, 5, rate=RATE).crfs == (42, 42)


def test_shots_measured_over_different_crfs_keep_to_their_own() -> None:
    short = Shot(Curve.through([Point("h264", *SIZE, c, 1e6 * 2 ** ((24 - c) / 6), 110 - c) for c in (24, 30)]), 50)
    found = allocate([shot(8e6, 1.0), short], 90, rate=RATE)
    assert 24 <= found.crfs[1] <= 30


def test_offsets_serve_other_sizes() -> None:
    found = allocate([shot(4e6, 1.0), shot(2e6, 1.0)], 88.0 + TOLERANCE, rate=RATE)
    assert offsets(found) == pytest.approx((3, -3))
    assert shifted(24.0, offsets(found), codec="h264", highest=51) == (27, 21)
    assert shifted(24.0, (0.3, -0.6), codec="vp9", highest=63) == (24, 23)
    assert shifted(50.0, (3, -60), codec="h264", highest=51) == (51, 0)


def test_no_shots_are_refused() -> None:
    for shots in ([], [shot(4e6, 1.0, 0)]):
        with pytest.raises(ValueError, match="at least one"):
            allocate(shots, 90, rate=RATE)


def test_the_saving_is_large_where_shots_differ_much() -> None:
    """The known gain: the arithmetic over the geometric mean of the shots' costs."""
    shots = [shot(1e6, 1.0), shot(4e6, 1.0)]
    found = allocate(shots, 86.0, rate=RATE, max_delta=12)
    assert log2(found.base_bits / found.bits) == pytest.approx(log2(2.5 / 2), abs=0.05)
