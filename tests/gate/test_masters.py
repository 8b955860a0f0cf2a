"""What the gate says of each clip of the test media: kinds and severities, and the words where they matter."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from gate.finding import Finding
from media.ffmpeg import ffmpeg_path, run
from tests.gate.clips import findings
from tests.parts import clip

E, W, I = "error", "warning", "info"  # noqa: E741

EXPECTED: dict[str, tuple[tuple[str, str], ...]] = {
    "8k_hevc_300ms.mp4": (),
    "audio_shorter_than_video.mp4": (("sync", I), ("loudness", W)),
    "bbb_1080p24_mpeg2_mp2.ts": (("gap", W), ("sync", W), ("loudness", W), ("colour", I)),
    "bbb_1080p60_vp8_vorbis51.webm": (("colour", I), ("loudness", I)),
    "captions_cea608_2s.ts": (("gap", W), ("loudness", W), ("colour", I)),
    "concert_1080p50_pcm.mov": (("colour", I), ("loudness", I)),
    "derived_1080p24_prores_proxy_pcm51.mov": (("colour", I), ("loudness", I)),
    "derived_360p_vfr_8s.mp4": (("gap", I), *(("gap", W),) * 5, ("sync", W)),
    "derived_480i_tff_mpeg2_ac351.ts": (("scan", I), ("colour", I), ("loudness", I)),
    "derived_720p50_mpeg2_422.mxf": (("repeat", W), ("colour", I), ("loudness", I)),
    "derived_truncated.ts": (*(("damage", E),) * 3, ("gap", I), ("sync", W), ("loudness", W), ("colour", I)),
    "marathon_400p2997_5s.mp4": (("sync", W), ("colour", I)),
    "phone_720p_rot90_5s.mp4": (("loudness", I),),
    "phone_hdr10_hevc_1080p_vfr_1s.mp4": (("gap", I), ("loudness", W)),
    "seattle_360p30_msmpeg4.avi": (("sync", W), ("colour", I)),
    "subs_ass_ac3.mkv": (("loudness", W), ("colour", I)),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_each_clip_has_its_findings(name: str, tmp_path: Path) -> None:
    found = findings(clip(name), tmp_path)
    assert Counter((f.kind, f.severity) for f in found) == Counter(EXPECTED[name])


def part(name: str, folder: Path, *cut: str) -> tuple[Finding, ...]:
    """The findings of a part of a long clip, its packets as they are."""
    path = folder / name
    run((ffmpeg_path(), "-v", "error", *cut, "-i", str(clip(name)), "-map", "0:v", "-map", "0:a", "-c", "copy",
         str(path)), where=name)  # fmt: skip
    return findings(path, folder)


def test_minutes_of_black_and_silence_are_errors(tmp_path: Path) -> None:
    found = part("black_1080p30_363s.mp4", tmp_path, "-t", "8")
    assert {f.kind for f in found if f.severity == "error"} == {"black", "silence"}
    assert found[0].text == "The picture is black throughout. Check that the right file was delivered."


def test_a_trailer_ends_in_a_still_without_sound(tmp_path: Path) -> None:
    found = part("bbb_trailer_720p24_55s_mp3.mp4", tmp_path, "-ss", "45")
    assert [(f.kind, f.severity) for f in found if f.kind in ("sync", "freeze", "repeat")] == [
        ("sync", "warning"), ("repeat", "info"), ("freeze", "info"),
    ]  # fmt: skip


def test_a_film_of_many_shots_gives_no_false_alarm(tmp_path: Path) -> None:
    found = part("bbb_720p24_full_596s.mp4", tmp_path, "-ss", "290", "-t", "25")
    assert [(f.kind, f.severity) for f in found if f.kind not in ("loudness", "sync")] == [("black", "info")]
