"""From a stored or arriving response to the answer one client wants: whole, part, parts, or just a head.

Does socket I/O through `reply`; which part is decided by `core_ranges`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from email.utils import formatdate
from typing import assert_never

import xxhash
from aiohttp import web

from edge_cache.core_fields import fields_of
from edge_cache.core_messages import Request, Stored
from edge_cache.core_ranges import NotModified, Parts, Unsatisfiable, Whole, choose
from edge_cache.reply import Reply, send, send_bodiless
from edge_cache.reply_head import field_lines, not_modified_lines, status_line

Source = Callable[[int, int | None], AsyncGenerator[bytes | bytearray | memoryview, None]]
"""Gives the bytes ``[start, stop)`` of a body; `stop` None means to its end."""
_BODILESS = frozenset((204, 304))
_CONTENT_TYPE = frozenset(("content-type",))


@dataclass(frozen=True, slots=True)
class Answer:
    """A response with all that its head needs. `lines` are its prepared field lines, if there are any.

    `length` is that of the whole body, None while unknown. `verbatim`: the origin has already seen the client's
    conditions and ranges, so the response is passed on as it is.
    """

    stored: Stored
    lines: bytes | None
    length: int | None
    cache_status: str
    name: str
    age_s: int | None = None
    verbatim: bool = False

    def head(self, lines: bytes | None = None) -> bytes:
        """The field lines of this hop after those of the response."""
        if lines is None:
            lines = self.lines if self.lines is not None else field_lines(self.stored.fields)
        age = b"" if self.age_s is None else b"Age: %d\r\n" % self.age_s
        return b"%sVia: 1.1 %s\r\n%sCache-Status: %s\r\n" % (
            lines,
            self.name.encode(),
            age,
            self.cache_status.encode(),
        )


async def send_answer(web_request: web.Request, request: Request, answer: Answer, source: Source) -> Reply:
    """Choose what the request gets of `answer` and send it."""
    stored = answer.stored
    first = status_line(stored.status, stored.reason)
    if request.method == "HEAD" or stored.status in _BODILESS or answer.verbatim:
        return await _send_unchosen(web_request, request, answer, source)
    selection = choose(request, stored, answer.length)
    match selection:
        case Whole():
            head = first + answer.head() + _content_length(answer.length)
            return await send(web_request, stored.status, head, answer.length, source(0, answer.length))
        case NotModified():
            return await _send_not_modified(web_request, answer)
        case Parts([(start, stop)], length):
            head = b"%s%sContent-Range: bytes %d-%d/%d\r\n%s" % (
                status_line(206),
                answer.head(),
                start,
                stop - 1,
                length,
                _content_length(stop - start),
            )
            return await send(web_request, 206, head, stop - start, source(start, stop))
        case Parts(pieces, length):
            return await _send_parts(web_request, answer, pieces, length, source)
        case Unsatisfiable(length):
            head = b"%s%sContent-Range: bytes */%d\r\n%s" % (
                status_line(416),
                answer.head(),
                length,
                _content_length(0),
            )
            return await send_bodiless(web_request, 416, head)
        case _:
            assert_never(selection)


async def send_error(web_request: web.Request, status: int, name: str, text: str, *, told: str = "") -> Reply:
    """An answer of the edge's own: one line of text."""
    body = f"{status}: {text}\n".encode()
    fields = (
        ("Date", formatdate(usegmt=True)),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Cache-Control", "no-store"),
        ("Cache-Status", told or f"{name}; detail=refused"),
    )
    head = status_line(status) + field_lines(fields_of(*fields)) + _content_length(len(body))
    if web_request.method == "HEAD":
        return await send_bodiless(web_request, status, head)

    async def once() -> AsyncGenerator[bytes, None]:
        yield body

    return await send(web_request, status, head, len(body), once())


async def _send_unchosen(web_request: web.Request, request: Request, answer: Answer, source: Source) -> Reply:
    """HEAD, answers without a body, and what is passed on as it came."""
    stored = answer.stored
    if not answer.verbatim and isinstance(choose(request, stored, answer.length), NotModified):
        return await _send_not_modified(web_request, answer)
    head = status_line(stored.status, stored.reason) + answer.head()
    if stored.status != 204 and answer.length is not None:
        head += _content_length(answer.length)
    if request.method == "HEAD" or stored.status in _BODILESS:
        return await send_bodiless(web_request, stored.status, head)
    return await send(web_request, stored.status, head, answer.length, source(0, answer.length))


async def _send_not_modified(web_request: web.Request, answer: Answer) -> Reply:
    head = status_line(304) + answer.head(not_modified_lines(answer.stored.fields))
    return await send_bodiless(web_request, 304, head)


async def _send_parts(
    web_request: web.Request, answer: Answer, pieces: tuple[tuple[int, int], ...], whole: int, source: Source
) -> Reply:
    """206 multipart/byteranges (RFC 9110 section 14.6)."""
    fields = answer.stored.fields
    boundary = _boundary(answer)
    kind = fields.get("Content-Type")
    type_line = b"" if kind is None else f"Content-Type: {kind}\r\n".encode("utf-8", "surrogateescape")
    heads = [
        b"\r\n--%s\r\n%sContent-Range: bytes %d-%d/%d\r\n\r\n" % (boundary, type_line, start, stop - 1, whole)
        for start, stop in pieces
    ]
    end = b"\r\n--%s--\r\n" % boundary
    length = sum(map(len, heads)) + sum(stop - start for start, stop in pieces) + len(end)

    async def parts() -> AsyncGenerator[bytes | bytearray | memoryview, None]:
        for head, (start, stop) in zip(heads, pieces, strict=True):
            yield head
            async with aclosing(source(start, stop)) as inner:
                async for piece in inner:
                    yield piece
        yield end

    lines = answer.head(field_lines(fields, without=_CONTENT_TYPE))
    head = b"%s%sContent-Type: multipart/byteranges; boundary=%s\r\n%s" % (
        status_line(206),
        lines,
        boundary,
        _content_length(length),
    )
    return await send(web_request, 206, head, length, parts())


def _boundary(answer: Answer) -> bytes:
    """From the validators: the same for the same response. Its length makes it unlikely in media bytes."""
    seed = f"{answer.stored.fields.get('ETag')}{answer.stored.received_ms}{answer.length}"
    return b"matinee-" + xxhash.xxh3_128(seed.encode()).hexdigest().encode()


def _content_length(length: int | None) -> bytes:
    return b"" if length is None else b"Content-Length: %d\r\n" % length
