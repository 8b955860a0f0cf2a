"""What may be kept, how a 304 renews it, and what an unsafe method makes void (RFC 9111 sections 3, 4.3, 4.4). Pure."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from multidict import CIMultiDict, CIMultiDictProxy

from edge_cache.core_decide import has_validator
from edge_cache.core_fields import Fields, directives, end_to_end, http_date, strongly_equal, weakly_equal
from edge_cache.core_freshness import HEURISTIC_STATUSES, has_explicit_freshness, lifetime_s
from edge_cache.core_messages import Request, Stored, received_age_s, selected_by

_UNDERSTOOD = HEURISTIC_STATUSES | {302, 303, 307, 400, 403, 500, 502, 503, 504}
_KEPT_BY_304 = frozenset(("content-length", "content-encoding", "content-range", "transfer-encoding", "age"))
_SAFE = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))


def stored_from(
    request: Request, status: int, reason: str, fields: Fields, *, requested_ms: int, received_ms: int
) -> Stored:
    """A response as received, made a value: hop-by-hop fields and Age taken off, a missing Date put on."""
    kept = end_to_end(fields)
    kept.popall("Age", None)
    if "Date" not in kept:
        kept["Date"] = http_date(received_ms // 1000)
    proxy = CIMultiDictProxy(kept)
    age = received_age_s(fields)
    return Stored(status, reason, proxy, requested_ms, received_ms, age, selected_by(request, proxy))


def may_store(request: Request, stored: Stored) -> bool:
    """May and should a shared cache keep this answer to a GET (section 3)? A complete body is the caller's to ensure.

    Stricter than the letter where that is safe: qualified ``private`` and ``no-cache`` count as unqualified, a
    response with Set-Cookie needs explicit freshness, and what could never be used without a validator is not kept.
    """
    said = directives(stored.fields)
    if request.method != "GET" or stored.status not in _UNDERSTOOD or "private" in said:
        return False
    if "no-store" in directives(request.fields) or ("no-store" in said and "must-understand" not in said):
        return False
    if any(name == "*" for name, _ in stored.selected):
        return False
    if "Authorization" in request.fields and not any(
        name in said for name in ("public", "must-revalidate", "s-maxage")
    ):
        return False
    explicit = has_explicit_freshness(stored)
    if not explicit and ("Set-Cookie" in stored.fields or not _may_guess(stored, public="public" in said)):
        return False
    usable = lifetime_s(stored) > 0 and "no-cache" not in said
    return usable or has_validator(stored) or "stale-while-revalidate" in said or "stale-if-error" in said


def conditions(stored: Stored) -> tuple[tuple[str, str], ...]:
    """The request fields that ask whether `stored` still holds (section 4.3.1)."""
    pairs = (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified"))
    return tuple((ask, stored.fields[have]) for ask, have in pairs if have in stored.fields)


def renewed(stored: Stored, fields: Fields, *, requested_ms: int, received_ms: int) -> Stored | None:
    """`stored` after a 304 with `fields` (sections 3.2 and 4.3.4); None if the 304 speaks of another response."""
    told, known = fields.get("ETag"), stored.fields.get("ETag")
    if told is not None and known is not None:
        same = weakly_equal(told, known) if told.startswith("W/") else strongly_equal(told, known)
        if not same:
            return None
    elif told is None and known is None and _changed(stored, fields):
        return None
    news = end_to_end(fields)
    for name in _KEPT_BY_304:
        news.popall(name, None)
    if "Date" not in news:
        news["Date"] = http_date(received_ms // 1000)
    merged = CIMultiDict((name, value) for name, value in stored.fields.items() if name not in news)
    merged.extend(news)
    age = received_age_s(fields)
    return replace(
        stored, fields=CIMultiDictProxy(merged), requested_ms=requested_ms, received_ms=received_ms, age_s=age
    )


def voided_targets(method: str, target: str, status: int, fields: Fields, *, origins: tuple[str, ...]) -> set[str]:
    """Targets whose stored responses an unsafe method makes void (section 4.4): its own and, where they stay on the
    same origin, those named by Location and Content-Location. Nothing after an error."""
    if method in _SAFE or not 200 <= status < 400:
        return set()
    found = {target}
    for base in origins:
        here = urlsplit(base)
        prefix = here.path.rstrip("/")
        for name in ("Location", "Content-Location"):
            if name not in fields:
                continue
            there = urlsplit(urljoin(base.rstrip("/") + target, fields[name]))
            if (there.scheme, there.netloc) == (here.scheme, here.netloc) and there.path.startswith(prefix):
                path = there.path[len(prefix) :] or "/"
                found.add(f"{path}?{there.query}" if there.query else path)
    return found


def _may_guess(stored: Stored, *, public: bool) -> bool:
    return public or stored.status in HEURISTIC_STATUSES


def _changed(stored: Stored, fields: Fields) -> bool:
    told, known = fields.get("Last-Modified"), stored.fields.get("Last-Modified")
    return told is not None and known is not None and told != known
