"""The proof for masters of all kinds: chunks, each sought and treated on its own, are the film in one go, frame for
frame, and each frame that enters an encoder has the source time that was planned."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from media.ffmpeg import ffmpeg_path
from tests.encoder.masters import (
    H264,
    MPEG2,
    chunked_and_whole,
    interlaced,
    looked_over,
    made,
    remuxed,
    telecined,
    with_edits,
    without,
    without_key_flags,
)  # fmt: skip
from treatment.wishes import Wishes

X264_TFF, X264_BFF = (*H264, "-x264-params", "tff=1"), (*H264, "-x264-params", "bff=1")
MPEG4 = ("-c:v", "mpeg4", "-q:v", "3", "-bf", "2", "-g", "12")
HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=12")
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
    "avi-b-frames": lambda d: made(d / "a.avi", *MPEG4),
    "no-sync-table": lambda d: without(made(d / "b.mp4", *HEVC), d / "a.mp4", b"stss"),
    "no-key-flags": lambda d: without_key_flags(made(d / "b.avi", *MPEG4), d / "a.avi"),
    "edited": lambda d: with_edits(made(d / "b.mp4", *H264, frames=100), d / "a.mp4", (1000, 30000), (1500, 7000)),
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
    "the last one ends on its own number": (Wishes(rate=Fraction(12)), "open-gop-h264"),
    "more frames": (Wishes(rate=Fraction(60)), "late-clock"),
    "fields at 30": (Wishes(rate=Fraction(30)), "50i-bff"),
    "film as video": (Wishes(deinterlace="field"), "telecine-tff"),
}


@pytest.mark.parametrize("kind", WISHES)
def test_chunks_are_the_film_that_was_wished_for(kind: str, tmp_path: Path) -> None:
    wishes, master = WISHES[kind]
    chunked, whole = chunked_and_whole(MASTERS[master](tmp_path), tmp_path, wishes)
    assert chunked == whole


@pytest.mark.parametrize(("pixels", "order"), [("yuv420p", "top"), ("yuv422p10le", "bottom")])
def test_restored_film_is_the_film_that_was_pulled_down(pixels: str, order: str, tmp_path: Path) -> None:
    """Lossless, so that pictures come back bit by bit, in all their depth; but for those that hardly move, where either
    field fits."""
    lossless = ("-c:v", "ffv1", "-pix_fmt", pixels)
    film = made(tmp_path / "film.mkv", *lossless, rate="24000/1001", frames=96)
    pulled = telecined(tmp_path / "pulled.mkv", *lossless, order=order)
    _, before = chunked_and_whole(film, tmp_path)
    _, after = chunked_and_whole(pulled, tmp_path)
    assert len(after) == len(before) == 96
    assert sum(a == b for a, b in zip(after, before, strict=True)) >= 88


def test_progressive_pictures_that_are_flagged_as_interlaced_pass_untouched(tmp_path: Path) -> None:
    plain = made(tmp_path / "plain.mkv", "-c:v", "ffv1")
    psf = made(tmp_path / "psf.mkv", "-c:v", "ffv1", "-field_order", "tt", filters="setfield=tff")
    found = looked_over(psf)
    assert (found.facts.flagged, found.scan.scan) == (40, "progressive")
    assert chunked_and_whole(psf, tmp_path)[1] == chunked_and_whole(plain, tmp_path)[1]


@pytest.mark.parametrize("mirror", [(), ("-display_hflip",)])
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_pictures_are_turned_as_a_player_turns_them(turn: int, mirror: tuple[str, ...], tmp_path: Path) -> None:
    """ffmpeg, left alone, turns as players do."""
    plain = made(tmp_path / "plain.mp4", *H264, frames=3, filters="setsar=1")
    path = remuxed(plain, tmp_path / "turned.mp4", before=("-display_rotation", str(turn), *mirror))
    argv = [ffmpeg_path(), "-v", "error", "-i", str(path), "-f", "framehash", "-hash", "murmur3", "-"]
    text = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    shown = [line.split(",")[5].strip() for line in text.splitlines() if not line.startswith("#")]
    assert chunked_and_whole(path, tmp_path)[1] == shown
    assert looked_over(path).display_size == ((96, 160) if turn % 180 else (160, 96))


def test_sound_before_the_first_picture_is_heard_over_black(tmp_path: Path) -> None:
    """An empty edit of 0.7 s: 17.5 frames of 25 a second, so 18 are black, and the picture keeps its time."""
    picture = made(tmp_path / "picture.mp4", *H264)
    path = tmp_path / "late.mp4"
    argv = [ffmpeg_path(), "-v", "error", "-itsoffset", "0.7", "-i", str(picture), "-f", "lavfi", "-i", "sine=d=3",
            "-map", "0:v", "-map", "1:a", "-c:v", "copy", "-y", str(path)]  # fmt: skip
    subprocess.run(argv, check=True)
    found = looked_over(path)
    assert (found.opening_frames, found.timing.frames, found.timing.number(found.index.pts[0])) == (18, 68, 18)
    assert found.start == Fraction(7, 10) - Fraction(18, 25)
    chunked, whole = chunked_and_whole(path, tmp_path)
    assert chunked == whole
    assert whole[18:] == chunked_and_whole(picture, tmp_path)[1]
    black, *_ = frames_of_black(found.video.width, found.video.height)
    assert set(whole[:18]) == {black}


def frames_of_black(width: int, height: int) -> list[str]:
    argv = [ffmpeg_path(), "-v", "error", "-f", "lavfi", "-i", f"color=black:s={width}x{height}:d=0.04,format=yuv420p",
            "-f", "framehash", "-hash", "murmur3", "-"]  # fmt: skip
    text = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    return [line.split(",")[5].strip() for line in text.splitlines() if not line.startswith("#")]
