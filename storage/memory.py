"""A store in this process's memory, for tests and trials. I/O only to lend an object out as a temporary file."""

from __future__ import annotations

import atexit
import functools
import itertools
import os
import shutil
import tempfile
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from weakref import WeakValueDictionary

from storage.keys import check_key, check_prefix, check_range
from storage.protocol import ObjectInfo
from values.digest import digest_bytes
from values.errors import NotFoundError, StoreError

_BLOCK_BYTES = 1 << 20


@dataclass(eq=False)
class _Shelf:
    """The objects of one name. `lock` guards `objects`; an entry is replaced as a whole, never changed."""

    objects: dict[str, tuple[ObjectInfo, bytes]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


_shelves: WeakValueDictionary[str, _Shelf] = WeakValueDictionary()
_shelves_lock = threading.Lock()
_kept: dict[str, MemoryStore] = {}
_kept_lock = threading.Lock()
_numbers = itertools.count(1)


class MemoryStore:
    """Stores of one name in one process share their objects, which are gone with the last of them.

    Without a name it is a store of its own.
    """

    def __init__(self, name: str | None = None) -> None:
        self.name = f"anonymous-{next(_numbers)}" if name is None else name
        with _shelves_lock:
            self._shelf = _shelves.setdefault(self.name, _Shelf())

    def __repr__(self) -> str:
        return f"MemoryStore({self.name!r})"

    def __reduce__(self) -> tuple[object, ...]:
        return _reopen, (self.name, os.getpid())

    @property
    def url(self) -> str:
        return f"memory:{self.name}"

    def check(self) -> None:
        """Memory is always there."""

    def head(self, key: str) -> ObjectInfo:
        return self._find(key)[0]

    def read(self, key: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        check_range(start, stop)
        _, data = self._find(key)
        end = len(data) if stop is None else min(stop, len(data))
        return (data[at : min(at + _BLOCK_BYTES, end)] for at in range(start, end, _BLOCK_BYTES))

    def get(self, key: str) -> bytes:
        return self._find(key)[1]

    def put(
        self, key: str, data: bytes | Iterable[bytes], *, media_type: str = "application/octet-stream"
    ) -> ObjectInfo:
        check_key(key)
        whole = bytes(data) if isinstance(data, bytes | bytearray | memoryview) else b"".join(data)
        info = ObjectInfo(key, len(whole), digest_bytes(whole), datetime.now(UTC))
        with self._shelf.lock:
            self._shelf.objects[key] = info, whole
        return info

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        check_prefix(prefix)
        return self._list(prefix)

    def _list(self, prefix: str) -> Iterator[ObjectInfo]:
        with self._shelf.lock:
            found = [info for key, (info, _) in self._shelf.objects.items() if key.startswith(prefix)]
        yield from sorted(found, key=lambda info: info.key)

    def delete(self, key: str) -> None:
        check_key(key)
        with self._shelf.lock:
            self._shelf.objects.pop(key, None)

    def locate(self, key: str) -> str:
        """The path of a temporary copy, removed when the process ends."""
        info, data = self._find(key)
        path = _lending_folder() / f"{info.etag}{PurePosixPath(key).suffix}"
        if not path.exists():
            part = path.with_name(f"{next(_numbers)}.part")
            part.write_bytes(data)
            part.replace(path)
        return str(path)

    def _find(self, key: str) -> tuple[ObjectInfo, bytes]:
        check_key(key)
        with self._shelf.lock:
            found = self._shelf.objects.get(key)
        if found is None:
            raise NotFoundError("no object is stored under this key", where=f"{self.url} {key}")
        return found


@functools.cache
def _lending_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="matinee-memory-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def open_memory(name: str) -> MemoryStore:
    """The store of this name, kept to the end of the process: for those who know it by its URL only."""
    with _kept_lock:
        return _kept.setdefault(name, MemoryStore(name))


def _reopen(name: str, pid: int) -> MemoryStore:
    if pid == os.getpid():
        return MemoryStore(name)
    raise StoreError(
        f"this store lives in the memory of process {pid} and can't be opened in another one",
        where=f"memory:{name}",
        hint="Use a folder or a bucket where several processes work on one library.",
    )
