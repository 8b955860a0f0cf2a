"""The disk tier: one pair of files an object, an exact byte budget, an index rebuilt at start. File I/O in threads.

``ab/0123.body`` holds the bytes, ``ab/0123.head`` one JSON line with what is known of them and the line's own digest.
Bodies are renamed into place before their heads, so a head without a whole body was torn and is dropped, as is a body
without a head. A body found at start is checked against its digest when it is first used.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

import xxhash

from edge_cache.body import PIECE_BYTES, Body
from edge_cache.budget import Budget
from edge_cache.catalog import Entry
from edge_cache.disk_files import create_file, digest_of, lock_folder, object_path, scan_folder, write_head
from edge_cache.disk_head import encode_head
from edge_cache.policy import Lru
from values.errors import ServeError

R = TypeVar("R")
OBJECT_PART = 4
MAX_PENDING = 64
"""Objects waiting to be written; with more, new ones stay in RAM only, for the disk can't keep up."""
log = logging.getLogger(__name__)


class DiskTier:
    """Objects in files under `folder`, together (bodies and heads) never more than `limit_bytes`."""

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self.folder = folder
        self.skipped = 0
        self.failures = 0
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="edge-disk")
        self._next_id = 1
        self._pending = 0
        self._heads: dict[Entry, int] = {}
        self._busy: set[asyncio.Future[None]] = set()
        self._lock: int | None = None
        self._told: Callable[[Entry], None] = lambda entry: None
        self.budget: Budget[Entry] = Budget(limit_bytes, Lru(), evict=self._evicted, pinned=lambda entry: False)

    async def open(self, evicted: Callable[[Entry], None]) -> list[Entry]:
        """Lock the folder and read its index; oldest first. `evicted` hears of each object that leaves the disk.

        ServeError if the folder can't be used or another edge uses it.
        """
        self._told = evicted
        try:
            found = await self.run(self._scan)
        except OSError as error:
            raise ServeError(
                f"the disk tier can't be used: {error.strerror}", where=str(self.folder), hint="Give another DIR:SIZE."
            ) from error
        kept: list[Entry] = []
        for entry, head_bytes in sorted(found, key=lambda item: item[0].stored.received_ms):
            assert entry.file_id is not None
            self._next_id = max(self._next_id, entry.file_id + 1)
            if not self.budget.reserve(entry.length + head_bytes):
                self._unlink(entry.file_id)
                continue
            self._heads[entry] = head_bytes
            self.budget.adopt(entry, entry.length + head_bytes)
            kept.append(entry)
        return [entry for entry in kept if entry in self.budget]

    async def close(self) -> None:
        """Finish what is being written or removed, then let go of the folder."""
        while self._busy:
            await asyncio.wait(self._busy)
        await asyncio.to_thread(self._threads.shutdown)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    async def draft(self, length: int | None) -> DiskDraft | None:
        """A new file for an object on its way; None if it is too large or the disk fails."""
        if (length or 0) > self.budget.limit_bytes // OBJECT_PART or not self.budget.reserve(length or 0):
            return None
        number, self._next_id = self._next_id, self._next_id + 1
        try:
            handle = await self.run(partial(create_file, self.path(number, "part")))
        except OSError as error:
            self.failed(error)
            self.budget.release(length or 0)
            return None
        return DiskDraft(self, number, handle, length or 0)

    async def commit(self, draft: DiskDraft, entry: Entry) -> bool:
        """Make a draft the stored bytes of `entry`. False, and nothing left, if the head finds no room."""
        entry.file_id, entry.digest = draft.number, draft.digest
        head = encode_head(entry)
        if not self.budget.reserve(len(head)):
            await draft.discard()
            entry.file_id = None
            return False
        try:
            await self.run(partial(self._publish, draft.number, head))
        except OSError as error:
            self.failed(error)
            self.budget.release(len(head))
            await draft.discard()
            entry.file_id = None
            return False
        self._heads[entry] = len(head)
        self.budget.adopt(entry, draft.reserved + len(head))
        draft.committed = True
        return True

    async def store(self, entry: Entry, body: Body) -> bool:
        """Write an object that is in RAM. False if the disk is too slow, too small or failing."""
        if self._pending >= MAX_PENDING:
            self.skipped += 1
            return False
        self._pending += 1
        try:
            draft = await self.draft(entry.length)
            if draft is None:
                return False
            position = 0
            while piece := body.view(position):
                if entry.voided or not await draft.append(piece):
                    await draft.discard()
                    return False
                position += len(piece)
            done = await self.commit(draft, entry)
            await draft.close()
            return done
        finally:
            self._pending -= 1

    async def load(self, entry: Entry) -> Body | None:
        """The whole object; None, and the object gone from disk, if it can't be read as it was written."""
        body = Body(entry.length)
        handle = await self.reader(entry)
        if handle is None:
            return None
        try:
            while body.length < entry.length:
                piece = await self.read(handle, body.length, entry.length)
                if not piece:
                    return None
                body.append(piece)
        except OSError as error:
            self.failed(error)
            return None
        finally:
            self.done_reading(handle)
        return body

    async def reader(self, entry: Entry) -> int | None:
        """An open file of the object's bytes for `read`; give it back with `done_reading`. None if it is damaged."""
        number = entry.file_id
        if number is None:
            return None
        try:
            handle = await self.run(partial(os.open, self.path(number, "body"), os.O_RDONLY | os.O_CLOEXEC))
            if not entry.verified:
                if await self.run(partial(digest_of, handle)) != entry.digest:
                    os.close(handle)
                    raise OSError(5, "the stored bytes are not those that were written")
                entry.verified = True
        except OSError as error:
            self.failed(error)
            if entry.file_id == number and entry in self.budget:
                self.remove(entry)
                self._told(entry)
            return None
        return handle

    async def read(self, handle: int, position: int, stop: int) -> bytearray:
        """At most PIECE_BYTES of ``[position, stop)``. OSError if the disk fails."""
        piece = bytearray(min(PIECE_BYTES, stop - position))
        count = await self.run(partial(os.preadv, handle, [piece], position))
        return piece if count == len(piece) else piece[:count]

    def done_reading(self, handle: int) -> None:
        """Close a file that `reader` opened."""
        os.close(handle)

    def renew(self, entry: Entry) -> None:
        """Write the entry's new head; if that fails, the object leaves the disk rather than keep an old head."""
        head = encode_head(entry)
        assert entry.file_id is not None
        if not self.budget.recharge(entry, entry.length + len(head)):
            self.remove(entry)
            self._told(entry)
            return
        self._heads[entry] = len(head)
        self._background(partial(write_head, self.path(entry.file_id, "head"), head))

    def remove(self, entry: Entry) -> None:
        """Take the object off the disk, if it is there."""
        if entry in self.budget:
            self.budget.drop(entry)
            self._forget(entry)

    def _evicted(self, entry: Entry) -> None:
        self._forget(entry)
        self._told(entry)

    def _forget(self, entry: Entry) -> None:
        self._heads.pop(entry, None)
        if entry.file_id is not None:
            self._background(partial(self._unlink, entry.file_id))
            entry.file_id = None

    def failed(self, error: OSError) -> None:
        """Count and report what the disk did."""
        self.failures += 1
        log.warning("disk tier %s: %s", self.folder, error)

    def path(self, number: int, kind: str) -> Path:
        """A file of object `number`."""
        return object_path(self.folder, number, kind)

    async def run(self, work: Callable[[], R]) -> R:
        """Do file I/O in one of the tier's threads."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _background(self, work: Callable[[], None]) -> None:
        future = asyncio.get_running_loop().run_in_executor(self._threads, work)
        self._busy.add(future)
        future.add_done_callback(self._reap)

    def _reap(self, future: asyncio.Future[None]) -> None:
        self._busy.discard(future)
        error = future.exception()
        if isinstance(error, OSError):
            self.failed(error)
        elif error is not None:
            raise error

    def _publish(self, number: int, head: bytes) -> None:
        self.path(number, "part").rename(self.path(number, "body"))
        write_head(self.path(number, "head"), head)

    def _unlink(self, number: int) -> None:
        for kind in ("head", "body"):
            self.path(number, kind).unlink(missing_ok=True)

    def _scan(self) -> list[tuple[Entry, int]]:
        self._lock = lock_folder(self.folder)
        return scan_folder(self.folder)


class DiskDraft:
    """A file being written. Its room is reserved, as it grows or beforehand."""

    def __init__(self, tier: DiskTier, number: int, handle: int, reserved: int) -> None:
        self.number = number
        self.reserved = reserved
        self.committed = False
        self._tier = tier
        self._handle = handle
        self._written = 0
        self._hash = xxhash.xxh3_64()
        self._closed = False

    @property
    def digest(self) -> str:
        """xxh3-64 of the bytes so far, in hex."""
        return self._hash.hexdigest()

    async def append(self, data: bytes | memoryview) -> bool:
        """Write at the end; False if the budget or the disk has no room for it."""
        extra = max(0, self._written + len(data) - self.reserved)
        if extra:
            limit = self._tier.budget.limit_bytes // OBJECT_PART
            if self.reserved + extra > limit or not self._tier.budget.reserve(extra):
                return False
            self.reserved += extra
        try:
            await self._tier.run(partial(self._write, data))
        except OSError as error:
            self._tier.failed(error)
            return False
        self._written += len(data)
        return True

    async def read(self, position: int, stop: int) -> bytearray:
        """Bytes already written."""
        return await self._tier.read(self._handle, position, stop)

    async def discard(self) -> None:
        """Remove the file; its room comes back."""
        if not self.committed and self.reserved >= 0:
            self._tier.budget.release(self.reserved)
            self.reserved = -1
            path = self._tier.path(self.number, "part")
            await self._tier.run(partial(path.unlink, missing_ok=True))
        await self.close()

    async def close(self) -> None:
        """Close the file: no more reads."""
        if not self._closed:
            self._closed = True
            os.close(self._handle)

    def _write(self, data: bytes | memoryview) -> None:
        view = memoryview(data)
        self._hash.update(view)
        position = self._written
        while view:
            count = os.pwrite(self._handle, view, position)
            view, position = view[count:], position + count
