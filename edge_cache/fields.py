"""Header fields as values: lists, dates, and which fields end at one hop (RFC 9110). Pure."""

from __future__ import annotations

import calendar
import functools
import re
import time
from collections.abc import Iterable

from multidict import CIMultiDict, CIMultiDictProxy

Fields = CIMultiDictProxy[str]
"""Field lines in their order; names compare without case."""

HOP_BY_HOP = frozenset(
    {
        "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authentication-info",
        "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip
"""Fields that concern one connection and are neither stored nor forwarded (RFC 9110 7.6.1, RFC 9111 3.1)."""

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CLOCK = r"(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d):(?P<second>[0-5]\d|60)"
_MONTH = "(?P<month>" + "|".join(_MONTHS) + ")"
_DATE_FORMS = (
    re.compile(rf"(?:{'|'.join(_DAYS)}), (?P<day>\d\d) {_MONTH} (?P<year>\d{{4}}) {_CLOCK} GMT"),
    re.compile(rf"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?P<day>\d\d)-{_MONTH}-(?P<year>\d\d) {_CLOCK} GMT"),
    re.compile(rf"(?:{'|'.join(_DAYS)}) {_MONTH} (?P<day>[ \d]\d) {_CLOCK} (?P<year>\d{{4}})"),
)
_MEMBER = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')


def make_fields(pairs: Iterable[tuple[str, str]]) -> Fields:
    return CIMultiDictProxy(CIMultiDict(pairs))


def combined(fields: Fields, name: str) -> str | None:
    """All lines of a field as one value, joined by commas (RFC 9110 section 5.3); None if there is none."""
    values = fields.getall(name, None)
    if values is None:
        return None
    return values[0] if len(values) == 1 else ", ".join(values)


def members(value: str) -> list[str]:
    """The members of a comma-separated list, quoted strings kept whole, empty members dropped (RFC 9110 5.6.1)."""
    return [member for part in _MEMBER.findall(value) if (member := part.strip(" \t"))]


def end_to_end(fields: Fields) -> CIMultiDict[str]:
    """A copy without the fields that end at this hop, among them those that Connection names (RFC 9110 7.6.1)."""
    named = {option.lower() for option in members(combined(fields, "Connection") or "")}
    return CIMultiDict(
        (name, value) for name, value in fields.items() if (low := name.lower()) not in HOP_BY_HOP and low not in named
    )


@functools.lru_cache(maxsize=1024)
def parse_date(text: str) -> int | None:
    """Milliseconds since 1970 of an HTTP-date in one of its three forms, None for anything else (RFC 9110 5.6.7)."""
    for form in _DATE_FORMS:
        match = form.fullmatch(text)
        if match:
            break
    else:
        return None
    year = int(match["year"])
    if year < 100:  # RFC 850: a year that would lie over 50 years ahead is in the past
        year += 2000 if year < 70 else 1900
    month, day = _MONTHS.index(match["month"]) + 1, int(match["day"])
    if not 1 <= day <= calendar.monthrange(max(year, 1), month)[1]:
        return None
    clock = (int(match["hour"]), int(match["minute"]), int(match["second"]))
    return calendar.timegm((year, month, day, *clock)) * 1000


def format_date(at_ms: int) -> str:
    """An IMF-fixdate (RFC 9110 section 5.6.7), without regard to the locale."""
    at = time.gmtime(at_ms // 1000)
    return (
        f"{_DAYS[at.tm_wday]}, {at.tm_mday:02d} {_MONTHS[at.tm_mon - 1]} {at.tm_year:04d} "
        f"{at.tm_hour:02d}:{at.tm_min:02d}:{at.tm_sec:02d} GMT"
    )


def parse_etag(text: str | None) -> tuple[bool, str] | None:
    """(weak, opaque tag with its quotes) of an entity tag; None if it is none (RFC 9110 section 8.8.3)."""
    match = re.fullmatch(r'(W/)?("[\x21\x23-\x7e\x80-\U0010ffff]*")', text or "")
    return (match[1] is not None, match[2]) if match else None
