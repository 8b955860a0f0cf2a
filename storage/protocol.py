"""What every store can do. Stateless: a key in, bytes or a stream out. No I/O here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """One stored object. `etag` is opaque, unquoted, and changes whenever the bytes do; `modified` is aware UTC."""

    key: str
    size_bytes: int
    etag: str
    modified: datetime


class Store(Protocol):
    """A flat space of objects under keys like ``titles/bbb/title.json``.

    Keys are relative POSIX paths of printable characters: no leading slash, no empty, ``.`` or ``..`` part, at most
    900 bytes of UTF-8; any other key raises UsageError before anything is touched. Methods are synchronous and safe
    to call from several threads. All raise StoreError (NotFoundError for a missing key) and nothing foreign.
    """

    @property
    def url(self) -> str:
        """The URL that opens this store again, in this or another process, without credentials in it."""

    def head(self, key: str) -> ObjectInfo:
        """What is known of the object without reading it. NotFoundError if there is none."""

    def read(self, key: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Stream bytes ``[start, stop)`` of the object in blocks of at most 1 MiB.

        NotFoundError is raised by the call itself, not by the first ``next``. `stop` past the end is clamped; an
        object that changes or ends early while it is read raises StoreError, never a short stream.
        """

    def get(self, key: str) -> bytes:
        """The whole object: for manifests and records, not for media."""

    def put(
        self, key: str, data: bytes | Iterable[bytes], *, media_type: str = "application/octet-stream"
    ) -> ObjectInfo:
        """Store an object, atomically and durably: a reader sees the old one or the whole new one, never a part.

        `data` may be an iterable of blocks of any length, streamed with bounded memory. If it raises, nothing is
        stored and the old object stays.
        """

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        """All objects whose key starts with `prefix` (a plain string prefix), in code point order of keys."""

    def delete(self, key: str) -> None:
        """Remove the object; removing what is not there is no error."""

    def locate(self, key: str) -> str:
        """A path or http(s) URL from which ffmpeg and PyAV can read the object, valid for at least 12 hours."""
