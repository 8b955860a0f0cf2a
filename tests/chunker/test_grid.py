"""Source time to output frames."""

from __future__ import annotations

import itertools
from array import array
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunker.grid import (
    BLACK,
    Timing,
    closing_frames,
    opened,
    other_frames,
    source_frames,
    time_fields,
    time_film,
    time_pulldown,
)  # fmt: skip
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


@given(st.sampled_from(["25", "30000/1001", "24", "30"]), st.sampled_from([1000, 90000, 12800]), st.integers(2, 200))
def test_each_field_of_a_constant_film_has_a_number_of_its_own(rate: str, ticks: int, count: int) -> None:
    """The second one half-way to the next frame, wherever the container rounds frames' times to."""
    base = Fraction(1, ticks)
    pts = times(Fraction(rate), count, base, 77)
    film = time_fields(time_film(pts, base, declared=[Fraction(rate)]))
    assert (film.rate, film.frames, closing_frames(film, pts)) == (2 * Fraction(rate), 2 * count, 0)
    seconds = [Fraction(a + b, 2) for a, b in itertools.pairwise(pts)]
    assert [film.place(t) for pair in zip(pts, seconds, strict=False) for t in pair] == list(range(2 * count - 2))
    assert source_frames(film, pts, 0, film.frames) == array("q", (p for p in pts for _ in range(2)))


def test_fields_of_a_hole_are_spread_as_bwdif_spreads_them() -> None:
    """Frame 50 is missing: the second field of frame 49 comes half-way to frame 51, a picture later than it was."""
    pts = [n * 3600 for n in range(100) if n != 50]
    film = time_fields(time_film(pts, Fraction(1, 90000), declared=[Fraction(25)]))
    assert film.place(Fraction(pts[49] + pts[50], 2)) == 100
    assert list(source_frames(film, pts, 97, 104)) == [48 * 3600, *[49 * 3600] * 4, *[51 * 3600] * 2]


@given(st.integers(10, 400), st.data())
def test_each_picture_of_a_pulldown_is_one_of_two_frames_of_its_cycle(count: int, data: st.DataObject) -> None:
    """Whichever frame of a cycle is the one too many, the four that are left are among those planned."""
    base = Fraction(1, 90000)
    rate = Fraction(30000, 1001)
    pts = times(rate, count, base, 900)
    film = time_pulldown(time_film(pts, base, declared=[rate]))
    assert (film.rate, film.frames) == (Fraction(24000, 1001), -(-count * 4 // 5))
    start = data.draw(st.integers(0, film.frames - 1))
    stop = data.draw(st.integers(start + 1, film.frames))
    ones, others = source_frames(film, pts, start, stop), other_frames(film, pts, start, stop)
    for n, one, other in zip(range(start, stop), ones, others, strict=True):
        for dropped in range(5):
            kept = [5 * (n // 4) + i for i in range(5) if i != dropped]
            shown = kept[n % 4]
            assert shown >= count or pts[shown] in (one, other)


def test_a_pulldown_numbers_each_source_frame_by_its_first_picture() -> None:
    film = time_pulldown(Timing(Fraction(30), Fraction(1, 30), 100, 50, True))
    assert [film.number(100 + n) for n in range(11)] == [0, 1, 2, 3, 3, 4, 5, 6, 7, 7, 8]
    assert film.source_rate == 30


def test_only_a_pulldown_leaves_open_which_frames_are_shown() -> None:
    pts = times(Fraction(25), 10, MS)
    assert len(other_frames(time_film(pts, MS, declared=[Fraction(25)]), pts, 0, 5)) == 0


@given(st.fractions(0, 60), st.sampled_from(STANDARD_RATES), st.sampled_from([1000, 90000, 12288]))
def test_a_film_is_opened_by_whole_frames_of_black(lead: Fraction, rate: Fraction, ticks: int) -> None:
    film = Timing(rate, Fraction(1, ticks), 5000, 100, True)
    late = opened(film, lead)
    black = late.frames - film.frames
    assert black - 1 < lead * rate <= black
    assert (late.number(5000), late.rate) == (black, rate)
    shown = source_frames(late, [5000], 0, black + 1)
    assert list(shown) == [*[BLACK] * black, 5000]


@pytest.mark.parametrize(("duration", "frames"), [(0, 1), (40, 1), (5000, 125), (10**9, 15000)])
def test_a_still_is_shown_for_as_long_as_its_file_says(duration: int, frames: int) -> None:
    """But no longer than ten minutes."""
    film = time_film([0], MS, declared=[Fraction(1, 5)], last_duration=duration)
    assert (film.rate, film.frames, closing_frames(film, [0])) == (25, frames, frames - 1)


def test_the_last_frame_of_a_constant_film_is_held_too() -> None:
    pts = times(Fraction(25), 50, MS)
    film = time_film(pts, MS, declared=[Fraction(25)], last_duration=2000)
    assert (film.constant, film.frames, closing_frames(film, pts)) == (True, 99, 49)
