"""Byte ranges of a representation, RFC 9110 section 14. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_RANGES = 32
"""More ranges than this in one request are not honoured: the whole representation is sent (section 14.2)."""

_SPEC = re.compile(r"([0-9]*)-([0-9]*)")


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes ``[start, stop)``."""

    start: int
    stop: int

    @property
    def length(self) -> int:
        return self.stop - self.start

    def content_range(self, size: int) -> str:
        """The ``Content-Range`` value of this part of a representation of `size` bytes (section 14.4)."""
        return f"bytes {self.start}-{self.stop - 1}/{size}"


class UnsatisfiableRange(Exception):
    """No range of a valid set overlaps the representation: 416 (section 15.5.17)."""


def select_ranges(header: str, size: int) -> tuple[ByteRange, ...]:
    """The ranges that a ``Range`` value selects of `size` bytes, in the order asked for, overlaps joined.

    Empty when the header is to be ignored: another unit, bad syntax, more than MOST_RANGES, or nothing to divide.
    Raises UnsatisfiableRange (section 14.1.2).
    """
    unit, equals, text = header.partition("=")
    specs = [spec.strip(" \t") for spec in text.split(",")]
    specs = [spec for spec in specs if spec]
    if unit.strip(" \t").lower() != "bytes" or not equals or not specs or len(specs) > MOST_RANGES:
        return ()
    wanted: list[ByteRange] = []
    suffix_of_nothing = False
    for spec in specs:
        match = _SPEC.fullmatch(spec)
        if match is None or not (match[1] or match[2]):
            return ()
        if match[1]:
            first, last = _number(match[1]), _number(match[2]) if match[2] else size - 1
            if match[2] and last < first:
                return ()
            if first < size:
                wanted.append(ByteRange(first, min(last + 1, size)))
        elif length := _number(match[2]):
            suffix_of_nothing |= size == 0
            if size:
                wanted.append(ByteRange(max(0, size - length), size))
    if not wanted and suffix_of_nothing:
        return ()
    if not wanted:
        raise UnsatisfiableRange
    return _joined(wanted)


def _number(digits: str) -> int:
    """The digits' value; absurd lengths are all the same huge number."""
    return int(digits) if len(digits) < 20 else 10**20


def _joined(wanted: list[ByteRange]) -> tuple[ByteRange, ...]:
    """Overlapping ranges become one, in the place of the first of them (section 15.3.7.2)."""
    out: list[ByteRange] = []
    for new in wanted:
        overlapping = [old for old in out if old.start < new.stop and new.start < old.stop]
        if overlapping:
            place = out.index(overlapping[0])
            start = min(new.start, *(old.start for old in overlapping))
            stop = max(new.stop, *(old.stop for old in overlapping))
            out = [old for old in out if old not in overlapping]
            out.insert(place, ByteRange(start, stop))
        else:
            out.append(new)
    return tuple(out)
