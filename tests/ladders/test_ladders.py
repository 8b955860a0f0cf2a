"""Ladders by name and by file, and what the built-in ones hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from coders.table import CODERS
from ladders.load import DEFAULT, builtin_names, load_ladder, parse_ladder
from ladders.rung import BOXES, Policy, Rung
from values.errors import UsageError

GOOD = """
rungs:
  - {name: low, width: 416, height: 234, crf: 24, max_kbps: 200}
  - {name: high, width: 1280, height: 720, crf: 22, max_kbps: 3000, buffer_kbit: 4500}
"""


def test_the_built_in_ladders_are_these_and_web_h264_is_the_default() -> None:
    assert builtin_names() == ("apple-h264", "apple-hevc", "av1", "mobile", "per-title", "vp9", "web-h264")
    assert DEFAULT == "web-h264"


@pytest.mark.parametrize("name", builtin_names())
def test_every_built_in_ladder_loads_under_its_name_and_adapts(name: str) -> None:
    ladder = load_ladder(name)
    assert (ladder.name, ladder.adapt) == (name, True)
    assert ladder.description
    assert len(ladder.codecs) == 1


@pytest.mark.parametrize("name", builtin_names())
def test_rungs_of_other_codecs_than_h264_are_named_after_them(name: str) -> None:
    for rung in load_ladder(name).rungs:
        assert rung.name.startswith(f"{rung.codec}-") == (rung.codec != "h264")
        assert rung.crf <= CODERS[rung.codec].max_crf


def test_apple_hevc_is_the_sdr_column_of_apples_table() -> None:
    assert [(r.width, r.height, r.max_kbps) for r in load_ladder("apple-hevc").rungs] == [
        (640, 360, 145), (768, 432, 300), (960, 540, 600), (960, 540, 900), (960, 540, 1600), (1280, 720, 2400),
        (1280, 720, 3400), (1920, 1080, 4500), (1920, 1080, 5800), (2560, 1440, 8100), (3840, 2160, 11600),
        (3840, 2160, 16800),
    ]  # fmt: skip


def test_apple_h264_is_the_h264_column_of_apples_table() -> None:
    assert [(r.width, r.height, r.max_kbps) for r in load_ladder("apple-h264").rungs] == [
        (416, 234, 145), (640, 360, 365), (768, 432, 730), (768, 432, 1100), (960, 540, 2000), (1280, 720, 3000),
        (1280, 720, 4500), (1920, 1080, 6000), (1920, 1080, 7800),
    ]  # fmt: skip


def test_per_title_writes_out_the_defaults_of_a_policy() -> None:
    ladder = load_ladder("per-title")
    assert (ladder.rungs, ladder.policy) == ((), Policy(("h264",), BOXES))


def test_a_ladder_file_is_read_with_its_defaults(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD)
    ladder = load_ladder(str(path))
    assert (ladder.name, ladder.codecs, ladder.audio_kbps, ladder.policy) == ("mine", ("h264",), 128, None)
    assert [(r.name, r.buffer_kbit) for r in ladder.rungs] == [("low", 400), ("high", 4500)]
    assert not ladder.adapt


def test_rungs_take_the_ladders_codec_or_name_their_own_and_are_named_by_it() -> None:
    text = """
codec: hevc
adapt: true
rungs:
  - {width: 640, height: 360, crf: 25, max_kbps: 500}
  - {width: 640, height: 360, crf: 60, max_kbps: 400, codec: av1}
  - {width: 640, height: 360, crf: 23.5, max_kbps: 700, codec: h264}
  - {width: 1280, height: 720, crf: 24, max_kbps: 2000}
"""
    ladder = parse_ladder(text, where="f.yaml", name="f")
    assert ladder.rungs == (
        Rung("hevc-360p", 640, 360, 25.0, 500, 1000, "hevc"),
        Rung("av1-360p", 640, 360, 60.0, 400, 800, "av1"),
        Rung("360p", 640, 360, 23.5, 700, 1400, "h264"),
        Rung("hevc-720p", 1280, 720, 24.0, 2000, 4000, "hevc"),
    )
    assert ladder.codecs == ("hevc", "av1", "h264")
    assert ladder.adapt


def test_a_policy_takes_what_is_given_and_defaults_for_the_rest() -> None:
    text = "codecs: [hevc, av1]\nper_title: {top: 93, shots: true, max_rungs: 6.0, boxes: [[640, 360], [1280, 720]]}"
    ladder = parse_ladder(text, where="f.yaml", name="f")
    assert ladder.policy == Policy(
        ("hevc", "av1"), ((640, 360), (1280, 720)), top=93.0, max_rungs=6, shots=True
    )  # fmt: skip
    assert isinstance(ladder.policy.top, float)
    assert isinstance(ladder.policy.max_rungs, int)
    assert ladder.codecs == ("hevc", "av1")
    assert parse_ladder("codecs: [vp9]\nper_title: {}", where="", name="").policy == Policy(("vp9",), BOXES)


def test_an_unknown_ladder_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="Did you mean 'web-h264'"):
        load_ladder("web-h265")


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "No such file"), (b"\xff\xfe\x00", "not UTF-8 text"), (b"", "expected keys with values")],
)
def test_a_file_that_can_not_be_read_is_an_error_that_names_it(
    content: bytes | None, says: str, tmp_path: Path
) -> None:
    path = tmp_path / "f.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        load_ladder(str(path))
    assert says in str(caught.value)
    assert str(path) in str(caught.value)


def test_the_ladders_in_the_documentation_are_sound_and_every_built_in_one_is_there() -> None:
    text = (Path(__file__).parent.parent.parent / "docs" / "ladders.md").read_text(encoding="utf-8")
    blocks = [block.split("```")[0] for block in text.split("```yaml\n")[1:]]
    ladders = [parse_ladder(b, where="docs", name="docs") for b in blocks if not b.startswith("#")]
    assert [(ladder.codecs, ladder.policy is None) for ladder in ladders] == [
        (("h264", "av1"), True), (("h264", "hevc"), False),
    ]  # fmt: skip
    for name in builtin_names():
        assert f"\n| `{name}` | {CODERS[load_ladder(name).codecs[0]].label} |" in text
