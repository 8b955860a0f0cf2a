"""What of a stored response goes out: all of it, a part, or that nothing has changed (RFC 9110 13 and 14). Pure."""

from __future__ import annotations

from dataclasses import dataclass

from edge_cache.fields import combined, members, parse_date, parse_etag
from edge_cache.ranges import Span, parse_range, spans_of
from edge_cache.stored import RequestHead, Stored


@dataclass(frozen=True, slots=True)
class Whole:
    """The stored response with its own status."""


@dataclass(frozen=True, slots=True)
class NotModified:
    """304: the client has it."""


@dataclass(frozen=True, slots=True)
class Part:
    """206 with one span of a representation of `size` bytes."""

    span: Span
    size: int


@dataclass(frozen=True, slots=True)
class Parts:
    """206 as multipart/byteranges."""

    spans: tuple[Span, ...]
    size: int


@dataclass(frozen=True, slots=True)
class Unsatisfiable:
    """416: no range asked for lies within the `size` bytes."""

    size: int


Answer = Whole | NotModified | Part | Parts | Unsatisfiable

_WHOLE = Whole()
_NOT_MODIFIED = NotModified()


def choose_answer(request: RequestHead, stored: Stored, *, size: int | None) -> Answer:
    """How `stored` answers `request`. `size` counts its bytes, None while a fill doesn't know: then ranges wait not,
    the whole is sent (a server may ignore Range, RFC 9110 section 14.2)."""
    fields = request.fields
    if stored.head.status != 200:
        return _WHOLE
    if "If-None-Match" in fields or "If-Modified-Since" in fields:
        if _unmodified(request, stored):
            return _NOT_MODIFIED
    if size is None or request.method != "GET" or "Range" not in fields or not _range_applies(request, stored):
        return _WHOLE
    specs = parse_range(combined(fields, "Range") or "")
    if not specs:
        return _WHOLE
    spans = spans_of(specs, size)
    if not spans:
        return Unsatisfiable(size)
    if len(spans) == 1:
        return Part(spans[0], size)
    return Parts(spans, size)


def _unmodified(request: RequestHead, stored: Stored) -> bool:
    """If-None-Match by weak comparison; only without it If-Modified-Since (RFC 9110 13.2.2, RFC 9111 4.3.2)."""
    listed = combined(request.fields, "If-None-Match")
    if listed is not None:
        own = parse_etag(stored.head.fields.get("ETag"))
        if listed.strip() == "*":
            return True
        tags = [parse_etag(member) for member in members(listed)]
        return own is not None and any(tag is not None and tag[1] == own[1] for tag in tags)
    since_ms = parse_date(request.fields["If-Modified-Since"])
    modified_ms = parse_date(stored.head.fields.get("Last-Modified", ""))
    if modified_ms is None:
        modified_ms = stored.date_ms
    return since_ms is not None and modified_ms <= since_ms


def _range_applies(request: RequestHead, stored: Stored) -> bool:
    """If-Range: a strong entity tag that agrees, or the very Last-Modified if that is strong (RFC 9110 13.1.5)."""
    condition = request.fields.get("If-Range")
    if condition is None:
        return True
    tag = parse_etag(condition)
    if tag is not None:
        return not tag[0] and tag == parse_etag(stored.head.fields.get("ETag"))
    modified = stored.head.fields.get("Last-Modified")
    modified_ms = parse_date(modified or "")
    return modified == condition and modified_ms is not None and stored.date_ms - modified_ms >= 1000
