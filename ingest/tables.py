"""The tables in an ISO file's index, by what they claim: claims that would cost hours are refused before they are read.

Pure but for `read`. ISO/IEC 14496-12 sections 8.6.6 (edit lists) and 8.7.3 (sample sizes).
"""

from __future__ import annotations

from collections.abc import Iterator

from ingest.integrity import Read, find_index
from media.boxes import Box, walk
from media.foreign import MAX_PACKETS
from values.errors import DamagedMedia, MasterRefused

MAX_EDITS = 4096
"""Each edit may show the whole film once more, and editors write some dozens."""

_INSIDE = {"moov": ("trak",), "trak": ("edts", "mdia"), "edts": ("elst",), "mdia": ("minf",), "minf": ("stbl", "vmhd"),
           "stbl": ("stsz",)}  # fmt: skip


def refuse_vast_tables(size: int, read: Read, *, where: str) -> None:
    """Raises MasterRefused for an edit list or a picture's sample table beyond what a day of film needs."""
    found = find_index(size, read)
    if not found:
        return
    moov = read(*found)
    for track in _tracks(moov):
        if track.get("elst", 0) > MAX_EDITS:
            raise _vast(f"an edit list of {track['elst']} entries", f"at most {MAX_EDITS}", where)
        if "vmhd" in track and track.get("stsz", 0) > MAX_PACKETS:
            raise _vast(f"{track['stsz']} pictures", f"at most {MAX_PACKETS}, 24 hours at 120 Hz", where)


def _vast(what: str, most: str, where: str) -> MasterRefused:
    return MasterRefused(
        f"its index claims {what}",
        where=where,
        hint=f"Taken are {most}. If the film is a plain one, its index is damaged: write it anew with "
        "ffmpeg -i IN -c copy OUT.mkv, or export the master again.",
    )


def _tracks(moov: bytes) -> Iterator[dict[str, int]]:
    """For each track of a moov box: the boxes of interest by kind, with the count of entries that they claim."""
    try:
        for trak in _children(moov, next(walk(moov))):
            yield dict(_counts(moov, trak))
    except DamagedMedia:
        return  # what can't be walked is left to the parser, which will say so


def _children(data: bytes, parent: Box) -> Iterator[Box]:
    yield from (box for box in walk(data, parent.body, parent.stop) if box.kind in _INSIDE[parent.kind])


def _counts(data: bytes, parent: Box) -> Iterator[tuple[str, int]]:
    for box in _children(data, parent):
        if box.kind == "elst":
            yield box.kind, int.from_bytes(data[box.body + 4 : box.body + 8], "big")
        elif box.kind == "stsz":
            yield box.kind, int.from_bytes(data[box.body + 8 : box.body + 12], "big")
        else:
            yield box.kind, 0
            yield from _counts(data, box) if box.kind in _INSIDE else ()
