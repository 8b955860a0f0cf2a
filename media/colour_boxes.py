"""Boxes of a visual sample entry that tell its colour: colr, mdcv, clli. Reading and writing them. Pure.

ISO/IEC 14496-12:2022 sections 12.1.5 to 12.1.8. Chromaticity is counted in 0.00002, luminance in 0.0001 cd/m².
"""

from __future__ import annotations

import struct
from fractions import Fraction

from media.boxes import Box, Buffer, Reader, damaged, make_box, only, walk
from media.colour import Colour, ContentLight, MasteringDisplay

VISUAL_FIELDS = 78
"""Bytes of a visual sample entry before its boxes (section 12.1.3)."""

_POINT, _NIT = 50_000, 10_000
_KINDS = ("colr", "mdcv", "clli")


def entry_colour(data: Buffer, entry: Box) -> Colour:
    """The colour that the visual sample entry at `entry` tells; 2 where it does not. Raises DamagedMedia."""
    codes, full = (2, 2, 2), False
    mastering: MasteringDisplay | None = None
    light: ContentLight | None = None
    for box in walk(data, entry.body + VISUAL_FIELDS, entry.stop):
        reader = Reader(data, box.body, box.stop)
        if box.kind == "colr":
            kind = reader.take(4)
            if kind in (b"nclx", b"nclc"):
                codes = (reader.number(2), reader.number(2), reader.number(2))
                full = kind == b"nclx" and bool(reader.number(1) & 0x80)
        elif box.kind == "mdcv":
            mastering = _mastering(reader)
        elif box.kind == "clli":
            light = ContentLight(reader.number(2), reader.number(2))
    return Colour(*codes, full, mastering, light)


def put_colour(init: bytes, colour: Colour) -> bytes:
    """`init` with these boxes in its track's sample entry, in place of any that it had. Raises DamagedMedia."""
    moov = next((box for box in walk(init) if box.kind == "moov"), None)
    if moov is None:
        raise damaged("the init segment has no moov", 0)
    path = [moov]
    for kind in ("trak", "mdia", "minf", "stbl", "stsd"):
        path.append(only(init, path[-1], kind))
    entry = next(walk(init, path[-1].body + 8, path[-1].stop), None)
    if entry is None:
        raise damaged("stsd holds no sample entry", path[-1].start)
    inside = list(walk(init, entry.body + VISUAL_FIELDS, entry.stop))
    kept = [init[box.start : box.stop] for box in inside if box.kind not in _KINDS]
    told = make_box(entry.kind, init[entry.body : entry.body + VISUAL_FIELDS], *kept, *_boxes(colour))
    out = bytearray(init[: entry.start] + told + init[entry.stop :])
    for box in path:
        struct.pack_into(">I", out, box.start, box.size + len(told) - entry.size)
    return bytes(out)


def _boxes(colour: Colour) -> list[bytes]:
    boxes = [make_box("colr", b"nclx", struct.pack(">3HB", *colour.codes, 0x80 if colour.full_range else 0))]
    display, light = colour.mastering, colour.light
    if display:
        points = [round(x * _POINT) for p in (display.green, display.blue, display.red, display.white) for x in p]
        nits = [round(n * _NIT) for n in (display.max_nits, display.min_nits)]
        boxes.append(make_box("mdcv", struct.pack(">8H2I", *points, *nits)))
    if light:
        boxes.append(make_box("clli", struct.pack(">2H", light.max_cll, light.max_fall)))
    return boxes


def _mastering(reader: Reader) -> MasteringDisplay:
    x = [Fraction(reader.number(2), _POINT) for _ in range(8)]
    high, low = (Fraction(reader.number(4), _NIT) for _ in range(2))
    return MasteringDisplay((x[4], x[5]), (x[0], x[1]), (x[2], x[3]), (x[6], x[7]), low, high)
