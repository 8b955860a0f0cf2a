"""The heads of responses as bytes. Pure."""

from __future__ import annotations

from http import HTTPStatus

from edge_cache.core_fields import Fields

_OF_THE_BODY = frozenset(
    ("content-type", "content-length", "content-encoding", "content-language", "content-range", "transfer-encoding")
)
REASONS = {status.value: status.phrase for status in HTTPStatus}


def field_lines(fields: Fields, *, without: frozenset[str] = frozenset()) -> bytes:
    """Field lines in order, without Content-Length (each answer has its own)."""
    skip = without | {"content-length"}
    text = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if name.lower() not in skip)
    return text.encode("utf-8", "surrogateescape")


def not_modified_lines(fields: Fields) -> bytes:
    """The field lines of a 304: all but those that describe the body it has not (RFC 9110 section 15.4.5).

    Access-Control-… among them: a script that sends If-None-Match itself may read the answer only with these.
    """
    return field_lines(fields, without=_OF_THE_BODY)


def status_line(status: int, reason: str = "") -> bytes:
    """``HTTP/1.1 200 OK`` and its line end."""
    return f"HTTP/1.1 {status} {reason or REASONS.get(status, '')}\r\n".encode("utf-8", "surrogateescape")
