"""A title that is onboarded again: both manifests switch at once, players of the old generation go on."""

from __future__ import annotations

import asyncio

from aiohttp.test_utils import TestClient

from origin import OriginSettings
from origin.catalogue import Catalogue
from origin.paths import TitlePath
from origin.source import StoreThreads
from storage.memory import MemoryStore
from storage.protocol import Store
from tests.origin.conftest import OriginFactory
from tests.origin.library import publish
from tests.origin.test_serving import IMMUTABLE
from values.keys import title_key
from values.title import Title


async def manifests(origin: TestClient) -> tuple[bytes, bytes]:
    async with origin.get("/titles/bunny/master.m3u8") as hls, origin.get("/titles/bunny/manifest.mpd") as dash:
        return await hls.read(), await dash.read()


def stored(store: Store, title: Title) -> tuple[bytes, bytes]:
    return store.get(title.hls.key), store.get(title.dash.key)


async def test_both_manifests_switch_when_the_record_is_replaced(store: Store, origin: TestClient) -> None:
    old = publish(store, seed="one")
    assert await manifests(origin) == stored(store, old)
    new = publish(store, seed="two")
    assert stored(store, new) != stored(store, old)
    assert await manifests(origin) == stored(store, new)


async def test_a_player_of_the_old_generation_is_served_on(store: Store, start: OriginFactory) -> None:
    old = publish(store, seed="one")
    publish(store, seed="two")
    origin = await start(store)  # one that never saw the old generation
    video, audio = old.renditions
    for file, media_type in (
        (video.segments[1].file, "video/mp4"),
        (audio.segments[0].file, "audio/mp4"),
        (audio.playlist, "application/vnd.apple.mpegurl"),
    ):
        async with origin.get(f"/{file.key}", headers={"Range": "bytes=0-"}) as response:
            assert (response.status, await response.read()) == (206, store.get(file.key))
            assert response.headers["Content-Type"] == media_type
            assert response.headers["Cache-Control"] == IMMUTABLE


async def test_a_deleted_title_is_gone(store: Store, origin: TestClient) -> None:
    title = publish(store)
    segment = title.renditions[0].segments[1].file
    assert (await origin.get(f"/{segment.key}")).status == 200
    for info in list(store.list("titles/bunny/")):
        store.delete(info.key)
    for path in ("titles/bunny/master.m3u8", "titles/bunny/title.json", segment.key):
        assert (await origin.get(f"/{path}")).status == 404


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


class CountingStore(MemoryStore):
    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []

    def head(self, key):  # type: ignore[no-untyped-def]
        self.calls.append(f"head {key}")
        return super().head(key)

    def get(self, key):  # type: ignore[no-untyped-def]
        self.calls.append(f"get {key}")
        return super().get(key)


async def test_a_record_is_read_once_and_asked_after_when_it_ages() -> None:
    store, clock = CountingStore(), Clock()
    title = publish(store)
    threads = StoreThreads(store, threads=2, timeout_s=5)
    catalogue = Catalogue(threads, OriginSettings(), clock=clock)
    key = title_key("bunny")
    master = TitlePath("bunny", "master.m3u8")
    segment = TitlePath("bunny", title.renditions[0].init.key.removeprefix("titles/bunny/"))
    asked_twice = [f"head {key}", f"get {key}", f"head {key}"]  # the second head: the record did not change meanwhile
    first = await catalogue.find(master)
    assert first is not None
    assert store.calls == asked_twice
    clock.now_s = 0.9
    assert await catalogue.find(master) == first
    assert store.calls == asked_twice
    clock.now_s = 1.5
    assert await catalogue.find(segment) is not None
    assert store.calls == asked_twice, "a name that can't change needs no fresh record"
    assert await catalogue.find(master) == first
    assert store.calls == [*asked_twice, f"head {key}"]
    assert await catalogue.find(TitlePath("unknown", "master.m3u8")) is None
    assert await catalogue.find(TitlePath("unknown", "master.m3u8")) is None
    assert store.calls[4:] == [f"head {title_key('unknown')}"]
    threads.close()


async def test_many_who_ask_at_once_are_one_question() -> None:
    store = CountingStore()
    publish(store)
    threads = StoreThreads(store, threads=4, timeout_s=5)
    catalogue = Catalogue(threads, OriginSettings())
    found = await asyncio.gather(*(catalogue.find(TitlePath("bunny", "master.m3u8")) for _ in range(50)))
    assert len(set(found)) == 1
    assert len(store.calls) == 3
    threads.close()


async def test_a_replaced_generation_keeps_its_entity_tags(store: Store, origin: TestClient) -> None:
    old = publish(store, seed="one")
    assert (await origin.get("/titles/bunny/master.m3u8")).status == 200
    publish(store, seed="two")
    assert (await origin.get("/titles/bunny/master.m3u8")).status == 200
    for file in old.files():
        async with origin.get(f"/{file.key}") as response:
            assert (response.status, response.headers["ETag"]) == (200, f'"{file.xxh3}"')


async def test_what_is_known_is_bounded_by_files() -> None:
    store, clock = CountingStore(), Clock()
    for n in range(4):
        publish(store, f"t{n}")
    threads = StoreThreads(store, threads=2, timeout_s=5)
    catalogue = Catalogue(threads, OriginSettings(known_files=25), clock=clock)
    for n in range(4):
        assert await catalogue.find(TitlePath(f"t{n}", "master.m3u8"))
    store.calls.clear()
    assert await catalogue.find(TitlePath("t3", "master.m3u8"))
    assert store.calls == []
    assert await catalogue.find(TitlePath("t0", "master.m3u8"))
    assert store.calls != []
    threads.close()
