"""media.brands: which CMAF media profile a track may claim, and how the claim is written."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from media.boxes import make_box, walk
from media.brands import add_brand, brands, cmaf_brand
from media.colour import ContentLight, MasteringDisplay
from media.tracks import Track, parse_init
from tests.media.encodes import coder_args, encode
from values.errors import DamagedMedia


def _track(entry: str, config: bytes, width: int, height: int, colour: tuple[int, int, int]) -> Track:
    return Track(1, "vide", 24000, "", entry, config, width=width, height=height, colour=colour)


def avc(profile: int, level: int, width: int, height: int, *, constraints: int = 0,
        colour: tuple[int, int, int] = (1, 1, 1)) -> Track:  # fmt: skip
    return _track("avc1", bytes([1, profile, constraints, level, 0xFF, 0xE0, 0]), width, height, colour)


def hevc(profile: int, level: int, width: int, height: int, *, tier: int = 0,
         colour: tuple[int, int, int] = (1, 1, 1)) -> Track:  # fmt: skip
    return _track("hvc1", bytes([1, tier << 5 | profile, *bytes(10), level, *bytes(10)]), width, height, colour)


def lit(track: Track) -> Track:
    third = Fraction(1, 3)
    display = MasteringDisplay(*((third, third) for _ in range(4)), Fraction(0), Fraction(1000))  # type: ignore[misc]
    return replace(track, mastering=display, light=ContentLight(1000, 400))


@pytest.mark.parametrize(
    ("track", "rate", "brand"),
    [
        (avc(100, 31, 1280, 720), 24, "cfhd"),
        (avc(100, 40, 1920, 1080), 30, "cfhd"),
        (avc(77, 10, 160, 90), 60, "cfhd"),
        (avc(100, 41, 1920, 1080), 30, "chdf"),
        (avc(100, 42, 1920, 1080), 60, "chdf"),
        (avc(100, 42, 1920, 1080), 61, ""),
        (avc(100, 50, 1920, 1080), 60, ""),
        (avc(100, 51, 3840, 2160), 30, ""),
        (avc(100, 40, 1080, 1920), 30, ""),  # upright
        (avc(110, 40, 1920, 1080), 30, ""),  # High 10
        (avc(66, 30, 640, 360), 30, ""),  # Baseline
        (avc(66, 30, 640, 360, constraints=0x40), 30, "cfhd"),  # Constrained Baseline
        (avc(100, 31, 720, 480, colour=(6, 6, 6)), 30, "cfsd"),
        (avc(100, 31, 720, 576, colour=(5, 6, 5)), 25, "cfsd"),
        (avc(100, 31, 720, 576, colour=(5, 5, 5)), 25, ""),
        (avc(100, 31, 1280, 720, colour=(6, 6, 6)), 30, ""),
        (avc(100, 31, 1280, 720, colour=(2, 2, 2)), 30, "cfhd"),
        (avc(100, 31, 1280, 720, colour=(1, 2, 6)), 30, ""),
        (hevc(1, 123, 1920, 1080), 60, "chhd"),
        (hevc(1, 150, 3840, 2160), 24, "cud8"),
        (hevc(1, 153, 3840, 2160), 60, ""),
        (hevc(1, 123, 1920, 1080, tier=1), 60, ""),
        (hevc(2, 123, 1920, 1080), 60, "chh1"),
        (hevc(2, 153, 3840, 2160), 60, "cud1"),
        (hevc(2, 153, 3840, 2160, colour=(9, 14, 9)), 60, "cud1"),
        (hevc(2, 123, 1920, 1080, colour=(9, 15, 10)), 60, "cud1"),
        (hevc(1, 123, 1920, 1080, colour=(9, 14, 9)), 60, ""),
        (lit(hevc(2, 153, 3840, 2160, colour=(9, 16, 9))), 60, "chd1"),
        (lit(hevc(2, 90, 640, 360, colour=(9, 16, 9))), 24, "chd1"),
        (hevc(2, 153, 3840, 2160, colour=(9, 16, 9)), 60, ""),  # HDR10 has metadata
        (replace(lit(hevc(2, 153, 3840, 2160, colour=(9, 16, 9))), light=None), 60, ""),
        (lit(hevc(2, 156, 3840, 2160, colour=(9, 16, 9))), 60, ""),
        (lit(hevc(2, 153, 3840, 2160, colour=(9, 16, 1))), 60, ""),
        (hevc(2, 153, 3840, 2160, colour=(9, 18, 9)), 60, "clg1"),
        (hevc(2, 123, 1920, 1080, colour=(1, 18, 1)), 60, ""),
        (hevc(1, 123, 1920, 1080, colour=(9, 18, 9)), 60, ""),
        (hevc(4, 123, 1920, 1080), 60, ""),
        (_track("vp09", bytes(12), 640, 360, (2, 2, 2)), 24, ""),
        (_track("av01", bytes(4), 640, 360, (2, 2, 2)), 120, "av01"),
    ],
)
def test_a_track_claims_the_profile_that_it_keeps_to(track: Track, rate: int, brand: str) -> None:
    assert cmaf_brand(track, Fraction(rate)) == brand


@pytest.mark.parametrize(("name", "brand"), [("h264", "cfhd"), ("hevc", "chhd"), ("vp9", ""), ("av1", "av01")])
def test_inits_of_the_table_get_their_brand_and_say_what_they_said(tmp_path: Path, name: str, brand: str) -> None:
    one = encode(tmp_path / "out.mp4", coder_args(name), frames=2)
    assert cmaf_brand(one.track, Fraction(24000, 1001)) == brand
    branded = add_brand(one.init, brand)
    assert parse_init(branded) == one.track
    assert list(dict.fromkeys([*brands(one.init), *([brand] if brand else [])])) == list(brands(branded))
    assert [b.kind for b in walk(branded)] == ["ftyp", "moov"]
    assert add_brand(branded, brand) == branded


def test_a_brand_is_added_once_and_the_box_grows_by_it() -> None:
    init = make_box("ftyp", b"iso6", bytes(4), b"cmfc") + make_box("moov")
    assert add_brand(init, "cfhd") == bytes.fromhex("00000018") + b"ftypiso6\0\0\0\0cmfccfhd" + make_box("moov")
    assert add_brand(add_brand(init, "cfhd"), "cfhd") == add_brand(init, "cfhd")
    assert add_brand(init, "") == init


def test_an_init_without_whole_brands_is_refused() -> None:
    for init in (make_box("moov"), make_box("ftyp", b"iso6"), make_box("ftyp", b"iso6", bytes(5))):
        with pytest.raises(DamagedMedia, match="no ftyp of whole brands"):
            add_brand(init, "cfhd")
    with pytest.raises(ValueError, match="'cf' is no brand"):
        add_brand(make_box("ftyp", b"iso6", bytes(4)), "cf")
