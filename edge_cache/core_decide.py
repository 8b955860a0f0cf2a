"""What to do with a request, given what is stored (RFC 9111 section 4, RFC 5861). Pure; the clock is an argument."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from edge_cache.core_fields import Directives, delta_s, directives
from edge_cache.core_freshness import age_s, lifetime_s, ttl_s
from edge_cache.core_messages import Request, Stored, matches, request_directives

Why = Literal["uri-miss", "vary-miss", "stale", "method", "request"]
"""Why a request goes forward: the values of ``fwd`` in Cache-Status (RFC 9211 section 2.2) used here."""


@dataclass(frozen=True, slots=True)
class Serve:
    """Answer from the stored response. With `refresh`, validate it in the background (stale-while-revalidate)."""

    stored: Stored
    age_s: int
    ttl_s: int
    refresh: bool = False


@dataclass(frozen=True, slots=True)
class Fetch:
    """Ask the origin for the whole object. `shared`: others may wait for, or give, the same answer."""

    why: Why
    shared: bool = True


@dataclass(frozen=True, slots=True)
class Revalidate:
    """Ask the origin whether the stored response still holds."""

    stored: Stored
    why: Why
    shared: bool = True


@dataclass(frozen=True, slots=True)
class Forward:
    """Hand the request through untouched and store nothing."""

    why: Why


@dataclass(frozen=True, slots=True)
class Refuse:
    """Only a stored response was wanted and none will do: 504 (section 5.2.1.7)."""


Decision = Serve | Fetch | Revalidate | Forward | Refuse

_ORIGIN_ONLY = ("If-Match", "If-Unmodified-Since")
FAILED_STATUSES = frozenset((502, 503, 504))
"""Answers that count as no answer: another origin is tried, and stale may be served as when disconnected."""


def decide(request: Request, candidates: Sequence[Stored], *, now_ms: int) -> Decision:
    """The one decision. `candidates` are the responses stored under the request's URI, all variants.

    Conditions that only an origin may evaluate, and ``no-store`` requests, go through untouched.
    """
    if request.method not in ("GET", "HEAD"):
        return Forward("method")
    asked = request_directives(request)
    if "no-store" in asked or any(name in request.fields for name in _ORIGIN_ONLY):
        return Refuse() if "only-if-cached" in asked else Forward("request")
    stored = select(request, candidates)
    if stored is None:
        return Refuse() if "only-if-cached" in asked else Fetch("vary-miss" if candidates else "uri-miss", True)
    served = _serve(stored, asked, now_ms=now_ms)
    if served is not None:
        return served
    if "only-if-cached" in asked:
        return Refuse()
    fresh = _fresh(stored, now_ms=now_ms)
    why: Why = "request" if fresh else "stale"
    shared = not fresh and "no-cache" not in asked
    return Revalidate(stored, why, shared) if has_validator(stored) else Fetch(why, shared)


def select(request: Request, candidates: Sequence[Stored]) -> Stored | None:
    """The variant that answers the request, the most recent by Date if several do (section 4.1)."""
    fitting = [stored for stored in candidates if matches(request, stored)]
    return max(fitting, key=lambda stored: (stored.date_s, stored.received_ms), default=None)


def may_serve_after_failure(request: Request, stored: Stored, *, now_ms: int, status: int | None) -> bool:
    """May the stale response be served because the origin failed (section 4.2.4, RFC 5861 section 4)?

    `status` is the error the origin answered with, None when it could not be reached. Without stale-if-error a cache
    that is cut off may serve stale, and 502, 503 and 504 count as that; 500 needs an explicit stale-if-error. Where
    stale-if-error gives a window, the window is the bound. Never against must-revalidate and its kin.
    """
    said, asked = directives(stored.fields), request_directives(request)
    if _must_validate(said, unless="stale-if-error") or "no-cache" in asked:
        return False
    if status is not None and status not in FAILED_STATUSES and status != 500:
        return False
    stale_s = age_s(stored, now_ms=now_ms) - lifetime_s(stored)
    windows = [delta_s(source["stale-if-error"]) or 0 for source in (said, asked) if "stale-if-error" in source]
    if windows:
        return stale_s <= max(windows)
    return status != 500


def has_validator(stored: Stored) -> bool:
    """Can the response be validated?"""
    return "ETag" in stored.fields or "Last-Modified" in stored.fields


def _serve(stored: Stored, asked: Directives, *, now_ms: int) -> Serve | None:
    """The stored response, if both sides allow it without asking the origin."""
    said = directives(stored.fields)
    if "no-cache" in said or "no-cache" in asked:
        return None
    age, ttl = age_s(stored, now_ms=now_ms), ttl_s(stored, now_ms=now_ms)
    if (
        "max-age" in asked
        and age > (delta_s(asked["max-age"]) or 0)
        and not _plain_reload_of_immutable(said, asked, ttl)
    ):
        return None
    if "min-fresh" in asked and ttl < (delta_s(asked["min-fresh"]) or 0):
        return None
    if ttl > 0:
        return Serve(stored, age, ttl)
    if not _must_validate(said) and "max-stale" in asked and _within(asked["max-stale"], -ttl):
        return Serve(stored, age, ttl)
    if _must_validate(said, unless="stale-while-revalidate"):
        return None
    window = delta_s(said.get("stale-while-revalidate"))
    if window is not None and -ttl < window and "max-age" not in asked and "min-fresh" not in asked:
        return Serve(stored, age, ttl, refresh=True)
    return None


def _within(limit: str | None, stale_s: int) -> bool:
    """Is so much staleness within ``max-stale`` (any amount when it has no value, none when unreadable)?"""
    allowed = 1 << 40 if limit is None else delta_s(limit)
    return allowed is not None and stale_s <= allowed


def _plain_reload_of_immutable(said: Directives, asked: Directives, ttl: int) -> bool:
    """RFC 8246: a fresh immutable response is not validated for a plain reload (``max-age=0``)."""
    return "immutable" in said and asked.get("max-age") == "0" and ttl > 0


def _fresh(stored: Stored, *, now_ms: int) -> bool:
    return ttl_s(stored, now_ms=now_ms) > 0


def _must_validate(said: Directives, *, unless: str = "") -> bool:
    """May the response not be used stale (section 4.2.4)?

    s-maxage implies proxy-revalidate (section 5.2.2.10), but a response that itself says `unless` (an RFC 5861
    directive) means that: ``s-maxage=1, stale-while-revalidate=59`` would be void otherwise.
    """
    if any(name in said for name in ("must-revalidate", "proxy-revalidate", "no-cache")):
        return True
    return "s-maxage" in said and unless not in said
