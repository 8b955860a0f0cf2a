"""Windows become points of the whole film."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.points import Point, aggregate, bitrate
from tests.optimizer.synthetic import sample
from values.errors import EncodeError

RATE = Fraction(24)


def test_a_window_of_a_whole_segment_has_its_own_bit_rate() -> None:
    whole = sample(0, frames=96, first_bits=200_000, rest_bits=1_800_000)
    assert bitrate(whole, RATE, 96) == 2_000_000 / 96 * 24


def test_a_short_windows_key_frame_counts_once_a_segment() -> None:
    """One key frame of 120,000 bits and 95 frames of 20,000 in four seconds."""
    short = sample(0, frames=12, first_bits=120_000, rest_bits=11 * 20_000)
    assert bitrate(short, RATE, 96) == (120_000 + 95 * 20_000) / 4


def test_a_window_of_one_frame_has_the_rate_of_key_frames() -> None:
    assert bitrate(sample(0, frames=1, first_bits=50_000, rest_bits=0), RATE, 96) == 50_000 * 24


@given(st.integers(2, 300), st.integers(1, 300), st.integers(1, 10**6), st.integers(0, 10**5))
def test_a_film_of_even_frames_has_one_bit_rate_whatever_the_windows_length(
    frames: int, segment: int, key: int, other: int
) -> None:
    window = sample(0, frames=frames, first_bits=key, rest_bits=(frames - 1) * other)
    assert bitrate(window, RATE, segment) == pytest.approx((key + (segment - 1) * other) / segment * 24)


def test_points_are_means_over_windows_weighted_by_the_frames_they_stand_for() -> None:
    samples = [
        sample(0, crf=24, vmaf=90, psnr_y=40, frames=96, first_bits=0, rest_bits=4_000_000),
        sample(1, crf=24, vmaf=70, psnr_y=36, frames=96, first_bits=0, rest_bits=8_000_000),
        sample(0, crf=30, vmaf=80, psnr_y=None, frames=96, first_bits=0, rest_bits=2_000_000),
        sample(1, crf=30, vmaf=60, psnr_y=30, frames=96, first_bits=0, rest_bits=4_000_000),
    ]
    points, notes = aggregate(samples, {0: 300, 1: 100}, rate=RATE, segment_frames=96)
    assert points == (
        Point("h264", 640, 360, 24.0, 1_250_000, 85, 39, None),
        Point("h264", 640, 360, 30.0, 625_000, 75, None, None),
    )
    assert notes == ()


def test_what_a_window_lacks_is_left_out_with_a_note() -> None:
    samples = [sample(w, crf=c) for w in (0, 1) for c in (20, 24, 28)]
    del samples[1]
    points, notes = aggregate(samples, {0: 10, 1: 10, 2: 5}, rate=RATE, segment_frames=96)
    assert [p.crf for p in points] == [20, 28]
    assert notes == (
        "window 2 gave no trial encode and is left out",
        "H.264 640x360 at CRF 24 is left out: 1 of 2 windows lack it",
    )


def test_a_size_left_with_one_crf_is_left_out_with_a_note() -> None:
    samples = [sample(0, crf=20), sample(0, crf=24), sample(0, crf=24, size=(416, 234))]
    points, notes = aggregate(samples, {0: 10}, rate=RATE, segment_frames=96)
    assert [p.size for p in points] == [(640, 360), (640, 360)]
    assert notes == ("H.264 416x234 at CRF 24 is left out: no other CRF of its size is left",)


def test_a_trial_made_again_counts_once() -> None:
    samples = [sample(0, crf=20, vmaf=10), sample(0, crf=24), sample(0, crf=20, vmaf=95)]
    assert aggregate(samples, {0: 10}, rate=RATE, segment_frames=96)[0][0].vmaf == 95


@pytest.mark.parametrize("crfs", [[], [24]])
def test_too_few_trials_for_a_hull_are_an_error_that_says_what_to_do(crfs: list[float]) -> None:
    with pytest.raises(EncodeError) as caught:
        aggregate([sample(0, crf=c) for c in crfs], {0: 10}, rate=RATE, segment_frames=96)
    assert "too few trial encodes for a hull" in caught.value.what
    assert all(word in caught.value.hint for word in ("--search-share", "fewer boxes", "longer film"))


def test_too_few_trials_of_one_codec_name_it() -> None:
    samples = [sample(0, crf=20), sample(0, crf=24), sample(0, crf=24, codec="vp9")]
    with pytest.raises(EncodeError, match=r"^VP9: too few trial encodes for a hull: 1 measured"):
        aggregate(samples, {0: 10}, rate=RATE, segment_frames=96)


def test_windows_that_are_not_asked_for_do_not_count() -> None:
    samples = [sample(0, crf=20), sample(0, crf=24), replace(sample(1, crf=20), vmaf=1.0)]
    points, notes = aggregate(samples, {0: 10}, rate=RATE, segment_frames=96)
    assert [p.vmaf for p in points] == [90, 90]
    assert notes == ()
