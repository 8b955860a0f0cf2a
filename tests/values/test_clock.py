"""Exact time."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from values.clock import STANDARD_RATES, clock_text, parse_seconds, seconds_text, ticks_per_frame, timescale_of
from values.errors import UsageError


@pytest.mark.parametrize(
    ("rate", "scale", "ticks"),
    [(Fraction(24), 24000, 1000), (Fraction(30000, 1001), 30000, 1001), (Fraction(25, 2), 25000, 2000)],
)
def test_a_frame_is_a_whole_number_of_ticks(rate: Fraction, scale: int, ticks: int) -> None:
    assert (timescale_of(rate), ticks_per_frame(rate)) == (scale, ticks)


@given(st.sampled_from(STANDARD_RATES), st.integers(1, 10**7))
def test_frames_and_ticks_agree_however_long_the_film(rate: Fraction, frames: int) -> None:
    assert Fraction(frames * ticks_per_frame(rate), timescale_of(rate)) == frames / rate


def test_seconds_are_written_without_a_float_in_between() -> None:
    assert seconds_text(Fraction(120 * 1001, 30000)) == "4.004000"
    assert seconds_text(Fraction(2, 3), 3) == "0.667"
    assert seconds_text(Fraction(-1, 3), 2) == "-0.33"
    assert seconds_text(Fraction(10**12) + Fraction(1, 10**6)) == "1000000000000.000001"


def test_clock_text_reads_like_a_clock() -> None:
    assert clock_text(Fraction(596458, 1000)) == "0:09:56.458"
    assert clock_text(Fraction(7384)) == "2:03:04.000"


@pytest.mark.parametrize(
    ("text", "value"), [("4", Fraction(4)), ("4.004", Fraction(1001, 250)), ("1001/250", Fraction(1001, 250))]
)
def test_seconds_are_read_exactly(text: str, value: Fraction) -> None:
    assert parse_seconds(text, where="--segment") == value


@pytest.mark.parametrize("text", ["", "0", "-4", "4s", "1/0", "nan", "1e3"])
def test_what_is_no_length_is_refused_with_examples(text: str) -> None:
    with pytest.raises(UsageError, match=r"Write it like 4, 4\.004 or 1001/250"):
        parse_seconds(text, where="--segment")
