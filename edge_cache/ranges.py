"""Byte ranges: the Range field, and the parts of a multipart answer (RFC 9110 section 14). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_RANGES = 16
"""A request for more ranges than this gets the whole representation (RFC 9110 section 17.15)."""


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes ``[start, stop)`` of a representation."""

    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class RangeSpec:
    """One range as asked: ``first-last`` (`last` inclusive, None for open) or ``-suffix``."""

    first: int | None
    last: int | None
    suffix: int | None = None

    def of(self, size: int) -> Span | None:
        """The bytes it means in a representation of `size` bytes, None if it lies outside."""
        if self.first is None:
            suffix = min(self.suffix or 0, size)
            return Span(size - suffix, size) if suffix else None
        if self.first >= size:
            return None
        return Span(self.first, size if self.last is None else min(self.last + 1, size))


def parse_range(value: str) -> tuple[RangeSpec, ...]:
    """The ranges of a Range field; none if it is another unit, malformed or excessive, so that it is ignored."""
    unit, equals, listed = value.partition("=")
    if not equals or unit.strip().lower() != "bytes" or len(value) > 1000:
        return ()
    specs = []
    for part in (text.strip(" \t") for text in listed.split(",")):
        if not part:
            continue
        match = re.fullmatch(r"([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18})", part)
        if not match:
            return ()
        first, last, suffix = (None if digits is None else int(digits) for digits in match.groups())
        if first is not None and last is not None and last < first:
            return ()
        specs.append(RangeSpec(first, last, suffix))
    return tuple(specs) if len(specs) <= MAX_RANGES else ()


def spans_of(specs: tuple[RangeSpec, ...], size: int) -> tuple[Span, ...]:
    """The satisfiable spans: in the order asked if they lie apart, else joined and ascending (RFC 9110 15.3.7.2)."""
    asked = [span for spec in specs if (span := spec.of(size)) is not None]
    joined: list[Span] = []
    for span in sorted(asked, key=lambda each: each.start):
        if joined and span.start <= joined[-1].stop:
            joined[-1] = Span(joined[-1].start, max(joined[-1].stop, span.stop))
        else:
            joined.append(span)
    return tuple(asked if len(joined) == len(asked) else joined)


def content_range(span: Span, size: int) -> str:
    return f"bytes {span.start}-{span.stop - 1}/{size}"


def part_heads(spans: tuple[Span, ...], size: int, media_type: str, boundary: str) -> tuple[bytes, ...]:
    """What precedes each part of multipart/byteranges, and last what closes it (RFC 9110 section 14.6)."""
    type_line = f"Content-Type: {media_type}\r\n" if media_type else ""
    heads = [
        f"\r\n--{boundary}\r\n{type_line}Content-Range: {content_range(span, size)}\r\n\r\n".encode(
            "latin-1", "replace"
        )
        for span in spans
    ]
    return (*heads, f"\r\n--{boundary}--\r\n".encode())
