"""What is sharp, bright and rich beats what is blurred, dark, flat or mere text; likeness is seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artwork.pick import Candidate, pick
from artwork.score import Pixels, distance, mark, sketch


def scene(seed: int, *, contrast: float = 1.0, blur: int = 0, light: float = 0.0) -> Pixels:
    """Soft blobs of colour with texture on them."""
    random = np.random.default_rng(seed)
    coarse = random.uniform(0, 255, (6, 8, 3))
    picture = np.kron(coarse, np.ones((18, 24, 1))) * 0.8 + random.normal(0, 18, (108, 192, 3))
    for _ in range(blur):
        picture = (picture + np.roll(picture, 1, 0) + np.roll(picture, 1, 1) + np.roll(picture, -1, 0)) / 4
    picture = (picture - 110) * contrast + 110 + light
    return np.clip(picture, 0, 255).astype(np.uint8)


def score(pixels: Pixels) -> float:
    return mark(pixels).score


def test_sharp_beats_blurred() -> None:
    assert mark(scene(1)).sharpness > mark(scene(1, blur=3)).sharpness + 0.1
    assert score(scene(1)) > score(scene(1, blur=3))


def test_contrast_beats_haze() -> None:
    assert score(scene(1)) > score(scene(1, contrast=0.4)) > score(scene(1, contrast=0.15))


@pytest.mark.parametrize("light", [-100, 120])
def test_neither_dark_nor_washed_out_is_good(light: float) -> None:
    assert score(scene(1)) > 2 * score(scene(1, light=light))


def test_colour_beats_grey() -> None:
    grey = scene(1).mean(axis=2, keepdims=True).repeat(3, axis=2).astype(np.uint8)
    assert score(scene(1)) > score(grey)


@pytest.mark.parametrize("level", [0, 16, 128, 255])
def test_one_colour_is_worth_nothing(level: int) -> None:
    assert score(np.full((108, 192, 3), level, np.uint8)) == 0


def test_credits_on_black_are_worth_little() -> None:
    text = np.zeros((108, 192, 3), np.uint8)
    text[20:90:6, 40:150:3] = 235
    assert mark(text).sharpness > 0.9
    assert score(text) < 0.1 < score(scene(1))


def test_likeness_is_of_scenes_and_not_of_pixels() -> None:
    one = scene(1)
    moved = np.roll(one, 4, axis=1)
    same, panned, other = (distance(sketch(one), sketch(p)) for p in (scene(1, blur=1), moved, scene(2)))
    assert same < 0.02 < panned < 0.5 * other
    assert distance(sketch(one), sketch(one)) == 0


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 255))
def test_any_size_has_marks_and_a_sketch(width: int, height: int, level: int) -> None:
    pixels = np.full((height, width, 3), level, np.uint8)
    assert 0 <= score(pixels) <= 1
    assert sketch(pixels) == bytes([level]) * (16 * 9 * 3)


def candidates(*pictures: Pixels) -> list[Candidate]:
    return [Candidate(n, score(p), sketch(p)) for n, p in enumerate(pictures)]


def test_eight_are_of_eight_scenes() -> None:
    shots = [scene(n // 3, blur=n % 3, contrast=1 - 0.03 * (n // 3)) for n in range(30)]
    taken = pick(candidates(*shots), 8)
    assert len({c.at_ms // 3 for c in taken}) == 8
    assert all(c.at_ms % 3 == 0 for c in taken)  # of each scene the sharp one
    assert taken[0].score == max(score(s) for s in shots)


def test_the_same_picture_is_not_taken_twice() -> None:
    assert [c.at_ms for c in pick(candidates(scene(1), scene(1), scene(1)), 8)] == [0]
    assert [c.at_ms for c in pick(candidates(scene(1, blur=1), scene(1)), 8)] == [1]  # nor one that differs by a blur


def test_of_a_black_film_one_picture_is_taken() -> None:
    black = np.zeros((9, 16, 3), np.uint8)
    assert len(pick(candidates(black, black, black), 8)) == 1
    assert pick([], 8) == ()


def test_black_is_never_taken_beside_a_picture() -> None:
    black = np.zeros((108, 192, 3), np.uint8)
    assert [c.at_ms for c in pick(candidates(black, scene(1), black), 8)] == [1]
