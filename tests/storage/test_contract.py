"""What every store must do, over memory, a folder, and both bucket clients on moto and on a real Swift server."""

from __future__ import annotations

import pickle
import threading
import tracemalloc
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import Store, open_store
from storage.minio import MinioStore
from storage.s3 import S3Store
from tests.storage.stores import BUCKETS, FOLDER, MEMORY, PART_BYTES, S3_MOTO
from values.errors import NotFoundError, StoreError, UsageError

DATA = bytes(range(256)) * 4
BAD_KEYS = (
    "", "/", "/a", "a/", "a//b", ".", "..", "./a", "../a", "a/.", "a/..", "a/../b", "a/./b", "a\0b", "a\nb", "a\x7f",
    "\udcff", "a\u200b", "x" * 256, "/".join(["x" * 99] * 10), ".matinee", ".matinee/a",
)  # fmt: skip
ODD_KEYS = (
    "a b+c%2F&=?#.mp4", "käse/日本語/🎬.m4s", "..a/b..", "-", "~", "\\", "a:b", "'\"<>&", "é", "x" * 255,
    "/".join(["x" * 99] * 9),
)  # fmt: skip

SPANS = (
    (0, None), (0, 1), (0, 1024), (0, 5000), (1, None), (10, 20), (1023, 1024), (1023, 5000), (1023, None), (0, 0),
    (7, 7), (1024, None), (1024, 1024), (1024, 2000), (3000, None), (3000, 3000), (3000, 4000),
)  # fmt: skip


def test_an_object_comes_back_as_it_was_put(store: Store) -> None:
    put = store.put("titles/bbb/title.json", DATA, media_type="application/json")
    head = store.head("titles/bbb/title.json")
    assert store.get("titles/bbb/title.json") == DATA
    assert (put.key, put.size_bytes, put.etag) == ("titles/bbb/title.json", len(DATA), head.etag)
    assert head.modified.utcoffset() == timedelta(0)
    assert list(store.list()) == [head]
    assert head.etag == head.etag.strip('"') != ""


def test_a_stream_comes_back_as_it_was_put(store: Store) -> None:
    info = store.put("a/stream", (bytes([number]) * number for number in range(200)))
    assert store.get("a/stream") == b"".join(bytes([number]) * number for number in range(200))
    assert info.size_bytes == 19_900


def test_an_empty_object_is_an_object(store: Store) -> None:
    for data in (b"", [], iter([b"", b""])):
        store.put("empty", b"not yet")
        info = store.put("empty", data)
        assert info.size_bytes == store.head("empty").size_bytes == 0
        assert store.get("empty") == b""
    assert [list(store.read("empty", *span)) for span in ((0,), (0, 0), (0, 9), (5,), (5, 9))] == [[]] * 5


def test_a_range_is_that_slice_of_the_object(store: Store) -> None:
    store.put("ranged", DATA)
    expected = {span: DATA[slice(*span)] for span in SPANS}
    assert {span: b"".join(store.read("ranged", *span)) for span in SPANS} == expected


@pytest.mark.parametrize("store", [MEMORY, FOLDER], indirect=True)
@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300), start=st.integers(0, 400), length=st.none() | st.integers(0, 400))
def test_any_range_is_that_slice(store: Store, data: bytes, start: int, length: int | None) -> None:
    store.put("ranged", data)
    stop = None if length is None else start + length
    assert b"".join(store.read("ranged", start, stop)) == data[start:stop]


def test_a_negative_or_reversed_range_is_refused(store: Store) -> None:
    store.put("ranged", DATA)
    for span in ((-1, None), (0, -1), (5, 4), (-3, -1)):
        with pytest.raises(UsageError, match="0 <= start <= stop"):
            store.read("ranged", *span)


def test_a_missing_object_is_not_found_by_the_call_itself(store: Store) -> None:
    store.put("there/is", b"something")
    for missing in ("nothing", "there", "there/is/not", "there/i"):
        for call in (
            lambda key: store.head(key), lambda key: store.get(key), lambda key: store.read(key),
            lambda key: store.read(key, 5), lambda key: store.read(key, 5, 5), lambda key: store.locate(key),
        ):  # fmt: skip
            with pytest.raises(NotFoundError, match=missing):
                call(missing)


def test_a_bad_key_is_refused_before_anything_is_touched(store: Store) -> None:
    def never() -> Iterator[bytes]:
        pytest.fail("the data of a put under a bad key was touched")
        yield b""

    def put(key: str) -> None:
        store.put(key, never())

    for key in BAD_KEYS:
        for call in (store.head, store.read, store.get, store.delete, store.locate, put):
            with pytest.raises(UsageError, match="relative path of printable characters"):
                call(key)
                pytest.fail(f"{call} took the key {key!r}")
    assert list(store.list()) == []


def test_a_prefix_that_no_key_starts_with_is_refused(store: Store) -> None:
    for prefix in ("/", "../", "a//", "./a", "a/../b", "\n", ".matinee/"):
        with pytest.raises(UsageError, match="no key starts with"):
            store.list(prefix)


def test_odd_but_good_keys_keep_their_names(store: Store) -> None:
    for key in ODD_KEYS:
        store.put(key, key.encode())
    assert [info.key for info in store.list()] == sorted(ODD_KEYS)
    assert {key: store.get(key) for key in ODD_KEYS} == {key: key.encode() for key in ODD_KEYS}


def test_a_prefix_is_a_plain_start_of_the_key(store: Store) -> None:
    keys = ["a", "b.x", "b/1", "b/10", "b/2/c", "b0", "bb/1"]
    for key in keys:
        store.put(key, b"")
    for prefix in ("", "a", "b", "b.", "b/", "b/1", "b/2", "b/2/", "b/2/c", "b/2/c/d", "c", "bb", "..", "b/."):
        assert [info.key for info in store.list(prefix)] == [key for key in keys if key.startswith(prefix)], prefix


@pytest.mark.parametrize("store", [MEMORY, FOLDER, S3_MOTO], indirect=True)
def test_more_than_a_thousand_objects_are_listed_in_order(store: Store) -> None:
    keys = [f"many/{number // 7 or '-'}/{number}" for number in range(1050)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: store.put(key, b"x"), keys))
    expected = [(key, 1) for key in sorted(keys)]
    assert [(info.key, info.size_bytes) for info in store.list("many/")] == expected
    if isinstance(store, S3Store):
        minio = MinioStore(store.address)  # the other client pages on its own
        assert [(info.key, info.size_bytes) for info in minio.list("many/")] == expected


@pytest.mark.parametrize("store", [MEMORY, FOLDER], indirect=True)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.text("ab-./0é🎬", min_size=1, max_size=6), max_size=12), prefix=st.text("ab-./é", max_size=3))
def test_any_keys_are_listed_in_code_point_order(store: Store, names: list[str], prefix: str) -> None:
    for info in list(store.list()):
        store.delete(info.key)
    kept: set[str] = set()
    for name in names:
        parents = {name[:at] for at, letter in enumerate(name) if letter == "/"}
        if parents & kept or any(other.startswith(f"{name}/") for other in kept):
            continue  # no key may be a folder of another one
        try:
            store.put(name, b"")
        except UsageError:
            continue
        kept.add(name)
    try:
        listed = [info.key for info in store.list(prefix)]
    except UsageError:
        listed = []
    assert listed == sorted(key for key in kept if key.startswith(prefix))


def test_deleting_leaves_the_others_and_is_no_error_again(store: Store) -> None:
    for key in ("a/b/c", "a/b/d", "e"):
        store.put(key, b"")
    for _ in range(2):
        store.delete("a/b/c")
        store.delete("never/was")
        store.delete("a/b")
        assert [info.key for info in store.list()] == ["a/b/d", "e"]
    store.delete("a/b/d")
    store.put("a", b"a folder that is empty now is in nobody's way")
    assert [info.key for info in store.list()] == ["a", "e"]


def test_the_etag_changes_with_the_bytes(store: Store) -> None:
    etags = [store.put("changing", data).etag for data in (b"one", b"two", b"", b"three")]
    assert len(set(etags)) == 4
    assert store.head("changing").etag == etags[-1]
    assert store.get("changing") == b"three"


@pytest.mark.parametrize(
    ("failure", "blocks"),
    [
        (ValueError("the source broke"), 0),
        (StoreError("the source is a store too"), 1),
        (OSError(5, "I/O"), 100),  # 6 MB: a multipart upload is under way
        (KeyboardInterrupt(), 100),
    ],
    ids=repr,
)
def test_data_that_fails_stores_nothing_and_its_exception_comes_through(
    store: Store, failure: BaseException, blocks: int
) -> None:
    def failing() -> Iterator[bytes]:
        for _ in range(blocks):
            yield bytes(60_000)
        raise failure

    store.put("old", b"old")
    for key in ("old", "new"):
        with pytest.raises(type(failure)) as caught:
            store.put(key, failing())
        assert caught.value is failure
    assert [(info.key, info.size_bytes) for info in store.list()] == [("old", 3)]
    assert store.get("old") == b"old"


@pytest.mark.parametrize("store", [FOLDER, *BUCKETS], indirect=True)
def test_twenty_megabytes_stream_with_bounded_memory(store: Store) -> None:
    block, count = bytes(range(250)) * 1000, 80

    def blocks() -> Iterator[bytes]:
        for number in range(count):
            yield number.to_bytes(4, "big") + block

    store.put("warm", b"")  # imports and connections are not the stream's
    tracemalloc.start()
    try:
        info = store.put("big", blocks())
        put_peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        base = tracemalloc.get_traced_memory()[0]
        sizes, digest = [], 0
        for piece in store.read("big"):
            sizes.append(len(piece))
            digest += piece.count(b"\x07")
        read_peak = tracemalloc.get_traced_memory()[1] - base
    finally:
        tracemalloc.stop()
    assert info.size_bytes == sum(sizes) == count * 250_004
    assert digest == sum((number.to_bytes(4, "big") + block).count(b"\x07") for number in range(count))
    assert max(sizes) <= 1 << 20
    assert put_peak < 3.5 * PART_BYTES < 20_000_000
    assert read_peak < 4 << 20


def test_readers_see_the_old_or_the_new_object_never_a_part(store: Store) -> None:
    versions = [bytes([number]) * 300_000 for number in range(6)]
    store.put("swapped", versions[0])
    done = threading.Event()

    def read() -> set[bytes]:
        seen = set()
        while not done.is_set():
            try:
                seen.add(store.get("swapped"))
            except StoreError as error:
                assert "changed while it was read" in error.what
        return seen

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read) for _ in range(3)]
        try:
            for version in versions[1:]:
                store.put("swapped", (version[at : at + 50_000] for at in range(0, len(version), 50_000)))
        finally:
            done.set()
    assert set().union(*(reader.result() for reader in readers)) <= set(versions)
    assert store.get("swapped") == versions[-1]


def test_a_reader_of_a_replaced_object_gets_all_of_it_or_an_error(store: Store) -> None:
    old, new = b"o" * 3_000_000, b"n" * 3_000_000
    store.put("replaced", old)
    blocks = store.read("replaced")
    got = [next(blocks)]
    store.put("replaced", new)
    try:
        got.extend(blocks)
    except StoreError as error:
        assert "changed" in error.what
    else:
        assert b"".join(got) == old


def test_eight_threads_at_once_keep_apart(store: Store) -> None:
    def work(number: int) -> tuple[bytes, list[str]]:
        prefix = f"thread-{number}/"
        for step in range(4):
            store.put(f"{prefix}deep/{step}", bytes([number]) * 1000 * step)
        store.delete(f"{prefix}deep/0")
        return b"".join(store.get(f"{prefix}deep/{step}") for step in range(1, 4)), [
            info.key for info in store.list(prefix)
        ]

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(work, range(8)))
    expected = [[f"thread-{number}/deep/{step}" for step in range(1, 4)] for number in range(8)]
    assert results == [(bytes([number]) * 6000, expected[number]) for number in range(8)]


def test_eight_threads_on_one_key_leave_one_whole_object(store: Store) -> None:
    versions = [bytes([number]) * 10_000 for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda data: store.put("contested/key", data), versions))
    assert store.get("contested/key") in versions
    assert [info.key for info in store.list()] == ["contested/key"]


def test_a_located_object_can_be_read_from_there(store: Store) -> None:
    store.put("film é.mp4", DATA)
    place = store.locate("film é.mp4")
    if place.startswith("http"):
        request = urllib.request.Request(place, headers={"Range": "bytes=10-19"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert (answer.status, answer.read()) == (206, DATA[10:20])
    else:
        assert Path(place).suffix == ".mp4"
        assert Path(place).read_bytes() == DATA


def test_its_url_and_its_pickle_open_the_same_store(store: Store) -> None:
    info = store.put("a", DATA)
    for again in (open_store(store.url), pickle.loads(pickle.dumps(store))):
        assert again.url == store.url
        assert again.get("a") == DATA
        assert again.head("a") == store.head("a")
    assert info.etag == store.head("a").etag
    assert "testing" not in store.url


def test_a_usable_store_passes_its_check(store: Store) -> None:
    store.check()
    assert list(store.list()) == []


def test_dropped_readers_free_their_files_and_connections(store: Store) -> None:
    store.put("long", bytes(600_000))
    next(store.read("long"))
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(4):
        next(store.read("long"))
        store.read("long", 1)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 1
