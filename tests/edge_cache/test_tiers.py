"""Budgets to the byte, the order of eviction, what survives a restart and what does not."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_cache.body import GROW_BYTES, Body
from edge_cache.budget import Budget
from edge_cache.catalog import Entry
from edge_cache.core_fields import fields_of
from edge_cache.core_messages import Stored
from edge_cache.disk import DiskTier
from edge_cache.fill import WINDOW_BYTES, Fill, FillBroken, Reader
from edge_cache.policy import Lru
from edge_cache.tiers import OVERHEAD_BYTES, Tiers
from tests.edge_cache.scripted_origin import media
from values.errors import ServeError

FIELDS = fields_of(("Cache-Control", "max-age=600"), ("ETag", '"1"'))


def stored(received_ms: int = 1000) -> Stored:
    return Stored(200, "OK", FIELDS, received_ms, received_ms)


async def put(tiers: Tiers, target: str, data: bytes, *, known: bool = True, received_ms: int = 1000) -> Entry | None:
    """Fill and keep an object, in pieces of odd sizes."""
    fill = Fill(stored(received_ms), len(data) if known else None, tiers, keep=True)
    await fill.start()
    reader = fill.join()  # so that a passing fill is not held back
    for start in range(0, len(data), 70_001):
        await fill.feed(data[start : start + 70_001])
        reader.position = fill.received
    fill.leave(reader)
    fill.finish()
    if not fill.kept:
        return None
    entry = await tiers.keep(target, fill)
    if entry is None:
        fill.drop()
    else:
        await tiers.write_through(entry)
    if fill.draft is not None:
        await fill.draft.discard()
    return entry


async def take(tiers: Tiers, target: str) -> bytes:
    """Read an object as a hit would."""
    (entry,) = tiers.catalog.of(target)
    tiers.touch(entry)
    if entry.ram is None:
        await tiers.promote(entry)
    if entry.ram is not None:
        return whole(entry.ram)
    assert tiers.disk is not None
    body = await tiers.disk.load(entry)
    return b"" if body is None else whole(body)


def whole(body: Body) -> bytes:
    found = b""
    while piece := body.view(len(found)):
        found += piece
    return found


def on_disk(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and path.name != ".lock")


def body_file(folder: Path, number: int | None) -> Path:
    (path,) = folder.rglob(f"{number:016x}.body")
    return path


def test_lru_names_victims_in_the_order_of_last_use() -> None:
    """A golden sequence: capitals admit, small letters touch, a minus forgets."""
    lru: Lru[str] = Lru()
    for step in ("A", "B", "C", "a", "D", "b", "-C", "E", "d"):
        if step.startswith("-"):
            lru.forget(step[1:])
        elif step.isupper():
            lru.admit(step)
        else:
            lru.touch(step.upper())
    assert "".join(lru.victims()) == "ABED"


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 60), st.booleans()), max_size=60))
def test_a_budget_is_exact_whatever_happens(steps: list[tuple[str, int, bool]]) -> None:
    sizes: dict[str, int] = {}
    pinned: set[str] = set()
    budget: Budget[str] = Budget(100, Lru(), evict=lambda key: sizes.__delitem__(key), pinned=lambda key: key in pinned)
    for key, size, pin in steps:
        before, held = dict(sizes), set(pinned)
        if key in budget:
            if size == 0:
                budget.drop(key)
                del sizes[key]
            elif budget.recharge(key, size):
                sizes[key] = size
        elif budget.reserve(size):
            budget.adopt(key, size)
            sizes[key] = size
        else:
            assert sizes == before, "a refused reservation must evict nothing"
            assert size + sum(sizes[other] for other in pinned & sizes.keys()) > 100
        if pin:
            pinned ^= {key}
        assert budget.used_bytes == sum(sizes.values()) <= 100
        assert (held & before.keys()) - {key} <= sizes.keys(), "what is pinned must stay"


@settings(deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=3 * GROW_BYTES // 2), max_size=4), st.booleans())
def test_a_body_gives_back_what_it_was_given(pieces: list[bytes], known: bool) -> None:
    data = b"".join(pieces)
    body = Body(len(data) if known else None)
    for piece in pieces:
        before, needs = body.room_bytes, body.needs_bytes(len(piece))
        body.append(piece)
        assert body.room_bytes == before + needs >= body.length
    body.trim()
    assert (whole(body), body.room_bytes) == (data, len(data))


@pytest.mark.parametrize("known", [True, False])
async def test_ram_is_charged_with_body_and_overhead_and_freed_to_the_byte(known: bool) -> None:
    tiers = Tiers(1 << 20)
    data = media(100_001)
    assert await put(tiers, "/a", data, known=known) is not None
    assert tiers.ram.used_bytes == 100_001 + OVERHEAD_BYTES
    assert await take(tiers, "/a") == data
    tiers.void("/a")
    assert tiers.ram.used_bytes == 0


async def test_an_object_that_is_replaced_while_it_is_read_stays_charged_until_the_reader_leaves() -> None:
    tiers = Tiers(1 << 20)
    old = await put(tiers, "/a", media(1000))
    assert old is not None
    tiers.pin(old)
    await put(tiers, "/a", media(500))
    assert tiers.ram.used_bytes == 1500 + 2 * OVERHEAD_BYTES
    tiers.unpin(old)
    assert tiers.ram.used_bytes == 500 + OVERHEAD_BYTES


async def test_a_broken_fill_gives_its_room_back_when_its_readers_have_left() -> None:
    tiers = Tiers(1 << 20)
    fill = Fill(stored(), 1000, tiers, keep=True)
    await fill.start()
    reader = fill.join()
    await fill.feed(b"x" * 10)
    fill.finish()
    assert isinstance(fill.failure, FillBroken)
    assert tiers.ram.used_bytes == 1000
    fill.leave(reader)
    assert tiers.ram.used_bytes == 0


async def test_a_passing_fill_runs_ahead_of_its_slowest_reader_by_no_more_than_the_window() -> None:
    fill = Fill(stored(), None, Tiers(0), keep=False)
    await fill.start()
    fast, slow = fill.join(), fill.join()
    piece = media(100_000)

    async def feed() -> None:
        while True:
            await fill.feed(piece)
            await asyncio.sleep(0)

    async def read(reader: Reader, stop: int) -> bytes:
        reader.stop = stop
        return b"".join([bytes(piece) async for piece in fill.pieces(reader)])

    feeding = asyncio.create_task(feed())
    ahead = await read(fast, WINDOW_BYTES)
    assert WINDOW_BYTES <= fill.received <= WINDOW_BYTES + len(piece), "the slow reader has read nothing yet"
    assert await read(slow, WINDOW_BYTES) == ahead == (piece * 11)[:WINDOW_BYTES]
    fill.leave(slow)
    assert len(await read(fast, 5 * WINDOW_BYTES)) == 4 * WINDOW_BYTES
    assert fill.body is not None and fill.body.room_bytes <= WINDOW_BYTES + len(piece) + 2 * GROW_BYTES
    fill.abandon()
    fill.leave(fast)
    with pytest.raises(FillBroken, match="nobody reads"):
        await feeding


async def test_eviction_from_ram_is_demotion_to_disk_and_the_second_hit_there_promotes(tmp_path: Path) -> None:
    tiers = Tiers(500_000, DiskTier(tmp_path, 10 << 20))
    await tiers.open()
    first = await put(tiers, "/0", media(100_000, 0))
    assert first is not None and first.ram is not None
    for i in range(1, 8):
        await put(tiers, f"/{i}", media(100_000, i))
    assert first.ram is None and tiers.ram.used_bytes <= 500_000
    assert await take(tiers, "/0") == media(100_000, 0) and first.ram is None
    assert await take(tiers, "/0") == media(100_000, 0) and first.ram is not None
    await tiers.close()


async def test_the_disk_tier_counts_just_the_bytes_of_its_files_and_stays_within_its_budget(tmp_path: Path) -> None:
    tiers = Tiers(1 << 20, DiskTier(tmp_path, 500_000))
    await tiers.open()
    assert tiers.disk is not None
    for i in range(12):
        await put(tiers, f"/{i}", media(90_000 + i, i), known=i % 2 == 0)
        (entry,) = tiers.catalog.of(f"/{i}")
        tiers.renew(entry, stored(2000 + i))
        assert tiers.disk.budget.used_bytes <= 500_000
    used = tiers.disk.budget.used_bytes
    await tiers.close()
    assert on_disk(tmp_path) == used
    assert len(tiers.disk.budget) == 5


async def test_objects_too_large_for_ram_go_straight_to_disk_and_those_too_large_for_both_are_not_kept(
    tmp_path: Path,
) -> None:
    tiers = Tiers(100_000, DiskTier(tmp_path, 2_000_000))
    await tiers.open()
    for known in (True, False):
        entry = await put(tiers, f"/{known}", media(300_000), known=known)
        assert entry is not None and entry.ram is None and tiers.ram.used_bytes == 0
        assert await take(tiers, f"/{known}") == media(300_000)
        assert await put(tiers, f"/huge{known}", media(600_000), known=known) is None
    await tiers.close()
    assert tiers.disk is not None and on_disk(tmp_path) == tiers.disk.budget.used_bytes


async def test_after_a_restart_whole_objects_are_there_and_torn_ones_are_gone(tmp_path: Path) -> None:
    tiers = Tiers(1 << 20, DiskTier(tmp_path, 10 << 20))
    await tiers.open()
    names = ["/whole", "/short", "/headless", "/bodiless", "/bad-head", "/flipped"]
    numbers = {}
    for i, name in enumerate(names):
        entry = await put(tiers, name, media(10_000, i), received_ms=1000 + i)
        assert entry is not None
        numbers[name] = entry.file_id
    await tiers.close()
    files = {name: body_file(tmp_path, number) for name, number in numbers.items()}
    files["/short"].write_bytes(files["/short"].read_bytes()[:-1])
    files["/headless"].with_suffix(".head").unlink()
    files["/bodiless"].unlink()
    head = files["/bad-head"].with_suffix(".head")
    head.write_bytes(head.read_bytes().replace(b"max-age=600", b"max-age=900"))
    data = bytearray(files["/flipped"].read_bytes())
    data[5000] ^= 1
    files["/flipped"].write_bytes(data)
    (files["/whole"].parent / "00000000000000ff.part").write_bytes(b"unfinished")

    again = Tiers(1 << 20, DiskTier(tmp_path, 10 << 20))
    await again.open()
    assert sorted(entry.target for entry in again.catalog) == ["/flipped", "/whole"]
    assert again.catalog.of("/whole")[0].stored == stored(1000)
    assert await take(again, "/whole") == media(10_000, 0)
    assert await take(again, "/flipped") == b""
    assert [entry.target for entry in again.catalog] == ["/whole"]
    await again.close()
    assert again.disk is not None and on_disk(tmp_path) == again.disk.budget.used_bytes


async def test_a_smaller_budget_after_a_restart_keeps_the_youngest(tmp_path: Path) -> None:
    tiers = Tiers(1 << 20, DiskTier(tmp_path, 10 << 20))
    await tiers.open()
    for i in range(6):
        await put(tiers, f"/{i}", media(10_000, i), received_ms=1000 + i)
    await tiers.close()
    again = Tiers(1 << 20, DiskTier(tmp_path, 25_000))
    await again.open()
    assert sorted(entry.target for entry in again.catalog) == ["/4", "/5"]
    await again.close()
    assert on_disk(tmp_path) <= 25_000


async def test_two_edges_can_not_share_a_disk_tier(tmp_path: Path) -> None:
    one, two = DiskTier(tmp_path, 1000), DiskTier(tmp_path, 1000)
    await one.open(lambda entry: None)
    with pytest.raises(ServeError, match="another edge") as refused:
        await two.open(lambda entry: None)
    assert "own DIR" in refused.value.hint
    await asyncio.gather(one.close(), two.close())


@pytest.fixture
def a_file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_text("")
    return path


async def test_a_folder_that_is_a_file_is_refused(a_file: Path) -> None:
    tier = DiskTier(a_file, 1000)
    with pytest.raises(ServeError, match="can't be used"):
        await tier.open(lambda entry: None)
    await tier.close()


async def test_an_object_is_used_and_renewed_while_it_is_written_to_disk(tmp_path: Path) -> None:
    tiers = Tiers(8 << 20, DiskTier(tmp_path, 10 << 20))
    await tiers.open()
    fill = Fill(stored(), 300_000, tiers, keep=True)
    await fill.start()
    await fill.feed(bytes(300_000))
    fill.finish()
    entry = await tiers.keep("/film", fill)
    assert entry is not None
    writing = asyncio.create_task(tiers.write_through(entry))
    seen = set()
    while not writing.done():
        tiers.touch(entry)
        tiers.renew(entry, stored())
        seen.add((entry.file_id is not None, entry in tiers.disk.budget if tiers.disk else None))
        await asyncio.sleep(0)
    await writing
    tiers.touch(entry)
    assert (True, False) in seen
    assert await take(tiers, "/film") == bytes(300_000)
    await tiers.close()
