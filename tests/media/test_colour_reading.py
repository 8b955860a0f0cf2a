"""media.colour_reading: what bitstream and container say, taken apart, and metadata as libav hands it over."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import pytest

from media.boxes import split_init
from media.colour import SILENT, Colour, ColourReading, ColourWords, ContentLight, MasteringDisplay
from media.colour_boxes import put_colour
from media.colour_reading import container_words, parse_light, parse_mastering
from media.ffmpeg import ffmpeg_path, run
from media.probe import probe

POINTS = (34000, 16000, 13250, 34500, 7500, 3000, 15635, 16450)
DISPLAY = MasteringDisplay(
    (Fraction(17, 25), Fraction(8, 25)), (Fraction(53, 200), Fraction(69, 100)), (Fraction(3, 20), Fraction(3, 50)),
    (Fraction(3127, 10000), Fraction(329, 1000)), Fraction(1, 200), Fraction(1000),
)  # fmt: skip


def mastering(points: tuple[int, ...] = POINTS, low: int = 50, high: int = 10_000_000, under: int = 50_000) -> bytes:
    numbers = [n for point in points for n in (point, under)] + [low, 10_000, high, 10_000]
    return struct.pack("=22i", *numbers, 1, 1)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (mastering(), (DISPLAY, ())),
        (mastering(high=1000), (DISPLAY, ("the mastering display's peak of 0.1 cd/m² is read as 1000",))),
        (mastering((7500, 3000, 34000, 16000, 13250, 34500, 15635, 16450)),
         (DISPLAY, ("the mastering display's primaries were in another order",))),
        (mastering(high=0, low=0),
         (None, ("the mastering display's luminance makes no sense: its metadata is left out",))),
        (mastering(low=10_000_000),
         (None, ("the mastering display's luminance makes no sense: its metadata is left out",))),
        (mastering((0,) * 8), (None, ())),
        (mastering(under=0), (None, ())),
        (b"", (None, ())),
        (mastering()[:40], (None, ())),
    ],
)  # fmt: skip
def test_a_mastering_display_is_read_mended_or_left_out(
    data: bytes, found: tuple[MasteringDisplay | None, tuple[str, ...]]
) -> None:
    assert parse_mastering(data) == found


def test_content_light_of_nothing_is_none() -> None:
    assert parse_light(struct.pack("=2I", 1000, 400)) == ContentLight(1000, 400)
    assert parse_light(struct.pack("=2I", 0, 400)) == ContentLight(0, 400)
    assert parse_light(struct.pack("=2I", 0, 0)) is None
    assert parse_light(b"") is None


def film(path: Path, *args: str, flags: str = "+empty_moov+default_base_moof+frag_keyframe") -> Path:
    source = ("-f", "lavfi", "-i", "testsrc2=s=64x64:r=24:d=0.1")
    run([ffmpeg_path(), "-v", "error", "-y", *source, *args, "-movflags", flags, str(path)], where=path.name)
    return path


def reading_of(path: Path) -> ColourReading:
    found = probe(str(path), where=path.name).video
    assert found is not None
    return found.colour


X264 = ("-c:v", "libx264", "-preset", "ultrafast")
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-tag:v", "hvc1")
TAGGED = ("-vf", "setparams=range=full:color_primaries=6:color_trc=6:colorspace=6")
PLAIN = ("-vf", "format=yuv420p,setparams=range=unknown:color_primaries=2:color_trc=2:colorspace=2")


@pytest.mark.parametrize("encoder", [X264, X265])
def test_bitstream_and_container_that_say_different_things_are_told_apart(
    encoder: tuple[str, ...], tmp_path: Path
) -> None:
    init, media = split_init(film(tmp_path / "a.mp4", *TAGGED, "-pix_fmt", "yuv420p", *encoder).read_bytes())
    (tmp_path / "b.mp4").write_bytes(put_colour(init, Colour(9, 16, 9)) + media)
    found = reading_of(tmp_path / "b.mp4")
    assert found.coded == ColourWords(6, 6, 6, full_range=True)
    assert found.container == ColourWords(9, 16, 9, full_range=False)
    assert found.said == found.coded


@pytest.mark.parametrize("encoder", [X264, X265])
def test_a_silent_bitstream_leaves_the_word_to_the_container(encoder: tuple[str, ...], tmp_path: Path) -> None:
    init, media = split_init(film(tmp_path / "a.mp4", *PLAIN, *encoder).read_bytes())
    (tmp_path / "b.mp4").write_bytes(put_colour(init, Colour(6, 1, 5, True)) + media)
    found = reading_of(tmp_path / "b.mp4")
    assert (found.coded.primaries, found.coded.transfer, found.coded.matrix) == (2, 2, 2)
    assert found.said.primaries == 6
    assert found.said.matrix == 5


def test_a_container_that_says_nothing_or_is_none_is_silent(tmp_path: Path) -> None:
    path = film(tmp_path / "a.ts", *PLAIN, *X264)
    assert container_words(str(path), 0) == SILENT
    assert container_words(str(path), 7) == SILENT
    assert container_words(str(tmp_path / "none.mp4"), 0) == SILENT


def test_matroska_is_a_container_that_says_colours(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mkv", *TAGGED, "-pix_fmt", "yuv420p", "-c:v", "libvpx-vp9", "-deadline", "realtime")
    found = reading_of(path)
    assert found.container == ColourWords(6, 6, 6, full_range=True)
    assert (found.coded.primaries, found.coded.transfer) == (2, 2)  # VP9 has no words for them
    assert found.said == ColourWords(6, 6, 6, full_range=True)


def test_samples_of_rgb_are_known_as_such(tmp_path: Path) -> None:
    assert reading_of(film(tmp_path / "rgb.mkv", "-pix_fmt", "bgr0", "-c:v", "ffv1")).rgb
    assert not reading_of(film(tmp_path / "yuv.mkv", "-pix_fmt", "yuv444p", "-c:v", "ffv1")).rgb
