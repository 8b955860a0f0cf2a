"""A store in a folder of a local or mounted file system. I/O: reads, writes and syncs files under its root.

Every path is walked part by part without following symbolic links, so that nothing outside the root can be named.
An object is written to a locked temporary file under ``.matinee/``, synced and renamed; a temporary file that nobody
locks was left by a process that died, and is removed.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
import uuid
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from storage.keys import RESERVED, check_key, check_prefix, check_range, is_key
from storage.protocol import ObjectInfo
from values.errors import NotFoundError, StoreError, UnwritableStoreError

_BLOCK_BYTES = 1 << 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}
_RACES = 100
"""How often a put walks to its folder again because a concurrent delete has just removed it as empty."""


class FolderStore:
    """Objects are plain files: the key is the path under `root`, which may be a relative path or a symbolic link."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self._swept = False

    def __repr__(self) -> str:
        return f"FolderStore({str(self.root)!r})"

    @property
    def url(self) -> str:
        return self.root.as_uri()

    def check(self) -> None:
        with self._mapped(), self._folder((), create=True) as root:
            os.scandir(root).close()

    def head(self, key: str) -> ObjectInfo:
        file = self._open(key)
        try:
            return _info(key, os.fstat(file))
        finally:
            os.close(file)

    def read(self, key: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        check_range(start, stop)
        blocks = self._read(key, start, stop)
        next(blocks)  # opens the file now; from here on the generator closes it, however it ends
        return blocks

    def get(self, key: str) -> bytes:
        return b"".join(self.read(key))

    def put(
        self, key: str, data: bytes | Iterable[bytes], *, media_type: str = "application/octet-stream"
    ) -> ObjectInfo:
        *folders, name = check_key(key).split("/")
        with self._mapped(), self._folder((RESERVED,), create=True) as drafts:
            self._sweep(drafts)
            draft, file = _new_draft(drafts)
        try:
            for block in (data,) if isinstance(data, bytes | bytearray | memoryview) else data:
                with self._mapped(key):
                    _write(file, block)
            with self._mapped(key):
                # The whole clock, not the kernel's coarse one: with the inode number it makes the etag unique.
                os.utime(file, ns=(now := time.time_ns(), now))
                os.fsync(file)
                info = _info(key, os.fstat(file))
                self._publish(draft, folders, name)
        except BaseException:
            with suppress(OSError), self._folder((RESERVED,)) as drafts:
                os.unlink(draft, dir_fd=drafts)
            raise
        finally:
            os.close(file)
        return info

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        check_prefix(prefix)
        return self._list(prefix)

    def delete(self, key: str) -> None:
        *folders, name = check_key(key).split("/")
        with self._mapped(key), suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
            with self._folder(folders) as folder:
                os.unlink(name, dir_fd=folder)
            self._prune(folders)

    def locate(self, key: str) -> str:
        self.head(key)
        return str(self.root / key)

    def _open(self, key: str) -> int:
        *folders, name = check_key(key).split("/")
        missing = NotFoundError("no object is stored under this key", where=str(self.root / key))
        try:
            with self._folder(folders) as folder:
                # O_NONBLOCK: someone's pipe under this name must not make us wait for its writer.
                file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        except OSError as error:
            raise missing if error.errno in _ABSENT else self._failure(error, key) from error
        if stat.S_ISREG(os.fstat(file).st_mode):
            return file
        os.close(file)
        raise missing

    def _read(self, key: str, start: int, stop: int | None) -> Generator[bytes, None, None]:
        file = self._open(key)
        try:
            before = os.fstat(file)
            end = before.st_size if stop is None else min(stop, before.st_size)
            yield b""
            while start < end:
                with self._mapped(key):
                    block = os.pread(file, min(_BLOCK_BYTES, end - start), start)
                    now = os.fstat(file)
                if not block or (now.st_size, now.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
                    raise StoreError(
                        "the file changed while it was read",
                        where=str(self.root / key),
                        hint="Only matinee may write into its library; then read it again.",
                    )
                start += len(block)
                yield block
        finally:
            os.close(file)

    def _publish(self, draft: str, folders: Sequence[str], name: str) -> None:
        """Rename the draft to its place and make that durable."""
        for remaining in reversed(range(_RACES)):
            try:
                with self._folder((RESERVED,)) as drafts, self._folder(folders, create=True) as folder:
                    os.replace(draft, name, src_dir_fd=drafts, dst_dir_fd=folder)
                    os.fsync(folder)
                    return
            except FileNotFoundError:
                if not remaining:
                    raise

    def _prune(self, folders: Sequence[str]) -> None:
        """Remove the folders that a delete left empty, innermost first."""
        for depth in range(len(folders), 0, -1):
            with self._folder(folders[: depth - 1]) as folder:
                try:
                    os.rmdir(folders[depth - 1], dir_fd=folder)
                except OSError:  # not empty, or gone already
                    return

    def _sweep(self, drafts: int) -> None:
        """Once per store: remove the drafts of writers that died."""
        if self._swept:
            return
        self._swept = True
        for name in os.listdir(drafts):
            with suppress(OSError):
                file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=drafts)
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # its living writer holds this lock
                    os.unlink(name, dir_fd=drafts)
                finally:
                    os.close(file)

    def _list(self, prefix: str) -> Iterator[ObjectInfo]:
        top = prefix.rpartition("/")[0]
        pending = [iter(self._entries(top))]
        while pending:
            entry = next(pending[-1], None)
            if entry is None:
                pending.pop()
            elif isinstance(entry, ObjectInfo):
                if entry.key.startswith(prefix):
                    yield entry
            elif entry.startswith(prefix) or prefix.startswith(entry):
                pending.append(iter(self._entries(entry.rstrip("/"))))

    def _entries(self, path: str) -> Sequence[ObjectInfo | str]:
        """The objects of one folder, and its folders as ``path/``, in the order that their keys have."""
        found: dict[str, ObjectInfo | str] = {}
        start = f"{path}/" if path else ""
        try:
            with self._folder(path.split("/") if path else ()) as folder, os.scandir(folder) as entries:
                for entry in entries:
                    key = start + entry.name
                    if not is_key(key):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        found[f"{key}/"] = f"{key}/"
                    elif entry.is_file(follow_symlinks=False):
                        with suppress(FileNotFoundError):
                            found[key] = _info(key, entry.stat(follow_symlinks=False))
        except OSError as error:
            if error.errno not in _ABSENT:
                raise self._failure(error, path) from error
        return [found[key] for key in sorted(found)]

    @contextmanager
    def _folder(self, parts: Sequence[str], *, create: bool = False) -> Iterator[int]:
        """A descriptor of the folder root/parts, made if asked for. Raises OSError; symbolic links are ENOTDIR."""
        if create and not self.root.is_dir():
            self.root.mkdir(parents=True, exist_ok=True)
        folder = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            for part in parts:
                inner = _enter(folder, part, create=create)
                os.close(folder)
                folder = inner
            yield folder
        finally:
            os.close(folder)

    @contextmanager
    def _mapped(self, key: str = "") -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._failure(error, key) from error

    def _failure(self, error: OSError, key: str) -> StoreError:
        elsewhere = "choose another place with --store"
        what, hint = error.strerror or str(error), f"Look at this path and its file system, or {elsewhere}."
        if error.errno in _FULL:
            what, hint = "no space is left for it", f"Free space on this file system, or {elsewhere}."
        elif error.errno in _FORBIDDEN:
            what, hint = f"not allowed here ({what.lower()})", f"Let this user read and write here, or {elsewhere}."
        elif error.errno in {errno.ENOTDIR, errno.EEXIST, errno.ELOOP}:
            what = "a part of this path is a file or a symbolic link, where a folder should be"
        elif error.errno in {errno.EISDIR, errno.ENOTEMPTY}:
            what = "a folder of other objects has this name"
        elif error.errno == errno.EXDEV:
            what, hint = "another file system is mounted within the store", f"Keep the store on one, or {elsewhere}."
        kind = UnwritableStoreError if error.errno in _FULL | _FORBIDDEN else StoreError
        return kind(what, where=str(self.root / key), hint=hint)


def _enter(folder: int, part: str, *, create: bool) -> int:
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
    try:
        return os.open(part, flags, dir_fd=folder)
    except FileNotFoundError:
        if not create:
            raise
    with suppress(FileExistsError):
        os.mkdir(part, dir_fd=folder)
        os.fsync(folder)
    return os.open(part, flags, dir_fd=folder)


def _new_draft(drafts: int) -> tuple[str, int]:
    """A new temporary file, locked by us: its name and descriptor."""
    while True:
        name = f"{uuid.uuid4().hex}.part"
        file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666, dir_fd=drafts)
        with suppress(OSError):  # some network file systems can't lock; there nothing is swept either
            fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file).st_nlink:
            return name, file
        os.close(file)  # another process swept it between creation and lock


def _write(file: int, block: bytes | bytearray | memoryview) -> None:
    view = memoryview(block)
    while view:
        view = view[os.write(file, view) :]


def _info(key: str, status: os.stat_result) -> ObjectInfo:
    etag = f"{status.st_ino:x}-{status.st_mtime_ns:x}-{status.st_size:x}"
    modified = _EPOCH + timedelta(microseconds=status.st_mtime_ns // 1000)
    return ObjectInfo(key, status.st_size, etag, modified)
