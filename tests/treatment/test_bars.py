"""Black bars, told from dark scenes."""

from __future__ import annotations

import pytest

from tests.treatment.parts import lit
from treatment.bars import find_bars
from treatment.facts import Box

SIZE = (1920, 1080)


@pytest.mark.parametrize(
    ("boxes", "picture"),
    [
        ([(0, 140, 1920, 940)] * 8, Box(0, 140, 1920, 940)),
        ([(240, 0, 1680, 1080)] * 8, Box(240, 0, 1680, 1080)),
        ([(656, 0, 1264, 1080)] * 8, Box(656, 0, 1264, 1080)),  # a phone's picture, upright
        ([(240, 135, 1680, 945)] * 8, Box(240, 135, 1680, 945)),  # bars all round
        ([(0, 140, 1920, 941), (0, 139, 1920, 940)] * 4, Box(0, 139, 1920, 941)),  # noise at the edge
        ([(0, 140, 1920, 940)] * 2 + [(500, 300, 900, 700)] * 6, Box(0, 140, 1920, 940)),  # mostly dark scenes
        ([(0, 140, 1920, 940)] * 6 + [(0, 140, 1920, 990)] * 2, Box(0, 140, 1920, 990)),  # subtitles in the lower bar
    ],
)
def test_bars_are_what_no_sample_lights(boxes: list[tuple[int, int, int, int]], picture: Box) -> None:
    assert find_bars(lit(boxes, dark=3), SIZE)[0] == picture


@pytest.mark.parametrize(
    "boxes",
    [
        [(0, 0, 1920, 1080)] * 8,
        [(0, 140, 1920, 940)] * 20 + [(0, 0, 1920, 1080)],  # one bright frame is enough: a film in two formats
        [(0, 8, 1920, 1072)] * 8,  # under 1 %
        [(700 + 10 * i, 200 + 15 * i, 1100 + 20 * i, 600 + 30 * i) for i in range(8)],  # a singer in the dark
        [(0, 100 + 17 * i, 1920, 1080) for i in range(8)],  # night skies
        [(0, 300, 1920, 1080)] * 8,  # one night sky
        [(700, 400, 1200, 700)] * 8,  # a title card: a small thing in the middle
        [(0, 450, 1920, 600)] * 8,  # a line of text across the picture
    ],
)
def test_dark_scenes_have_no_bars(boxes: list[tuple[int, int, int, int]]) -> None:
    assert find_bars(lit(boxes), SIZE)[0] is None


def test_a_film_that_is_black_or_not_looked_at_shows_no_bars() -> None:
    assert find_bars(lit([], dark=40), SIZE) == (None, "too dark to see bars")
    assert find_bars(lit([(0, 140, 1920, 940)] * 3, dark=40), SIZE) == (None, "too dark to see bars")
    assert find_bars(lit([]), SIZE) == (None, "no bars looked for")
