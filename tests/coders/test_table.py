"""What each codec's encoder is told, whole, and finding the entries."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from coders.coder import PRESETS, Coding, Light
from coders.levels import Shape
from coders.table import CODERS, coder, coder_of
from values.errors import UsageError

CAPPED = Coding(
    preset="fast", crf=30.5, max_bps=800_000, buffer_bits=1_000_000, initial_bits=500_000, keyint=97, threads=2,
    shape=Shape(640, 360, Fraction(24), 1_000_000, 2_000_000),
)  # fmt: skip
UNCAPPED = replace(
    CAPPED, max_bps=0, buffer_bits=0, initial_bits=0, shape=replace(CAPPED.shape, max_bps=0, buffer_bits=0)
)
HEVC_PARAMS = (
    "open-gop=0:repeat-headers=0:info=0:opt-qp-pps=0:opt-ref-list-length-pps=0:high-tier=0:pools=2:frame-threads=1:"
    "level-idc=2.1:log-level=error:rect=0"
)
COMMON = {
    "h264": {
        "c:v": "libx264", "preset:v": "fast", "crf:v": "30.5", "level:v": "3", "refs:v": "2", "g:v": "97",
        "forced-idr:v": "1", "threads:v": "2", "x264-params:v": "stitchable=1:open-gop=0",
    },
    "hevc": {
        "c:v": "libx265", "preset:v": "slow", "crf:v": "30.5", "g:v": "97", "forced-idr:v": "1", "tag:v": "hvc1",
        "x265-params:v": HEVC_PARAMS,
    },
    "vp9": {
        "c:v": "libvpx-vp9", "deadline:v": "good", "cpu-used:v": "4", "crf:v": "30", "b:v": "0", "g:v": "97",
        "threads:v": "2", "auto-alt-ref:v": "1", "lag-in-frames:v": "25", "row-mt:v": "0",
    },
    "av1": {
        "c:v": "libsvtav1", "preset:v": "6", "g:v": "97", "svtav1-params:v": "crf=30.5:lp=2:irefresh-type=2",
    },
}  # fmt: skip
CAPS = {
    "h264": {"maxrate:v": "800000", "bufsize:v": "1000000", "rc_init_occupancy:v": "500000"},
    "hevc": {
        "maxrate:v": "800000", "bufsize:v": "1000000", "x265-params:v": f"{HEVC_PARAMS}:vbv-init=0.5000",
    },
    "vp9": {},
    "av1": {"maxrate:v": "800000", "bufsize:v": "1000000"},
}  # fmt: skip


@pytest.mark.parametrize("name", CODERS)
def test_an_uncapped_encode_is_asked_for_its_crf_alone(name: str) -> None:
    assert CODERS[name].options(UNCAPPED) == COMMON[name]


@pytest.mark.parametrize("name", CODERS)
def test_a_capped_encode_is_given_its_rate_and_buffer_where_the_encoder_takes_them(name: str) -> None:
    assert CODERS[name].options(CAPPED) == {**COMMON[name], **CAPS[name]}


VOLUME = tuple(map(Fraction, ("0.68", "0.32", "0.265", "0.69", "0.15", "0.06", "0.3127", "0.329", "0.005", "1000")))


def test_hevc_is_given_the_light_of_hdr10_at_every_key_frame() -> None:
    hdr10 = CODERS["hevc"].options(replace(UNCAPPED, light=Light(True, VOLUME, (800, 300))))
    assert hdr10 == {
        **COMMON["hevc"],
        "x265-params:v": HEVC_PARAMS.replace("repeat-headers=0", "repeat-headers=1")
        + ":hdr10-opt=1:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"
        ":max-cll=800,300",
    }
    levels = CODERS["hevc"].options(replace(UNCAPPED, light=Light(True, (), (800, 300))))["x265-params:v"]
    assert levels.endswith(":hdr10-opt=1:max-cll=800,300")
    assert CODERS["hevc"].options(replace(UNCAPPED, light=Light(False))) == COMMON["hevc"]  # HLG
    bare = {**COMMON["hevc"], "x265-params:v": f"{HEVC_PARAMS}:hdr10-opt=1"}
    assert CODERS["hevc"].options(replace(UNCAPPED, light=Light(True))) == bare


def test_av1_is_given_the_light_of_hdr10() -> None:
    plain = COMMON["av1"]["svtav1-params:v"]
    for light, more in (
        (Light(True, VOLUME, (800, 300)),
         ":mastering-display=G(0.265,0.69)B(0.15,0.06)R(0.68,0.32)WP(0.3127,0.329)L(1000,0.005):content-light=800,300"),
        (Light(True, (), (800, 300)), ":content-light=800,300"),
        (Light(False), ""),
    ):  # fmt: skip
        assert CODERS["av1"].options(replace(UNCAPPED, light=light))["svtav1-params:v"] == plain + more


def test_only_hevc_and_av1_go_deeper_than_eight_bits() -> None:
    assert {name: (c.format_at(8), c.format_at(10)) for name, c in CODERS.items()} == {
        "h264": ("yuv420p", "yuv420p"), "hevc": ("yuv420p", "yuv420p10le"), "vp9": ("yuv420p", "yuv420p"),
        "av1": ("yuv420p", "yuv420p10le"),
    }  # fmt: skip


@pytest.mark.parametrize("name", CODERS)
def test_every_preset_is_one_of_the_encoders_own(name: str) -> None:
    said = [CODERS[name].options(replace(UNCAPPED, preset=preset)) for preset in PRESETS]
    hevc = ("ultrafast", "superfast", "fast", "fast", "slow", "slow", "slow", "slower", "veryslow")
    own = {"h264": PRESETS, "hevc": hevc, "vp9": tuple("876543210"), "av1": ("10", *"98765432")}[name]
    assert tuple(options.get("cpu-used:v") or options.get("preset:v") for options in said) == own


def test_the_table_has_four_codecs_under_their_own_names() -> None:
    assert {name: (c.name, c.encoder, c.entry, c.strict_vbv, c.passes, c.max_crf) for name, c in CODERS.items()} == {
        "h264": ("h264", "libx264", "avc1", True, 1, 51),
        "hevc": ("hevc", "libx265", "hvc1", True, 1, 51),
        "vp9": ("vp9", "libvpx-vp9", "vp09", False, 2, 63),
        "av1": ("av1", "libsvtav1", "av01", False, 1, 63),
    }
    assert [coder(name) for name in CODERS] == list(CODERS.values())


@pytest.mark.parametrize(
    ("name", "hint"),
    [("h265", "Did you mean 'hevc'?"), ("av01", "Did you mean 'av1'?"), ("theora", "Known are: av1, h264, hevc, vp9.")],
)
def test_an_unknown_codec_is_refused_with_the_nearest_one(name: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        coder(name)
    assert str(caught.value) == f"codec {name!r} is not known\n{hint}"


@pytest.mark.parametrize(
    ("entry", "name"),
    [("avc1", "h264"), ("avc1.64001F", "h264"), ("hvc1.1.6.L93.90", "hevc"), ("vp09.00.10.08", "vp9"),
     ("av01.0.04M.08", "av1"), ("mp4a.40.2", None), ("hev1.1.6.L93.90", None), ("", None)],
)  # fmt: skip
def test_an_entry_is_found_by_the_codec_string_of_its_segments(entry: str, name: str | None) -> None:
    assert coder_of(entry) == (CODERS[name] if name else None)
