"""Sizes and CRFs worth a trial."""

from __future__ import annotations

import pytest

from coders.table import CODERS
from optimizer.grid import plan_grid
from tests.optimizer.synthetic import SIZES
from values.errors import UsageError

DISPLAY = (1920, 1080)


def test_large_pictures_are_tried_at_lower_crfs_than_small_ones() -> None:
    assert plan_grid(SIZES, DISPLAY, "h264") == (
        ((1920, 1080), (19, 24, 30, 35)),
        ((1280, 720), (20, 26, 32, 37)),
        ((960, 540), (22, 27, 33, 39)),
        ((640, 360), (23, 29, 35, 41)),
        ((416, 234), (24, 30, 37, 43)),
    )
    assert plan_grid(SIZES[-1:], DISPLAY, "h264", crfs=3) == (((1920, 1080), (19, 27, 35)),)


@pytest.mark.parametrize("codec", CODERS)
@pytest.mark.parametrize("crfs", [2, 3, 4])
def test_every_codec_has_a_grid_within_its_scale(codec: str, crfs: int) -> None:
    for _, row in plan_grid(SIZES, DISPLAY, codec, crfs=crfs):
        assert len(set(row)) == crfs
        assert list(row) == sorted(row)
        assert row[0] >= 18
        assert row[-1] <= CODERS[codec].max_crf
        assert all(crf % 1 == 0 for crf in row)


def test_codecs_of_a_longer_scale_have_their_crfs_farther_apart() -> None:
    rows = {codec: dict(plan_grid(SIZES, DISPLAY, codec))[(640, 360)] for codec in CODERS}
    assert rows == {
        "h264": (23, 29, 35, 41),
        "hevc": (24, 30, 36, 42),
        "vp9": (30, 40, 50, 61),
        "av1": (30, 41, 51, 62),
    }


def test_an_unknown_codec_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="Did you mean 'hevc'"):
        plan_grid(SIZES, DISPLAY, "hvec")


def test_a_size_is_tried_once_and_one_crf_is_no_curve() -> None:
    assert len(plan_grid([(640, 360), (640, 360)], DISPLAY, "h264")) == 1
    with pytest.raises(ValueError, match="at least two CRFs"):
        plan_grid(SIZES, DISPLAY, "h264", crfs=1)
