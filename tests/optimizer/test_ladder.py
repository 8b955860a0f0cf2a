"""Picked rungs as ladders and ladder files."""

from __future__ import annotations

from itertools import pairwise

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ladders.load import load_ladder, parse_ladder
from ladders.rung import Ladder, Policy, Rung, fit
from optimizer.ladder import ladder_yaml, rung_names, to_ladder
from optimizer.pick import Choice, pick_rungs
from optimizer.points import Point
from tests.optimizer.synthetic import SIZES, film
from values.errors import UsageError

CHOICES = pick_rungs(film(), Policy(("h264",), SIZES))
BOXES = ((416, 234), (640, 360), (768, 432), (960, 540), (1280, 720), (1920, 1080))


def ladder(choices: tuple[Choice, ...] = CHOICES, display: tuple[int, int] = (1920, 1080)) -> Ladder:
    return to_ladder(choices, name="film", description="a film's own rungs", audio_kbps=128, display=display)


def choice(size: tuple[int, int], cap: int, codec: str = "h264") -> Choice:
    return Choice(Point(codec, *size, 24.5, cap / 2, 80.0), cap, 2 * cap, None, "why")


def test_rungs_are_named_after_their_height_and_place_in_it() -> None:
    assert [(r.name, r.width, r.height, r.crf, r.max_kbps, r.buffer_kbit) for r in ladder().rungs] == [
        ("234p", 416, 234, 38, 201, 402),
        ("360p", 640, 360, 38, 382, 764),
        ("540p", 960, 540, 39.5, 590, 1180),
        ("720p-low", 1280, 720, 39, 963, 1926),
        ("720p", 1280, 720, 34.5, 1619, 3238),
        ("1080p-low2", 1920, 1080, 34.5, 2974, 5948),
        ("1080p-low", 1920, 1080, 30, 5000, 10000),
        ("1080p", 1920, 1080, 24, 10000, 20000),
    ]


def test_other_codecs_than_h264_are_named_in_front() -> None:
    both = (choice((640, 360), 10**6), choice((640, 360), 5 * 10**5, "hevc"), choice((640, 360), 10**6, "hevc"))
    assert rung_names(both) == ("360p", "hevc-360p-low", "hevc-360p")
    assert ladder(both).codecs == ("h264", "hevc")


def test_choices_of_a_codec_must_stand_together() -> None:
    mixed = (choice((640, 360), 10**6), choice((640, 360), 10**6, "av1"), choice((960, 540), 2 * 10**6))
    with pytest.raises(ValueError, match="stand together"):
        rung_names(mixed)


def test_a_ladder_file_is_read_back_as_the_same_ladder() -> None:
    found = parse_ladder(ladder_yaml(ladder()), where="film.yaml", name="other")
    assert (found.name, found.description, found.rungs, found.audio_kbps) == (
        "film",
        "a film's own rungs",
        ladder().rungs,
        128,
    )


def test_built_in_ladders_are_written_and_read_back_too() -> None:
    known = load_ladder("apple-h264")
    assert parse_ladder(ladder_yaml(known), where="f.yaml", name="f").rungs == known.rungs


def test_reasons_become_comments_above_their_rungs() -> None:
    reasons = {name: f"{c.reason}\n# or\nnot" for name, c in zip(rung_names(CHOICES), CHOICES, strict=True)}
    text = ladder_yaml(ladder(), reasons)
    lines = text.splitlines()
    top = lines.index("  - {name: 1080p, width: 1920, height: 1080, crf: 24, max_kbps: 10000, buffer_kbit: 20000}")
    assert lines[top - 1].startswith("  # top: VMAF 95.0 where 95 is as good as is asked for")
    assert parse_ladder(text, where="f.yaml", name="f").rungs == ladder().rungs


def test_a_ladder_of_two_codecs_names_each_rungs_codec_and_one_of_one_only_once() -> None:
    both = ladder((choice((640, 360), 10**6), choice((640, 360), 10**6, "av1")))
    raw = yaml.safe_load(ladder_yaml(both))
    assert [(r["name"], r["codec"]) for r in raw["rungs"]] == [("360p", "h264"), ("av1-360p", "av1")]
    assert "codec" not in raw
    only = yaml.safe_load(ladder_yaml(ladder((choice((640, 360), 10**6, "av1"),))))
    assert only["codec"] == "av1"
    assert "codec" not in only["rungs"][0]


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1))
def test_any_name_and_description_survive(text: str) -> None:
    written = ladder_yaml(Ladder(text, text, (Rung("a", 640, 360, 24.5, 500, 1000),), 96))
    found = yaml.safe_load(written)
    assert (found["name"], found["description"]) == (text, text)


def test_a_policy_has_no_file_of_rungs() -> None:
    with pytest.raises(UsageError, match="matinee ladder MASTER"):
        ladder_yaml(Ladder("per-title", "", (), 128, Policy(("h264",), SIZES)))


@pytest.mark.parametrize("display", [(1920, 1080), (1080, 1920), (1440, 1080), (1920, 804), (853, 481), (720, 400)])
def test_fitting_the_ladder_to_its_film_gives_the_sizes_that_were_tried(display: tuple[int, int]) -> None:
    check_sizes(display)


@given(st.integers(100, 2500), st.integers(100, 2500))
def test_sizes_come_back_for_films_of_any_shape(width: int, height: int) -> None:
    check_sizes((width, height))


def check_sizes(display: tuple[int, int]) -> None:
    boxes = Ladder("", "", tuple(Rung(f"{i}", *box, 24, 100 + i, 200) for i, box in enumerate(BOXES)), 128)
    sizes = list(dict.fromkeys((f.width, f.height) for f in fit(boxes, display)))
    sizes.append(sizes[-1])
    own = ladder(tuple(choice(size, 200_000 + 1000 * i) for i, size in enumerate(sizes)), display)
    assert [(f.width, f.height) for f in fit(own, display)] == sizes
    assert [f.name for f in fit(own, display)] == [r.name for r in own.rungs]
    assert all(a.max_kbps < b.max_kbps for a, b in pairwise(own.rungs))


def test_a_size_that_is_not_of_the_films_shape_is_refused() -> None:
    with pytest.raises(UsageError, match="no box gives a film of 1920x1080 the size 640x480"):
        ladder((choice((640, 480), 10**6),))
