"""Fitting rungs to sources of every shape."""

from __future__ import annotations

import functools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ladders.load import builtin_names, load_ladder, parse_ladder
from ladders.rung import FittedRung, Ladder, fit, fit_all, fit_boxes
from values.errors import UsageError

FIXED = tuple(name for name in builtin_names() if name != "per-title")
MIXED = """
adapt: true
rungs:
  - {name: low, width: 640, height: 360, crf: 24, max_kbps: 600}
  - {name: av1-low, width: 640, height: 360, crf: 34, max_kbps: 300, codec: av1}
  - {name: high, width: 1280, height: 720, crf: 23, max_kbps: 3000}
  - {name: av1-high, width: 1280, height: 720, crf: 33, max_kbps: 1500, codec: av1}
"""

load = functools.cache(load_ladder)


def mixed(text: str = MIXED) -> Ladder:
    return parse_ladder(text, where="f.yaml", name="f")


def shapes(ladder: str, size: tuple[int, int]) -> list[tuple[str, int, int]]:
    return [(r.name, r.width, r.height) for r in fit(load(ladder), size)]


def test_a_full_hd_source_gets_all_rungs_and_smaller_ones_fewer() -> None:
    assert [s[0] for s in shapes("web-h264", (1920, 1080))] == ["234p", "360p", "432p", "540p", "720p", "1080p"]
    assert [s[0] for s in shapes("web-h264", (1280, 720))] == ["234p", "360p", "432p", "540p", "720p"]


def test_a_source_between_two_boxes_gets_a_rung_of_its_own_size() -> None:
    assert shapes("web-h264", (720, 400)) == [("234p", 416, 232), ("360p", 640, 356), ("400p", 720, 400)]
    assert shapes("vp9", (720, 400))[-1] == ("vp9-400p", 720, 400)


def test_all_rungs_of_the_sources_own_size_are_kept() -> None:
    names = [s[0] for s in shapes("apple-hevc", (1920, 1080))]
    assert names[-2:] == ["hevc-1080p-low", "hevc-1080p"]


def test_a_portrait_source_turns_the_boxes() -> None:
    assert shapes("mobile", (720, 1280)) == [("234p", 234, 416), ("360p", 360, 640), ("540p", 540, 960)]


def test_boxes_written_upright_are_the_same_boxes() -> None:
    upright = mixed(MIXED.replace("width: 640, height: 360", "width: 360, height: 640"))
    for size in ((1280, 720), (720, 1280)):
        assert fit(upright, size) == fit(mixed(), size)


def test_a_scope_source_keeps_its_shape() -> None:
    assert shapes("web-h264", (1920, 800))[-1] == ("1080p", 1920, 800)


def test_a_four_by_three_source_keeps_its_shape() -> None:
    assert shapes("web-h264", (640, 480)) == [
        ("234p", 312, 234), ("360p", 480, 360), ("432p", 576, 432), ("480p", 640, 480),
    ]  # fmt: skip


def test_a_tiny_source_gets_one_rung_of_its_own_size() -> None:
    assert shapes("web-h264", (160, 120)) == [("120p", 160, 120)]
    assert shapes("av1", (160, 120)) == [("av1-120p", 160, 120)]


@pytest.mark.parametrize("size", [(1440, 1080), (768, 576), (1920, 804), (4096, 1716), (1080, 1920), (720, 1280)])
@pytest.mark.parametrize("name", builtin_names())
def test_every_built_in_ladder_keeps_the_shape_of_other_sources(name: str, size: tuple[int, int]) -> None:
    sizes = fit_boxes(load(name).boxes, size)
    assert len(sizes) >= 3
    for (width, height), box in zip(sizes, load(name).boxes, strict=False):
        assert width <= min(size[0], max(box) if size[0] > size[1] else min(box)) + 1
        assert height <= min(size[1], min(box) if size[0] > size[1] else max(box)) + 1
        # Half a pixel pair on the shorter side is all that evenness costs.
        assert abs(Fraction(width, height) / Fraction(*size) - 1) <= Fraction(1, min(width, height) - 1)


def test_each_codec_is_fitted_by_itself() -> None:
    assert fit(mixed(), (960, 540)) == (
        FittedRung("low", 640, 360, 24.0, 600_000, 1_200_000, "h264"),
        FittedRung("540p", 960, 540, 23.0, 3_000_000, 6_000_000, "h264"),
        FittedRung("av1-low", 640, 360, 34.0, 300_000, 600_000, "av1"),
        FittedRung("av1-540p", 960, 540, 33.0, 1_500_000, 3_000_000, "av1"),
    )


def test_several_ladders_give_their_rungs_one_after_another_under_names_of_their_own() -> None:
    rungs = fit_all([load("mobile"), load("apple-hevc"), load("av1")], (640, 360))
    assert [(r.name, r.codec) for r in rungs] == [
        ("234p", "h264"), ("360p", "h264"), ("hevc-360p", "hevc"), ("av1-234p", "av1"), ("av1-360p", "av1"),
    ]  # fmt: skip


def test_a_name_that_another_ladder_has_is_prefixed_with_the_codec() -> None:
    other = MIXED.split("  - {name: av1-low")[0].replace("crf: 24", "crf: 25, codec: vp9")
    names = [r.name for r in fit_all([mixed(), mixed(other)], (1280, 720))]
    assert names == ["low", "high", "av1-low", "av1-high", "vp9-low"]


def test_a_name_that_the_sources_own_size_would_take_twice_gets_its_cap() -> None:
    text = MIXED.replace("name: low", "name: 540p").replace("name: av1-low", "name: h264-540p")
    assert [r.name for r in fit(mixed(text), (960, 540))][:2] == ["540p", "h264-540p"]
    text = MIXED.replace("name: low", "name: 540p").replace("name: av1-low", "name: av1-540p")
    assert [r.name for r in fit(mixed(text), (960, 540))] == ["540p", "h264-540p", "av1-540p", "av1-540p-1500k"]


def test_two_ladders_with_the_same_codec_are_refused() -> None:
    with pytest.raises(UsageError, match="the ladders web-h264 and f both have rungs of h264"):
        fit_all([load("web-h264"), load("vp9"), mixed()], (1280, 720))


def test_a_ladder_that_does_not_adapt_refuses_a_smaller_source() -> None:
    with pytest.raises(UsageError, match="every rung is larger than the source, which is 320x180"):
        fit_all([load("vp9"), mixed(MIXED.replace("adapt: true", ""))], (320, 180))


def test_a_policy_has_no_rungs_to_fit() -> None:
    with pytest.raises(UsageError, match="ladder per-title: it has no rungs of its own"):
        fit(load("per-title"), (1280, 720))


@given(st.integers(16, 8192), st.integers(16, 8192), st.sampled_from(FIXED))
def test_rungs_are_even_keep_the_shape_and_never_exceed_the_source(width: int, height: int, name: str) -> None:
    rungs = fit(load(name), (width, height))
    assert rungs
    assert len({r.name for r in rungs}) == len(rungs)
    for rung in rungs:
        assert rung.width % 2 == rung.height % 2 == 0
        assert rung.width <= max(16, width + 1)
        assert rung.height <= max(16, height + 1)
        if min(rung.width, rung.height) > 16:
            assert abs(rung.width * height - rung.height * width) <= 2 * max(width, height)
    sizes = [r.width * r.height for r in rungs]
    assert sizes == sorted(sizes)


@given(st.integers(16, 4096), st.integers(16, 4096), st.permutations(["web-h264", "apple-hevc", "vp9", "av1"]))
def test_names_are_unique_whatever_ladders_a_title_has(width: int, height: int, names: list[str]) -> None:
    rungs = fit_all([load(name) for name in names], (width, height))
    assert len({r.name for r in rungs}) == len(rungs)
    assert {r.codec for r in rungs} == {"h264", "hevc", "vp9", "av1"}
