"""Bytes of stored objects for an event loop: the synchronous store behind a bounded pool of threads. Does I/O.

A file of a folder store is opened and sent by the kernel; other stores are read block by block, one block ahead of
the client, so that a response holds two blocks of at most 1 MiB and never a whole segment.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, ParamSpec, TypeVar

from origin.ranges import ByteRange
from storage.protocol import Store
from values.errors import NotFoundError, StoreError

INLINE_BYTES = 64 * 1024
"""Up to this many bytes of a file are read at once, in the thread that opens it; more are sent by the kernel."""

P = ParamSpec("P")
T = TypeVar("T")


class StoreThreads:
    """Runs store calls in at most `threads` threads, each call for at most `timeout_s` seconds of waiting."""

    def __init__(self, store: Store, *, threads: int, timeout_s: float) -> None:
        self.store = store
        self.local = store.url.startswith("file:")
        self._timeout_s = timeout_s
        self._pool = concurrent.futures.ThreadPoolExecutor(threads, thread_name_prefix="origin-store")

    async def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """`function(*args)` in a thread. Raises what it raises, and StoreError when it takes too long.

        A result that comes when nobody waits for it any more is closed if it can be.
        """
        future = self._pool.submit(function, *args, **kwargs)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await asyncio.shield(asyncio.wrap_future(future))
        except TimeoutError as error:
            _abandon(future)
            raise StoreError(
                f"the store took longer than {self._timeout_s:g} s",
                where=self.store.url,
                hint="See whether it is reachable and how loaded it is.",
            ) from error
        except asyncio.CancelledError:
            _abandon(future)
            raise

    def begin(self, function: Callable[[], None]) -> None:
        """Have `function` called in a thread some time; nobody waits for it."""
        self._pool.submit(function)

    async def open(self, key: str, size: int, first: ByteRange) -> bytes | LocalFile | Blocks:
        """Open an object of `size` bytes to send its range `first`: bytes where it is short and in a folder.

        Raises NotFoundError and StoreError, also when the first block can't be read, so that a fault shows before
        any header is sent.
        """
        if self.local:
            return await self.call(_open_file, self.store, key, size, first)
        blocks = Blocks(self, key, first)
        await blocks.start()
        return blocks

    def close(self) -> None:
        """Let go of the threads; calls under way end by themselves."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class LocalFile:
    """An open file of a folder store."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def close(self) -> None:
        self.file.close()


class Blocks:
    """One range of one object, pulled from the store as the client takes it, one block ahead."""

    def __init__(self, threads: StoreThreads, key: str, part: ByteRange) -> None:
        self._threads = threads
        self._key = key
        self._part = part
        self._lock = threading.Lock()
        self._closed = False
        self._iterator: Iterator[bytes] | None = None
        self._next: asyncio.Task[bytes | None] | None = None

    async def start(self) -> None:
        """Wait until the first block is there, so that what is wrong is known. Raises StoreError."""
        self._next = asyncio.create_task(self._threads.call(self._pull))
        try:
            await asyncio.shield(self._next)
        except BaseException:
            await self.close()
            raise

    async def next_block(self) -> bytes | None:
        """The next block, None at the end; the one after it is fetched meanwhile. Raises StoreError."""
        if self._next is None:
            return None
        block = await self._next
        self._next = asyncio.create_task(self._threads.call(self._pull)) if block is not None else None
        return block

    async def close(self) -> None:
        """Give the stream back; a block that is under way is dropped when it comes."""
        self._closed = True
        if self._next is not None:
            self._next.cancel()
            await asyncio.gather(self._next, return_exceptions=True)
            self._next = None
        self._threads.begin(self._release)

    def _pull(self) -> bytes | None:
        with self._lock:
            if self._iterator is None and not self._closed:
                self._iterator = iter(self._threads.store.read(self._key, self._part.start, self._part.stop))
            block = next(self._iterator, None) if self._iterator is not None else None
            if self._closed:
                self._drop()
            return block

    def _release(self) -> None:
        """Close the store's iterator. Where a pull is running, it does so itself when it ends."""
        if self._lock.acquire(blocking=False):
            try:
                self._drop()
            finally:
                self._lock.release()

    def _drop(self) -> None:
        iterator, self._iterator = self._iterator, None
        close = getattr(iterator, "close", None)
        if close is not None:
            close()


def _open_file(store: Store, key: str, size: int, first: ByteRange) -> bytes | LocalFile:
    path = store.locate(key)
    try:
        file = Path(path).open("rb", buffering=0)  # noqa: SIM115 (closed by whoever sends it)
        try:
            found = os.fstat(file.fileno()).st_size
            if found != size:
                raise StoreError(
                    f"the file has {found} bytes and is recorded with {size}",
                    where=path,
                    hint="Run matinee verify on the title, then onboard it again.",
                )
            if first.length <= INLINE_BYTES:
                data = os.pread(file.fileno(), first.length, first.start)
                file.close()
                return data
        except BaseException:
            file.close()
            raise
    except FileNotFoundError as error:
        raise NotFoundError("no object is stored under this key", where=path) from error
    except OSError as error:
        raise StoreError(error.strerror or str(error), where=path, hint="Look at this path.") from error
    return LocalFile(file)


def _abandon(future: concurrent.futures.Future[T]) -> None:
    """Nobody waits for this call any more: don't begin it, or close what it opens."""
    if not future.cancel():
        future.add_done_callback(_discard)


def _discard(future: concurrent.futures.Future[T]) -> None:
    if not future.cancelled() and future.exception() is None:
        close = getattr(future.result(), "close", None)
        if close is not None:
            close()
