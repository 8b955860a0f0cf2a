"""What a shared cache may do: serve, revalidate, fetch, store, forget (RFC 9111, RFC 5861, RFC 8246). Pure.

`decide` answers for a request, the other functions for the response that comes back. The clock is an argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit

from edge_cache.directives import RequestDirectives, request_directives, response_directives
from edge_cache.fields import Fields, combined, make_fields, members, parse_etag
from edge_cache.stored import (
    HEURISTIC_STATUSES,
    RequestHead,
    ResponseHead,
    Stored,
    has_explicit_freshness,
    make_stored,
    selecting_value,
)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
STORED_METHODS = frozenset({"GET", "HEAD"})
ERROR_STATUSES = frozenset({500, 502, 503, 504})
"""Responses that stale-if-error covers (RFC 5861 section 4)."""

_UNDERSTOOD = HEURISTIC_STATUSES | {302, 303, 307, 400, 401, 403, 406, 409, 412, 413, 415, 416, 500, 502, 503}
_NOT_BY_304 = frozenset({"content-length", "content-encoding", "content-range", "transfer-encoding", "age"})


@dataclass(frozen=True, slots=True)
class Serve:
    """The stored response answers. It is fresh, or stale and the request or the response allows that."""

    stored: Stored


@dataclass(frozen=True, slots=True)
class ServeStale:
    """The stored response answers at once and is revalidated meanwhile (RFC 5861 section 3)."""

    stored: Stored


@dataclass(frozen=True, slots=True)
class Revalidate:
    """Ask the origin whether the stored response still holds. `reason` is ``stale`` or ``request`` (RFC 9211)."""

    stored: Stored
    reason: str


@dataclass(frozen=True, slots=True)
class Fetch:
    """Ask the origin for the whole response. `reason` is ``uri-miss``, ``vary-miss``, ``stale`` or ``request``."""

    reason: str


@dataclass(frozen=True, slots=True)
class Forward:
    """Hand the request on as it is and store nothing. `reason` is ``method``, ``request`` or ``bypass``."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """The client wants a stored response only and there is none: 504 (RFC 9111 section 5.2.1.7)."""


Decision = Serve | ServeStale | Revalidate | Fetch | Forward | Refuse


def decide(request: RequestHead, kept: Sequence[Stored], *, now_ms: int) -> Decision:
    """What to do about `request` when `kept` are the stored responses of its key."""
    if request.method not in STORED_METHODS:
        return Forward("method")
    asked = request_directives(request.fields)
    if "If-Match" in request.fields or "If-Unmodified-Since" in request.fields:
        return Refuse() if asked.only_if_cached else Forward("request")  # only an origin can judge these
    stored = select(request, kept)
    if stored is None:
        if asked.only_if_cached:
            return Refuse()
        return Forward("request") if asked.no_store else Fetch("vary-miss" if kept else "uri-miss")
    return _with_stored(asked, stored, now_ms)


def _with_stored(asked: RequestDirectives, stored: Stored, now_ms: int) -> Decision:
    if is_fresh(stored, asked, now_ms=now_ms) or _accepts_stale(asked, stored, now_ms):
        return Serve(stored)
    if asked.only_if_cached:
        return Refuse()
    if asked.no_store:
        return Forward("request")
    ttl_ms = stored.ttl_ms(now_ms)
    window_s = stored.directives.stale_while_revalidate_s
    asks_for_more = asked.no_cache or asked.max_age_s is not None or asked.min_fresh_s is not None
    if ttl_ms <= 0 and window_s is not None and -ttl_ms <= window_s * 1000 and not asks_for_more:
        if not _forbids_stale(stored, explicit=True):
            return ServeStale(stored)
    reason = "request" if ttl_ms > 0 and not stored.directives.no_cache else "stale"
    return Revalidate(stored, reason) if has_validator(stored) else Fetch(reason)


def is_fresh(stored: Stored, asked: RequestDirectives, *, now_ms: int) -> bool:
    """Whether the response may be used without asking anyone (RFC 9111 sections 4.2 and 5.2.1)."""
    ttl_ms = stored.ttl_ms(now_ms)
    if ttl_ms <= 0 or stored.directives.no_cache or asked.no_cache:
        return False
    if asked.min_fresh_s is not None and ttl_ms < asked.min_fresh_s * 1000:
        return False
    if asked.max_age_s is not None and stored.age_ms(now_ms) > asked.max_age_s * 1000:
        return stored.directives.immutable  # a reload of what never changes (RFC 8246 section 2)
    return True


def _accepts_stale(asked: RequestDirectives, stored: Stored, now_ms: int) -> bool:
    """The request's max-stale covers it and nothing forbids it (RFC 9111 section 5.2.1.2)."""
    if asked.max_stale_s is None or asked.no_cache or asked.min_fresh_s is not None:
        return False
    if asked.max_age_s is not None and stored.age_ms(now_ms) > (asked.max_age_s + asked.max_stale_s) * 1000:
        return False
    return -stored.ttl_ms(now_ms) <= asked.max_stale_s * 1000 and not _forbids_stale(stored, explicit=False)


def _forbids_stale(stored: Stored, *, explicit: bool) -> bool:
    """RFC 9111 section 4.2.4. s-maxage implies proxy-revalidate (5.2.2.10), unless an explicit stale-… refines it."""
    said = stored.directives
    if said.no_cache or said.must_revalidate or said.proxy_revalidate:
        return True
    return said.s_maxage_s is not None and not explicit


def may_serve_on_error(request: RequestHead, stored: Stored, *, now_ms: int, limit_s: int) -> bool:
    """Whether `stored` may answer because no origin gave a usable response (RFC 9111 4.2.4, RFC 5861 section 4).

    `limit_s` bounds the staleness where neither side says stale-if-error.
    """
    if stored.ttl_ms(now_ms) > 0 and not stored.directives.no_cache:
        return not request_directives(request.fields).no_cache
    own_s = stored.directives.stale_if_error_s
    asked_s = request_directives(request.fields).stale_if_error_s
    if _forbids_stale(stored, explicit=own_s is not None) or request_directives(request.fields).no_cache:
        return False
    said = [window for window in (own_s, asked_s) if window is not None]
    return -stored.ttl_ms(now_ms) <= max(said, default=limit_s) * 1000


def select(request: RequestHead, kept: Sequence[Stored]) -> Stored | None:
    """The newest stored response whose selecting fields agree with the request (RFC 9111 section 4.1)."""
    fitting = [stored for stored in kept if matches(request, stored)]
    return max(fitting, key=lambda stored: stored.date_ms) if len(fitting) > 1 else fitting[0] if fitting else None


def matches(request: RequestHead, stored: Stored) -> bool:
    return not stored.vary or all(
        name != "*" and selecting_value(request, name) == value for name, value in stored.vary
    )


def may_store(request: RequestHead, response: ResponseHead) -> bool:
    """RFC 9111 sections 3 and 3.5 for a shared cache, with these choices:

    only complete responses to GET are kept; a response with Set-Cookie only if its freshness is explicit; one that
    could never be reused or revalidated (no freshness, no validator) is not worth its place.
    """
    said = response_directives(response.fields)
    if request.method != "GET" or response.status < 200 or response.status in (206, 304):
        return False
    if said.must_understand and response.status not in _UNDERSTOOD:
        return False
    if (said.no_store and not said.must_understand) or said.private or request_directives(request.fields).no_store:
        return False
    if "Authorization" in request.fields and not (said.public or said.must_revalidate or said.s_maxage_s is not None):
        return False
    if "*" in members(combined(response.fields, "Vary") or ""):
        return False
    explicit = has_explicit_freshness(said, response.fields)
    if not explicit and not said.public and response.status not in HEURISTIC_STATUSES:
        return False
    if not explicit and "Set-Cookie" in response.fields:
        return False
    stored = make_stored(request, response)
    return has_validator(stored) or (stored.ttl_ms(response.response_ms) > 0 and not said.no_cache)


def has_validator(stored: Stored) -> bool:
    return parse_etag(stored.head.fields.get("ETag")) is not None or "Last-Modified" in stored.head.fields


def validation_fields(stored: Stored) -> Fields:
    """The conditional fields that revalidate `stored` (RFC 9111 section 4.3.1)."""
    pairs = []
    if parse_etag(stored.head.fields.get("ETag")) is not None:
        pairs.append(("If-None-Match", stored.head.fields["ETag"]))
    if "Last-Modified" in stored.head.fields:
        pairs.append(("If-Modified-Since", stored.head.fields["Last-Modified"]))
    return make_fields(pairs)


def confirms(stored: Stored, response: ResponseHead) -> bool:
    """Whether a 304 speaks of `stored` and not of another representation (RFC 9111 section 4.3.4)."""
    tag = parse_etag(response.fields.get("ETag"))
    own = parse_etag(stored.head.fields.get("ETag"))
    if tag is not None:
        return own is not None and tag[1] == own[1]
    modified = response.fields.get("Last-Modified")
    return modified is None or own is not None or modified == stored.head.fields.get("Last-Modified")


def freshen(request: RequestHead, stored: Stored, response: ResponseHead) -> Stored:
    """`stored` with its fields updated by a 304, or by the head of a HEAD (RFC 9111 sections 3.2 and 4.3.5).

    The new fields replace all lines of the same name; those that describe the stored bytes stay.
    """
    new = [(name, value) for name, value in response.fields.items() if name.lower() not in _NOT_BY_304]
    replaced = {name.lower() for name, _ in new} | {"age"}
    old = [(name, value) for name, value in stored.head.fields.items() if name.lower() not in replaced]
    age = [("Age", value) for value in response.fields.getall("Age", [])]
    head = replace(
        stored.head,
        fields=make_fields([*old, *new, *age]),
        request_ms=response.request_ms,
        response_ms=response.response_ms,
    )
    return make_stored(request, head)


def outdates(stored: Stored, response: ResponseHead) -> bool:
    """Whether the response to a HEAD shows that `stored` is no longer what the origin has (RFC 9111 4.3.5)."""
    return response.status == 200 and any(
        name in response.fields and response.fields[name] != stored.head.fields.get(name, response.fields[name])
        for name in ("ETag", "Last-Modified", "Content-Length")
    )


def invalidated(request: RequestHead, response: ResponseHead) -> Iterable[str]:
    """The targets whose stored responses an unsafe request made invalid (RFC 9111 section 4.4).

    Location and Content-Location count only where they lie on the same host as the request says it addressed.
    """
    if request.method in SAFE_METHODS or not 200 <= response.status < 400:
        return ()
    found = [request.target]
    base = f"http://{request.fields.get('Host', '')}{request.target}"
    for name in ("Location", "Content-Location"):
        if name in response.fields:
            try:
                there = urlsplit(urljoin(base, response.fields[name]))
            except ValueError:
                continue
            if there.netloc == urlsplit(base).netloc:
                found.append((there.path or "/") + (f"?{there.query}" if there.query else ""))
    return tuple(dict.fromkeys(found))
