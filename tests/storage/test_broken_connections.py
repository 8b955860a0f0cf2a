"""A connection that breaks while an object is read: it is read on, or refused, but never short."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from storage import Store
from storage import stream as stream_module
from storage.minio import MinioStore
from storage.s3 import S3Store
from storage.stream import BACKOFF_S, Body, follow, span
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
    assert 500_000 < others[0] <= 700_000


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


def test_a_rest_with_another_etag_is_an_error_even_if_the_server_ignores_if_match() -> None:
    def body(start: int, etag: str, pieces: list[bytes]) -> Body:
        left = iter(pieces)
        return Body(start, 6, etag, lambda size: next(left, b""), lambda: None, ())

    same = follow(body(0, "one", [b"abc"]), lambda start, stop, etag: body(start, "one", [b"def"]), where="x")
    assert list(same) == [b"abc", b"def"]
    other = follow(body(0, "one", [b"abc"]), lambda start, stop, etag: body(start, "two", [b"def"]), where="x")
    assert next(other) == b"abc"
    with pytest.raises(StoreError, match="changed"):
        next(other)


@pytest.mark.parametrize(
    ("status", "content_range", "length", "start", "stop", "expected"),
    [
        (206, "bytes 2-4/10", 3, 2, 5, (2, 5)),
        (206, "bytes 2-9/10", 8, 2, 99, (2, 10)),
        (206, "bytes 2-9/10", 8, 2, None, (2, 10)),
        (206, "bytes 2-3/10", 2, 2, 5, (2, 5)),  # less than asked for: the rest is asked for again
        (200, None, 10, 0, None, (0, 10)),
        (200, None, 10, 0, 4, (0, 4)),
        (200, None, 0, 0, 4, (0, 0)),
        (200, None, 10, 10, 12, (10, 10)),
    ],
)
def test_what_an_answer_stands_for(
    status: int, content_range: str | None, length: int, start: int, stop: int | None, expected: tuple[int, int]
) -> None:
    assert span(status, content_range, length, start=start, stop=stop, where="x") == expected


@pytest.mark.parametrize(
    ("status", "content_range", "length", "what"),
    [
        (206, None, 3, "the server answered 206 without saying which bytes it sends"),
        (206, "bytes 2-4/*", 3, "the server answered 206 without saying which bytes it sends"),
        (200, None, None, "the server answered 200 without saying which bytes it sends"),
        (200, None, 10, "asked for bytes from 2, the server sent them from 0"),
        (206, "bytes 3-4/10", 2, "asked for bytes from 2, the server sent them from 3"),
    ],
)
def test_an_answer_about_other_bytes_is_an_error(
    status: int, content_range: str | None, length: int | None, what: str
) -> None:
    with pytest.raises(StoreError) as caught:
        span(status, content_range, length, start=2, stop=5, where="x")
    assert caught.value.what == what
