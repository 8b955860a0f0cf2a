"""A store that fails: before the first byte it is a 503, afterwards the connection is cut. Memory stays bounded."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestClient

from storage.folder import FolderStore
from storage.memory import MemoryStore
from tests.origin.conftest import OriginFactory
from tests.origin.library import publish
from tests.origin.raw import get
from values.errors import StoreError

BLOCK = 100_000


class FaultyStore(MemoryStore):
    """Reads in blocks of 100 kB. `fail` names calls that raise; a stream raises or ends at byte `break_at`."""

    def __init__(self) -> None:
        super().__init__()
        self.fail: set[str] = set()
        self.break_at: int | None = None
        self.end_early = False
        self.given = 0
        self.open_streams = 0
        self.gate: threading.Event | None = None

    def _try(self, call: str) -> None:
        if call in self.fail:
            raise StoreError("the store is out", where=self.url)

    def head(self, key):  # type: ignore[no-untyped-def]
        self._try("head")
        return super().head(key)

    def list(self, prefix=""):  # type: ignore[no-untyped-def]
        self._try("list")
        return super().list(prefix)

    def check(self) -> None:
        self._try("check")

    def read(self, key, start=0, stop=None):  # type: ignore[no-untyped-def]
        self._try("read")
        return self._blocks(self.get(key)[start:stop])

    def _blocks(self, data: bytes) -> Iterator[bytes]:
        self.open_streams += 1
        try:
            for at in range(0, len(data), BLOCK):
                if self.gate is not None:
                    self.gate.wait(10)
                if self.break_at is not None and at >= self.break_at:
                    if self.end_early:
                        return
                    raise StoreError("the connection broke", where=self.url)
                self.given += 1
                yield data[at : at + BLOCK]
        finally:
            self.open_streams -= 1


@pytest.fixture
def faulty() -> FaultyStore:
    return FaultyStore()


async def test_a_store_that_is_out_makes_503_and_says_when_to_come_back(
    faulty: FaultyStore, start: OriginFactory
) -> None:
    title = publish(faulty)
    origin = await start(faulty)
    segment = f"/{title.renditions[0].segments[1].file.key}"
    for failing, target in (
        ({"head"}, "/titles/bunny/master.m3u8"),
        ({"list"}, "/titles"),
        ({"check"}, "/healthz"),
        ({"read"}, segment),
        ({"head", "read"}, segment),
    ):
        faulty.fail = failing
        status, headers, _ = await get(origin, target)
        assert (status, headers["retry-after"], headers["cache-control"]) == (503, "1", "no-store"), target
        assert headers["access-control-allow-origin"] == "*"
        faulty.fail = set()
        assert (await get(origin, target))[0] == 200, target
    assert "matinee_origin_store_errors_total 4.0" in await (await origin.get("/metrics")).text()


async def test_a_damaged_record_is_a_503_and_not_in_the_list(faulty: FaultyStore, start: OriginFactory) -> None:
    publish(faulty, "well")
    faulty.put("titles/ill/title.json", b"{")
    origin = await start(faulty)
    assert (await get(origin, "/titles/ill/master.m3u8"))[0] == 503
    async with origin.get("/titles") as response:
        assert [title["id"] for title in await response.json()] == ["well"]


@pytest.mark.parametrize("end_early", [False, True])
async def test_a_stream_that_breaks_off_never_looks_whole(
    faulty: FaultyStore, start: OriginFactory, end_early: bool
) -> None:
    title = publish(faulty, sizes=(1000, 1_000_000))
    origin = await start(faulty)
    faulty.break_at, faulty.end_early = 500_000, end_early
    async with origin.get(f"/{title.renditions[0].segments[1].file.key}") as response:
        assert (response.status, response.headers["Content-Length"]) == (200, "1000000")
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()
    assert faulty.open_streams == 0
    text = await (await origin.get("/metrics")).text()
    assert 'matinee_origin_broken_off_total{by="store"} 1.0' in text


async def test_a_stream_that_breaks_before_its_first_block_is_a_503(faulty: FaultyStore, start: OriginFactory) -> None:
    title = publish(faulty)
    origin = await start(faulty)
    faulty.break_at = 0
    assert (await get(origin, f"/{title.renditions[0].segments[1].file.key}"))[0] == 503


async def test_a_store_that_hangs_is_a_503(faulty: FaultyStore, start: OriginFactory) -> None:
    title = publish(faulty)
    origin = await start(faulty, store_timeout_s=0.05)
    faulty.gate = threading.Event()
    assert (await get(origin, f"/{title.renditions[0].segments[1].file.key}"))[0] == 503
    faulty.gate.set()


async def test_a_missing_object_of_the_record_is_404(faulty: FaultyStore, start: OriginFactory) -> None:
    title = publish(faulty)
    origin = await start(faulty)
    key = title.renditions[0].segments[1].file.key
    faulty.delete(key)
    assert (await get(origin, f"/{key}"))[0] == 404


async def test_a_file_that_is_not_as_recorded_is_a_503(tmp_path: Path, start: OriginFactory) -> None:
    store = FolderStore(tmp_path / "library")
    title = publish(store)
    origin = await start(store)
    key = title.renditions[0].segments[1].file.key
    store.put(key, b"short")
    assert (await get(origin, f"/{key}"))[0] == 503


async def test_a_client_that_takes_nothing_makes_the_origin_hold_a_few_blocks(
    faulty: FaultyStore, start: OriginFactory
) -> None:
    """The store is asked for the next block only when the client has taken those before it."""
    title = publish(faulty, sizes=(1000, 40_000_000))
    origin = await start(faulty)
    async with origin.get(f"/{title.renditions[0].segments[1].file.key}") as response:
        assert len(await response.content.readexactly(1000)) == 1000
        while True:  # until the socket buffers are full and no more blocks are drawn
            before = faulty.given
            await _quiet()
            if faulty.given == before:
                break
        assert faulty.given < 150, f"{faulty.given} of 400 blocks were read ahead"
        assert len(await response.read()) == 40_000_000 - 1000
    assert faulty.open_streams == 0


async def test_a_client_that_leaves_frees_the_stream(faulty: FaultyStore, start: OriginFactory) -> None:
    title = publish(faulty, sizes=(1000, 40_000_000))
    origin = await start(faulty)
    response = await origin.get(f"/{title.renditions[0].segments[1].file.key}")
    await response.content.readexactly(1000)
    response.close()
    for _ in range(200):
        if faulty.open_streams == 0:
            break
        await _quiet()
    assert faulty.open_streams == 0


async def test_a_client_that_sleeps_too_long_is_cut_off(faulty: FaultyStore, start: OriginFactory) -> None:
    title = publish(faulty, sizes=(1000, 40_000_000))
    origin: TestClient = await start(faulty, send_timeout_s=0.1)
    async with origin.get(f"/{title.renditions[0].segments[1].file.key}") as response:
        for _ in range(100):
            text = await (await origin.get("/metrics")).text()
            if 'matinee_origin_broken_off_total{by="client"} 1.0' in text:
                break
            await _quiet()
        else:
            pytest.fail("the sleeping client was never cut off")
        with pytest.raises(aiohttp.ClientError):
            await response.read()


def _open_files() -> set[str]:
    return {os.path.realpath(fd) for fd in Path("/proc/self/fd").iterdir()}


async def _quiet() -> None:
    await asyncio.sleep(0.05)


async def test_a_sleeping_client_of_a_file_is_cut_off_and_the_file_closed(tmp_path: Path, start: OriginFactory) -> None:
    store = FolderStore(tmp_path / "library")
    title = publish(store, sizes=(1000, 40_000_000))
    origin = await start(store, send_timeout_s=0.1)
    path = store.locate(title.renditions[0].segments[1].file.key)
    async with origin.get(f"/{title.renditions[0].segments[1].file.key}") as response:
        for _ in range(100):
            text = await (await origin.get("/metrics")).text()
            if 'matinee_origin_broken_off_total{by="client"} 1.0' in text:
                break
            await _quiet()
        else:
            pytest.fail("the sleeping client was never cut off")
        with pytest.raises(aiohttp.ClientError):
            await response.read()
    assert path not in _open_files()


async def test_a_file_that_shrinks_while_it_is_sent_never_looks_whole(tmp_path: Path, start: OriginFactory) -> None:
    store = FolderStore(tmp_path / "library")
    title = publish(store, sizes=(1000, 40_000_000))
    origin = await start(store)
    key = title.renditions[0].segments[1].file.key
    async with origin.get(f"/{key}") as response:
        await response.content.readexactly(1000)
        os.truncate(store.locate(key), 20_000_000)
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()
