"""What becomes of the sound of every clip of the test media."""

from __future__ import annotations

import pytest

from media.probe import probe
from tests.parts import clip
from treatment.sound import decide_sound
from treatment.wishes import NO_WISHES

FOLDED = "stereo by ITU-R BS.775: centre and surrounds at -3 dB, no LFE"
UNASKED = "plays unasked"
STEREO = ("stereo as it is", UNASKED)
BOTH = "aac stereo, aac 5.1"
Row = tuple[str, str, str, str, tuple[str, ...]]

CLIPS: dict[str, list[Row]] = {
    "8k_hevc_300ms.mp4": [("aac stereo 48000 Hz", "eng", "main", "aac stereo", STEREO)],
    "audio_eac3_51.mp4": [("eac3 5.1(side) 48000 Hz", "und", "main", BOTH, (FOLDED, UNASKED))],
    "audio_shorter_than_video.mp4": [("aac mono 44100 Hz", "und", "main", "aac mono", ("mono stays mono", UNASKED))],
    "bbb_1080p24_30s_aac51.mp4": [("aac 5.1 48000 Hz", "und", "main", BOTH, (FOLDED, UNASKED))],
    "bbb_1080p24_mpeg2_mp2.ts": [("mp2 stereo 44100 Hz", "und", "main", "aac stereo", STEREO)],
    "bbb_1080p60_vp8_vorbis51.webm": [("vorbis 5.1 48000 Hz", "und", "main", BOTH, (FOLDED, UNASKED))],
    "bbb_720p24_full_596s.mp4": [("aac stereo 44100 Hz", "eng", "main", "aac stereo", STEREO)],
    "bbb_trailer_720p24_55s_mp3.mp4": [("mp3float stereo 44100 Hz", "und", "main", "aac stereo", STEREO)],
    "black_1080p30_363s.mp4": [("aac stereo 48000 Hz", "und", "main", "aac stereo", STEREO)],
    "captions_cea608_2s.ts": [("aac stereo 48000 Hz", "und", "main", "aac stereo", STEREO)],
    "concert_1080p50_pcm.mov": [("pcm_s16le stereo 48000 Hz", "und", "main", "aac stereo", STEREO)],
    "derived_1080p24_prores_proxy_pcm51.mov": [("pcm_s24le 5.1 48000 Hz", "und", "main", BOTH, (FOLDED, UNASKED))],
    "derived_360p_vfr_8s.mp4": [],
    "derived_480i_tff_mpeg2_ac351.ts": [("ac3 5.1(side) 48000 Hz", "und", "main", BOTH, (FOLDED, UNASKED))],
    "derived_720p50_mpeg2_422.mxf": [
        ("pcm_s16le 2 channels 48000 Hz", "und", "main", "aac stereo",
         ("2 unnamed channels taken as left and right", *STEREO)),
    ],
    "derived_truncated.ts": [("mp2 stereo 44100 Hz", "und", "main", "aac stereo", STEREO)],
    "marathon_400p2997_5s.mp4": [],
    "phone_720p_rot90_5s.mp4": [("aac stereo 44100 Hz", "eng", "main", "aac stereo", STEREO)],
    "phone_hdr10_hevc_1080p_vfr_1s.mp4": [("aac stereo 48000 Hz", "eng", "main", "aac stereo", STEREO)],
    "seattle_360p30_msmpeg4.avi": [],
    "subs_ass_ac3.mkv": [("ac3 mono 44100 Hz", "und", "main", "aac mono", ("mono stays mono", UNASKED))],
}  # fmt: skip


@pytest.mark.parametrize("name", CLIPS)
def test_the_sound_of_a_clip_becomes(name: str) -> None:
    plans = decide_sound(probe(str(clip(name)), where=name).audio, NO_WISHES)
    found = [
        (p.detected, p.language, p.role, ", ".join(f"{o.codec} {p.mixes[o.mix].layout}" for o in p.outputs), p.reasons)
        for p in plans
    ]
    assert found == CLIPS[name]


def test_every_clip_that_can_be_read_is_in_the_table() -> None:
    folder = clip("bbb_1080p24_30s_aac51.mp4").parent
    names = {path.name for path in folder.iterdir()} - {"README.md", "derived_truncated.mp4"}
    assert names == set(CLIPS)
