"""Auditing stored pictures: sheets of thumbnails and their index, artwork, the poster. Reads a store."""

from __future__ import annotations

import re
from fractions import Fraction

from media.boxes import Reader
from packager.audit_facts import Fault
from packager.audit_media import fetch
from packager.audit_playlist import resolve
from packager.audit_text import read_file
from packager.audit_vtt import VttCue
from storage.protocol import Store
from values.errors import DamagedMedia
from values.title import StoredFile, Thumbnails, Title

_FRAMES = (*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0))
"""Markers SOF0 to SOF15: all that start a frame (ITU-T T.81 table B.1)."""

_TILE = re.compile(r"([^#]+)#xywh=(?:pixel:)?(\d+),(\d+),(\d+),(\d+)")


def audit_images(store: Store, title: Title, faults: list[Fault]) -> None:
    """All pictures of a title."""
    if title.thumbnails:
        _thumbnails(store, title.thumbnails, title.duration, faults)
    for art in title.artwork:
        _picture(store, art.file, (art.width, art.height), faults)
        if not 0 <= art.at_ms < title.duration * 1000:
            faults.append(Fault(art.file.key, f"shows the film at {art.at_ms} ms, which it doesn't have"))
    if title.poster:
        data = fetch(store, title.poster, faults)
        if data is not None and title.poster.key.endswith(".jpg"):
            _measured(title.poster.key, data, faults)


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height by the frame header of a JPEG file (ITU-T T.81 section B.2.2). Raises DamagedMedia."""
    reader = Reader(data, 0, len(data))
    if reader.take(2) != b"\xff\xd8":
        raise DamagedMedia("it does not start with SOI", where="byte 0")
    if data[-2:] != b"\xff\xd9":
        raise DamagedMedia("it does not end with EOI: it is cut short", where=f"byte {len(data)}")
    while True:
        if reader.number(1) != 0xFF:
            raise DamagedMedia("there is no marker", where=f"byte {reader.at - 1}")
        kind = reader.number(1)
        while kind == 0xFF:  # fill bytes
            kind = reader.number(1)
        size = reader.number(2)
        if kind in _FRAMES:
            reader.take(1)
            height, width = reader.number(2), reader.number(2)
            return width, height
        reader.take(max(0, size - 2))


def _thumbnails(store: Store, images: Thumbnails, film: Fraction, faults: list[Fault]) -> None:
    key = images.index.key
    tiles = images.columns * images.rows
    if min(tiles, images.every_ms, images.width, images.height) <= 0:
        faults.append(Fault(key, f"is of sheets of {images.columns}x{images.rows} tiles, {images.every_ms} ms apart"))
        return
    if len(images.sheets) != -(-images.count // tiles):
        faults.append(Fault(key, f"is of {images.count} tiles, {tiles} a sheet, on {len(images.sheets)} sheets"))
    if images.count != max(1, -(-int(film * 1000) // images.every_ms)):
        faults.append(Fault(key, f"is of {images.count} tiles {images.every_ms} ms apart, of {float(film):.3f} s"))
    for sheet in images.sheets:
        _picture(store, sheet, (images.columns * images.width, images.rows * images.height), faults)
    vtt = read_file(store, images.index, faults)
    if vtt is None:
        return
    if len(vtt.cues) != images.count:
        faults.append(Fault(key, f"has {len(vtt.cues)} cues for {images.count} tiles"))
    for tile, cue in enumerate(vtt.cues):
        if what := _tile_fault(images, tile, cue, film, last=tile == len(vtt.cues) - 1):
            faults.append(Fault(key, f"has cue {tile + 1} {what}"))
            break


def _tile_fault(images: Thumbnails, tile: int, cue: VttCue, film: Fraction, *, last: bool) -> str | None:
    start, stop = tile * images.every_ms, (tile + 1) * images.every_ms
    clipped = last and abs(cue.stop - film * 1000) <= 1
    if cue.start != start or not (cue.stop == stop or clipped):
        return f"of [{cue.start}, {cue.stop}) ms, where [{start}, {stop}) ms are due"
    match = _TILE.fullmatch(cue.text.strip())
    if match is None:
        return f"that names no tile: {cue.text!r}"
    sheet, place = divmod(tile, images.columns * images.rows)
    row, column = divmod(place, images.columns)
    due = (column * images.width, row * images.height, images.width, images.height)
    found = tuple(int(number) for number in match.groups()[1:])
    named = resolve(images.index.key, match[1])
    if sheet >= len(images.sheets) or named != images.sheets[sheet].key:
        return f"on {named}, which is not its sheet"
    return None if found == due else f"at xywh={','.join(map(str, found))}, where {','.join(map(str, due))} is due"


def _picture(store: Store, file: StoredFile, size: tuple[int, int], faults: list[Fault]) -> None:
    data = fetch(store, file, faults)
    found = _measured(file.key, data, faults) if data is not None else None
    if found and found != size:
        faults.append(Fault(file.key, f"is {found[0]}x{found[1]} and should be {size[0]}x{size[1]}"))


def _measured(key: str, data: bytes, faults: list[Fault]) -> tuple[int, int] | None:
    try:
        return jpeg_size(data)
    except DamagedMedia as error:
        faults.append(Fault(key, f"is no JPEG picture: {error.what} at {error.where}"))
        return None
