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
    900 bytes of UTF-8 and 255 a part, not under ``.matinee/``; any other key raises UsageError before anything is
    touched (`storage.keys`). No key may be a folder of another one: stores on a file system refuse ``a`` beside
    ``a/b``. Methods are synchronous and safe to call from several threads. All raise StoreError (NotFoundError for a
    missing key) and nothing foreign. Stores pickle: in another process they open the same place, with the credentials
    found there.
    """

    @property
    def url(self) -> str:
        """The URL that opens this store again, in this or another process, without credentials in it."""

    def check(self) -> None:
        """Return if the store can be used: it is reached, lets us in and can be listed. Cheap; fails soon.

        A folder is created if it is missing; a bucket is not. Raises StoreError with what to do next.
        """

    def head(self, key: str) -> ObjectInfo:
        """What is known of the object without reading it. NotFoundError if there is none."""

    def read(self, key: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Stream bytes ``[start, stop)`` of the object in blocks of at most 1 MiB.

        NotFoundError is raised by the call itself, not by the first ``next``. `start` and `stop` past the end are
        clamped to it; a negative or reversed range raises UsageError. A broken connection is taken up again where it
        broke; an object that changes or ends early while it is read raises StoreError, never a short stream.
        An iterator that is dropped half-way frees its file or connection.
        """

    def get(self, key: str) -> bytes:
        """The whole object: for manifests and records, not for media."""

    def put(
        self, key: str, data: bytes | Iterable[bytes], *, media_type: str = "application/octet-stream"
    ) -> ObjectInfo:
        """Store an object, atomically and durably: a reader sees the old one or the whole new one, never a part.

        `data` may be an iterable of blocks of any length, streamed with bounded memory. If it raises, nothing is
        stored, the old object stays, and its exception comes through as it is. Of two puts at once the last one
        stands. `modified` of the answer may differ from that of `head` by the seconds that the server's clock needs.
        """

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        """All objects whose key starts with `prefix` (a plain string prefix), in code point order of keys.

        Lazy: the store is first asked by ``next``. Foreign objects whose name is no key are left out.
        """

    def delete(self, key: str) -> None:
        """Remove the object; removing what is not there is no error."""

    def locate(self, key: str) -> str:
        """A path or http(s) URL from which ffmpeg and PyAV can read the object, valid for at least 12 hours.

        NotFoundError if there is no object.
        """
