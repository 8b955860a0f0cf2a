"""Ladders whose parts contradict one another, a source, or an ffmpeg."""

from __future__ import annotations

import pytest

from coders.table import CODERS
from ladders.check import check_against, require_encoders
from ladders.load import builtin_names, load_ladder, parse_ladder
from ladders.rung import Ladder
from values.errors import UsageError

GOOD = """
rungs:
  - {name: low, width: 416, height: 234, crf: 24, max_kbps: 200}
  - {name: mid, width: 1280, height: 720, crf: 23, max_kbps: 2000}
  - {name: high, width: 1280, height: 720, crf: 22, max_kbps: 3000, buffer_kbit: 4500}
"""
POLICY = "codecs: [h264]\nper_title: {top: 95, step: 6, floor_kbps: 100, ceiling_kbps: 8000}"
MIXED = """
rungs:
  - {name: a, width: 640, height: 360, crf: 24, max_kbps: 600}
  - {name: b, width: 640, height: 360, crf: 34, max_kbps: 300, codec: av1}
  - {name: c, width: 1280, height: 720, crf: 24, max_kbps: 3000}
  - {name: d, width: 1280, height: 720, crf: 34, max_kbps: 1500, codec: av1}
"""
FFMPEG = frozenset({"libx264", "libx265", "libvpx-vp9", "libsvtav1", "aac"})


def ladder(text: str) -> Ladder:
    return parse_ladder(text, where="f.yaml", name="f")


def refused(text: str) -> str:
    with pytest.raises(UsageError) as caught:
        ladder(text)
    assert caught.value.hint
    return str(caught.value)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("max_kbps: 200}", "max_kbps: 9000}"),
         "f.yaml, rung 2: rung mid does not come after low in bitrate: max_kbps 2000 after 9000"),
        (("max_kbps: 3000", "max_kbps: 2000"), "rung 3: rung high does not come after mid in bitrate"),
        (("width: 416", "width: 1920"), "rung mid does not come after low in size: 1280x720 after 1920x234"),
        (("height: 720, crf: 23", "height: 230, crf: 23"), "does not come after low in size: 1280x230 after 416x234"),
        (("crf: 22", "crf: 24"), "rung high does not come after mid in quality: crf 24 after 23 at the same size"),
        (("name: high", "name: low"), "f.yaml: two rungs are called 'low'"),
        (("buffer_kbit: 4500", "buffer_kbit: 1499"),
         "rung 3: buffer_kbit 1499 is less than half a second of max_kbps 3000\nUse 1500 to 60000, or leave it out"),
        (("buffer_kbit: 4500", "buffer_kbit: 60001"), "buffer_kbit 60001 is more than 20 seconds"),
    ],
)  # fmt: skip
def test_rungs_that_contradict_one_another_are_refused(change: tuple[str, str], says: str) -> None:
    text = GOOD.replace(*change)
    assert text != GOOD
    assert says in refused(text)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("floor_kbps: 100", "floor_kbps: 8000"), "f.yaml, per_title: floor_kbps 8000 is not below ceiling_kbps 8000"),
        (("step: 6", "step: 76"), "step 76 puts the second rung at VMAF 19 or less\nUse a step of at most 75"),
        (("step: 6", "boxes: [[640, 360], [640, 360]]"), "box 2 (640x360) is not larger than the one before it"),
        (("step: 6", "boxes: [[416, 234], [1280, 720], [1920, 540]]"), "box 3 (1920x540) is not larger"),
    ],
)
def test_policies_that_contradict_themselves_are_refused(change: tuple[str, str], says: str) -> None:
    text = POLICY.replace(*change)
    assert text != POLICY
    assert says in refused(text)


def test_one_rung_alone_may_be_as_far_from_a_second_as_it_likes() -> None:
    policy = ladder(POLICY.replace("step: 6", "step: 76, max_rungs: 1")).policy
    assert policy is not None
    assert policy.step == 76


def test_each_codecs_rungs_are_in_order_by_themselves() -> None:
    assert ladder(MIXED).codecs == ("h264", "av1")
    text = MIXED.replace("max_kbps: 1500", "max_kbps: 300")
    assert "f.yaml, rung 4: rung d does not come after b in bitrate" in refused(text)


def test_a_source_as_large_as_the_ladder_leaves_nothing_to_note() -> None:
    assert check_against(load_ladder("web-h264"), (1920, 1080)) == ()
    assert check_against(load_ladder("web-h264"), (1080, 1920)) == ()


def test_rungs_above_the_source_are_named() -> None:
    assert check_against(ladder(MIXED), (640, 360)) == (
        "rung c is left out: the source is 640x360",
        "rung d is left out: the source is 640x360",
    )
    assert check_against(load_ladder("web-h264"), (720, 400)) == (
        "rung 432p becomes 720x400: nothing is made larger than the source, 720x400",
        "rungs 540p, 720p, 1080p are left out: the source is 720x400",
    )
    assert check_against(load_ladder("per-title"), (1920, 800)) == (
        "boxes 2560x1440, 3840x2160 are left out: the source is 1920x800",
    )


@pytest.mark.parametrize("size", [(320, 180), (180, 320), (400, 230)])
@pytest.mark.parametrize("text", [GOOD, POLICY + "\nname: f"])
def test_a_file_whose_every_rung_is_larger_than_the_source_is_refused(text: str, size: tuple[int, int]) -> None:
    with pytest.raises(UsageError) as caught:
        check_against(ladder(text), size)
    source = f"{size[0]}x{size[1]}"
    assert f"larger than the source, which is {source}: the smallest is 416x234" in str(caught.value)
    assert f"of at most {source}, or write adapt: true" in caught.value.hint
    assert len(check_against(ladder(f"adapt: true\n{text}"), size)) == 2


@pytest.mark.parametrize("size", [(416, 180), (234, 416), (700, 100)])
def test_a_source_that_fills_one_side_of_a_rung_meets_the_ladder(size: tuple[int, int]) -> None:
    assert "left out" in check_against(ladder(GOOD), size)[-1]


@pytest.mark.parametrize("name", builtin_names())
def test_built_in_ladders_take_the_smallest_source(name: str) -> None:
    assert "becomes 160x120" in check_against(load_ladder(name), (160, 120))[0]


@pytest.mark.parametrize("name", builtin_names())
def test_an_ffmpeg_with_all_encoders_can_make_every_ladder(name: str) -> None:
    require_encoders(load_ladder(name), FFMPEG)


@pytest.mark.parametrize(
    ("name", "codec"), [("apple-hevc", "hevc"), ("av1", "av1"), ("vp9", "vp9"), ("mobile", "h264")]
)
def test_an_encoder_that_ffmpeg_lacks_is_named_with_what_to_take_instead(name: str, codec: str) -> None:
    encoder = CODERS[codec].encoder
    with pytest.raises(UsageError) as caught:
        require_encoders(load_ladder(name), FFMPEG - {encoder})
    assert str(caught.value).startswith(f"ladder {name}: this ffmpeg has no encoder {encoder}")
    others = ", ".join(c for c in CODERS if c != codec)
    assert caught.value.hint.startswith(
        f"Take a ladder without {codec} (of matinee's codecs this ffmpeg encodes: {others})"
    )


def test_a_policy_needs_the_encoders_of_its_codecs_too() -> None:
    with pytest.raises(UsageError, match="no encoder libx264"):
        require_encoders(load_ladder("per-title"), frozenset())
