"""packager.publish: a title changes as a whole or not at all, and only what nobody needs is swept away."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from packager.audit import audit
from packager.build import Presentation, build_title
from packager.publish import GRACE, Published, publish
from storage.memory import MemoryStore
from storage.protocol import ObjectInfo
from tests.packager.film import ID, Film
from tests.packager.rich import Rich
from values.errors import StoreError, TitleError
from values.keys import title_key, work_key
from values.title import load_title


class FailingStore(MemoryStore):
    """Fails the nth put, and every delete where told to."""

    def __init__(self) -> None:
        super().__init__()
        self.fail_at: int | None = None
        self.fail_deletes = False
        self.puts = 0

    def put(
        self, key: str, data: bytes | Iterable[bytes], *, media_type: str = "application/octet-stream"
    ) -> ObjectInfo:
        self.puts += 1
        if self.puts == self.fail_at:
            raise StoreError("the disk is full", where=key)
        return super().put(key, data, media_type=media_type)

    def delete(self, key: str) -> None:
        if self.fail_deletes:
            raise StoreError("may not delete", where=key)
        super().delete(key)


def _fill(store: MemoryStore, film: Film) -> None:
    for key, data in film.objects.items():
        store.put(key, data)


def _named(film: Film, name: str) -> Presentation:
    """Another generation: its MPD carries another name."""
    return build_title(replace(film.facts, name=name), film.drafts)


def _now() -> datetime:
    return datetime.now(UTC)


def test_the_record_is_put_last(film: Film) -> None:
    store = FailingStore()
    _fill(store, film)
    store.puts = 0
    result = publish(store, film.presentation(), now=_now())
    assert store.puts == 6
    assert result == Published(film.presentation().title, None, ())
    assert load_title(store.get(title_key(ID)), where="") == film.presentation().title


@pytest.mark.parametrize("nth", [1, 2, 3, 4, 5, 6])
def test_a_failure_at_any_put_leaves_the_old_title_whole(film: Film, nth: int) -> None:
    store = FailingStore()
    _fill(store, film)
    publish(store, film.presentation(), now=_now())
    before = store.get(title_key(ID))
    store.fail_at = store.puts + nth
    with pytest.raises(StoreError, match="disk is full"):
        publish(store, _named(film, "Another name"), now=_now())
    assert store.get(title_key(ID)) == before
    assert audit(store, ID).faults == ()


def test_a_title_that_lacks_an_object_is_not_published(film: Film) -> None:
    store = MemoryStore()
    _fill(store, film)
    key = film.drafts[1].segments[2].file.key
    store.delete(key)
    with pytest.raises(TitleError, match="is missing and should be") as caught:
        publish(store, film.presentation(), now=_now())
    assert caught.value.where == key
    assert "Onboard the master again" in caught.value.hint
    assert title_key(ID) not in {i.key for i in store.list()}


def test_a_title_with_an_object_of_another_size_is_not_published(film: Film) -> None:
    store = MemoryStore()
    _fill(store, film)
    store.put(film.drafts[0].init.key, b"short")
    with pytest.raises(TitleError, match="is 5 bytes and should be"):
        publish(store, film.presentation(), now=_now())


def test_the_replaced_generation_stays_and_the_one_before_it_goes_after_the_grace(film: Film) -> None:
    store = MemoryStore()
    _fill(store, film)
    generations = [_named(film, name) for name in ("one", "two", "three")]
    mpds = [g.title.dash.key for g in generations]
    for generation in generations[:2]:
        publish(store, generation, now=_now())
    early = publish(store, generations[1], now=_now() + GRACE + timedelta(hours=1))
    assert early.deleted == (mpds[0],)  # neither the new nor the replaced: both are the second
    result = publish(store, generations[2], now=_now() + GRACE + timedelta(hours=1))
    assert (result.replaced, result.deleted) == (generations[1].title, ())
    assert {mpds[1], mpds[2]} <= {i.key for i in store.list()}
    assert audit(store, ID).faults == ()


def test_nothing_young_is_swept(film: Film) -> None:
    store = MemoryStore()
    _fill(store, film)
    store.put(f"titles/{ID}/media/v-90p/otherrecipe/1.m4s", b"being encoded")
    assert publish(store, film.presentation(), now=_now()).deleted == ()


def test_nothing_is_swept_while_the_generation_before_the_replaced_one_may_still_play(film: Film) -> None:
    """Its objects are old, but it was current until the record that is replaced now was put, a moment ago."""
    store = AgedStore({title_key(ID)})
    _fill(store, film)
    first, second, third = (_named(film, name) for name in ("one", "two", "three"))
    for generation in (first, second):
        publish(store, generation, now=store.now)
    assert publish(store, third, now=store.now) == Published(third.title, second.title, ())
    store.young.clear()
    gone = {first.title.dash.key, second.title.dash.key}
    assert set(publish(store, third, now=store.now).deleted) == gone


def test_all_that_a_title_has_is_kept_and_what_it_has_no_more_is_swept(rich: Rich) -> None:
    """Text, key frames, pictures and chapters too: each is deleted once no generation names it, and never before."""
    store = AgedStore(set())
    for key, data in rich.objects.items():
        store.put(key, data)
    whole = rich.presentation()
    less = replace(rich.facts, trick=(), thumbnails=None, artwork=(), chapters=(), chapters_file=None)
    bare = build_title(less, rich.drafts)
    assert publish(store, whole, now=store.now).deleted == ()
    assert load_title(store.get(title_key(ID)), where="x") == whole.title
    assert publish(store, bare, now=store.now).deleted == ()  # players of the replaced generation
    gone = {f.key for f in whole.title.files()} - {f.key for f in bare.title.files()}
    assert set(publish(store, bare, now=store.now).deleted) == gone
    assert {"t-en", "v-180p-trick", "thumbnails", "artwork"} <= {k.split("/")[3] for k in gone if "/media/" in k}
    assert audit(store, ID).faults == ()


def test_other_titles_are_never_touched(film: Film) -> None:
    store = MemoryStore()
    _fill(store, film)
    neighbours = [f"titles/{ID}-2/media/v/r/1.m4s", f"titles/{ID}2/title.json", "masters/x/media"]
    for key in neighbours:
        store.put(key, b"mine")
    assert publish(store, film.presentation(), now=_now() + 2 * GRACE).deleted == ()
    assert set(neighbours) <= {i.key for i in store.list()}


class AgedStore(MemoryStore):
    """Objects whose key is in `young` were written just before `now`, all others long ago."""

    now = datetime(2031, 1, 1, tzinfo=UTC)

    def __init__(self, young: set[str]) -> None:
        super().__init__()
        self.young = young

    def _list(self, prefix: str) -> Iterable[ObjectInfo]:  # type: ignore[override]
        for info in super()._list(prefix):
            age = timedelta(hours=1) if info.key in self.young else timedelta(days=3)
            yield replace(info, modified=self.now - age)

    def head(self, key: str) -> ObjectInfo:
        age = timedelta(hours=1) if key in self.young else timedelta(days=3)
        return replace(super().head(key), modified=self.now - age)


def test_what_a_young_work_record_promises_stays_and_old_work_goes_before_its_media(film: Film) -> None:
    def media(name: str) -> str:
        return f"titles/{ID}/media/v-90p/{name}/1.m4s"

    records = {
        work_key(ID, "young"): {"parts": [{"segments": [{"file": {"key": media("promised")}}]}]},
        work_key(ID, "stale"): {"parts": [{"init": {"key": media("forgotten")}}]},
        work_key(ID, "current"): {"keys": [film.drafts[0].init.key]},
    }
    store = AgedStore({work_key(ID, "young")})
    _fill(store, film)
    for key, value in records.items():
        store.put(key, json.dumps(value).encode())
    store.put(work_key(ID, "torn"), b'{"parts": [')
    for name in ("promised", "forgotten", "orphan"):
        store.put(media(name), b"x")
    result = publish(store, film.presentation(), now=store.now)
    assert result.deleted == (
        work_key(ID, "stale"), work_key(ID, "torn"), media("forgotten"), media("orphan"),
    )  # fmt: skip


def test_a_failing_sweep_is_reported_and_the_title_is_published(film: Film) -> None:
    store = FailingStore()
    _fill(store, film)
    store.put(f"titles/{ID}/old.m3u8", b"x")
    store.fail_deletes = True
    result = publish(store, film.presentation(), now=_now() + 2 * GRACE)
    assert str(result.sweep_error) == f"titles/{ID}/old.m3u8: may not delete"
    assert audit(store, ID).faults == ()


def test_a_damaged_old_record_is_replaced_and_nothing_is_swept(film: Film) -> None:
    store = MemoryStore()
    _fill(store, film)
    store.put(title_key(ID), b"{")
    store.put(f"titles/{ID}/old.m3u8", b"x")
    assert publish(store, film.presentation(), now=_now() + 2 * GRACE) == Published(film.presentation().title, None, ())
    assert audit(store, ID).faults == ()
