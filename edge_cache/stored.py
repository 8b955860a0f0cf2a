"""Requests and responses as the rules see them, and how old and how long fresh a response is (RFC 9111 4.2). Pure.

All instants are integer milliseconds since 1970, all spans integer milliseconds unless the name says seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

from edge_cache.directives import ResponseDirectives, delta_seconds, response_directives
from edge_cache.fields import Fields, combined, members, parse_date

HEURISTIC_STATUSES = frozenset({200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501})
"""Final statuses that may be kept without explicit freshness (RFC 9110 section 15.1), partial content aside."""

HEURISTIC_LIMIT_MS = 86_400_000
"""No response is taken for fresh longer than a day on a guess."""


@dataclass(frozen=True, slots=True)
class RequestHead:
    """A request as it arrived: `target` is the origin form, `key` the effective URI that responses are kept under."""

    method: str
    target: str
    key: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class ResponseHead:
    """A final response of an origin, hop-by-hop fields removed, with the moments of asking and of its head's arrival.

    `length` counts body bytes where the origin declares it.
    """

    status: int
    reason: str
    fields: Fields
    request_ms: int
    response_ms: int
    length: int | None


@dataclass(frozen=True, slots=True)
class Stored:
    """A response in the cache, with what its freshness comes down to.

    `vary` holds the selecting fields with the values the storing request had, None for absent (RFC 9111 section 4.1).
    At `born_ms` its age was zero by the corrected arithmetic of section 4.2.3, so its age at any `now` is
    ``now - born_ms``. `lifetime_ms` is its freshness lifetime (section 4.2.1).
    """

    key: str
    vary: tuple[tuple[str, str | None], ...]
    head: ResponseHead
    directives: ResponseDirectives
    date_ms: int
    born_ms: int
    lifetime_ms: int

    def age_ms(self, now_ms: int) -> int:
        return max(0, now_ms - self.born_ms)

    def ttl_ms(self, now_ms: int) -> int:
        """How long it stays fresh; negative by how long it has been stale."""
        return self.lifetime_ms - self.age_ms(now_ms)


def make_stored(request: RequestHead, response: ResponseHead) -> Stored:
    """The value that stands for `response` in the cache. Whether it may be kept is for `rules.may_store`."""
    directives = response_directives(response.fields)
    date_ms = parse_date(response.fields.get("Date", ""))
    if date_ms is None:
        date_ms = response.response_ms
    return Stored(
        key=request.key,
        vary=vary_of(request, response.fields),
        head=response,
        directives=directives,
        date_ms=date_ms,
        born_ms=response.response_ms - _initial_age_ms(response, date_ms),
        lifetime_ms=freshness_lifetime_ms(response, directives, date_ms),
    )


def vary_of(request: RequestHead, fields: Fields) -> tuple[tuple[str, str | None], ...]:
    """The request's values for the fields that a response's Vary names, sorted by name."""
    names = sorted({name.lower() for name in members(combined(fields, "Vary") or "")})
    return tuple((name, selecting_value(request, name)) for name in names)


def selecting_value(request: RequestHead, name: str) -> str | None:
    """A request field in the form in which values are compared: one line, no space around commas (section 4.1)."""
    value = combined(request.fields, name)
    return None if value is None else ",".join(members(value))


def has_explicit_freshness(directives: ResponseDirectives, fields: Fields) -> bool:
    return directives.s_maxage_s is not None or directives.max_age_s is not None or "Expires" in fields


def freshness_lifetime_ms(response: ResponseHead, directives: ResponseDirectives, date_ms: int) -> int:
    """RFC 9111 section 4.2.1; a tenth of the time since Last-Modified where nothing explicit is said (4.2.2)."""
    if directives.s_maxage_s is not None:
        return directives.s_maxage_s * 1000
    if directives.max_age_s is not None:
        return directives.max_age_s * 1000
    if "Expires" in response.fields:
        expires = {parse_date(value) for value in response.fields.getall("Expires")}
        expires_ms = expires.pop() if len(expires) == 1 else None
        return 0 if expires_ms is None else max(0, expires_ms - date_ms)
    modified_ms = parse_date(response.fields.get("Last-Modified", ""))
    if modified_ms is None or not (response.status in HEURISTIC_STATUSES or directives.public):
        return 0
    return min(max(0, date_ms - modified_ms) // 10, HEURISTIC_LIMIT_MS)


def _initial_age_ms(response: ResponseHead, date_ms: int) -> int:
    """The corrected initial age (RFC 9111 section 4.2.3)."""
    first = (combined(response.fields, "Age") or "").split(",", 1)[0].strip()
    age_s = delta_seconds(first) or 0
    apparent_age_ms = max(0, response.response_ms - date_ms)
    response_delay_ms = max(0, response.response_ms - response.request_ms)
    return max(apparent_age_ms, age_s * 1000 + response_delay_ms)
