"""Ladder files of the wrong shape: file, rung and key are named, with what would be right."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from coders.table import CODERS
from ladders.load import parse_ladder
from ladders.rung import BOXES, SMALLEST, Policy, Rung
from ladders.schema import check_shape, schema
from values.errors import UsageError

GOOD = """
rungs:
  - {name: low, width: 416, height: 234, crf: 24, max_kbps: 200}
  - {name: high, width: 1280, height: 720, crf: 22, max_kbps: 3000, buffer_kbit: 4500}
"""
POLICY = """
codecs: [h264, hevc]
per_title: {top: 95, step: 6, floor_kbps: 100, boxes: [[416, 234], [1280, 720]]}
"""


def refused(text: str) -> str:
    with pytest.raises(UsageError) as caught:
        parse_ladder(text, where="f.yaml", name="f")
    assert caught.value.hint
    return str(caught.value)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("max_kbps: 200", "max_kpbs: 200"), "f.yaml, rung 1: unknown key 'max_kpbs'\nDid you mean 'max_kbps'"),
        (("rungs:", "rung:"), "f.yaml: unknown key 'rung'\nDid you mean 'rungs'"),
        (("rungs:", "crf: 23\nrungs:"), "f.yaml: unknown key 'crf'\ncrf belongs in a rung."),
        (("crf: 24", "crf: 24, audio_kbps: 64"), "unknown key 'audio_kbps'\naudio_kbps belongs at the top of the file"),
        (("rungs:", "5: x\nrungs:"), "unknown key 5"),
        ((", crf: 24", ""), "f.yaml, rung 1: key 'crf' is missing\nAdd crf: a number from 0 to 51."),
        (("crf: 24", "crf: fast"), "f.yaml, rung 1: crf is 'fast'\ncrf is a number from 0 to 51"),
        (("crf: 24", "crf: 52"), "crf is 52\ncrf is a number from 0 to 51"),
        (("crf: 24", "crf: 64, codec: av1"), "crf is 64\ncrf is a number from 0 to 63"),
        (("crf: 24", "crf: -1"), "crf is -1"),
        (("crf: 24", "crf: .nan"), "crf is nan"),
        (("crf: 24", "crf: true"), "crf is True"),
        (("max_kbps: 3000", "max_kbps: 3e9"), "f.yaml, rung 2: max_kbps is '3e9'"),
        (("max_kbps: 3000", "max_kbps: 300000"), "max_kbps is 300000\nmax_kbps is a whole number from 20 to 200000."),
        (("width: 416", "width: 416.5"), "width is 416.5\nwidth is a whole number from 16 to 8192."),
        (("width: 416", "width: 8"), "width is 8"),
        (("name: high", "name: a/b"), "f.yaml, rung 2: 'a/b' is no rung name\nname is text of at most 64 letters"),
        (("name: high", "name: audio"), "'audio' is no rung name"),
        (("name: high", "name: -x"), "'-x' is no rung name"),
        (("name: high", 'name: "x\\n"'), "'x\\n' is no rung name"),
        (("name: high", "name: 720"), "name is 720\nname is text"),
        (("rungs:", "codec: h265\nrungs:"), "f.yaml: codec 'h265' is not known\nDid you mean 'hevc'"),
        (("crf: 22", "crf: 22, codec: vp8"), "f.yaml, rung 2: codec 'vp8' is not known\nDid you mean 'vp9'"),
        (("rungs:", "audio_kbps: 8\nrungs:"), "audio_kbps is 8\naudio_kbps is a whole number from 16 to 512."),
        (("rungs:", "adapt: maybe\nrungs:"), "adapt is 'maybe'\nadapt is true or false"),
        (("rungs:", "codecs: [h264]\nrungs:"), "`codecs` does not go with `rungs`"),
        (("rungs:", "per_title: {}\nrungs:"), "both `rungs` and `per_title` are given"),
        (("{name: low", "[name: low"), "f.yaml: not YAML"),
        (("crf: 24", "crf: 2026-02-30"), "f.yaml: not YAML"),
        (("crf: 24", "crf: 24, crf: 25"), "crf is given twice"),
        (("  - {name: low", "  - 360p\n  - {name: low"), "f.yaml, rung 1: expected keys with values\nKnown keys: "),
    ],
)
def test_rungs_of_the_wrong_shape_are_refused(change: tuple[str, str], says: str) -> None:
    text = GOOD.replace(*change)
    assert text != GOOD
    assert says in refused(text)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("top: 95", "tops: 95"), "f.yaml, per_title: unknown key 'tops'\nDid you mean 'top'"),
        (("top: 95", "codec: h264"), "unknown key 'codec'\ncodec belongs at the top of the file"),
        (("top: 95", "top: 101"), "f.yaml, per_title: top is 101\ntop is a number from 20 to 100."),
        (("step: 6", "max_rungs: 0"), "max_rungs is 0\nmax_rungs is a whole number from 1 to 24."),
        (("step: 6", "peak_ratio: 0.9"), "peak_ratio is 0.9\npeak_ratio is a number from 1 to 10."),
        (("step: 6", "shots: 1"), "shots is 1\nshots is true or false"),
        (("[1280, 720]", "[1280]"), "f.yaml, per_title: box 2 is [1280]\nboxes is a list of [width, height]"),
        (("[1280, 720]", "1280x720"), "box 2 is '1280x720'"),
        (("[1280, 720]", "[1280, 7.5]"), "box 2 is [1280, 7.5]"),
        (("[[416, 234], [1280, 720]]", "[]"), "boxes is []"),
        (("codecs: [h264, hevc]", ""), "f.yaml: key 'codecs' is missing\nAdd codecs: [h264]"),
        (("codecs: [h264, hevc]", "codec: hevc"), "`codec` does not go with `per_title`\nWrite codecs: [hevc]."),
        (("[h264, hevc]", "[h264, hevc, h264]"), "codecs names 'h264' twice"),
        (("[h264, hevc]", "[h264, h265]"), "codec 'h265' is not known"),
        (("[h264, hevc]", "[]"), "codecs is []"),
        (("[h264, hevc]", "h264"), "codecs is 'h264'\ncodecs is a list of codecs"),
        (("per_title: {top", "per_title: [top"), "not YAML"),
    ],
)
def test_policies_of_the_wrong_shape_are_refused(change: tuple[str, str], says: str) -> None:
    text = POLICY.replace(*change)
    assert text != POLICY
    assert says in refused(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- 1", "f.yaml: expected keys with values"),
        ("{}", "key 'rungs' is missing\nAdd rungs: with a list of rungs, or per_title:"),
        ("rungs: []", "`rungs` is not a list with at least one rung\nAdd a rung."),
        ("rungs: 3", "`rungs` is not a list"),
        ("per_title:\ncodecs: [h264]", "f.yaml, per_title: expected keys with values"),
    ],
)
def test_files_without_rungs_or_policy_are_refused(text: str, says: str) -> None:
    assert says in refused(text)


def test_a_misspelt_key_is_told_before_what_follows_from_it() -> None:
    text = "codec: h265\naudio_kbps: loud\n" + GOOD.replace("max_kbps: 3000", "max_kpbs: 3000")
    assert "unknown key 'max_kpbs'" in refused(text)


def test_of_many_faults_the_first_in_the_file_is_told() -> None:
    rows = [f"  - {{width: 640, height: 360, crf: {crf}, max_kbps: 500}}" for crf in (*[20] * 2, *[99] * 10)]
    assert "f.yaml, rung 3: crf is 99" in refused("\n".join(["rungs:", *rows]))


def test_the_schema_is_a_valid_one() -> None:
    Draft202012Validator.check_schema(schema())


def test_the_schema_says_what_the_code_says() -> None:
    parts = schema()["properties"]
    rung, policy = parts["rungs"]["items"]["properties"], parts["per_title"]["properties"]
    for part in (parts["codec"], parts["codecs"]["items"], rung["codec"]):
        assert part["enum"] == list(CODERS)
    assert set(rung) == {f.name for f in dataclasses.fields(Rung)}
    assert {f.name for f in dataclasses.fields(Policy)} == {*policy, "codecs"}
    defaults = Policy(("h264",), BOXES)
    for key, part in policy.items():
        assert part["default"] == (
            [list(box) for box in BOXES] if key == "boxes" else getattr(defaults, key)
        )  # fmt: skip
    assert rung["width"]["minimum"] == rung["height"]["minimum"] == SMALLEST


@pytest.mark.parametrize("codec", CODERS)
@pytest.mark.parametrize("place", ["top", "rung"])
def test_a_crf_goes_up_to_what_the_codec_takes(codec: str, place: str) -> None:
    most = CODERS[codec].max_crf
    for crf, good in ((most, True), (most + 0.5, False)):
        rung = {"width": 416, "height": 234, "crf": crf, "max_kbps": 200}
        raw = {"codec": codec, "rungs": [rung]} if place == "top" else {"rungs": [{**rung, "codec": codec}]}
        if good:
            check_shape(raw, "f.yaml")
        else:
            with pytest.raises(UsageError, match=f"crf is a number from 0 to {most}"):
                check_shape(raw, "f.yaml")


_SCALARS = st.none() | st.booleans() | st.integers(-5, 9000) | st.floats() | st.text(max_size=5)
_KEYS = st.sampled_from(
    ["rungs", "per_title", "codec", "codecs", "name", "crf", "width", "height", "max_kbps", "boxes", "top", "x"]
)
_VALUES = st.recursive(
    _SCALARS | st.sampled_from(["h264", "av1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(_KEYS, _VALUES, max_size=4) | _VALUES)
def test_whatever_a_file_holds_it_is_taken_or_refused_with_a_hint(raw: object) -> None:
    try:
        check_shape(raw, "f.yaml")
    except UsageError as error:
        assert error.where.startswith("f.yaml")
        assert error.hint
