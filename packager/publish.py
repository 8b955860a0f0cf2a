"""Making a title current, all or nothing, and sweeping away what no player needs any more. Does I/O on a store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from packager.build import Presentation
from storage.protocol import ObjectInfo, Store
from values.errors import NotFoundError, StoreError, TitleError
from values.keys import title_key, title_prefix
from values.title import Title, dump_title, load_title

GRACE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing did. `sweep_error` is why old objects could not all be deleted; the title is published."""

    title: Title
    replaced: Title | None
    deleted: tuple[str, ...]
    sweep_error: StoreError | None = None


def publish(store: Store, presentation: Presentation, *, now: datetime, grace: timedelta = GRACE) -> Published:
    """Store the manifests, check that every object of the title is there, then replace `title.json`.

    Any error before that last put leaves the old title as it was. The replaced generation's objects stay, for its
    players. Objects of neither generation older than `grace` at `now` (aware UTC) are deleted, unless the replaced
    record is itself younger: its predecessor may still be playing. Raises StoreError, and TitleError if an object of
    the new title is missing or has another size than recorded.
    """
    title = presentation.title
    replaced, sweepable = _current(store, title.id, now - grace)
    for file in presentation.files:
        store.put(file.key, file.data, media_type=file.media_type)
    _check_complete(store, title)
    store.put(title_key(title.id), dump_title(title), media_type="application/json")
    if not sweepable:
        return Published(title, replaced, ())
    deleted: list[str] = []
    try:
        for key in _stale(store, title, replaced, now - grace):
            store.delete(key)
            deleted.append(key)
    except StoreError as error:
        return Published(title, replaced, tuple(deleted), error)
    return Published(title, replaced, tuple(deleted))


def _current(store: Store, title_id: str, before: datetime) -> tuple[Title | None, bool]:
    """The title being replaced, and whether others than it may be swept: never after a damaged record, which doesn't
    say what it needs, nor after one younger than `before`."""
    key = title_key(title_id)
    try:
        modified = store.head(key).modified
        return load_title(store.get(key), where=key), modified < before
    except NotFoundError:
        return None, True
    except TitleError:
        return None, False


def _check_complete(store: Store, title: Title) -> None:
    sizes = {info.key: info.size_bytes for info in store.list(title_prefix(title.id))}
    for file in title.files():
        size = sizes.get(file.key)
        if size != file.size_bytes:
            found = "missing" if size is None else f"{size} bytes"
            raise TitleError(
                f"an object of the new title is {found} and should be {file.size_bytes} bytes",
                where=file.key,
                hint="The title was not published. Onboard the master again; what is there is reused.",
            )


def _stale(store: Store, title: Title, replaced: Title | None, before: datetime) -> list[str]:
    """Keys to delete: work records first, so that no record ever promises media that is gone."""
    keep = {title_key(title.id), *(f.key for f in title.files())}
    if replaced:
        keep |= {f.key for f in replaced.files()}
    prefix = title_prefix(title.id)
    records: list[str] = []
    others: list[ObjectInfo] = []
    promised: set[str] = set()
    for info in store.list(prefix):
        if info.key.startswith(f"{prefix}tailored/"):
            continue  # small, and dear to find again
        if not info.key.startswith(f"{prefix}work/"):
            others.append(info)
            continue
        named = set(_names(store, info.key, prefix))
        if info.modified >= before:
            promised |= named
        elif not named & keep:
            records.append(info.key)
    media = [i.key for i in others if i.key not in keep and i.key not in promised and i.modified < before]
    return records + media


def _names(store: Store, key: str, prefix: str) -> Iterator[str]:
    """Every store key of the title that a work record names, wherever in it."""
    if not key.endswith(".json"):
        return  # a trial encode that was kept, which names none
    try:
        yield from _strings(json.loads(store.get(key)), prefix)
    except (NotFoundError, ValueError):
        return  # gone meanwhile, or cut short by a kill: it promises nothing


def _strings(value: Any, prefix: str) -> Iterator[str]:
    if isinstance(value, str):
        if value.startswith(prefix):
            yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _strings(part, prefix)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part, prefix)
