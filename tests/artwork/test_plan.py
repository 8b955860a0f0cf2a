"""When a film is looked at, and how tiles lie on sheets."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artwork.plan import TILE_BOX, every_ms, fit, grid_of, looks_per_tile, moments_ms


@pytest.mark.parametrize(
    ("seconds", "step"), [(10800, 10_000), (100, 10_000), (99, 9000), (55, 5000), (15, 1000), (5, 1000), ("1/25", 1000)]
)
def test_tiles_are_ten_seconds_apart_and_nearer_in_a_short_film(seconds: int | str, step: int) -> None:
    assert every_ms(Fraction(seconds)) == step


@given(st.fractions(min_value=Fraction(1, 60), max_value=30_000), st.integers(1000, 60_000))
def test_every_tile_shows_a_moment_of_the_film_and_none_is_missing(duration: Fraction, wanted: int) -> None:
    step = every_ms(duration, wanted)
    times = moments_ms(duration, step)
    assert times[0] == 0
    assert all(Fraction(t, 1000) < duration for t in times)
    assert times[-1] + step >= int(duration * 1000)
    assert len(times) >= min(10, int(duration))


@given(st.fractions(min_value=Fraction(1, 60), max_value=30_000))
def test_a_short_film_is_looked_at_between_its_tiles_too(duration: Fraction) -> None:
    step = every_ms(duration)
    looks = looks_per_tile(duration, step)
    times = moments_ms(duration, step // looks)
    assert times[::looks] == moments_ms(duration, step)
    assert len(times) >= min(20, int(duration * 2))
    assert looks == 1 or step // looks >= 500


def test_a_long_film_is_looked_at_at_its_tiles_alone() -> None:
    assert [looks_per_tile(Fraction(s), every_ms(Fraction(s))) for s in (10800, 480, 120, 55, 15, 1)] == [
        1,
        1,
        4,
        5,
        2,
        2,
    ]


def test_a_tile_keeps_the_film_s_shape_and_is_never_larger_than_it() -> None:
    assert fit((1920, 1080), TILE_BOX) == (192, 108)
    assert fit((1080, 1920), TILE_BOX) == (60, 108)
    assert fit((1920, 800), TILE_BOX) == (256, 106)
    assert fit((64, 36), TILE_BOX) == (64, 36)
    assert fit((4000, 16), TILE_BOX) == (256, 2)


def test_tiles_go_row_by_row_and_sheet_by_sheet() -> None:
    grid = grid_of(250, (192, 108))
    assert (grid.columns, grid.rows, grid.sheets) == (10, 10, 3)
    assert [grid.place(n) for n in (0, 9, 10, 99, 100, 249)] == [
        (0, 0, 0), (0, 1728, 0), (0, 0, 108), (0, 1728, 972), (1, 0, 0), (2, 1728, 432),
    ]  # fmt: skip


def test_a_short_film_s_one_sheet_is_no_larger_than_needed() -> None:
    assert [(g.columns, g.rows, g.sheets) for g in (grid_of(n, (2, 2)) for n in (1, 9, 11, 60))] == [
        (1, 1, 1), (9, 1, 1), (10, 2, 1), (10, 6, 1),
    ]  # fmt: skip
