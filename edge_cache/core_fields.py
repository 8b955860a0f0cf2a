"""Header fields as values: dates, directives, lists, entity tags, and which fields stop at a hop. Pure."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from types import MappingProxyType

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
_NO_DIRECTIVES: Directives = MappingProxyType({})
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH = f"(?P<month>{'|'.join(_MONTHS)})"
_CLOCK = r"(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d):(?P<second>[0-5]\d|60)"
_DATE_FORMS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?P<day>\d\d) {_MONTH} (?P<year>\d{{4}}) {_CLOCK} GMT",
        rf"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?P<day>\d\d)-{_MONTH}-(?P<year>\d\d) {_CLOCK} GMT",
        rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) {_MONTH} (?P<day>[ \d]\d) {_CLOCK} (?P<year>\d{{4}})",
    )
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
    values = fields.getall(name, None)
    return _directives(tuple(values)) if values else _NO_DIRECTIVES


@lru_cache(maxsize=1024)
def _directives(values: tuple[str, ...]) -> Directives:
    found: dict[str, str | None] = {}
    for value in values:
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
    return MappingProxyType(found)


def delta_s(text: str | None) -> int | None:
    """Delta-seconds, clamped to FOREVER_S; None when the text is none (also for ``-1`` and ``1.5``)."""
    if text is None or not text.isascii() or not text.isdigit():
        return None
    return FOREVER_S if len(text) > 10 else min(int(text), FOREVER_S)


def date_s(text: str | None) -> int | None:
    """Seconds since 1970 of an HTTP-date in any of its three forms (RFC 9110 section 5.6.7), None for all else."""
    return _date_s(text.strip()) if text and len(text) < 50 else None


@lru_cache(maxsize=4096)
def _date_s(text: str) -> int | None:
    match = next((match for form in _DATE_FORMS if (match := form.fullmatch(text))), None)
    if match is None:
        return None
    year, month, day = int(match["year"]), _MONTHS.index(match["month"]) + 1, int(match["day"])
    if len(match["year"]) == 2:  # RFC 850 has two digits: 70 to 99 are of the last century
        year += 2000 if year < 70 else 1900
    if year < 1 or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    return calendar.timegm((year, month, day, int(match["hour"]), int(match["minute"]), int(match["second"])))


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
