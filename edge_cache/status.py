"""The Cache-Status member that an edge adds to each response (RFC 9211). Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CacheStatus:
    """How one request went. `fwd` is empty for a hit, else one of the reasons of RFC 9211 section 2.2.

    `ttl_s` is the remaining freshness in whole seconds, negative for a stale response.
    """

    fwd: str = ""
    fwd_status: int | None = None
    stored: bool = False
    collapsed: bool = False
    ttl_s: int | None = None
    detail: str = ""

    def text(self, name: str) -> str:
        """The member as a structured field item: ``edge; fwd=uri-miss; fwd-status=200; stored; ttl=60``."""
        parts = [name, f"fwd={self.fwd}" if self.fwd else "hit"]
        if self.fwd_status is not None:
            parts.append(f"fwd-status={self.fwd_status}")
        if self.ttl_s is not None:
            parts.append(f"ttl={self.ttl_s}")
        if self.stored:
            parts.append("stored")
        if self.collapsed:
            parts.append("collapsed")
        if self.detail:
            parts.append(f"detail={self.detail}")
        return "; ".join(parts)
