"""How many edits a movie's tracks have, by ranged reads of a few headers (ISO/IEC 14496-12 section 8.6.6).

A demuxer lays out the samples of every edit, each from a key frame on: a list of a million entries, in a file of some
megabytes, would fill the memory of the machine that opens it. So it is counted before.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingest.integrity import Read

MOST_EDITS = 2000
"""A cut list of a feature film has some hundreds of entries."""

_MOST_BOXES = 10_000


def find_endless_edits(size: int, read: Read) -> str | None:
    """What is wrong with the edit lists of the movie that ``read(start, stop)`` gives `size` bytes of; None if nothing
    is, or it is no movie."""
    if read(0, min(size, 8))[4:8] not in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        return None
    budget = iter(range(_MOST_BOXES))
    for moov in _inside(b"moov", 0, size, read, budget):
        for trak in _inside(b"trak", *moov, read, budget):
            for edts in _inside(b"edts", *trak, read, budget):
                for start, _ in _inside(b"elst", *edts, read, budget):
                    count = int.from_bytes(read(start + 4, start + 8), "big")
                    if count > MOST_EDITS:
                        return f"a track's edit list has {count} entries"
    return None if next(budget, None) is not None else f"its index has more than {_MOST_BOXES} parts"


def _inside(kind: bytes, start: int, stop: int, read: Read, budget: Iterator[int]) -> Iterator[tuple[int, int]]:
    """The content of each box of this kind that lies in ``[start, stop)``; stops at what is no box."""
    while start + 8 <= stop and next(budget, None) is not None:
        header = read(start, start + 16)
        length, body = int.from_bytes(header[:4], "big"), start + 8
        if length == 1 and len(header) == 16:
            length, body = int.from_bytes(header[8:16], "big"), start + 16
        elif length == 0:
            length = stop - start
        if length < 8:
            return
        if header[4:8] == kind:
            yield body, min(start + length, stop)
        start += length
