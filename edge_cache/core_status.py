"""The Cache-Status field (RFC 9211). Pure."""

from __future__ import annotations

from dataclasses import dataclass

from edge_cache.core_decide import Why


@dataclass(frozen=True, slots=True)
class Status:
    """How this cache handled one request. `why` None means a hit."""

    why: Why | None = None
    fwd_status: int | None = None
    ttl_s: int | None = None
    stored: bool = False
    collapsed: bool = False
    detail: str = ""

    def text(self, name: str) -> str:
        """The list member for the cache called `name`: ``edge; fwd=uri-miss; fwd-status=200; stored``."""
        parts = [name, "hit" if self.why is None else f"fwd={self.why}"]
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
