"""What part of the picture is shown, in which shape, and which way up."""

from __future__ import annotations

from fractions import Fraction

import pytest

from ladders.load import load_ladder
from ladders.rung import fit
from tests.treatment.parts import lit, picture
from treatment.facts import Facts
from treatment.geometry import Geometry, decide_geometry
from treatment.picture import Crop, Scan
from treatment.wishes import NO_WISHES, Wishes
from values.errors import UsageError

NOTHING = Facts()
LETTERBOX = lit([(0, 140, 1920, 940)] * 6 + [(300, 200, 900, 700)] * 3, dark=4)


def decided(
    found: Facts = NOTHING, scan: Scan = "progressive", wishes: Wishes = NO_WISHES, **video: object
) -> Geometry:
    return decide_geometry(picture(**video), found, scan, wishes)


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
@pytest.mark.parametrize(
    ("size", "sar", "shown"),
    [
        ((1920, 1080), "1", (1920, 1080)),
        ((720, 576), "16/15", (768, 576)),
        ((720, 576), "64/45", (1024, 576)),
        ((720, 480), "8/9", (640, 480)),
        ((720, 480), "32/27", (854, 480)),  # 853.3
        ((1440, 1080), "4/3", (1920, 1080)),
        ((641, 361), "1", (640, 360)),
        ((639, 359), "1", (638, 358)),
        ((16, 16), "1", (16, 16)),
        ((7680, 4320), "1", (7680, 4320)),
    ],
)
def test_pixels_become_square_and_sides_even_and_pictures_turned(
    size: tuple[int, int], sar: str, shown: tuple[int, int], turned: int
) -> None:
    found = decided(width=size[0], height=size[1], sar=Fraction(sar), coded_sar=Fraction(sar), rotation=turned)
    assert found.display_size == (shown[::-1] if turned % 180 else shown)
    assert found.rotation == turned
    odd = size[0] % 2 or size[1] % 2
    assert found.crop == (Crop(size[0] - size[0] % 2, size[1] - size[1] % 2, 0, 0) if odd else None)
    largest = fit(load_ladder("web-h264"), found.display_size)[-1]
    assert largest.width <= found.display_size[0]
    assert largest.height <= found.display_size[1]
    assert (largest.width > largest.height) == (found.display_size[0] > found.display_size[1])


def test_the_container_s_word_on_the_shape_of_pixels_comes_before_the_bitstream_s() -> None:
    found = decided(width=720, height=576, sar=Fraction(64, 45), coded_sar=Fraction(16, 15))
    assert found.display_size == (1024, 576)
    shape = found.decisions[0]
    assert (shape.noted, shape.why) == (True, "players take the container's word")
    assert shape.detected == "720x576, pixels 64:45 by the container, 16:15 by the bitstream"


@pytest.mark.parametrize(
    ("sar", "coded", "taken"), [("100", "16/15", "16/15"), ("1/50", "0", "1"), ("12", "300", "1"), ("5/2", "0", "5/2")]
)
def test_a_shape_that_is_absurd_is_not_believed(sar: str, coded: str, taken: str) -> None:
    found = decided(width=720, height=576, sar=Fraction(sar), coded_sar=Fraction(coded))
    assert found.sar == Fraction(taken)
    assert found.decisions[0].noted == (sar != "5/2")


def test_wishes_overrule_shape_and_turn() -> None:
    found = decided(rotation=90, mirrored=True, wishes=Wishes(sar=Fraction(4, 3), rotation=-180))
    assert (found.display_size, found.rotation, found.mirrored) == ((2560, 1080), 180, False)
    with pytest.raises(UsageError, match="pixels can't be 9:1"):
        decided(wishes=Wishes(sar=Fraction(9)))
    with pytest.raises(UsageError, match="By 0, 90, 180 or 270"):
        decided(wishes=Wishes(rotation=45))


def test_bars_are_kept_and_told_of_unless_cropping_is_wished() -> None:
    found = decided(LETTERBOX)
    assert (found.crop, found.display_size) == (None, (1920, 1080))
    assert found.decisions[1].sentence == (
        "crop: bars: 140 above, 140 below → nothing is cut off (--crop auto cuts them off)"
    )
    assert found.decisions[1].noted


def test_bars_are_cut_off_where_that_is_wished() -> None:
    found = decided(LETTERBOX, wishes=Wishes(crop="auto"))
    assert (found.crop, found.display_size) == (Crop(1920, 800, 0, 140), (1920, 800))
    turned = decided(LETTERBOX, wishes=Wishes(crop="auto"), rotation=90)
    assert (turned.crop, turned.display_size) == (Crop(1920, 800, 0, 140), (800, 1920))
    wide = decided(LETTERBOX, wishes=Wishes(crop="auto"), sar=Fraction(4, 3))
    assert wide.display_size == (2560, 800)


@pytest.mark.parametrize(
    ("scan", "crop"), [("progressive", Crop(1920, 804, 0, 138)), ("field", Crop(1920, 808, 0, 136))]
)
def test_a_crop_keeps_whole_chroma_samples_of_each_field(scan: Scan, crop: Crop) -> None:
    found = decided(lit([(0, 139, 1920, 941)] * 6), scan, Wishes(crop="auto"))
    assert found.crop == crop


@pytest.mark.parametrize(
    ("asked", "scan", "crop"),
    [
        ("1920:800:0:140", "progressive", Crop(1920, 800, 0, 140)),
        ("1919:801:1:139", "progressive", Crop(1918, 800, 2, 140)),
        ("1920:800:0:138", "field", Crop(1920, 798, 0, 140)),
    ],
)
def test_a_crop_that_was_asked_for_is_kept_within_what_was_asked(asked: str, scan: Scan, crop: Crop) -> None:
    assert decided(scan=scan, wishes=Wishes(crop=asked)).crop == crop


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("1920:800", "W:H:X:Y"), ("wide", "W:H:X:Y"), ("1920:1080:2:0", "can't be cut out of a picture of 1920x1080"),
        ("8:8:0:0", "at least 16 a side"), ("0:0:0:0", "at least 16 a side"),
    ],
)  # fmt: skip
def test_crops_that_can_t_be_are_refused(asked: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        decided(wishes=Wishes(crop=asked))
