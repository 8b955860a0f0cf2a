"""One body on its way from an origin, shared by all who want it. Bytes live in RAM, in a file, or in a short window.

A fill is kept (RAM or file: any reader may start anywhere, at any time) or passing (window: the origin is read no
faster than the slowest reader, bytes that all have passed are forgotten, nobody may join late).
When all readers have left, a kept fill goes on, because its bytes will be wanted; a passing one is given up.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Protocol

from edge_cache.body import Body
from edge_cache.core_messages import Stored
from values.errors import ServeError

WINDOW_BYTES = 1 << 20
"""How far a passing fill may run ahead of its slowest reader."""


class FillBroken(ServeError):
    """The body ended before its end: it is not cached, and its readers must be cut off."""


class Draft(Protocol):
    """A file on its way into the disk tier."""

    async def append(self, data: bytes | memoryview) -> bool:
        """Write at the end; False if there is no room (or no working disk) for it."""

    async def read(self, position: int, stop: int) -> bytes | bytearray | memoryview:
        """Bytes from `position`, at most PIECE_BYTES and not beyond `stop`."""

    async def discard(self) -> None:
        """Remove the file and give its room back."""


class Room(Protocol):
    """Where a fill keeps its bytes: reserves RAM, makes drafts."""

    def reserve_ram(self, held_bytes: int, extra_bytes: int) -> bool:
        """Room for `extra_bytes` more of an object that holds `held_bytes`; False if it can't or shouldn't be."""

    def release_ram(self, size_bytes: int) -> None:
        """Give room back."""

    async def draft(self, length: int | None) -> Draft | None:
        """A file for an object of `length` bytes; None if there is no disk tier or no room in it."""


class Reader:
    """One reader's place in a fill: ``[position, stop)``."""

    __slots__ = ("position", "stop")

    def __init__(self, position: int, stop: int | None) -> None:
        self.position = position
        self.stop = stop


class Fill:
    """The body of `stored`, of `length` bytes if that is known beforehand."""

    def __init__(self, stored: Stored, length: int | None, room: Room, *, keep: bool) -> None:
        self.stored = stored
        self.length = length
        self.kept = keep
        self.received = 0
        self.done = False
        self.failure: FillBroken | None = None
        self.readers: set[Reader] = set()
        self.body: Body | None = None
        self.draft: Draft | None = None
        self.reserved = 0
        self._room = room
        self._change: asyncio.Future[None] | None = None
        self._base = 0
        self._abandoned = False
        self._unwanted = False
        self._pin: Callable[[], None] | None = None
        self._unpin: Callable[[], None] | None = None

    async def start(self) -> None:
        """Choose where the bytes go. Called once, before the first `feed`."""
        if self.kept and self._reserve(self.length or 0):
            self.body = Body(self.length)
        elif self.kept and (draft := await self._room.draft(self.length)) is not None:
            self.draft = draft
        else:
            self._pass_on(Body())

    async def feed(self, data: bytes) -> None:
        """Take bytes that arrived. Waits while a passing fill is too far ahead; FillBroken if nobody reads it."""
        if self.draft is None and self.kept:
            await self._grow(len(data))
        if self.draft is not None and self.kept and not await self.draft.append(data):
            self._base = self.received  # what came before stays readable in the file
            self._pass_on(Body())
        if self.body is not None:
            self.body.append(data)
        self.received += len(data)
        self._wake()
        if not self.kept:
            await self._hold_back()

    def finish(self) -> None:
        """The origin said all it had to say."""
        if self.length is not None and self.received != self.length:
            self.fail(FillBroken(f"{self.received} of {self.length} bytes came"))
            return
        if self.body is not None and self.kept:
            self.body.trim()
            spare = self.reserved - self.body.room_bytes
            self._room.release_ram(spare)
            self.reserved -= spare
        self.length = self.received
        self.done = True
        self._wake()

    def fail(self, failure: FillBroken) -> None:
        """The body will not be complete."""
        self.failure = failure
        self.done = True
        self.drop()
        self._wake()

    def drop(self) -> None:
        """These bytes will not be cached: their room comes back when the last reader has left."""
        self._unwanted = True
        self._settle()

    def adopt(self, pin: Callable[[], None], unpin: Callable[[], None]) -> None:
        """The bytes now belong to a cache entry, whose pins from here on count the readers."""
        self.reserved = 0
        self._pin, self._unpin = pin, unpin
        for _ in self.readers:
            pin()

    def join(self, start: int = 0, stop: int | None = None) -> Reader:
        """A new reader of ``[start, stop)``. Leave it with `leave`, whatever happens."""
        reader = Reader(start, stop)
        self.readers.add(reader)
        if self._pin is not None:
            self._pin()
        return reader

    def leave(self, reader: Reader) -> None:
        """The reader is gone."""
        self.readers.discard(reader)
        if self._unpin is not None:
            self._unpin()
        self._settle()
        self._wake()

    def abandon(self) -> None:
        """Nobody will read this: a passing fill need not be read from the origin either."""
        self._abandoned = True
        self._wake()

    async def pieces(self, reader: Reader) -> AsyncGenerator[bytes | bytearray | memoryview, None]:
        """The reader's bytes as they arrive. FillBroken when they end early, after all that came was given."""
        while reader.stop is None or reader.position < reader.stop:
            if reader.position < self.received:
                piece = await self._piece(reader)
                reader.position += len(piece)
                yield piece
                if not self.kept:
                    self._wake()
            elif self.failure is not None:
                raise self.failure
            elif self.done:
                return
            else:
                await self.changed()

    async def wait_whole(self) -> None:
        """Until the last byte is here, or the fill is only passing. FillBroken if the last byte will not come."""
        while not self.done and self.kept:
            await self.changed()
        if self.failure is not None:
            raise self.failure

    async def _piece(self, reader: Reader) -> bytes | bytearray | memoryview:
        stop = self.received if reader.stop is None else min(reader.stop, self.received)
        if self.draft is not None and (self.body is None or reader.position < self._base):
            return await self.draft.read(reader.position, stop if self.body is None else min(stop, self._base))
        assert self.body is not None
        return self.body.view(reader.position - self._base, stop - self._base)

    def _reserve(self, extra: int) -> bool:
        if not self._room.reserve_ram(self.reserved, extra):
            return False
        self.reserved += extra
        return True

    async def _grow(self, extra: int) -> None:
        """Reserve for bytes of a body of unknown length; when RAM is not for it, go on in a file or as a window."""
        assert self.body is not None
        needed = max(0, self.body.room_bytes + self.body.needs_bytes(extra) - self.reserved)
        if not needed or self._reserve(needed):
            return
        body, draft = self.body, await self._room.draft(None)
        if draft is None:
            self._pass_on(body)
            return
        position = 0
        while piece := body.view(position):
            if not await draft.append(piece):
                await draft.discard()
                self._pass_on(body)
                return
            position += len(piece)
        self.draft, self.body = draft, None
        self._room.release_ram(self.reserved)
        self.reserved = 0

    def _pass_on(self, body: Body) -> None:
        self.kept = False
        self.body = body
        self._room.release_ram(self.reserved)
        self.reserved = 0

    async def _hold_back(self) -> None:
        assert self.body is not None
        while True:
            if self._abandoned and not self.readers:
                raise FillBroken("nobody reads this response any more")
            behind = min((reader.position for reader in self.readers), default=0)
            self.body.forget(max(0, min(behind, self.received) - self._base))
            if self.received - behind < WINDOW_BYTES:
                return
            await self.changed()

    def _settle(self) -> None:
        if self._unwanted and not self.readers:
            self._room.release_ram(self.reserved)
            self.reserved = 0

    def changed(self) -> asyncio.Future[None]:
        """Until bytes come, a reader moves or leaves, or the end is known."""
        if self._change is None:
            self._change = asyncio.get_running_loop().create_future()
        return asyncio.shield(self._change)

    def _wake(self) -> None:
        if self._change is not None:
            self._change.set_result(None)
            self._change = None
