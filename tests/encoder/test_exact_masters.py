"""The proof for masters of all kinds: chunks, each sought and treated on its own, are the film in one go, frame for
frame, and each frame that enters an encoder has the source time that was planned."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from tests.encoder.masters import (
    H264,
    MPEG2,
    chunked_and_whole,
    interlaced,
    made,
    remuxed,
    telecined,
)  # fmt: skip
from treatment.wishes import Wishes

X264_TFF, X264_BFF = (*H264, "-x264-params", "tff=1"), (*H264, "-x264-params", "bff=1")
FIELDS = (*MPEG2, "-flags", "+ildct+ilme")

MASTERS: dict[str, Callable[[Path], Path]] = {
    "50i-tff": lambda d: interlaced(d / "a.ts", *FIELDS),
    "50i-bff": lambda d: interlaced(d / "a.mp4", *X264_BFF, order="bff"),
    "59.94i-tff": lambda d: interlaced(d / "a.mkv", *X264_TFF, rate="30000/1001"),
    "59.94i-bff": lambda d: interlaced(d / "a.ts", *FIELDS, order="bff", rate="30000/1001"),
    "telecine-tff": lambda d: telecined(d / "a.ts", *FIELDS),
    "telecine-bff": lambda d: telecined(d / "a.mp4", *X264_BFF, order="bottom"),
    "telecine-10bit": lambda d: telecined(d / "a.mov", "-c:v", "prores_ks", "-profile:v", "0", "-flags", "+ildct"),
    "rotated": lambda d: remuxed(made(d / "b.mp4", *H264), d / "a.mp4", before=("-display_rotation", "90")),
    "odd": lambda d: made(d / "a.mkv", "-c:v", "ffv1", filters="crop=99:67:0:0,format=yuv444p"),
    "open-gop-h264": lambda d: made(d / "a.ts", "-c:v", "libx264", "-g", "12", "-bf", "3", "-x264-params",
                                    "open-gop=1:b-pyramid=strict"),
    "open-gop-hevc": lambda d: made(d / "a.mp4", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params",
                                    "log-level=none:open-gop=1:keyint=12:min-keyint=12:bframes=4:b-pyramid=1"),
    "open-gop-mpeg2": lambda d: made(d / "a.ts", *MPEG2),
    "intra-refresh": lambda d: made(d / "a.mp4", "-c:v", "libx264", "-bf", "0", "-x264-params",
                                    "intra-refresh=1:keyint=12", frames=100),
    "avi-b-frames": lambda d: made(d / "a.avi", "-c:v", "mpeg4", "-q:v", "3", "-bf", "2", "-g", "12"),
    "late-clock": lambda d: remuxed(made(d / "b.mp4", *H264), d / "a.ts", "-output_ts_offset", "95443.7"),
    "trimmed": lambda d: remuxed(made(d / "b.mp4", *H264), d / "a.mp4", before=("-ss", "0.2")),
    "late-edit": lambda d: remuxed(made(d / "b.mp4", *H264), d / "a.mp4", before=("-itsoffset", "0.7")),
}  # fmt: skip


@pytest.mark.parametrize("kind", MASTERS)
def test_chunks_are_the_film(kind: str, tmp_path: Path) -> None:
    chunked, whole = chunked_and_whole(MASTERS[kind](tmp_path), tmp_path)
    assert chunked == whole
    assert len(set(whole)) > len(whole) * 0.9  # moving pictures: a shift by a frame would show


WISHES: dict[str, tuple[Wishes, str]] = {
    "cropped": (Wishes(crop="120:64:20:16"), "rotated"),
    "cropped fields": (Wishes(crop="120:64:20:16"), "50i-tff"),
    "frame rate": (Wishes(deinterlace="frame"), "50i-bff"),
    "woven": (Wishes(deinterlace="off"), "59.94i-bff"),
    "upside down": (Wishes(rotation=180), "open-gop-h264"),
    "fewer frames": (Wishes(rate=Fraction(24)), "open-gop-mpeg2"),
    "more frames": (Wishes(rate=Fraction(60)), "late-clock"),
    "fields at 30": (Wishes(rate=Fraction(30)), "50i-bff"),
    "film as video": (Wishes(deinterlace="field"), "telecine-tff"),
}


@pytest.mark.parametrize("kind", WISHES)
def test_chunks_are_the_film_that_was_wished_for(kind: str, tmp_path: Path) -> None:
    wishes, master = WISHES[kind]
    chunked, whole = chunked_and_whole(MASTERS[master](tmp_path), tmp_path, wishes)
    assert chunked == whole
