"""media.colour_boxes: colour in a sample entry, read and written."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import pytest

from media.boxes import Box, make_box, make_full_box, walk
from media.colour import BT709, UNSAID, Colour, ContentLight, MasteringDisplay
from media.colour_boxes import VISUAL_FIELDS, entry_colour, put_colour
from media.tracks import parse_init
from tests.media.encodes import coder_args, encode
from values.errors import DamagedMedia

DISPLAY = MasteringDisplay(
    (Fraction(17, 25), Fraction(8, 25)), (Fraction(53, 200), Fraction(69, 100)), (Fraction(3, 20), Fraction(3, 50)),
    (Fraction(3127, 10000), Fraction(329, 1000)), Fraction(1, 200), Fraction(1000),
)  # fmt: skip
HDR10 = Colour(9, 16, 9, False, DISPLAY, ContentLight(1000, 400))


def entry(*boxes: bytes) -> tuple[bytes, Box]:
    data = make_box("hvc1", bytes(VISUAL_FIELDS), *boxes)
    return data, next(walk(data))


def test_boxes_are_those_of_the_standard_byte_for_byte() -> None:
    data = put_colour(_init(make_box("hvcC", b"config"), make_box("pasp", bytes(8))), HDR10)
    told = (
        make_box("colr", b"nclx", bytes.fromhex("0009 0010 0009 00"))
        + make_box("mdcv", struct.pack(">8H2I", 13250, 34500, 7500, 3000, 34000, 16000, 15635, 16450, 10_000_000, 50))
        + make_box("clli", bytes.fromhex("03E8 0190"))
    )
    assert data == _init(make_box("hvcC", b"config"), make_box("pasp", bytes(8)), told)


def _init(*boxes: bytes) -> bytes:
    inside = make_full_box("stsd", 0, 0, struct.pack(">I", 1), make_box("hvc1", bytes(VISUAL_FIELDS), *boxes))
    for kind in ("stbl", "minf", "mdia", "trak"):
        inside = make_box(kind, make_box("free", b"before"), inside, make_box("free", b"after"))
    return make_box("ftyp", b"iso6", bytes(4)) + make_box("moov", make_box("mvhd"), inside) + make_box("free", b"end")


@pytest.mark.parametrize("colour", [BT709, HDR10, Colour(9, 18, 9), Colour(5, 6, 5, True, None, ContentLight(0, 7))])
def test_what_is_written_is_read_again_and_written_once(colour: Colour) -> None:
    told = put_colour(_init(make_box("hvcC")), colour)
    assert put_colour(told, colour) == told
    assert put_colour(put_colour(told, HDR10), colour) == told
    start = told.index(b"hvc1") - 4
    assert entry_colour(told, next(walk(told, start, start + int.from_bytes(told[start : start + 4], "big")))) == colour


@pytest.mark.parametrize(
    ("boxes", "colour"),
    [
        ((), UNSAID),
        ((make_box("colr", b"nclc", bytes.fromhex("0001 0006 0001")),), Colour(1, 6, 1)),
        ((make_box("colr", b"nclx", bytes.fromhex("0001 0001 0001 80")),), Colour(1, 1, 1, True)),
        ((make_box("colr", b"prof", b"an ICC profile"),), UNSAID),
        ((make_box("clli", bytes.fromhex("03E8 0190")),), Colour(light=ContentLight(1000, 400))),
    ],
)
def test_other_boxes_are_read_as_they_come(boxes: tuple[bytes, ...], colour: Colour) -> None:
    assert entry_colour(*entry(*boxes)) == colour


@pytest.mark.parametrize("kind", ["colr", "mdcv", "clli"])
def test_a_box_that_is_cut_is_damage(kind: str) -> None:
    with pytest.raises(DamagedMedia, match="bytes are needed"):
        entry_colour(*entry(make_box(kind, b"nclx"[:3])))


def test_an_init_without_a_sample_entry_is_refused() -> None:
    for init in (make_box("ftyp"), make_box("moov"), _empty()):
        with pytest.raises(DamagedMedia, match=r"no moov|0 trak boxes|no sample entry"):
            put_colour(init, BT709)


def _empty() -> bytes:
    """An init whose stsd holds no entry."""
    inside = make_full_box("stsd", 0, 0, bytes(4))
    for kind in ("stbl", "minf", "mdia", "trak"):
        inside = make_box(kind, inside)
    return make_box("moov", inside)


@pytest.mark.parametrize("name", ["h264", "hevc", "vp9", "av1"])
def test_inits_of_all_codecs_take_it_and_say_all_else_as_before(tmp_path: Path, name: str) -> None:
    before = encode(tmp_path / "out.mp4", coder_args(name), frames=2)
    after = parse_init(put_colour(before.init, HDR10))
    assert (after.colour, after.full_range, after.mastering, after.light) == (
        (9, 16, 9), False, DISPLAY, ContentLight(1000, 400),
    )  # fmt: skip
    assert after.config == before.track.config
    assert (after.timescale, after.width, after.height) == (24000, 64, 36)
    if name == "av1":
        assert after.codec == "av01.0.00M.08.0.110.09.16.09.0"
    else:
        assert after.codec == before.track.codec
