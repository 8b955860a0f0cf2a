"""Cache-Control of requests and responses as values (RFC 9111 section 5.2, RFC 5861, RFC 8246). Pure."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from edge_cache.fields import Fields, combined, members

FOREVER_S = 2**31
"""Stands for any number of seconds too great to count (RFC 9111 section 1.2.2)."""


@dataclass(frozen=True, slots=True)
class RequestDirectives:
    """What a client asks of caches. Seconds; None where it says nothing."""

    no_cache: bool = False
    no_store: bool = False
    only_if_cached: bool = False
    max_age_s: int | None = None
    min_fresh_s: int | None = None
    max_stale_s: int | None = None
    stale_if_error_s: int | None = None


@dataclass(frozen=True, slots=True)
class ResponseDirectives:
    """What an origin allows caches. Seconds; None where it says nothing.

    `private` and `no_cache` with field names are taken as if without (RFC 9111 sections 5.2.2.4 and 5.2.2.7).
    """

    no_cache: bool = False
    no_store: bool = False
    private: bool = False
    public: bool = False
    must_revalidate: bool = False
    proxy_revalidate: bool = False
    must_understand: bool = False
    immutable: bool = False
    max_age_s: int | None = None
    s_maxage_s: int | None = None
    stale_while_revalidate_s: int | None = None
    stale_if_error_s: int | None = None


_ASKS_NOTHING = RequestDirectives()


def request_directives(fields: Fields) -> RequestDirectives:
    """Cache-Control of a request, or Pragma where there is none (RFC 9111 section 5.4)."""
    value = combined(fields, "Cache-Control")
    if value is not None:
        return _request(value)
    pragma = fields.get("Pragma")
    if pragma is not None and "no-cache" in _directives(pragma):
        return RequestDirectives(no_cache=True)
    return _ASKS_NOTHING


def response_directives(fields: Fields) -> ResponseDirectives:
    return _response(combined(fields, "Cache-Control") or "")


def delta_seconds(text: str) -> int | None:
    """A number of seconds, at most FOREVER_S; None for what is none (RFC 9111 section 1.2.2)."""
    if not re.fullmatch("[0-9]+", text):
        return None
    digits = text.lstrip("0") or "0"
    return min(int(digits), FOREVER_S) if len(digits) <= 10 else FOREVER_S


@functools.lru_cache(maxsize=1024)
def _request(value: str) -> RequestDirectives:
    found = _directives(value)
    return RequestDirectives(
        no_cache="no-cache" in found,
        no_store="no-store" in found,
        only_if_cached="only-if-cached" in found,
        max_age_s=_seconds(found, "max-age", bad=0),
        min_fresh_s=_seconds(found, "min-fresh", bad=None),
        max_stale_s=FOREVER_S if found.get("max-stale", "-") is None else _seconds(found, "max-stale", bad=None),
        stale_if_error_s=_seconds(found, "stale-if-error", bad=None),
    )


@functools.lru_cache(maxsize=1024)
def _response(value: str) -> ResponseDirectives:
    found = _directives(value)
    return ResponseDirectives(
        no_cache="no-cache" in found,
        no_store="no-store" in found,
        private="private" in found,
        public="public" in found,
        must_revalidate="must-revalidate" in found,
        proxy_revalidate="proxy-revalidate" in found,
        must_understand="must-understand" in found,
        immutable="immutable" in found,
        max_age_s=_seconds(found, "max-age", bad=0),
        s_maxage_s=_seconds(found, "s-maxage", bad=0),
        stale_while_revalidate_s=_seconds(found, "stale-while-revalidate", bad=None),
        stale_if_error_s=_seconds(found, "stale-if-error", bad=None),
    )


def _directives(value: str) -> dict[str, str | None]:
    """Directive names in lower case with their argument, unquoted. The first of two alike counts (section 4.2.1)."""
    found: dict[str, str | None] = {}
    for member in members(value):
        name, equals, argument = member.partition("=")
        if argument.startswith('"'):
            argument = re.sub(r"\\(.)", r"\1", argument.strip('"'))
        found.setdefault(name.lower(), argument if equals else None)
    return found


def _seconds(found: dict[str, str | None], name: str, *, bad: int | None) -> int | None:
    """Delta-seconds of a directive; what is no number counts as `bad`, for freshness as stale (section 4.2.1)."""
    if name not in found:
        return None
    seconds = delta_seconds(found[name] or "")
    return bad if seconds is None else seconds
