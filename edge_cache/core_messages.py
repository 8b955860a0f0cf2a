"""The values the rules speak about: a request and a stored response. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from edge_cache.core_fields import Directives, Fields, date_s, delta_s, directives, fields_of, joined, tokens


@dataclass(frozen=True, slots=True)
class Request:
    """What the rules need of a request. `target` is path and query as sent."""

    method: str
    target: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class Stored:
    """A response as the cache keeps it, without its bytes. Times are milliseconds of wall clock since 1970.

    `fields` are end to end, with a Date and without Age. `age_s` is the received Age. `selected` holds, for each field
    named by Vary, the value of the request that fetched it (None: absent).
    """

    status: int
    reason: str
    fields: Fields
    requested_ms: int
    received_ms: int
    age_s: int = 0
    selected: tuple[tuple[str, str | None], ...] = ()

    @property
    def date_s(self) -> int:
        """The origin's Date, or when it was received if that can't be read."""
        date = date_s(self.fields.get("Date"))
        return self.received_ms // 1000 if date is None else date


def vary_names(fields: Fields) -> tuple[str, ...]:
    """The request fields that selected a response, lower-cased and sorted; ``*`` if it can't be known."""
    return tuple(sorted(set(tokens(fields, "Vary"))))


def selected_by(request: Request, fields: Fields) -> tuple[tuple[str, str | None], ...]:
    """The request's own values of the fields that the response's Vary names (RFC 9111 section 4.1)."""
    return tuple((name, joined(request.fields, name)) for name in vary_names(fields))


def matches(request: Request, stored: Stored) -> bool:
    """Does this stored variant answer the request (RFC 9111 section 4.1)? Values compare after joining and trimming."""
    return all(name != "*" and joined(request.fields, name) == value for name, value in stored.selected)


def request_directives(request: Request) -> Directives:
    """Request cache directives; ``Pragma: no-cache`` counts where there is no Cache-Control (section 5.4)."""
    if "Cache-Control" in request.fields:
        return directives(request.fields)
    return {"no-cache": None} if "no-cache" in tokens(request.fields, "Pragma") else {}


def received_age_s(fields: Fields) -> int:
    """The Age of a response as received: its first member, 0 when absent or unreadable (section 5.1)."""
    return delta_s(fields.get("Age", "").partition(",")[0].strip()) or 0


def without_range(request: Request) -> Request:
    """The same request for the whole object."""
    kept = [(name, value) for name, value in request.fields.items() if name.lower() not in ("range", "if-range")]
    return replace(request, fields=fields_of(*kept))
