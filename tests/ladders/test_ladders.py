"""Ladder files, and fitting them to a source."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ladders.load import builtin_names, load_ladder, parse_ladder
from ladders.rung import fit
from values.errors import UsageError

GOOD = """
rungs:
  - {name: low, width: 416, height: 234, crf: 24, max_kbps: 200}
  - {name: high, width: 1280, height: 720, crf: 22, max_kbps: 3000, buffer_kbit: 4500}
"""


def shapes(ladder: str, size: tuple[int, int]) -> list[tuple[str, int, int]]:
    return [(r.name, r.width, r.height) for r in fit(load_ladder(ladder), size)]


@pytest.mark.parametrize("name", builtin_names())
def test_every_built_in_ladder_loads_under_its_name(name: str) -> None:
    assert load_ladder(name).name == name


def test_a_ladder_file_is_read_with_its_defaults(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD)
    ladder = load_ladder(str(path))
    assert (ladder.name, ladder.codecs, ladder.audio_kbps) == ("mine", ("h264",), 128)
    assert [(r.name, r.buffer_kbit) for r in ladder.rungs] == [("low", 400), ("high", 4500)]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("max_kbps: 200", "max_kpbs: 200"), "unknown key 'max_kpbs'\nDid you mean 'max_kbps'"),
        (("max_kbps: 200", "max_kbps: 9000"), None),
        (("width: 416", "width: 1920"), "rung high does not come after low"),
        (("crf: 24", "crf: fast"), "crf is 'fast'\ncrf is a number from 0 to 51"),
        (("crf: 24", "crf: 99"), "crf is 99"),
        (("name: high", "name: low"), "two rungs are called 'low'"),
        (("name: high", "name: a/b"), "'a/b' is no rung name"),
        ((", crf: 24", ""), "key 'crf' is missing"),
        (("rungs:", "codec: h265\nrungs:"), "codec 'h265' is not known"),
        (("rungs:", "rung:"), "unknown key 'rung'"),
        (("{name: low", "[name: low"), "not YAML"),
    ],
)
def test_a_wrong_ladder_file_says_what_is_wrong_and_where(change: tuple[str, str], says: str | None) -> None:
    text = GOOD.replace(*change)
    assert text != GOOD
    if says is None:
        assert parse_ladder(text, where="f.yaml", name="f").rungs[0].max_kbps == 9000
        return
    with pytest.raises(UsageError) as caught:
        parse_ladder(text, where="f.yaml", name="f")
    assert says in str(caught.value)
    assert str(caught.value).startswith("f.yaml")


def test_an_unknown_ladder_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="Did you mean 'web-h264'"):
        load_ladder("web-h265")


def test_a_full_hd_source_gets_all_rungs_and_smaller_ones_fewer() -> None:
    assert [s[0] for s in shapes("web-h264", (1920, 1080))] == ["234p", "360p", "432p", "540p", "720p", "1080p"]
    assert [s[0] for s in shapes("web-h264", (1280, 720))] == ["234p", "360p", "432p", "540p", "720p"]


def test_a_source_between_two_boxes_gets_a_rung_of_its_own_size() -> None:
    assert shapes("web-h264", (720, 400)) == [("234p", 416, 232), ("360p", 640, 356), ("400p", 720, 400)]


def test_a_portrait_source_turns_the_boxes() -> None:
    assert shapes("mobile", (720, 1280)) == [("234p", 234, 416), ("360p", 360, 640), ("540p", 540, 960)]


def test_a_scope_source_keeps_its_shape() -> None:
    assert shapes("web-h264", (1920, 800))[-1] == ("1080p", 1920, 800)


def test_a_tiny_source_gets_one_rung_of_its_own_size() -> None:
    assert shapes("web-h264", (160, 120)) == [("120p", 160, 120)]


@given(st.integers(16, 8192), st.integers(16, 8192), st.sampled_from(builtin_names()))
def test_rungs_are_even_keep_the_shape_and_never_exceed_the_source(width: int, height: int, name: str) -> None:
    rungs = fit(load_ladder(name), (width, height))
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
