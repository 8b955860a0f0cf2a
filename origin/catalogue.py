"""The titles as the origin knows them: records read again when they are old, one read at a time. Does I/O on a store.

A path is looked up in the record of its title. Manifests, which move from one generation to the next, come from a
record of the last second; names that can't change from one of the last minute. What a replaced generation had stays
known, so that its players go on with the same entity tags.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from origin.paths import TitlePath, is_title_id
from origin.settings import OriginSettings
from origin.shelf import Item, Shelf, build_shelf, may_be_older
from origin.source import StoreThreads
from storage.protocol import Store
from values.errors import NotFoundError, StoreError, TitleError
from values.keys import TITLES, title_key
from values.title import load_title

_LOG = logging.getLogger("matinee.origin")
_ABSENT_TITLES = 10_000


@dataclasses.dataclass(slots=True)
class _Entry:
    """What is known of one title: its shelf (None: there is no such title) and when the store was asked."""

    shelf: Shelf | None
    asked: float
    older: OrderedDict[str, Item]


class Catalogue:
    """Shelves by title id. `clock` gives monotonic seconds."""

    def __init__(
        self, threads: StoreThreads, settings: OriginSettings, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._threads = threads
        self._settings = settings
        self._clock = clock
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._absent: OrderedDict[str, float] = OrderedDict()
        self._asking: dict[str, asyncio.Task[_Entry | None]] = {}
        self._listing: tuple[float, list[dict[str, Any]]] | None = None
        self._listing_task: asyncio.Task[list[dict[str, Any]]] | None = None

    async def find(self, path: TitlePath) -> Item | None:
        """What lies under `path` for the public, or None. Raises StoreError and TitleError."""
        known = self._entries.get(path.title_id)
        if known is not None and known.shelf is not None and not known.shelf.is_moving(path):
            item = self._known_item(known, path)
            if item is not None and self._age(known) < self._settings.segment_record_ttl_s:
                return item
        entry = await self._entry(path.title_id)
        if entry is None or entry.shelf is None:
            return None
        item = self._known_item(entry, path)
        return item or await self._older_item(entry, entry.shelf, path)

    async def record(self, title_id: str) -> bytes | None:
        """The bytes of ``title.json`` as they are now, or None."""
        try:
            return await self._threads.call(self._threads.store.get, title_key(title_id))
        except NotFoundError:
            return None

    async def listing(self) -> list[dict[str, Any]]:
        """A summary of every published title, in the order of their ids. Raises StoreError."""
        if self._listing and self._clock() - self._listing[0] < self._settings.record_ttl_s:
            return self._listing[1]
        if self._listing_task is None:
            self._listing_task = asyncio.create_task(self._list())
            self._listing_task.add_done_callback(self._listed)
        return await asyncio.shield(self._listing_task)

    def _listed(self, task: asyncio.Task[list[dict[str, Any]]]) -> None:
        self._listing_task = None
        if not task.cancelled():
            task.exception()  # whoever waits has it; nobody may wait any more

    async def _list(self) -> list[dict[str, Any]]:
        asked = self._clock()
        titles: list[dict[str, Any]] = []
        for title_id in await self._threads.call(_title_ids, self._threads.store):
            try:
                entry = await self._entry(title_id)
            except TitleError as error:
                _LOG.warning("left out of the list: %s", error)
                continue
            if entry is not None and entry.shelf is not None:
                titles.append(dict(entry.shelf.summary))
        self._listing = asked, titles
        return titles

    async def _entry(self, title_id: str) -> _Entry | None:
        """The title's entry, asked from the store within the record's time to live; None if there is no title."""
        entry = self._entries.get(title_id)
        if entry is not None and self._age(entry) < self._settings.record_ttl_s:
            self._entries.move_to_end(title_id)
            return entry
        absent = self._absent.get(title_id)
        if absent is not None and self._clock() - absent < self._settings.record_ttl_s:
            return None
        task = self._asking.get(title_id)
        if task is None:
            task = asyncio.create_task(self._ask(title_id))
            self._asking[title_id] = task
            task.add_done_callback(lambda done: self._asked(title_id, done))
        return await asyncio.shield(task)

    def _asked(self, title_id: str, task: asyncio.Task[_Entry | None]) -> None:
        del self._asking[title_id]
        if not task.cancelled():
            task.exception()

    async def _ask(self, title_id: str) -> _Entry | None:
        """Ask the store for the record: its head, and the whole where it has changed."""
        asked = self._clock()
        known = self._entries.get(title_id)
        shelf = known.shelf if known else None
        try:
            read = await self._threads.call(_read_shelf, self._threads.store, title_id, shelf)
        except NotFoundError:
            self._entries.pop(title_id, None)
            self._absent[title_id] = asked
            while len(self._absent) > _ABSENT_TITLES:
                self._absent.popitem(last=False)
            return None
        self._absent.pop(title_id, None)
        older = known.older if known else OrderedDict()
        if shelf is not None and read is not shelf:
            for item in shelf.immutable_items():
                older[item.key] = item
        entry = _Entry(read, asked, older)
        self._entries[title_id] = entry
        self._entries.move_to_end(title_id)
        self._shrink(title_id)
        return entry

    async def _older_item(self, entry: _Entry, shelf: Shelf, path: TitlePath) -> Item | None:
        if not may_be_older(path):
            return None
        try:
            info = await self._threads.call(self._threads.store.head, path.key)
        except NotFoundError:
            return None
        item = shelf.older_item(path, info)
        entry.older[item.key] = item
        self._shrink(path.title_id)
        return item

    def _known_item(self, entry: _Entry, path: TitlePath) -> Item | None:
        return (entry.shelf.item(path) if entry.shelf else None) or entry.older.get(path.key)

    def _age(self, entry: _Entry) -> float:
        return self._clock() - entry.asked

    def _shrink(self, keep: str) -> None:
        """Forget what was used longest ago until no more than `known_files` files are remembered."""
        known = sum(len(e.older) + (len(e.shelf.files) if e.shelf else 0) for e in self._entries.values())
        for entry in self._entries.values():
            while known > self._settings.known_files and entry.older:
                entry.older.popitem(last=False)
                known -= 1
        while known > self._settings.known_files and next(iter(self._entries)) != keep:
            _, entry = self._entries.popitem(last=False)
            known -= len(entry.older) + (len(entry.shelf.files) if entry.shelf else 0)


def _read_shelf(store: Store, title_id: str, known: Shelf | None) -> Shelf:
    key = title_key(title_id)
    for _ in range(3):
        info = store.head(key)
        if known is not None and known.etag == info.etag:
            return known
        data = store.get(key)
        if len(data) == info.size_bytes and store.head(key).etag == info.etag:
            return build_shelf(load_title(data, where=key), info)
    raise StoreError(
        "the record changes faster than it can be read", where=f"{store.url} {key}", hint="Try again in a second."
    )


def _title_ids(store: Store) -> list[str]:
    """The ids that have a record. A folder is asked for its folders, so that segments aren't listed one by one."""
    if store.url.startswith("file:"):
        titles = Path(unquote(urlsplit(store.url).path)) / TITLES
        try:
            names = [folder.name for folder in titles.iterdir()]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StoreError(error.strerror or str(error), where=str(titles), hint="Look at this folder.") from error
        return sorted(name for name in names if is_title_id(name) and (titles / name / "title.json").is_file())
    keys = (info.key.split("/") for info in store.list(TITLES) if info.key.endswith("/title.json"))
    return [parts[1] for parts in keys if len(parts) == 3 and is_title_id(parts[1])]
