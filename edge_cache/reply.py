"""Answers on the wire: a response whose head is already bytes. Does socket I/O through aiohttp."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_writer import StreamWriter

_COALESCE_BYTES = 16 << 10


class Reply(web.StreamResponse):
    """A response with a prepared head. aiohttp adds no field of its own: what a proxy passes on stays as it is.

    `length` is that of the body to follow, None if it is not known (chunked, or closed at the end for HTTP/1.0).
    """

    def __init__(self, status: int, head: bytes, length: int | None) -> None:
        super().__init__(status=status)
        self._head = head
        self._length = length

    async def _start(self, request: web.BaseRequest) -> AbstractStreamWriter:
        writer = request._payload_writer
        assert isinstance(writer, StreamWriter)
        self._req = request
        self._payload_writer = writer
        keep = request.keep_alive
        lines = b""
        if self._length is None:
            if request.version >= (1, 1):
                writer.enable_chunking()
                lines = b"Transfer-Encoding: chunked\r\n"
            else:
                keep = False
        writer.length = self._length
        if not keep:
            lines += b"Connection: close\r\n"
        elif request.version < (1, 1):
            lines += b"Connection: keep-alive\r\n"
        self._keep_alive = keep
        head = self._head + lines + b"\r\n"
        if self._length is None or self._length > _COALESCE_BYTES:
            writer._write(head)
        else:  # aiohttp sends a waiting head together with the first bytes
            writer._headers_buf, writer._headers_written = head, False
        return writer


async def send(
    request: web.BaseRequest,
    status: int,
    head: bytes,
    length: int | None,
    pieces: AsyncGenerator[bytes | bytearray | memoryview, None],
) -> Reply:
    """Send head and body. What `pieces` raises comes through, the head gone: then abort the connection."""
    reply = Reply(status, head, length)
    await reply.prepare(request)
    async with aclosing(pieces):
        async for piece in pieces:
            await reply.write(piece)
    await reply.write_eof()
    return reply


async def send_bodiless(request: web.BaseRequest, status: int, head: bytes) -> Reply:
    """Send a head that no body follows: HEAD, 204, 304. Any Content-Length is part of `head`."""
    reply = Reply(status, head, 0)
    await reply.prepare(request)
    await reply.write_eof()
    return reply
