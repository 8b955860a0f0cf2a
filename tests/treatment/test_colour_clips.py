"""What is decided of the colours of every clip of the media folder."""

from __future__ import annotations

import pytest

from coders.table import CODERS
from media.colour import BT709, Colour, ContentLight
from media.probe import probe
from tests.parts import clip
from tests.treatment.test_colour import BITSTREAM, DISPLAY
from treatment.colour import decide_colour
from treatment.colour_record import colour_decisions, colour_record
from treatment.look import decide_look, unconverted
from treatment.picture import SDR, Look
from treatment.wishes import NO_WISHES

SAID = (BITSTREAM,) * 4
HD, SD = Colour(1, 1, 1), Colour(1, 1, 6)
HDR10 = Colour(9, 16, 9, False, DISPLAY, ContentLight(1000, 200))


def assumed(size: str) -> tuple[str, ...]:
    return (f"assumed for {size}",) * 4


def but_range(size: str) -> tuple[str, ...]:
    """libav's decoders of MPEG-2, VP8 and ProRes answer "limited" by themselves: their formats know nothing else."""
    return (*assumed(size)[:3], BITSTREAM)


CLIPS: dict[str, tuple[Colour, tuple[str, ...]]] = {
    "8k_hevc_300ms.mp4": (HD, SAID),
    "audio_shorter_than_video.mp4": (Colour(5, 6, 6, True), SAID),
    "bbb_1080p24_30s_aac51.mp4": (HD, assumed("1920x1080")),
    "bbb_1080p24_mpeg2_mp2.ts": (HD, but_range("1920x1080")),
    "bbb_1080p60_vp8_vorbis51.webm": (
        Colour(1, 1, 5), ("assumed for 1920x1080", "assumed for 1920x1080", BITSTREAM, BITSTREAM)
    ),
    "bbb_720p24_full_596s.mp4": (HD, SAID),
    "bbb_trailer_720p24_55s_mp3.mp4": (HD, assumed("1280x720")),
    "black_1080p30_363s.mp4": (HD, assumed("1920x1080")),
    "captions_cea608_2s.ts": (SD, assumed("640x360")),
    "concert_1080p50_pcm.mov": (Colour(1, 11, 1), SAID),
    "derived_1080p24_prores_proxy_pcm51.mov": (HD, but_range("1920x1080")),
    "derived_360p_vfr_8s.mp4": (HD, SAID),
    "derived_480i_tff_mpeg2_ac351.ts": (HD, SAID),
    "derived_720p50_mpeg2_422.mxf": (HD, but_range("1280x720")),
    "derived_truncated.ts": (HD, but_range("1920x1080")),
    "marathon_400p2997_5s.mp4": (SD, assumed("720x400")),
    "phone_720p_rot90_5s.mp4": (HD, SAID),
    "phone_hdr10_hevc_1080p_vfr_1s.mp4": (HDR10, SAID),
    "seattle_360p30_msmpeg4.avi": (SD, assumed("640x360")),
    "subs_ass_ac3.mkv": (HD, assumed("1080x720")),
}  # fmt: skip
NOTES = {
    "phone_hdr10_hevc_1080p_vfr_1s.mp4": (
        "the mastering display's peak of 0.1 cd/m² is read as 1000",
        "the mastering display's primaries were in another order",
        "HDR10+: metadata of single pictures is left out",
    ),
}
TEN_BITS = {"derived_1080p24_prores_proxy_pcm51.mov"}
KEPT = {
    "8k_hevc_300ms.mp4", "bbb_1080p24_30s_aac51.mp4", "bbb_1080p24_mpeg2_mp2.ts", "bbb_720p24_full_596s.mp4",
    "bbb_trailer_720p24_55s_mp3.mp4", "black_1080p30_363s.mp4", "concert_1080p50_pcm.mov",
    "derived_1080p24_prores_proxy_pcm51.mov", "derived_360p_vfr_8s.mp4", "derived_480i_tff_mpeg2_ac351.ts",
    "derived_720p50_mpeg2_422.mxf", "derived_truncated.ts", "phone_720p_rot90_5s.mp4", "subs_ass_ac3.mkv",
}  # fmt: skip
"""Clips whose samples are those of BT.709 already."""


@pytest.mark.parametrize("name", CLIPS)
def test_the_colour_of_each_clip_is_decided_as_expected(name: str) -> None:
    found = probe(str(clip(name)), where=name).video
    assert found is not None
    decision = decide_colour(found, NO_WISHES)
    assert (decision.colour, decision.reasons) == CLIPS[name]
    assert decision.notes == NOTES.get(name, ())
    looks = {codec: decide_look(codec, decision.colour, found.bit_depth, NO_WISHES) for codec in CODERS}
    better = Look(HDR10, 10) if decision.colour.hdr else Look(BT709, 10) if name in TEN_BITS else SDR
    assert looks == {"h264": SDR, "hevc": better, "vp9": SDR, "av1": better}
    assert unconverted(decision.colour, SDR) == (name in KEPT)


def test_every_clip_with_a_picture_is_expected_here() -> None:
    folder = clip("phone_720p_rot90_5s.mp4").parent
    without = {"README.md", "audio_eac3_51.mp4", "derived_truncated.mp4"}
    assert {p.name for p in folder.iterdir()} - without == set(CLIPS)


def test_what_is_shown_and_recorded_of_a_phones_hdr10() -> None:
    name = "phone_hdr10_hevc_1080p_vfr_1s.mp4"
    found = probe(str(clip(name)), where=name).video
    assert found is not None
    decision = decide_colour(found, NO_WISHES)
    looks = {
        codec: decide_look(codec, decision.colour, found.bit_depth, NO_WISHES) for codec in ("h264", "hevc", "av1")
    }
    hdr = "BT.2020 primaries, PQ transfer, BT.2020 matrix, limited range"
    source, made = colour_decisions(decision, looks)
    assert (source.rule, source.decided, source.why) == ("colour", hdr, "the bitstream says so")
    assert source.detected == (
        "bitstream BT.2020/PQ/limited; graded on 0.005 to 1000 cd/m²; MaxCLL 1000, MaxFALL 200 cd/m²; HDR10+"
    )
    assert (made.rule, made.noted) == ("renditions", True)
    assert made.decided == (
        f"BT.709, limited range, 8 bits (H.264: tone-mapped from 1000 cd/m²); {hdr}, 10 bits (HEVC, AV1: kept)"
    )
    record = colour_record(decision, looks)
    assert record["detected"] == {
        "bitstream": {"primaries": 9, "transfer": 16, "matrix": 9, "range": "limited"},
        "container": {"primaries": 2, "transfer": 2, "matrix": 2, "range": None},
        "rgb": False, "dynamic": ["HDR10+"],
    }  # fmt: skip
    assert record["decided"]["mastering"] == {
        "red": [0.68, 0.32], "green": [0.265, 0.69], "blue": [0.15, 0.06], "white": [0.3127, 0.329],
        "cd/m2": [0.005, 1000.0],
    }  # fmt: skip
    assert record["decided"]["light"] == {"max_cll": 1000, "max_fall": 200}
    assert record["renditions"]["h264"] == {
        "primaries": 1, "transfer": 1, "matrix": 1, "range": "limited", "name": "BT.709, limited range",
        "video_range": "SDR", "bit_depth": 8, "how": "tone-mapped from 1000 cd/m²",
    }  # fmt: skip
    assert (record["renditions"]["av1"]["video_range"], record["renditions"]["av1"]["how"]) == ("PQ", "kept")
    assert record["notes"] == list(NOTES[name])
