"""Logs of ffmpeg's quality filters, as they are written."""

from __future__ import annotations

import math

import pytest

from quality.logs import LoggedFrame, parse_vmaf_log, parse_xpsnr_stats
from values.errors import EncodeError

VMAF = """{"version": "3.1.0", "fps": 106.2, "frames": [
    {"frameNum": 0, "metrics": {"integer_motion2": 0.0, "psnr_y": 36.682803, "vmaf": 70.988974}},
    {"frameNum": 3, "metrics": {"integer_motion2": 1.5, "psnr_y": 60.000000, "vmaf": 100.0}}],
    "pooled_metrics": {"vmaf": {"min": 70.9, "max": 100.0, "mean": 85.5, "harmonic_mean": 84.0}},
    "aggregate_metrics": {}}"""

XPSNR = """n:    1  XPSNR y: 40.8797  XPSNR u: 44.4692  XPSNR v: 46.0359
n:    2  XPSNR y: inf  XPSNR u: inf  XPSNR v: inf
n:    3  XPSNR y: 27.5154  XPSNR u: 30.5685  XPSNR v: 31.2738

XPSNR average, 3 frames  y: 26.9053  u: 30.4636  v: 31.0821  (minimum: 26.9053)
"""


def test_frames_keep_their_numbers() -> None:
    assert parse_vmaf_log(VMAF, where="x") == (LoggedFrame(0, 70.988974, 36.682803), LoggedFrame(3, 100.0, 60.0))


def test_psnr_is_there_only_if_it_was_asked_for() -> None:
    assert parse_vmaf_log('{"frames": [{"frameNum": 0, "metrics": {"vmaf": 1}}]}', where="x") == (LoggedFrame(0, 1.0),)


@pytest.mark.parametrize("text", ["", VMAF[:100], "{}", '{"frames": [{"frameNum": 0, "metrics": {}}]}', "[1]"])
def test_a_log_that_is_cut_short_is_an_error(text: str) -> None:
    with pytest.raises(EncodeError, match=r"chunk 3: the scores of libvmaf can't be read"):
        parse_vmaf_log(text, where="chunk 3")


def test_xpsnr_of_luma_is_read_and_equal_pictures_are_infinitely_good() -> None:
    assert parse_xpsnr_stats(XPSNR, where="x") == (40.8797, math.inf, 27.5154)


def test_xpsnr_with_a_frame_missing_or_without_a_number_is_an_error() -> None:
    with pytest.raises(EncodeError, match="frames are missing"):
        parse_xpsnr_stats(XPSNR.replace("n:    2", "n:    4"), where="x")
    with pytest.raises(EncodeError, match="x: the scores of xpsnr can't be read"):
        parse_xpsnr_stats(XPSNR.replace("40.8797", "40.8.7"), where="x")
