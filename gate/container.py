"""The colour that a container declares of its picture, apart from the bitstream: MP4 and MOV (`colr`, ISO/IEC 14496-12
section 12.1.5), Matroska and WebM (Colour, RFC 9559 section 5.1.4.1.28.16). Does I/O: reads a file's outline.

FFmpeg's libraries give one colour for both, so it is read from the bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from media.boxes import Box, children, only, walk
from media.colour import UNSPECIFIED, Colour
from media.probe import VideoStream
from values.errors import DamagedMedia

_MOST = 64 << 20  # bytes of an index that are read
_VISUAL_ENTRY = 78  # bytes of a visual sample entry before its boxes
_SEGMENT, _TRACKS, _ENTRY, _VIDEO, _COLOUR = 0x18538067, 0x1654AE6B, 0xAE, 0xE0, 0x55B0
_CLUSTER, _WIDTH, _HEIGHT = 0x1F43B675, 0xB0, 0xBA
_MATRIX, _RANGE, _TRANSFER, _PRIMARIES = 0x55B1, 0x55B9, 0x55BA, 0x55BB


def container_colour(location: str, video: VideoStream) -> Colour | None:
    """What the container of the file at `location` says of `video`; None where it says nothing, is of another kind, or
    is no local file. A range that it leaves open is the stream's."""
    path = Path(location)
    if "://" in location or not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            head = file.read(12)
            if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
                return _of_mp4(file, path.stat().st_size, video)
            if head[:4] == b"\x1a\x45\xdf\xa3":
                file.seek(0)
                return _of_matroska(file.read(1 << 20), video)
    except (OSError, DamagedMedia, IndexError):
        return None  # what is damaged is told elsewhere
    return None


def _of_mp4(file: BinaryIO, size: int, video: VideoStream) -> Colour | None:
    at = 0
    while at + 8 <= size:
        file.seek(at)
        header = file.read(16)
        length = int.from_bytes(header[:4], "big")
        length = int.from_bytes(header[8:16], "big") if length == 1 else length or size - at
        if header[4:8] == b"moov" and length <= _MOST:
            file.seek(at)
            data = file.read(length)
            return next(filter(None, (_of_track(data, trak, video) for trak in _traks(data))), None)
        if length < 8:
            return None
        at += length
    return None


def _traks(data: bytes) -> list[Box]:
    return children(data, next(walk(data))).get("trak", [])


def _of_track(data: bytes, trak: Box, video: VideoStream) -> Colour | None:
    media = only(data, trak, "mdia")
    handler = only(data, media, "hdlr")
    if data[handler.body + 8 : handler.body + 12] != b"vide":
        return None
    table = only(data, media, "minf", "stbl", "stsd")
    for entry in walk(data, table.body + 8, table.stop):
        width = int.from_bytes(data[entry.body + 24 : entry.body + 26], "big")
        height = int.from_bytes(data[entry.body + 26 : entry.body + 28], "big")
        if (width, height) != (video.width, video.height):
            continue
        for box in walk(data, entry.body + _VISUAL_ENTRY, entry.stop):
            kind, body = data[box.body : box.body + 4], box.body + 4
            if box.kind == "colr" and kind in (b"nclx", b"nclc"):
                codes = [int.from_bytes(data[body + i : body + i + 2], "big") for i in (0, 2, 4)]
                full = bool(data[body + 6] & 0x80) if kind == b"nclx" else video.full_range
                return Colour(codes[0], codes[1], codes[2], full)
    return None


def _of_matroska(data: bytes, video: VideoStream) -> Colour | None:
    for number, start, stop in _elements(data, 0, len(data)):
        if number == _SEGMENT:
            return _of_segment(data, start, min(stop, len(data)), video)
    return None


def _of_segment(data: bytes, start: int, stop: int, video: VideoStream) -> Colour | None:
    for number, a, b in _elements(data, start, stop):
        if number == _CLUSTER:
            return None
        if number == _TRACKS:
            entries = (e for e in _elements(data, a, b) if e[0] == _ENTRY)
            found = (v for _, c, d in entries for v in _elements(data, c, d) if v[0] == _VIDEO)
            return next(filter(None, (_of_video(data, c, d, video) for _, c, d in found)), None)
    return None


def _of_video(data: bytes, start: int, stop: int, video: VideoStream) -> Colour | None:
    found = {n: (a, b) for n, a, b in _elements(data, start, stop)}
    size = tuple(int.from_bytes(data[slice(*found.get(n, (0, 0)))], "big") for n in (_WIDTH, _HEIGHT))
    if _COLOUR not in found or size != (video.width, video.height):
        return None
    codes = {n: int.from_bytes(data[a:b], "big") for n, a, b in _elements(data, *found[_COLOUR])}
    primaries, transfer, matrix = (codes.get(n, UNSPECIFIED) for n in (_PRIMARIES, _TRANSFER, _MATRIX))
    full = {1: False, 2: True}.get(codes.get(_RANGE, 0), video.full_range)
    return Colour(primaries, transfer, matrix, full)


def _elements(data: bytes, start: int, stop: int) -> Iterator[tuple[int, int, int]]:
    """EBML elements (RFC 8794) in ``[start, stop)``: number, and where their content lies."""
    while start < stop:
        width = 9 - data[start].bit_length()
        number = int.from_bytes(data[start : start + width], "big")
        at = start + width
        if width > 4 or at >= stop:
            return
        width = 9 - data[at].bit_length()
        size = int.from_bytes(data[at : at + width], "big") & ((1 << 7 * width) - 1)
        unknown = size == (1 << 7 * width) - 1
        body = at + width
        end = stop if unknown else min(stop, body + size)
        yield number, body, end
        start = end
