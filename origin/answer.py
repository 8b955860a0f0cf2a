"""The answer to a GET or HEAD of one representation: status, headers and the parts of the body. Pure.

RFC 9110: conditional requests before ranges (section 13.2.2), ranges only for GET (section 14.2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from origin.preconditions import Verdict, date_text, evaluate, range_holds
from origin.ranges import ByteRange, UnsatisfiableRange, select_ranges
from origin.settings import OriginSettings
from origin.shelf import Item

IMMUTABLE = "public, max-age=31536000, immutable"

Piece = bytes | ByteRange
"""A part of a body: literal bytes, or a range of the stored object."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What to send. `pieces` is empty where there is no body to send; Content-Length is among the headers."""

    status: int
    headers: dict[str, str]
    pieces: tuple[Piece, ...] = ()


def short_lived(settings: OriginSettings) -> str:
    """``Cache-Control`` of manifests, records and lists (RFC 5861 for the stale directives)."""
    return (
        f"public, max-age={settings.manifest_ttl_s}, stale-while-revalidate={settings.stale_s}, "
        f"stale-if-error={settings.stale_error_s}"
    )


def decide(
    method: str,
    request: Mapping[str, str],
    item: Item,
    *,
    cache_control: str,
    now: datetime,
    boundary: Callable[[], str],
) -> Answer:
    """How to answer `method` (GET or HEAD) with the header fields `request` for `item`.

    `request` must be case-insensitive, with repeated fields joined by commas. `boundary` draws a multipart boundary.
    """
    headers = {"ETag": f'"{item.etag}"', "Cache-Control": cache_control}
    if item.modified:
        headers["Last-Modified"] = date_text(min(item.modified, now.replace(microsecond=0)))
    verdict = evaluate(request, etag=item.etag, modified=item.modified)
    if verdict is Verdict.NOT_MODIFIED:
        return Answer(304, headers)
    if verdict is Verdict.FAILED:
        return Answer(412, {"Cache-Control": "no-store", "Content-Length": "0"})
    headers["Accept-Ranges"] = "bytes"
    size = item.size_bytes
    if method == "GET" and (wanted := request.get("Range")) is not None:
        held = range_holds(request.get("If-Range"), etag=item.etag, modified=item.modified, immutable=item.immutable)
        try:
            ranges = select_ranges(wanted, size) if held else ()
        except UnsatisfiableRange:
            return Answer(416, {"Content-Range": f"bytes */{size}", "Cache-Control": "no-store", "Content-Length": "0"})
        if len(ranges) == 1:
            return _one_part(item, headers, ranges[0])
        if ranges:
            return _many_parts(item, headers, ranges, boundary())
    headers |= {"Content-Type": item.media_type, "Content-Length": str(size)}
    return Answer(200, headers, (ByteRange(0, size),) if method == "GET" and size else ())


def _one_part(item: Item, headers: dict[str, str], part: ByteRange) -> Answer:
    more = {
        "Content-Type": item.media_type,
        "Content-Range": part.content_range(item.size_bytes),
        "Content-Length": str(part.length),
    }
    return Answer(206, headers | more, (part,))


def _many_parts(item: Item, headers: dict[str, str], parts: tuple[ByteRange, ...], boundary: str) -> Answer:
    """A multipart/byteranges body (RFC 9110 section 14.6)."""
    pieces: list[Piece] = []
    for index, part in enumerate(parts):
        lead = "\r\n" if index else ""
        head = (
            f"{lead}--{boundary}\r\nContent-Type: {item.media_type}\r\n"
            f"Content-Range: {part.content_range(item.size_bytes)}\r\n\r\n"
        )
        pieces += [head.encode(), part]
    pieces.append(f"\r\n--{boundary}--\r\n".encode())
    length = sum(piece.length if isinstance(piece, ByteRange) else len(piece) for piece in pieces)
    more = {"Content-Type": f"multipart/byteranges; boundary={boundary}", "Content-Length": str(length)}
    return Answer(206, headers | more, tuple(pieces))
