"""A connection that breaks while an object is read: it is read on, or refused, but never short."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from storage import Store
from storage import stream as stream_module
from storage.minio import MinioStore
from storage.s3 import S3Store
from storage.stream import BACKOFF_S, Body, GarbledAnswer, Stated, follow, stated
from tests.storage.cutting import CuttingProxy, cutting_proxy
from tests.storage.stores import BUCKETS
from values.errors import StoreError

SIZE = 2_000_000
DATA = bytes(number % 251 for number in range(SIZE))


@pytest.fixture
def proxy(store: Store) -> Iterator[CuttingProxy]:
    assert isinstance(store, S3Store | MinioStore)
    with cutting_proxy(store.address.endpoint) as proxy:
        yield proxy


@pytest.fixture
def shaky(store: Store, proxy: CuttingProxy) -> Store:
    """The store through the proxy."""
    assert isinstance(store, S3Store | MinioStore)
    return type(store)(replace(store.address, endpoint=proxy.endpoint))


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts follow one another without the pauses that a real network needs."""
    monkeypatch.setattr(stream_module, "BACKOFF_S", (0.0,) * len(BACKOFF_S))


@pytest.mark.parametrize("store", BUCKETS, indirect=True)
def test_a_broken_stream_is_read_on_from_its_last_byte(store: Store, shaky: Store, proxy: CuttingProxy) -> None:
    store.put("film", DATA)
    proxy.cuts = [700_000, 400_000, 100, 900_000]
    assert b"".join(shaky.read("film")) == DATA
    first, *others = [int(wanted.removeprefix("bytes=").partition("-")[0] or 0) for wanted in proxy.ranges]
    assert first == 0
    assert len(others) >= 3
    assert others == sorted(others)
    assert 500_000 < others[0] <= 700_000 < others[1]


@pytest.mark.parametrize("store", BUCKETS, indirect=True)
def test_a_broken_range_is_read_on_within_it(store: Store, shaky: Store, proxy: CuttingProxy) -> None:
    store.put("film", DATA)
    proxy.cuts = [600_000, 600_000]
    assert b"".join(shaky.read("film", 100_000, 1_900_001)) == DATA[100_000:1_900_001]
    assert len(proxy.ranges) == 3
    assert {wanted.rpartition("-")[2] for wanted in proxy.ranges} == {"1900000"}


@pytest.mark.parametrize("store", BUCKETS, indirect=True)
def test_a_stream_that_breaks_without_end_is_an_error(store: Store, shaky: Store, proxy: CuttingProxy) -> None:
    store.put("film", DATA)
    proxy.cuts = [600_000] + [2000] * 100
    got = []
    with pytest.raises(StoreError) as caught:
        got.extend(shaky.read("film"))
    read = b"".join(got)
    assert read == DATA[: len(read)] != DATA
    assert caught.value.what.startswith(f"reading broke at byte {len(read)} of {SIZE}, {len(BACKOFF_S) + 1} times")
    assert "Check the network" in caught.value.hint


@pytest.mark.parametrize("store", BUCKETS, indirect=True)
def test_an_object_that_changes_before_it_is_read_on_is_an_error(
    store: Store, shaky: Store, proxy: CuttingProxy
) -> None:
    store.put("film", DATA)
    proxy.cuts = [700_000]
    proxy.on_cut = lambda: store.put("film", DATA[::-1])
    with pytest.raises(StoreError, match="the object changed while it was read"):
        list(shaky.read("film"))


@pytest.mark.parametrize("store", BUCKETS, indirect=True)
def test_an_object_that_is_gone_before_it_is_read_on_is_an_error(
    store: Store, shaky: Store, proxy: CuttingProxy
) -> None:
    store.put("film", DATA)
    proxy.cuts = [700_000]
    proxy.on_cut = lambda: store.delete("film")
    with pytest.raises(StoreError, match="no object is stored under this key"):
        list(shaky.read("film"))


@pytest.mark.parametrize("store", BUCKETS, indirect=True)
def test_an_answer_that_breaks_in_its_head_is_asked_for_again(store: Store, shaky: Store, proxy: CuttingProxy) -> None:
    store.put("record", DATA[:1000])
    proxy.cuts = [40, 90, 150, 200]
    assert shaky.get("record") == DATA[:1000]
    assert not proxy.cuts


WHOLE = Stated(0, 6, 6, "one")


@pytest.mark.parametrize(
    "rest", [replace(WHOLE, start=3, etag="two"), replace(WHOLE, start=3, size_bytes=7), replace(WHOLE, start=2)]
)
def test_a_rest_of_another_object_is_an_error_even_if_the_server_ignores_if_match(rest: Stated) -> None:
    def fetched(after: Stated) -> Iterator[bytes]:
        heads, pieces = iter([WHOLE, after]), iter([b"abc", b"", b"def"])
        return follow(lambda *_: Body(next(heads), lambda size: next(pieces), lambda: None, ()), 0, None, where="x")

    assert list(fetched(replace(WHOLE, start=3))) == [b"abc", b"def"]
    blocks = fetched(rest)
    assert next(blocks) == b"abc"
    with pytest.raises(StoreError, match="changed"):
        next(blocks)


@pytest.mark.parametrize(
    ("status", "headers", "wanted", "expected"),
    [
        (206, {"content-range": "bytes 2-4/10"}, (2, 5), Stated(2, 5, 10, "e")),
        (206, {"content-range": "bytes 2-9/10"}, (2, 99), Stated(2, 10, 10, "e")),
        (206, {"content-range": "bytes 2-9/10"}, (2, None), Stated(2, 10, 10, "e")),
        (206, {"content-range": "bytes 2-3/10"}, (2, 5), Stated(2, 5, 10, "e")),  # less: the rest is asked for again
        (200, {"content-length": "10"}, (0, None), Stated(0, 10, 10, "e")),
        (200, {"content-length": "10"}, (0, 4), Stated(0, 4, 10, "e")),
        (200, {"content-length": "0"}, (0, 4), Stated(0, 0, 0, "e")),
        (200, {"content-length": "10"}, (10, 12), Stated(10, 10, 10, "e")),
    ],
)
def test_what_an_answer_stands_for(
    status: int, headers: dict[str, str], wanted: tuple[int, int | None], expected: Stated
) -> None:
    start, stop = wanted
    assert stated(status, headers | {"etag": '"e"'}, start=start, stop=stop, where="x") == expected


@pytest.mark.parametrize(
    ("status", "headers", "kind", "what"),
    [
        (206, {}, GarbledAnswer, "the server's answer makes no sense: 206"),
        (206, {"content-range": "bytes 2-4/*"}, GarbledAnswer, "the server's answer makes no sense: 206"),
        (206, {"content-range": "bytes 2-4/1"}, GarbledAnswer, "the server's answer makes no sense: 206"),
        (
            206,
            {"content-range": "bytes 2-4/10", "etag": ""},
            GarbledAnswer,
            "the server's answer makes no sense: 206",
        ),
        (200, {}, GarbledAnswer, "the server's answer makes no sense: 200"),
        (200, {"content-length": ""}, GarbledAnswer, "the server's answer makes no sense: 200"),
        (200, {"content-length": "10"}, StoreError, "asked for bytes from 2, the server sent them from 0"),
        (206, {"content-range": "bytes 3-4/10"}, StoreError, "asked for bytes from 2, the server sent them from 3"),
    ],
)
def test_an_answer_about_other_bytes_is_an_error(
    status: int, headers: dict[str, str], kind: type[StoreError], what: str
) -> None:
    with pytest.raises(StoreError) as caught:
        stated(status, {"etag": '"e"'} | headers, start=2, stop=5, where="x")
    assert type(caught.value) is kind
    assert caught.value.what.startswith(what)
