"""Conditional requests: is the client's copy current, and may a range of it be sent? RFC 9110 section 13. Pure."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

_TAG = r'(W/)?"([\x21\x23-\x7e\x80-\U0010ffff]*)"'
_ONE_TAG = re.compile(_TAG)
_TAGS = re.compile(rf"[ \t,]*{_TAG}[ \t]*(?=,|$)")


class Verdict(enum.Enum):
    """What the preconditions of a request say (section 13.2.2)."""

    GO_ON = "go on"
    NOT_MODIFIED = "304"
    FAILED = "412"


def evaluate(headers: Mapping[str, str], *, etag: str, modified: datetime | None) -> Verdict:
    """Weigh If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since of a GET or HEAD, in this order.

    `etag` is the current strong tag without quotes; `modified` has whole seconds, or is None where there is no date.
    """
    if (value := headers.get("If-Match")) is not None:
        if not _lists(value, etag, weak=False):
            return Verdict.FAILED
    elif (value := headers.get("If-Unmodified-Since")) and modified:
        date = parse_date(value)
        if date and modified > date:
            return Verdict.FAILED
    if (value := headers.get("If-None-Match")) is not None:
        if _lists(value, etag, weak=True):
            return Verdict.NOT_MODIFIED
    elif (value := headers.get("If-Modified-Since")) and modified:
        date = parse_date(value)
        if date and modified <= date:
            return Verdict.NOT_MODIFIED
    return Verdict.GO_ON


def range_holds(if_range: str | None, *, etag: str, modified: datetime | None, immutable: bool) -> bool:
    """Whether a Range may be honoured under this If-Range value (section 13.1.5).

    A date is a strong validator only where the bytes can't have changed twice within its second: under an
    immutable name.
    """
    if if_range is None:
        return True
    text = if_range.strip(" \t")
    if match := _ONE_TAG.fullmatch(text):
        return not match[1] and match[2] == etag
    return immutable and modified is not None and parse_date(text) == modified


def parse_date(text: str) -> datetime | None:
    """An HTTP date in any of the three forms, or None (section 5.6.7)."""
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)


def date_text(moment: datetime) -> str:
    """`moment` (aware) as an IMF-fixdate."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def _lists(value: str, etag: str, *, weak: bool) -> bool:
    """Whether a list of entity tags holds `etag`; `weak` lets weak tags count (section 8.8.3.2)."""
    if value.strip(" \t") == "*":
        return True
    return any(tag == etag and (weak or not mark) for mark, tag in _TAGS.findall(value))
