"""Is the container whole, and is it open? Structural checks of a file's outline, by ranged reads. Pure but for `read`.

Each check reads a few headers at exact offsets, so it costs the same for a clip and for a three-hour master.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

Read = Callable[[int, int], bytes]
"""``read(start, stop)`` gives bytes ``[start, stop)`` of the master, fewer at its end."""

_ISO = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
_TS = 0x47
_TS_PACKET = 188
_EBML_SEGMENT = b"\x18\x53\x80\x67"
_MKV_CONTENT_ENCRYPTION = b"\x50\x35"
_MAX_MOOV = 256 << 20
_MAX_BOXES = 4096
"""A file of small boxes only, or of short fragments, is not walked to its end."""


def find_truncation(size: int, read: Read) -> str | None:
    """What shows that the file was cut short, with the byte; None when its outline is whole or not known."""
    head = read(0, min(size, 64))
    if head[4:8] in _ISO:
        return _truncated_mp4(size, read)
    if head[:4] == b"RIFF" and head[8:11] == b"AVI":
        return _short(size, 8 + int.from_bytes(head[4:8], "little"), "the RIFF header")
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return _truncated_matroska(size, read(0, min(size, 4096)))
    if head[:1] == bytes([_TS]) and read(_TS_PACKET, _TS_PACKET + 1) == bytes([_TS]) and size % _TS_PACKET:
        part = size % _TS_PACKET
        return f"it ends in the middle of a transport packet, {part} bytes after byte {size - part}"
    return None


def find_protection(size: int, read: Read) -> str | None:
    """What shows that the pictures or sounds are encrypted; None when nothing does."""
    head = read(0, min(size, 64))
    if head[4:8] in _ISO:
        index = find_index(size, read)
        moov = read(*index) if index else b""
        found = next((entry for entry in (b"encv", b"enca") if b"sinf" in moov and entry in moov), None)
        return f"its sample entry is {found.decode()} (ISO/IEC 23001-7)" if found else None
    if head[:4] == b"\x1a\x45\xdf\xa3":
        tracks = read(0, min(size, 1 << 16))
        at = tracks.find(b"\x16\x54\xae\x6b")
        end = tracks.find(b"\x1f\x43\xb6\x75")
        section = tracks[at : end if end > at else len(tracks)] if at >= 0 else b""
        return "its tracks have a ContentEncryption element" if _MKV_CONTENT_ENCRYPTION + b"\x80" in section else None
    if head[:1] == bytes([_TS]) and read(_TS_PACKET, _TS_PACKET + 1) == bytes([_TS]):
        packets = read(0, min(size, _TS_PACKET * 2000))
        for at in range(0, len(packets) - 3, _TS_PACKET):
            if packets[at] == _TS and packets[at + 3] & 0xC0:
                return f"its transport packets are scrambled (byte {at})"
    return None


def find_index(size: int, read: Read) -> tuple[int, int] | None:
    """Where the moov box of an ISO file lies; None if it has none, or one too large to be read at once."""
    if read(0, min(size, 8))[4:] not in _ISO:
        return None
    return next(
        ((start, stop) for kind, start, stop in _boxes(size, read) if kind == b"moov" and stop - start <= _MAX_MOOV),
        None,
    )


def _boxes(size: int, read: Read) -> Iterator[tuple[bytes, int, int]]:
    """Top-level boxes as (type, start, stop by the box's own word); stops at what is no box, and after many."""
    at = 0
    for _ in range(_MAX_BOXES):
        if at + 8 > size:
            return
        header = read(at, min(at + 16, size))
        length = int.from_bytes(header[:4], "big")
        if length == 1 and len(header) == 16:
            length = int.from_bytes(header[8:16], "big")
        elif length == 0:
            length = size - at
        if length < 8 or not header[4:8].isascii():
            return
        yield header[4:8], at, at + length
        at += length


def _truncated_mp4(size: int, read: Read) -> str | None:
    kinds = []
    for kind, _, stop in _boxes(size, read):
        kinds.append(kind)
        short = _short(size, stop, f"its {kind.decode(errors='replace')} box")
        if short:
            missing = "" if b"moov" in kinds[:-1] else "; its index (the moov box) is missing"
            return short + missing
    if b"moov" not in kinds and len(kinds) < _MAX_BOXES:
        return f"its index (the moov box) is missing from its {size} bytes"
    return None


def _truncated_matroska(size: int, head: bytes) -> str | None:
    at = head.find(_EBML_SEGMENT)
    if at < 0 or at + 12 > len(head):
        return None
    first = head[at + 4]
    if not first:
        return None  # no size is longer than eight bytes
    width = 9 - first.bit_length()
    raw = int.from_bytes(head[at + 4 : at + 4 + width], "big") & ((1 << (7 * width)) - 1)
    if raw == (1 << (7 * width)) - 1:
        return None  # unknown size: a live recording, which may end anywhere
    return _short(size, at + 4 + width + raw, "its Segment element")


def _short(size: int, end: int, what: str) -> str | None:
    return f"{what} says it goes to byte {end}, but the file ends at byte {size}" if end > size else None
