"""Bring a master into the store, fingerprinted on the way; the same bytes are not stored twice. Does I/O."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass

import xxhash

from ingest.source import Source
from storage import Store
from values.errors import MasterRefused, StoreError
from values.keys import MASTERS, master_media_key, master_record_key

OnBytes = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Master:
    """A master in the store: xxh3-128 fingerprint, name and place of origin, size, and the key of its bytes."""

    fingerprint: str
    name: str
    place: str
    size_bytes: int
    key: str


def fetch(source: Source, store: Store, *, on_bytes: OnBytes = lambda _: None) -> tuple[Master, bool]:
    """The master in the store, and whether it was there already.

    Where a stored master has the same size, the source is hashed first and copied only if it is another. Otherwise it
    is streamed into the store and hashed in one pass. Raises MasterRefused or StoreError; a failed copy leaves nothing.
    """
    if source.size_bytes == 0:
        raise MasterRefused("the file is empty (0 bytes)", where=source.place, hint="Copy the master again.")
    known = [m for m in stored_masters(store) if m.size_bytes == source.size_bytes]
    if known:
        hashed = _Hashed(source.read(), on_bytes)
        for _ in hashed:
            pass
        found = next((m for m in known if m.fingerprint == hashed.fingerprint and _is_whole(m, store)), None)
        if found:
            return found, True
    hashed = _Hashed(source.read(), on_bytes)
    key = master_media_key(secrets.token_hex(16))
    store.put(key, hashed)
    if hashed.size == 0 or (source.size_bytes is not None and hashed.size != source.size_bytes):
        store.delete(key)
        raise MasterRefused(
            f"{hashed.size} bytes came where {source.size_bytes or 'some'} were announced",
            where=source.place,
            hint="Try again; if it repeats, download the master and give its path.",
        )
    return _record(store, Master(hashed.fingerprint, source.name, source.place, hashed.size, key))


def stored_masters(store: Store) -> Iterator[Master]:
    """All masters of the store that have a readable record."""
    for entry in list(store.list(MASTERS)):
        if entry.key.endswith(".json"):
            try:
                yield Master(**json.loads(store.get(entry.key)))
            except (ValueError, TypeError) as error:
                raise StoreError(
                    f"the record of a master is damaged ({error})", where=entry.key, hint="Delete this object."
                ) from error


def _record(store: Store, master: Master) -> tuple[Master, bool]:
    """Write the master's record; if the same bytes are known (they came without a size), drop the copy just made."""
    for other in stored_masters(store):
        if other.fingerprint == master.fingerprint and _is_whole(other, store):
            store.delete(master.key)
            return other, True
    record = json.dumps(asdict(master), indent=1, ensure_ascii=False) + "\n"
    store.put(master_record_key(master.fingerprint), record.encode(), media_type="application/json")
    return master, False


def _is_whole(master: Master, store: Store) -> bool:
    try:
        return store.head(master.key).size_bytes == master.size_bytes
    except StoreError:
        return False


class _Hashed(Iterable[bytes]):
    """Blocks passed through, hashed and counted on the way."""

    def __init__(self, blocks: Iterable[bytes], on_bytes: OnBytes) -> None:
        self._blocks = blocks
        self._on_bytes = on_bytes
        self._hash = xxhash.xxh3_128()
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for block in self._blocks:
            self._hash.update(block)
            self.size += len(block)
            yield block
            self._on_bytes(self.size)

    @property
    def fingerprint(self) -> str:
        return self._hash.hexdigest()
