"""Bodies over a network: reading on where a connection broke, and cutting a stream into upload parts.

I/O only through the functions it is given; sleeps between its attempts.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from values.errors import StoreError

BACKOFF_S = (0.1, 0.3, 0.9, 2.7)
"""Pauses before reading on, after the first, second, … failure without a byte in between."""

_BLOCK_BYTES = 256 << 10  # what one failure can cost: bytes of an unfinished block are asked for again


@dataclass(frozen=True, slots=True)
class Body:
    """The answer to a ranged GET: bytes [start, stop) of the object that has this etag.

    `read` gives at most as many bytes as asked and none at its end, or raises one of `faults` if the connection
    breaks. `stop` is where the wanted range ends, whether or not this connection gets so far.
    """

    start: int
    stop: int
    etag: str
    read: Callable[[int], bytes]
    close: Callable[[], None]
    faults: tuple[type[Exception], ...]


def span(
    status: int, content_range: str | None, length: int | None, *, start: int, stop: int | None, where: str
) -> tuple[int, int]:
    """Which bytes of an object the answer to GET ``bytes=start-(stop-1)`` stands for, as [start, stop).

    Reads status, Content-Range and Content-Length (RFC 9110 section 14.4). An answer without Content-Range is the
    whole object. Raises StoreError if the answer isn't about the range that was asked for.
    """
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", content_range or "")
    if found:
        first, size = int(found[1]), int(found[2])
    elif status == 200 and length is not None:
        first, size = 0, length
    else:
        raise StoreError(
            f"the server answered {status} without saying which bytes it sends",
            where=where,
            hint="Is this address really an S3 server, and is no proxy in between that drops headers?",
        )
    if start >= size:
        return start, start
    if first != start:
        raise StoreError(
            f"asked for bytes from {start}, the server sent them from {first}",
            where=where,
            hint="This server ignores ranges. Media can't be served from it.",
        )
    return start, size if stop is None else min(stop, size)


def follow(body: Body, reopen: Callable[[int, int, str], Body], *, where: str) -> Generator[bytes, None, None]:
    """The bytes of `body` to its end over as many connections as that takes.

    ``reopen(start, stop, etag)`` asks for the rest. Raises StoreError if the object has changed meanwhile, or if no
    byte comes after several attempts. Closing the generator closes the connection.
    """
    blocks = _follow(body, reopen, where)
    next(blocks)  # from here on the generator closes the body, however it ends
    return blocks


def _follow(body: Body, reopen: Callable[[int, int, str], Body], where: str) -> Generator[bytes, None, None]:
    position, stop, etag = body.start, body.stop, body.etag
    failures = 0
    try:
        yield b""
        while position < stop:
            reason = "the connection was closed"
            try:
                block = body.read(min(_BLOCK_BYTES, stop - position))
            except body.faults as error:
                block, reason = b"", str(error)
            if block:
                failures = 0
                position += len(block)
                yield block
                continue
            if failures == len(BACKOFF_S):
                raise StoreError(
                    f"reading broke at byte {position} of {stop}, {failures + 1} times in a row: {reason}",
                    where=where,
                    hint="Check the network between here and the store, and the server's log.",
                )
            _close(body)
            time.sleep(BACKOFF_S[failures])
            failures += 1
            body = reopen(position, stop, etag)
            if (body.start, body.stop, body.etag) != (position, stop, etag):
                raise changed(where)
    finally:
        _close(body)


def _close(body: Body) -> None:
    with suppress(*body.faults):
        body.close()


def changed(where: str) -> StoreError:
    return StoreError("the object changed while it was read", where=where, hint="Read it again from its start.")


def in_parts(data: bytes | Iterable[bytes], size_of: Callable[[int], int]) -> Iterator[bytearray]:
    """`data` in parts of ``size_of(0)``, ``size_of(1)`` … bytes, the last one shorter; at least one, if empty.

    Only one part is held: a part is not touched again after it was given away.
    """
    part, number = bytearray(), 0
    for block in (data,) if isinstance(data, bytes | bytearray | memoryview) else data:
        view = memoryview(block)
        while view:
            room = size_of(number) - len(part)
            part += view[:room]
            view = view[room:]
            if len(part) == size_of(number):
                yield part
                part, number = bytearray(), number + 1
    if part or not number:
        yield part
