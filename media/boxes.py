"""ISO base media boxes (ISO/IEC 14496-12 section 4.2): walking, reading and making them. Pure: bytes in, values out.

What the boxes of an init segment say is in `media.tracks`, what those of a media segment say in `media.fragments`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from values.errors import DamagedMedia

Buffer = bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class Box:
    """A box lying at ``[start, stop)`` of the data; its content, after size and type, is ``[body, stop)``."""

    kind: str
    start: int
    body: int
    stop: int

    @property
    def size(self) -> int:
        return self.stop - self.start


def damaged(what: str, offset: int) -> DamagedMedia:
    """The error for `what` found at byte `offset`."""
    return DamagedMedia(what, where=f"byte {offset}", hint="The bytes are damaged or cut; write them again.")


def walk(data: Buffer, start: int = 0, stop: int | None = None) -> Iterator[Box]:
    """The boxes lying side by side in ``[start, stop)``. Raises DamagedMedia where one does not fit exactly."""
    end = len(data) if stop is None else stop
    while start < end:
        box = _header(data, start, end)
        yield box
        start = box.stop


def children(data: Buffer, parent: Box) -> dict[str, list[Box]]:
    """The boxes inside a plain container box, by kind, in file order."""
    found: dict[str, list[Box]] = {}
    for box in walk(data, parent.body, parent.stop):
        found.setdefault(box.kind, []).append(box)
    return found


def only(data: Buffer, parent: Box, *path: str) -> Box:
    """The one box at `path` below `parent`; DamagedMedia if it is missing or there are several."""
    for kind in path:
        found = children(data, parent).get(kind, [])
        if len(found) != 1:
            raise damaged(f"{parent.kind} holds {len(found)} {kind} boxes instead of one", parent.start)
        parent = found[0]
    return parent


def split_init(data: bytes) -> tuple[bytes, bytes]:
    """A fragmented MP4 file as its init segment (all up to the end of moov) and the rest."""
    stop = init_size(data)
    return data[:stop], data[stop:]


def init_size(data: Buffer) -> int:
    """How many bytes of a fragmented MP4 file are its init segment."""
    for box in walk(data):
        if box.kind in ("moof", "mdat"):
            break
        if box.kind == "moov":
            return box.stop
    raise damaged("there is no moov box before the media", 0)


def make_box(kind: str, *parts: bytes) -> bytes:
    """A box with 32 bit size around `parts`."""
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind.encode("latin-1")) + body


def make_full_box(kind: str, version: int, flags: int, *parts: bytes) -> bytes:
    """A box with version and flags (section 4.2.2)."""
    return make_box(kind, struct.pack(">I", version << 24 | flags), *parts)


class Reader:
    """Reads big-endian fields of ``[start, stop)`` one after the other; DamagedMedia where they run out."""

    __slots__ = ("at", "data", "stop")

    def __init__(self, data: Buffer, start: int, stop: int) -> None:
        self.data = data
        self.at = start
        self.stop = stop

    def take(self, count: int) -> bytes:
        if self.at + count > self.stop:
            raise damaged(f"{count} bytes are needed and {self.stop - self.at} are left", self.at)
        piece = bytes(self.data[self.at : self.at + count])
        self.at += count
        return piece

    def number(self, count: int, *, signed: bool = False) -> int:
        """An integer of `count` bytes."""
        return int.from_bytes(self.take(count), "big", signed=signed)

    def full(self) -> tuple[int, int]:
        """Version and flags of a full box."""
        value = self.number(4)
        return value >> 24, value & 0xFFFFFF


def read(data: Buffer, box: Box) -> Reader:
    """A reader over the content of `box`."""
    return Reader(data, box.body, box.stop)


def _header(data: Buffer, start: int, end: int) -> Box:
    reader = Reader(data, start, end)
    size = reader.number(4)
    kind = reader.take(4).decode("latin-1")
    if size == 1:
        size = reader.number(8)
    elif size == 0:
        size = end - start  # "to the end of the file": what an unfinished writer leaves
    if size < reader.at - start or start + size > end:
        raise damaged(f"box {kind!r} says {size} bytes and {end - start} are left", start)
    return Box(kind, start, reader.at, start + size)
