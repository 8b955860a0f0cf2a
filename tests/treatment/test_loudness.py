"""Gains by EBU R128: linear, one loudness for all mixes of a track, below a true peak."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treatment.loudness import MOST_GAIN_DB, Measured, gains, reading, why_gain

ASKED = {"target_lufs": -23.0, "true_peak_dbtp": -1.0}


def test_a_track_is_brought_to_its_target_up_or_down() -> None:
    assert gains([Measured(-16.2, -0.3)], [False], target_lufs=-23, true_peak_dbtp=-1) == (-6.8,)
    assert gains([Measured(-30.0, -12.0)], [False], target_lufs=-23, true_peak_dbtp=-1) == (7.0,)


def test_a_peak_holds_all_mixes_of_a_track_at_one_loudness() -> None:
    found = [Measured(-30.0, -5.0), Measured(-28.0, -9.0)]
    assert gains(found, [True, False], target_lufs=-23, true_peak_dbtp=-1) == (4.0, 2.0)
    assert why_gain(found[1], 2.0, **ASKED) == "held at -26.0 LUFS, so that no mix of the track exceeds -1 dBTP"


def test_without_a_target_only_what_folding_made_too_loud_is_lowered() -> None:
    found = [Measured(-12.0, 2.5), Measured(-12.0, 2.5), Measured(-12.0, -1.5)]
    assert gains(found, [True, False, True], target_lufs=None, true_peak_dbtp=-1) == (-3.5, 0.0, 0.0)


def test_what_can_not_be_measured_is_not_raised() -> None:
    silent, short = reading(-70.0, 0.0), reading(-70.0, 0.99)
    assert (silent, short) == (Measured(None, None), Measured(None, -0.09))
    assert gains([silent], [False], target_lufs=-23, true_peak_dbtp=-1) == (0.0,)
    assert gains([short], [False], target_lufs=-23, true_peak_dbtp=-1) == (-0.91,)
    assert [why_gain(m, 0, **ASKED) for m in (silent, short)] == ["silent", "too short or too quiet to measure"]


def test_noise_is_not_raised_to_the_loudness_of_a_film() -> None:
    assert gains([Measured(-65.0, -60.0)], [False], target_lufs=-23, true_peak_dbtp=-1) == (MOST_GAIN_DB,)


measured = st.builds(
    Measured,
    st.floats(-69, 0).map(lambda x: round(x, 2)),
    st.floats(-60, 6).map(lambda x: round(x, 2)),
)  # fmt: skip


@given(st.lists(measured, min_size=1, max_size=3), st.floats(-31, -14), st.floats(-9, 0))
def test_no_gain_passes_the_peak_or_the_target(found: list[Measured], target: float, peak: float) -> None:
    made = gains(found, [False] * len(found), target_lufs=target, true_peak_dbtp=peak)
    levels = [m.lufs + g for m, g in zip(found, made, strict=True) if m.lufs is not None]
    for m, gain in zip(found, made, strict=True):
        assert m.peak_dbtp is not None
        assert m.peak_dbtp + gain <= peak + 1e-3
        assert gain <= MOST_GAIN_DB
    assert max(levels) <= target + 1e-3
    assert max(levels) - min(levels) <= 0.0101


@pytest.mark.parametrize(("linear", "dbtp"), [(1.0, 0.0), (0.891, -1.0), (1.412, 3.0)])
def test_a_meter_shows_peaks_in_decibels(linear: float, dbtp: float) -> None:
    peak = reading(-20, linear).peak_dbtp
    assert peak is not None
    assert math.isclose(peak, dbtp, abs_tol=0.005)
