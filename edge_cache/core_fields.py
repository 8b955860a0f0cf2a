"""Header fields as values: dates, directives, lists, entity tags, and which fields stop at a hop. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from multidict import CIMultiDict, CIMultiDictProxy

Fields = CIMultiDictProxy[str]
"""Header fields, case-insensitive, repeated fields kept apart and in order."""

Directives = Mapping[str, str | None]
"""Cache directives by lower-case name; None for one without a value."""

FOREVER_S = 1 << 31
"""Larger delta-seconds are taken as this (RFC 9111 section 1.2.2)."""

HOP_BY_HOP = frozenset(
    ("connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authentication-info")
    + ("proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade")
)
_DIRECTIVE = re.compile(r'\s*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)(?:\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,;"]*))?\s*(?:,|$)')
_TAG = re.compile(r'\s*((?:W/)?"[\x21\x23-\x7e\x80-\U0010ffff]*")\s*(?:,|$)')


def fields_of(*pairs: tuple[str, str]) -> Fields:
    """Fields from pairs, in that order."""
    return CIMultiDictProxy(CIMultiDict(pairs))


def joined(fields: Fields, name: str) -> str | None:
    """All values of a list field as one (RFC 9110 section 5.3), or None when the field is absent."""
    values = fields.getall(name, ())
    return ", ".join(value.strip() for value in values) if values else None


def tokens(fields: Fields, name: str) -> Iterator[str]:
    """The members of a comma-separated field, lower-cased, empty ones left out."""
    for value in fields.getall(name, ()):
        yield from (part.strip().lower() for part in value.split(",") if part.strip())


def directives(fields: Fields, name: str = "Cache-Control") -> Directives:
    """Cache directives by lower-case name. Of a repeated directive with differing values the value is ``!``.

    ``!`` is no number, so a conflicting ``max-age`` counts as stale (RFC 9111 section 4.2.1). A field that can't be
    read to its end yields what stands before the fault plus ``no-cache``: what is not understood is not trusted.
    """
    found: dict[str, str | None] = {}
    for value in fields.getall(name, ()):
        position, text = 0, value.strip().strip(",").strip()
        while position < len(text):
            match = _DIRECTIVE.match(text, position)
            if match is None:
                found["no-cache"] = None
                break
            key, argument = match[1].lower(), match[2]
            if argument is not None and argument.startswith('"'):
                argument = re.sub(r"\\(.)", r"\1", argument[1:-1])
            found[key] = argument if found.get(key, argument) == argument else "!"
            position = match.end()
            while position < len(text) and text[position] in ", \t":
                position += 1
    return found


def delta_s(text: str | None) -> int | None:
    """Delta-seconds, clamped to FOREVER_S; None when the text is none (also for ``-1`` and ``1.5``)."""
    if text is None or not text.isascii() or not text.isdigit():
        return None
    return FOREVER_S if len(text) > 10 else min(int(text), FOREVER_S)


def date_s(text: str | None) -> int | None:
    """Seconds since 1970 of an HTTP-date in any of its three forms (RFC 9110 section 5.6.7), or None."""
    if not text:
        return None
    try:
        when = parsedate_to_datetime(text.strip())
    except (ValueError, TypeError, IndexError):
        try:
            when = datetime.strptime(text.strip(), "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
        except ValueError:
            return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return int(when.timestamp())


def http_date(seconds: int) -> str:
    """An IMF-fixdate."""
    return format_datetime(datetime.fromtimestamp(seconds, UTC), usegmt=True)


def entity_tags(text: str) -> tuple[str, ...] | None:
    """The tags of an If-None-Match list; None when the list is malformed."""
    found, position = [], 0
    while position < len(text):
        match = _TAG.match(text, position)
        if match is None:
            return None
        found.append(match[1])
        position = match.end()
    return tuple(found)


def weakly_equal(one: str, other: str) -> bool:
    """RFC 9110 section 8.8.3.2, weak comparison."""
    return one.removeprefix("W/") == other.removeprefix("W/")


def strongly_equal(one: str, other: str) -> bool:
    """RFC 9110 section 8.8.3.2, strong comparison."""
    return one == other and not one.startswith("W/")


def end_to_end(fields: Fields) -> CIMultiDict[str]:
    """The fields without those that end at this hop (RFC 9110 section 7.6.1): the known ones and those named."""
    drop = HOP_BY_HOP.union(tokens(fields, "Connection"))
    return CIMultiDict((name, value) for name, value in fields.items() if name.lower() not in drop)
