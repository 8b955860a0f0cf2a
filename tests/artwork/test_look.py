"""Pictures look as a player shows them: turned, cropped, in shape, deinterlaced, and HDR in an SDR screen's colours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from artwork.frames import BORDER, open_reader
from artwork.look import picture_of
from artwork.plan import Moment, View
from artwork.score import Pixels
from media.colour import BT709, Colour
from tests.artwork.clips import ffmpeg, plain_view, shown
from tests.parts import clip
from treatment.picture import Crop, Picture


def first(path: Path, view: View, source: int | None = None) -> Pixels:
    border = 0 if view.picture.scan == "progressive" else BORDER
    with open_reader(str(path), 0, where="test") as reader:
        at = source if source is not None else (reader.stream.start_time or 0)
        found = reader.find(Moment(0, at, (None,)), border=border)
    assert found is not None
    return picture_of(found.around, found.frame, view)


def difference(one: Pixels, other: Pixels) -> float:
    assert one.shape == other.shape
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


@pytest.fixture(scope="module")
def bars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("look") / "bars.mp4"
    ffmpeg(
        "-f", "lavfi", "-i", "testsrc=s=320x180:r=24:d=0.2,format=yuv420p", "-c:v", "libx264", "-qp", "4",
        "-colorspace", "bt709", str(path),
    )  # fmt: skip
    return path


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_picture_is_turned_as_a_player_turns_it(bars: Path, tmp_path: Path, turn: int) -> None:
    path = tmp_path / "turned.mp4"
    ffmpeg("-display_rotation", str(turn), "-i", str(bars), "-c", "copy", str(path))
    size = (90, 160) if turn % 180 else (160, 90)
    expected = shown(path, f"scale={size[0]}:{size[1]}:flags=area:in_color_matrix=bt709", *size)
    view = View(Picture(0, colour=BT709), turn, size)
    assert difference(first(path, view), expected) < 6
    wrong = View(Picture(0, colour=BT709), turn + 180, size)
    assert difference(first(path, wrong), expected) > 30


def test_a_picture_is_mirrored_before_it_is_turned(bars: Path) -> None:
    expected = shown(bars, "scale=160:90:flags=area:in_color_matrix=bt709,hflip,transpose=cclock", 90, 160)
    view = View(Picture(0, colour=BT709), 90, (90, 160), mirrored=True)
    assert difference(first(bars, view), expected) < 2


def test_only_the_part_that_is_kept_is_shown(bars: Path) -> None:
    view = plain_view(160, 60, crop=Crop(320, 120, 0, 30))
    expected = shown(bars, "crop=320:120:0:30,scale=160:60:flags=area:in_color_matrix=bt709", 160, 60)
    assert difference(first(bars, view), expected) < 2


@pytest.mark.parametrize(
    ("colour", "tags"),
    [(Colour(1, 1, 1), "bt709:limited"), (Colour(5, 6, 6), "bt601:limited"), (Colour(1, 1, 1, True), "bt709:full")],
)
def test_matrix_and_range_are_those_that_were_decided(tmp_path: Path, colour: Colour, tags: str) -> None:
    """The file itself says nothing: what was decided of it is what counts."""
    matrix, levels = tags.split(":")
    path = tmp_path / "red.mp4"
    ffmpeg(
        "-f", "lavfi", "-i", f"color=0xC04020:s=64x36:r=24:d=0.1,format=rgb24,"
        f"scale=out_color_matrix={matrix}:out_range={levels},format=yuv420p", "-c:v", "libx264", "-qp", "0",
        "-bsf:v", "h264_metadata=video_full_range_flag=0:matrix_coefficients=2", str(path),
    )  # fmt: skip
    found = first(path, View(Picture(0, colour=colour), 0, (64, 36)))
    assert np.abs(found.astype(int) - (0xC0, 0x40, 0x20)).max() <= 3


def test_fields_are_woven_into_whole_frames() -> None:
    path = clip("derived_480i_tff_mpeg2_ac351.ts")
    combed = first(path, View(Picture(0, colour=BT709), 0, (852, 480)))
    whole = first(path, View(Picture(0, scan="frame", colour=BT709), 0, (852, 480)))
    assert combing(whole) < 0.6 * combing(combed)


def combing(pixels: Pixels) -> float:
    """How much neighbouring lines differ beyond those two apart."""
    luma = pixels.astype(int).mean(axis=2)
    return float(np.abs(luma[1:-1] - (luma[:-2] + luma[2:]) / 2).mean())


def test_hdr_is_tone_mapped_as_the_renditions_are() -> None:
    path = clip("phone_hdr10_hevc_1080p_vfr_1s.mp4")
    colour = Colour(9, 16, 9)
    expected = shown(
        path,
        "zscale=transfer=linear:npl=100,format=gbrpf32le,zscale=primaries=bt709,tonemap=hable:desat=0:peak=10,"
        "zscale=transfer=bt709:matrix=bt709:range=tv,format=yuv420p,scale=480:270:flags=area",
        480, 270,
    )  # fmt: skip
    found = first(path, View(Picture(0, colour=colour), 0, (480, 270)))
    assert difference(found, expected) < 4
    untouched = first(path, View(Picture(0, colour=BT709), 0, (480, 270)))
    assert difference(untouched, expected) > 12
