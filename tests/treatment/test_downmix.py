"""Matrices of ITU-R BS.775, and which of them add channels up."""

from __future__ import annotations

import math

import pytest

from tests.treatment.tracks import SPEAKERS
from treatment.downmix import is_plain, is_surround, picked, to_stereo, to_surround

_3DB = math.sqrt(0.5)


def rounded(matrix: tuple[tuple[float, ...], ...]) -> list[list[float]]:
    return [[round(gain, 4) for gain in row] for row in matrix]


@pytest.mark.parametrize("layout", ["5.1", "5.1(side)"])
def test_stereo_of_five_one_has_centre_and_surrounds_at_minus_three_decibels_and_no_lfe(layout: str) -> None:
    assert to_stereo(SPEAKERS[layout]) == ((1, 0, _3DB, 0, _3DB, 0), (0, 1, _3DB, 0, 0, _3DB))


@pytest.mark.parametrize(
    ("layout", "left", "right"),
    [
        ("2.1", [1, 0, 0], [0, 1, 0]),
        ("3.0", [1, 0, 0.7071], [0, 1, 0.7071]),
        ("4.0", [1, 0, 0.7071, 0.5], [0, 1, 0.7071, 0.5]),
        ("quad", [1, 0, 0.7071, 0], [0, 1, 0, 0.7071]),
        ("6.1", [1, 0, 0.7071, 0, 0.5, 0.7071, 0], [0, 1, 0.7071, 0, 0.5, 0, 0.7071]),
        ("7.1", [1, 0, 0.7071, 0, 0.7071, 0, 0.7071, 0], [0, 1, 0.7071, 0, 0, 0.7071, 0, 0.7071]),
    ],
)
def test_stereo_of_other_layouts_goes_by_way_of_five_one(layout: str, left: list[float], right: list[float]) -> None:
    assert rounded(to_stereo(SPEAKERS[layout])) == [left, right]


def test_five_one_of_itself_changes_nothing_and_of_seven_one_adds_side_and_back() -> None:
    assert to_surround(SPEAKERS["5.1(side)"]) == picked(range(6), 6)
    assert to_surround(SPEAKERS["5.1"]) == picked(range(6), 6)
    assert rounded(to_surround(SPEAKERS["7.1"]))[4:] == [[0, 0, 0, 0, 1, 0, 1, 0], [0, 0, 0, 0, 0, 1, 0, 1]]
    assert rounded(to_surround(SPEAKERS["5.0"]))[3] == [0] * 5


@pytest.mark.parametrize(
    ("layout", "surround"),
    [(name, name in ("5.0", "5.1", "5.1(side)", "6.1", "7.1")) for name in SPEAKERS],
)
def test_five_channels_around_the_listener_are_surround(layout: str, surround: bool) -> None:
    assert is_surround(SPEAKERS[layout]) is surround


def test_only_what_adds_channels_up_can_overload() -> None:
    plain = [picked((0, 0), 1), picked((1, 0), 3), to_surround(SPEAKERS["5.1"]), to_stereo(SPEAKERS["2.1"])]
    assert [is_plain(matrix) for matrix in plain] == [True] * 4
    assert [is_plain(to_stereo(SPEAKERS[x])) for x in ("3.0", "quad", "5.1")] == [False] * 3
    assert not is_plain(to_surround(SPEAKERS["7.1"]))
