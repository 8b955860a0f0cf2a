"""Conditions and byte ranges of a request against one response (RFC 9110 sections 13 and 14). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from edge_cache.core_fields import date_s, entity_tags, joined, strongly_equal, weakly_equal
from edge_cache.core_messages import Request, Stored

MAX_RANGES = 32
"""A request for more ranges gets the whole object (RFC 9110 section 17.15)."""
_SPEC = re.compile(r"(\d*)-(\d*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Whole:
    """All of the response."""


@dataclass(frozen=True, slots=True)
class NotModified:
    """304: the client has it."""


@dataclass(frozen=True, slots=True)
class Parts:
    """206: half-open ``[start, stop)`` pieces in the order asked for; one, or several as multipart/byteranges."""

    pieces: tuple[tuple[int, int], ...]
    length: int


@dataclass(frozen=True, slots=True)
class Unsatisfiable:
    """416: no piece lies within the response's `length` bytes."""

    length: int


Selection = Whole | NotModified | Parts | Unsatisfiable


def choose(request: Request, stored: Stored, length: int | None) -> Selection:
    """What of a response the request wants, in the order of RFC 9110 section 13.2.2. `length` is that of the body,
    None while it is not known: then ranges are ignored, which a server may do (section 14.2)."""
    if not_modified(request, stored):
        return NotModified()
    text = request.fields.get("Range")
    if text is None or length is None or request.method != "GET" or stored.status != 200:
        return Whole()
    if not _range_still_holds(request, stored):
        return Whole()
    return parse_range(text, length)


def not_modified(request: Request, stored: Stored) -> bool:
    """Do If-None-Match or, without it, If-Modified-Since say that the client has this response?"""
    if request.method not in ("GET", "HEAD") or stored.status != 200:
        return False
    wanted = joined(request.fields, "If-None-Match")
    if wanted is not None:
        if wanted == "*":
            return True
        tag = stored.fields.get("ETag")
        return tag is not None and any(weakly_equal(tag, other) for other in entity_tags(wanted) or ())
    since = date_s(request.fields.get("If-Modified-Since"))
    if since is None or len(request.fields.getall("If-Modified-Since")) != 1:
        return False
    modified = date_s(stored.fields.get("Last-Modified"))
    return (stored.date_s if modified is None else modified) <= since


def parse_range(text: str, length: int) -> Selection:
    """A Range field against a body of `length` bytes. Malformed, foreign or excessive ones mean the whole body;
    pieces that overlap or touch are joined when that keeps their order (section 15.3.7.2)."""
    unit, equals, specs = text.partition("=")
    if unit.strip().lower() != "bytes" or not equals:
        return Whole()
    pieces: list[tuple[int, int]] = []
    parts = [part.strip() for part in specs.split(",") if part.strip()]
    if not parts or len(parts) > MAX_RANGES:
        return Whole()
    for part in parts:
        match = _SPEC.fullmatch(part)
        if match is None or part == "-" or max(len(match[1]), len(match[2])) > 18:
            return Whole()
        if match[1] and match[2] and int(match[2]) < int(match[1]):
            return Whole()
        piece = _piece(match[1], match[2], length)
        if piece is not None:
            _append(pieces, piece)
    if not pieces:
        return Unsatisfiable(length)
    if sum(stop - start for start, stop in pieces) > length and len(pieces) > 1:
        return Whole()
    return Parts(tuple(pieces), length)


def _piece(first: str, last: str, length: int) -> tuple[int, int] | None:
    if not first:
        count = min(int(last), length)
        return (length - count, length) if count else None
    start = int(first)
    if start >= length:
        return None
    return start, min(int(last) + 1, length) if last else length


def _append(pieces: list[tuple[int, int]], piece: tuple[int, int]) -> None:
    if pieces and pieces[-1][0] <= piece[0] <= pieces[-1][1]:
        pieces[-1] = (pieces[-1][0], max(pieces[-1][1], piece[1]))
    else:
        pieces.append(piece)


def _range_still_holds(request: Request, stored: Stored) -> bool:
    """If-Range (section 13.1.5): a strong tag, or a Last-Modified that is exact and old enough to be strong."""
    text = request.fields.get("If-Range")
    if text is None:
        return True
    if text.strip().startswith(('"', "W/")):
        return strongly_equal(text.strip(), stored.fields.get("ETag", ""))
    wanted, modified = date_s(text), date_s(stored.fields.get("Last-Modified"))
    return wanted is not None and wanted == modified and stored.date_s - wanted >= 1
