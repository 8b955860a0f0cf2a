"""What is decided for each clip of the test media folder."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest

from ingest.inspect import Inspection, inspect
from tests.parts import MEDIA, clip
from treatment.wishes import Wishes
from values.errors import MasterRefused


@dataclass(frozen=True, slots=True)
class Wanted:
    """A clip's decisions: rate and frames of the film, the picture's size, how its fields become pictures."""

    rate: Fraction
    frames: int
    size: tuple[int, int]
    scan: str = "progressive"
    constant: bool = True


FULL, HALF = (1920, 1080), (1280, 720)
NTSC, NTSC_FIELDS = Fraction(30000, 1001), Fraction(60000, 1001)

TAKEN = {
    "8k_hevc_300ms.mp4": Wanted(Fraction(24), 8, (7680, 4320)),
    "audio_shorter_than_video.mp4": Wanted(Fraction(60), 72, (320, 240)),
    "bbb_1080p24_30s_aac51.mp4": Wanted(Fraction(24), 720, FULL),
    "bbb_1080p24_mpeg2_mp2.ts": Wanted(Fraction(24), 60, FULL),
    "bbb_1080p60_vp8_vorbis51.webm": Wanted(Fraction(60), 60, FULL),
    "bbb_720p24_full_596s.mp4": Wanted(Fraction(24), 14315, HALF),
    "bbb_trailer_720p24_55s_mp3.mp4": Wanted(Fraction(24), 1323, HALF),
    "black_1080p30_363s.mp4": Wanted(Fraction(30), 10883, FULL),
    "captions_cea608_2s.ts": Wanted(Fraction(24), 60, (640, 360)),
    "concert_1080p50_pcm.mov": Wanted(Fraction(50), 100, FULL),
    "derived_1080p24_prores_proxy_pcm51.mov": Wanted(Fraction(24), 36, FULL),
    "derived_360p_vfr_8s.mp4": Wanted(NTSC_FIELDS, 480, (640, 360), constant=False),
    "derived_480i_tff_mpeg2_ac351.ts": Wanted(NTSC_FIELDS, 480, (854, 480), "field"),
    "derived_720p50_mpeg2_422.mxf": Wanted(Fraction(50), 50, HALF),
    "marathon_400p2997_5s.mp4": Wanted(NTSC, 150, (720, 400)),
    "phone_720p_rot90_5s.mp4": Wanted(NTSC, 149, (720, 1280)),
    "phone_hdr10_hevc_1080p_vfr_1s.mp4": Wanted(Fraction(30), 31, FULL, constant=False),
    "seattle_360p30_msmpeg4.avi": Wanted(Fraction(30), 496, (640, 360)),
    "subs_ass_ac3.mkv": Wanted(Fraction(30), 30, (1080, 720)),
}

REFUSED = {
    "audio_eac3_51.mp4": "has no video",
    "derived_truncated.mp4": "its index .* is missing",
    "derived_truncated.ts": "in the middle of a transport packet",
}


def look(name: str, *, allow_damaged: bool = False, wishes: Wishes | None = None) -> Inspection:
    path = clip(name)
    with path.open("rb") as file:

        def read(start: int, stop: int) -> bytes:
            file.seek(start)
            return file.read(stop - start)

        return inspect(
            str(path), size=path.stat().st_size, read=read, where=name, allow_damaged=allow_damaged,
            wishes=wishes or Wishes(),
        )  # fmt: skip


@pytest.mark.parametrize("name", TAKEN)
def test_each_clip_gets_its_rate_scan_and_size(name: str) -> None:
    found = look(name, wishes=Wishes(crop="auto"))
    timing = found.timing
    decided = Wanted(timing.rate, timing.frames, found.display_size, found.scan.scan, timing.constant)
    assert decided == TAKEN[name]
    assert found.damage == ()
    assert found.geometry.crop is None  # none has bars, though some are dark
    assert found.opening_frames == 0
    assert set(found.treatment) >= {"rate", "scan", "start", "shape", "crop", "colour", "renditions"}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_damaged_or_no_film_is_refused(name: str) -> None:
    with pytest.raises(MasterRefused, match=REFUSED[name]):
        look(name)


def test_what_is_left_of_a_damaged_clip_is_treated_alike() -> None:
    found = look("derived_truncated.ts", allow_damaged=True)
    assert (found.timing.rate, found.timing.frames, found.display_size) == (24, 25, FULL)
    assert "truncated" in found.damage[0]


def test_the_interlaced_clip_says_what_was_seen_and_why() -> None:
    found = look("derived_480i_tff_mpeg2_ac351.ts")
    assert found.treatment["scan"] == {
        "detected": "interlaced, top field first",
        "decided": "each field becomes a picture, by bwdif",
        "why": "fields move apart in the pixels",
    }
    assert found.notes[0] == (
        "rate: constant, 30000/1001 fps → 60000/1001 fps, 480 frames (each field of 30000/1001 fps becomes a picture)"
    )
    assert found.scan.parity == "tff"


def test_every_clip_of_the_folder_has_its_line_here() -> None:
    if not MEDIA.is_dir():
        clip("README.md")
    known = {*TAKEN, *REFUSED, "README.md"}
    assert {p.name for p in Path(MEDIA).iterdir()} == known
