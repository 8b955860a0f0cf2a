"""Source time to output frames."""

from __future__ import annotations

from array import array
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunker.grid import Timing, source_frames, time_film
from values.clock import STANDARD_RATES

MS = Fraction(1, 1000)


def times(rate: Fraction, count: int, time_base: Fraction, start: int = 0) -> list[int]:
    """Frame times of a film of constant rate, rounded to ticks as muxers do."""
    return [start + round(n / rate / time_base) for n in range(count)]


@given(st.sampled_from([r for r in STANDARD_RATES if r >= 23]), st.integers(30, 3000), st.integers(0, 10**6))
def test_a_constant_rate_is_recognised_through_millisecond_rounding(rate: Fraction, count: int, start: int) -> None:
    timing = time_film(times(rate, count, MS, start), MS, declared=[rate])
    assert timing == Timing(rate, MS, start, count, True)


@given(st.sampled_from(STANDARD_RATES), st.integers(2, 500))
def test_each_frame_of_a_constant_film_has_a_number_of_its_own(rate: Fraction, count: int) -> None:
    base = Fraction(1, 90000)
    pts = times(rate, count, base, 1234)
    timing = time_film(pts, base, declared=[rate])
    assert source_frames(timing, pts, 0, timing.frames) == array("q", pts)


def test_a_rate_above_sixty_is_halved() -> None:
    pts = times(Fraction(120), 240, Fraction(1, 12000))
    timing = time_film(pts, Fraction(1, 12000), declared=[Fraction(120)])
    assert (timing.rate, timing.frames) == (60, 120)


def test_a_missing_frame_is_filled_with_the_one_before() -> None:
    pts = [n * 512 for n in range(100) if n != 50]
    timing = time_film(pts, Fraction(1, 12288), declared=[Fraction(24)])
    assert (timing.rate, timing.frames, timing.constant) == (24, 100, True)
    assert list(source_frames(timing, pts, 48, 53)) == [48 * 512, 49 * 512, 49 * 512, 51 * 512, 52 * 512]


def test_a_variable_rate_becomes_a_standard_one_that_loses_no_frame() -> None:
    pts = [0, 33, 66, 100, 200, 233, 266, 500, 533, 566, 600, 900]
    timing = time_film(pts, MS, declared=[Fraction(17), Fraction(30)], last_duration=100)
    assert not timing.constant
    assert timing.rate == 30
    assert timing.frames == 27 + 3
    shown = source_frames(timing, pts, 0, timing.frames)
    assert set(shown) == set(pts)


@given(st.lists(st.integers(1, 400), min_size=2, max_size=80), st.data())
def test_any_chunk_sees_what_the_whole_film_sees(gaps: list[int], data: st.DataObject) -> None:
    pts = [0]
    for gap in gaps:
        pts.append(pts[-1] + gap)
    timing = time_film(pts, MS, declared=[])
    whole = source_frames(timing, pts, 0, timing.frames)
    start = data.draw(st.integers(0, timing.frames - 1))
    stop = data.draw(st.integers(start + 1, timing.frames))
    assert source_frames(timing, pts, start, stop) == whole[start:stop]


@given(st.integers(0, 10**9), st.sampled_from(STANDARD_RATES), st.sampled_from([1000, 90000, 12288, 30000]))
def test_numbers_round_to_nearest_with_halves_up(pts: int, rate: Fraction, ticks: int) -> None:
    number = Timing(rate, Fraction(1, ticks), 0, 1, True).number(pts)
    exact = Fraction(pts, ticks) * rate
    assert number - Fraction(1, 2) <= exact < number + Fraction(1, 2)


def test_a_single_frame_is_a_film() -> None:
    assert time_film([77], MS, declared=[Fraction(0), Fraction(25)]) == Timing(Fraction(25), MS, 77, 1, True)


def test_no_frame_is_no_film() -> None:
    with pytest.raises(ValueError, match="at least one frame"):
        time_film([], MS, declared=[])
