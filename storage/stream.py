"""Bodies over a network: reading on where a connection broke, and cutting a stream into upload parts.

I/O only through the functions it is given; sleeps between its attempts.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from values.errors import StoreError

BACKOFF_S = (0.1, 0.3, 0.9, 2.7)
"""Pauses before reading on, after the first, second, … failure with less than a block in between."""

_BLOCK_BYTES = 256 << 10  # what one failure can cost: bytes of an unfinished block are asked for again


@dataclass(frozen=True, slots=True)
class Stated:
    """What the head of an answer to a ranged GET says: bytes [start, stop) of an object of that size and etag.

    `stop` is where the wanted range ends, whether or not this connection gets so far.
    """

    start: int
    stop: int
    size_bytes: int
    etag: str


@dataclass(frozen=True, slots=True)
class Body:
    """An answer to a ranged GET.

    `read` gives at most as many bytes as asked and none at its end, or raises one of `faults` if the connection
    breaks.
    """

    stated: Stated
    read: Callable[[int], bytes]
    close: Callable[[], None]
    faults: tuple[type[Exception], ...]


Fetch = Callable[[int, int | None, str], Body]
"""``fetch(start, stop, etag)`` asks for a range of an object, which must have that etag if it is not empty."""


class GarbledAnswer(StoreError):
    """An answer lacks what it must have. One whose connection breaks in its head looks like that."""


def stated(status: int, headers: Mapping[str, str], *, start: int, stop: int | None, where: str) -> Stated:
    """Which bytes the answer to GET ``bytes=start-(stop-1)`` stands for; `headers` by their lower-case names.

    Reads Content-Range, Content-Length and ETag (RFC 9110 sections 8 and 14.4). An answer 200 without Content-Range
    is the whole object. Raises GarbledAnswer, or StoreError if the answer is about another range.
    """
    etag = headers.get("etag", "").strip('"')
    found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", headers.get("content-range", ""))
    if etag and found and int(found[2]) < int(found[3]):
        first, size = int(found[1]), int(found[3])
    elif etag and status == 200 and re.fullmatch(r"\d+", headers.get("content-length", "")):
        first, size = 0, int(headers["content-length"])
    else:
        raise garbled(f"{status} without saying which bytes of what it sends", where=where)
    if start >= size:
        return Stated(start, start, size, etag)
    if first != start:
        raise StoreError(
            f"asked for bytes from {start}, the server sent them from {first}",
            where=where,
            hint="This server ignores ranges. Media can't be served from it.",
        )
    return Stated(start, size if stop is None else min(stop, size), size, etag)


def garbled(reason: str, *, where: str) -> GarbledAnswer:
    return GarbledAnswer(
        f"the server's answer makes no sense: {reason}",
        where=where,
        hint="Is this address really an S3 server, and is no proxy in between that drops headers?",
    )


def nothing(start: int) -> Body:
    """The body of a range that lies past the end of its object."""
    return Body(Stated(start, start, start, ""), read=lambda size: b"", close=lambda: None, faults=())


def follow(fetch: Fetch, start: int, stop: int | None, *, where: str) -> Generator[bytes, None, None]:
    """The bytes [start, stop) of an object, over as many connections as that takes.

    The first is made by this call. Raises StoreError if the object changes meanwhile, or if hardly a byte comes in
    several attempts. Closing the generator closes the connection.
    """
    blocks = _follow(fetch, start, stop, where)
    next(blocks)  # connects now; from here on the generator closes what it opened, however it ends
    return blocks


def _follow(fetch: Fetch, start: int, stop: int | None, where: str) -> Generator[bytes, None, None]:
    body = _patient(fetch, start, stop, "")
    whole = body.stated
    position = broke_at = start
    failures = 0
    try:
        yield b""
        while position < whole.stop:
            reason = "the connection was closed"
            try:
                block = body.read(min(_BLOCK_BYTES, whole.stop - position))
            except body.faults as error:
                block, reason = b"", str(error)
            if block:
                position += len(block)
                yield block
                continue
            failures = 0 if position - broke_at >= _BLOCK_BYTES else failures
            if failures == len(BACKOFF_S):
                raise StoreError(
                    f"reading broke at byte {position} of {whole.size_bytes}, {failures + 1} times: {reason}",
                    where=where,
                    hint="Check the network between here and the store, and the server's log.",
                )
            _close(body)
            time.sleep(BACKOFF_S[failures])
            failures, broke_at = failures + 1, position
            body = _patient(fetch, position, whole.stop, whole.etag)
            if body.stated != replace(whole, start=position):
                raise changed(where)
    finally:
        _close(body)


def _patient(fetch: Fetch, start: int, stop: int | None, etag: str) -> Body:
    """Fetch, again if the answer's head is garbled. (Connections that fail before are their client's to retry.)"""
    for pause_s in BACKOFF_S:
        with suppress(GarbledAnswer):
            return fetch(start, stop, etag)
        time.sleep(pause_s)
    return fetch(start, stop, etag)


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
