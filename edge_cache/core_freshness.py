"""How long a response is fresh and how old it is (RFC 9111 section 4.2). Pure; the clock is an argument."""

from __future__ import annotations

from edge_cache.core_fields import FOREVER_S, date_s, delta_s, directives
from edge_cache.core_messages import Stored

HEURISTIC_PART = 10
"""A response without explicit freshness is fresh for a tenth of the time since it was last modified …"""
HEURISTIC_MAX_S = 86_400
"""… but no longer than a day (RFC 9111 section 4.2.2)."""
HEURISTIC_STATUSES = frozenset((200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501))
"""Final statuses that may be cached without explicit freshness (RFC 9110 section 15.1; 206 is not understood here)."""


def has_explicit_freshness(stored: Stored) -> bool:
    """Did the origin say how long: s-maxage, max-age or Expires, readable or not?"""
    said = directives(stored.fields)
    return "s-maxage" in said or "max-age" in said or "Expires" in stored.fields


def lifetime_s(stored: Stored) -> int:
    """Freshness lifetime in a shared cache. What is unreadable or contradictory is 0, thus stale (section 4.2.1)."""
    said = directives(stored.fields)
    for name in ("s-maxage", "max-age"):
        if name in said:
            return delta_s(said[name]) or 0
    if "Expires" in stored.fields:
        values = stored.fields.getall("Expires")
        expires = date_s(values[0]) if len(values) == 1 else None
        return 0 if expires is None else min(max(0, expires - stored.date_s), FOREVER_S)
    return _heuristic_s(stored, public="public" in said)


def age_s(stored: Stored, *, now_ms: int) -> int:
    """Current age in whole seconds (section 4.2.3). A clock set back does not make a response younger than it came."""
    apparent_ms = max(0, stored.received_ms - stored.date_s * 1000)
    delay_ms = max(0, stored.received_ms - stored.requested_ms)
    initial_ms = max(apparent_ms, stored.age_s * 1000 + delay_ms)
    return min((initial_ms + max(0, now_ms - stored.received_ms)) // 1000, FOREVER_S)


def ttl_s(stored: Stored, *, now_ms: int) -> int:
    """Seconds of freshness left; 0 or negative when stale (RFC 9211 section 2.6)."""
    return lifetime_s(stored) - age_s(stored, now_ms=now_ms)


def _heuristic_s(stored: Stored, *, public: bool) -> int:
    if stored.status not in HEURISTIC_STATUSES and not public:
        return 0
    modified = date_s(stored.fields.get("Last-Modified"))
    return 0 if modified is None else min(max(0, stored.date_s - modified) // HEURISTIC_PART, HEURISTIC_MAX_S)
