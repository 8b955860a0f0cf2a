"""Where a master comes from: a path, an http(s) URL, or ``s3://bucket/key``. Does I/O, a block at a time."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import urllib3
import urllib3.exceptions

from storage.open import open_store
from values.errors import MasterRefused, NotFoundError, StoreError

_BLOCK = 1 << 20
_RESUMES = 5


@dataclass(frozen=True, slots=True)
class Source:
    """A master at its place of origin: `name` is its file name, `size_bytes` None where the server does not say.

    Each call of `read` streams all its bytes from the start, in blocks of at most 1 MiB.
    """

    place: str
    name: str
    size_bytes: int | None
    read: Callable[[], Iterator[bytes]]


def open_source(place: str) -> Source:
    """Find the master at `place` without reading it. Raises MasterRefused saying what is wrong with the place."""
    scheme = urlsplit(place).scheme.lower() if "://" in place else ""
    if scheme in ("http", "https"):
        return _http(place)
    if scheme == "s3":
        return _s3(place)
    if scheme not in ("", "file"):
        raise MasterRefused(
            f"masters can't be read from {scheme}://",
            where=place,
            hint="Give a path, an http(s) URL or s3://bucket/key.",
        )
    return _file(Path(unquote(urlsplit(place).path)) if scheme else Path(place))


def _file(path: Path) -> Source:
    try:
        if path.is_dir():
            raise MasterRefused("this is a folder", where=str(path), hint="Give the film's file.")
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise MasterRefused(
                "this is not a regular file", where=str(path), hint="Save the film to a file, and give its path."
            )
        with path.open("rb"):
            pass
    except FileNotFoundError as error:
        raise MasterRefused("there is no such file", where=str(path), hint="Check the path.") from error
    except OSError as error:
        raise MasterRefused(
            f"the file can't be read ({error.strerror})", where=str(path), hint="Check its permissions."
        ) from error
    return Source(str(path), path.name, facts.st_size, lambda: _read_file(path))


def _read_file(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb", buffering=0) as file:
            before = os.fstat(file.fileno())
            left = before.st_size  # and no further: a file that is still being written has no end
            while left > 0 and (block := file.read(min(_BLOCK, left))):
                left -= len(block)
                yield block
            after = os.fstat(file.fileno())
    except OSError as error:
        raise MasterRefused(f"reading stopped ({error.strerror})", where=str(path), hint="Check the disk.") from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise MasterRefused(
            "the file changed while it was read", where=str(path), hint="Wait until it is written, then try again."
        )


def _s3(place: str) -> Source:
    parts = urlsplit(place)
    key = unquote(parts.path.lstrip("/"))
    name = PurePosixPath(key).name
    if not parts.netloc or not name:
        raise MasterRefused("this names no object", where=place, hint="Write it like s3://bucket/folder/film.mp4.")
    query = f"?{parts.query}" if parts.query else ""
    store = open_store(f"s3://{parts.netloc}{query}")
    try:
        size = store.head(key).size_bytes
    except NotFoundError as error:
        raise MasterRefused("there is no such object", where=place, hint="Check bucket and key.") from error
    except StoreError as error:
        raise MasterRefused(error.what, where=place, hint=error.hint) from error
    return Source(place, name, size, lambda: store.read(key))


def _http(url: str) -> Source:
    pool = urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=10, read=60), retries=urllib3.Retry(3, backoff_factor=0.5)
    )
    try:
        answer = pool.request("HEAD", url)
    except urllib3.exceptions.HTTPError as error:
        raise _unreachable(url, error) from error
    if answer.status in (404, 410):
        raise MasterRefused(f"the server answers {answer.status}", where=url, hint="Check the address and its access.")
    length = answer.headers.get("Content-Length", "") if answer.status == 200 else ""
    size = int(length) if length.isdigit() and int(length) else None  # a signed URL may refuse HEAD: GET decides
    name = PurePosixPath(unquote(urlsplit(url).path)).name or urlsplit(url).netloc
    return Source(_public(url), name, size, lambda: _read_http(pool, url))


def _public(url: str) -> str:
    """The URL without what may be secret in it: user, password, query."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _read_http(pool: urllib3.PoolManager, url: str) -> Iterator[bytes]:
    """All bytes of `url`; a broken connection goes on from the byte where it broke, if the file is still the same."""
    at, total, tag, breaks = 0, None, None, 0
    while total is None or at < total:
        headers: dict[str, str] = {"Range": f"bytes={at}-", "If-Range": tag} if at and tag else {}
        try:
            answer = pool.request("GET", url, headers=headers, preload_content=False)
        except urllib3.exceptions.HTTPError as error:
            raise _unreachable(url, error) from error
        with answer:
            if answer.status != (206 if at else 200):
                again = f" when asked to go on from byte {at}" if at else ""
                raise MasterRefused(
                    f"the server answers {answer.status}{again}",
                    where=url,
                    hint="Download the master and give its path.",
                )
            if not at:
                length = answer.headers.get("Content-Length", "")
                total = int(length) if length.isdigit() else None
                etag = answer.headers.get("ETag", "")
                tag = etag if etag and not etag.startswith("W/") else answer.headers.get("Last-Modified")
            try:
                for block in answer.stream(_BLOCK):
                    at += len(block)
                    yield block
                if total is None:
                    return
                reason = "it ended early"
            except urllib3.exceptions.HTTPError as error:
                reason = str(error)
        if total is None or at < total:
            breaks += 1
            if breaks > _RESUMES or not tag:
                raise MasterRefused(
                    f"the connection broke at byte {at} of {total} ({reason})",
                    where=url,
                    hint="Try again, or download the master and give its path.",
                )


def _unreachable(url: str, error: Exception) -> MasterRefused:
    return MasterRefused(f"the server can't be reached ({error})", where=url, hint="Check the address and the network.")
