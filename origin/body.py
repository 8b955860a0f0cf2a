"""Sending an answer's body: small ones with the headers, files by the kernel, the rest block by block. Does I/O.

What fails before the headers are sent raises; what fails afterwards can only be told by cutting the connection, which
`BrokenOff` asks for: a reader must never take a part for the whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from aiohttp import web

from origin.answer import Answer
from origin.ranges import ByteRange
from origin.shelf import Item
from origin.source import Blocks, LocalFile, StoreThreads
from values.errors import StoreError

_SENDFILE_BYTES = 1 << 20

Opened = bytes | LocalFile | Blocks
T = TypeVar("T")


class BrokenOff(Exception):
    """The body can't be sent to its end, and its beginning has gone out. `of_store` says whose fault it is."""

    def __init__(self, reason: str, *, of_store: bool) -> None:
        super().__init__(reason)
        self.of_store = of_store


async def send_answer(
    request: web.Request, answer: Answer, item: Item, threads: StoreThreads, *, patience_s: float
) -> web.StreamResponse:
    """Send `answer` with the bytes of `item`, waiting at most `patience_s` for the client to take some.

    Raises NotFoundError and StoreError while nothing has been sent, BrokenOff afterwards.
    """
    part = next((piece for piece in answer.pieces if isinstance(piece, ByteRange)), None)
    if part is None:
        return web.Response(status=answer.status, headers=answer.headers)
    opened: Opened | None = await threads.open(item.key, item.size_bytes, part)
    if isinstance(opened, bytes) and len(answer.pieces) == 1:
        return web.Response(status=answer.status, headers=answer.headers, body=_whole(opened, part))
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    try:
        await _patient(response.prepare(request), patience_s)
        for piece in answer.pieces:
            if isinstance(piece, bytes):
                await _patient(response.write(piece), patience_s)
                continue
            if opened is None:
                opened = await threads.open(item.key, item.size_bytes, piece)
            await _send_range(request, response, opened, piece, patience_s)
            await _close(opened)
            opened = None
        await _patient(response.write_eof(), patience_s)
    except StoreError as error:
        raise BrokenOff(str(error), of_store=True) from error
    except (ConnectionError, TimeoutError) as error:
        raise BrokenOff(str(error) or type(error).__name__, of_store=False) from error
    finally:
        await _close(opened)
    return response


async def _send_range(
    request: web.Request,
    response: web.StreamResponse,
    opened: Opened,
    part: ByteRange,
    patience_s: float,
) -> None:
    if isinstance(opened, bytes):
        await _patient(response.write(_whole(opened, part)), patience_s)
    elif isinstance(opened, LocalFile):
        await _send_file(request, opened, part, patience_s)
    else:
        sent = 0
        while (block := await opened.next_block()) is not None:
            sent += len(block)
            if sent > part.length:
                break
            await _patient(response.write(block), patience_s)
        if sent != part.length:
            raise _wrong_length(part, sent)


async def _send_file(request: web.Request, opened: LocalFile, part: ByteRange, patience_s: float) -> None:
    """Let the kernel copy the range into the socket, in steps, so that a client that takes nothing is noticed."""
    loop = asyncio.get_running_loop()
    at = part.start
    while at < part.stop:
        transport = request.transport
        if transport is None:
            raise ConnectionResetError("the client has gone")
        count = min(_SENDFILE_BYTES, part.stop - at)
        sent = await _patient(loop.sendfile(transport, opened.file, at, count), patience_s)
        if sent != count:
            raise _wrong_length(part, at - part.start + sent)
        at += sent


def _whole(data: bytes, part: ByteRange) -> bytes:
    if len(data) != part.length:
        raise _wrong_length(part, len(data))
    return data


def _wrong_length(part: ByteRange, found: int) -> StoreError:
    return StoreError(
        f"{found} bytes came where {part.length} are recorded",
        hint="Run matinee verify on the title, then onboard it again.",
    )


async def _patient(step: Awaitable[T], patience_s: float) -> T:
    async with asyncio.timeout(patience_s):
        return await step


async def _close(opened: Opened | None) -> None:
    if isinstance(opened, LocalFile):
        opened.close()
    elif isinstance(opened, Blocks):
        await opened.close()
