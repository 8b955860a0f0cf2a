"""The titles of a store: listed, looked up, removed. Does I/O."""

from __future__ import annotations

from collections.abc import Iterator

from storage import Store
from values.errors import NotFoundError, TitleError, UsageError, nearest
from values.keys import TITLES, title_key, title_prefix
from values.title import Title, load_title


def list_titles(store: Store) -> Iterator[Title | TitleError]:
    """All published titles by id; a title whose record is damaged comes as the error that says so."""
    for title_id in title_ids(store):
        try:
            yield read_title(store, title_id)
        except TitleError as error:
            yield error


def title_ids(store: Store) -> list[str]:
    """The ids of all published titles, in order."""
    suffix = "/title.json"
    keys = (info.key for info in store.list(TITLES))
    ids = (k.removeprefix(TITLES).removesuffix(suffix) for k in keys if k.endswith(suffix))
    return sorted(i for i in ids if "/" not in i)


def read_title(store: Store, title_id: str) -> Title:
    """The record of a published title. Raises TitleError, naming the nearest id, if there is none."""
    try:
        key = title_key(title_id)
        return load_title(store.get(key), where=key)
    except (NotFoundError, UsageError) as error:
        known = title_ids(store)
        hint = nearest(title_id, known) if known else "The store has no titles yet: matinee onboard MASTER."
        raise TitleError(f"there is no title {title_id!r}", where=store.url, hint=hint) from error


def remove_title(store: Store, title_id: str) -> int:
    """Remove a title, and what unfinished onboardings of it left; gives the number of objects removed.

    `title.json` goes first, so that nobody is sent to what is gone. The master stays. Raises TitleError if nothing is
    stored under this id.
    """
    try:
        keys = [info.key for info in store.list(title_prefix(title_id))]
    except UsageError:
        keys = []
    if not keys:
        read_title(store, title_id)
    for key in sorted(keys, key=lambda k: k != title_key(title_id)):
        store.delete(key)
    return len(keys)
