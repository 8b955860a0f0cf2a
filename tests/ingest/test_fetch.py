"""Masters come in from files and servers, once."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import xxhash

from ingest.fetch import fetch, stored_masters
from ingest.source import open_source
from storage.memory import MemoryStore
from values.errors import MasterRefused, StoreError
from values.keys import master_record_key

DATA = bytes(range(256)) * 20_000


class Server(ThreadingHTTPServer):
    """Serves DATA as /film.mp4; `cuts` tells after how many bytes each answer breaks off."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.cuts: list[int] = []
        self.ranges: list[str] = []
        self.changes = False
        self.refuse_head = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/film.mp4"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_HEAD(self) -> None:
        if self.server.refuse_head:
            self.send_error(403)
            return
        self._answer(b"" if self.path == "/film.mp4" else None, len(DATA))

    def do_GET(self) -> None:
        wanted = self.headers.get("Range", "")
        self.server.ranges.append(wanted)
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        if self.server.changes and self.headers.get("If-Range"):
            start = 0
        body = DATA[start:]
        cut = self.server.cuts.pop(0) if self.server.cuts else None
        self._answer(body[:cut], len(body), start)
        self.close_connection = True

    def _answer(self, body: bytes | None, length: int, start: int = 0) -> None:
        if body is None:
            self.send_error(404)
            return
        self.send_response(206 if start else 200)
        self.send_header("ETag", '"v1"')
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.05,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def film(folder: Path, data: bytes = DATA, name: str = "film.mp4") -> str:
    (folder / name).write_bytes(data)
    return str(folder / name)


def test_a_file_is_streamed_into_the_store_and_fingerprinted(tmp_path: Path) -> None:
    store = MemoryStore()
    seen: list[int] = []
    master, known = fetch(open_source(film(tmp_path)), store, on_bytes=seen.append)
    assert not known
    assert master.fingerprint == xxhash.xxh3_128_hexdigest(DATA)
    assert (master.name, master.size_bytes) == ("film.mp4", len(DATA))
    assert store.get(master.key) == DATA
    assert list(stored_masters(store)) == [master]
    assert seen[-1] == len(DATA)
    assert seen == sorted(seen)


def test_the_same_bytes_under_another_name_are_recognised_and_not_copied(tmp_path: Path) -> None:
    store = MemoryStore()
    first, _ = fetch(open_source(film(tmp_path)), store)
    again, known = fetch(open_source(film(tmp_path, name="other.mov")), store)
    assert (again, known) == (first, True)
    assert len(list(store.list("masters/media/"))) == 1


def test_another_film_of_the_same_size_is_another_master(tmp_path: Path) -> None:
    store = MemoryStore()
    first, _ = fetch(open_source(film(tmp_path)), store)
    second, known = fetch(open_source(film(tmp_path, DATA[::-1], "b.mp4")), store)
    assert not known
    assert first.fingerprint != second.fingerprint
    assert store.get(second.key) == DATA[::-1]


def test_a_master_whose_bytes_are_gone_is_copied_again(tmp_path: Path) -> None:
    store = MemoryStore()
    first, _ = fetch(open_source(film(tmp_path)), store)
    store.delete(first.key)
    second, known = fetch(open_source(film(tmp_path)), store)
    assert not known
    assert store.get(second.key) == DATA
    assert list(stored_masters(store)) == [second]


def test_a_damaged_master_record_is_an_error_that_names_it() -> None:
    store = MemoryStore()
    store.put(master_record_key("0" * 32), b"{")
    with pytest.raises(StoreError, match="record of a master is damaged"):
        list(stored_masters(store))


def test_a_master_comes_over_http(server: Server) -> None:
    store = MemoryStore()
    master, _ = fetch(open_source(server.url), store)
    assert (master.name, store.get(master.key)) == ("film.mp4", DATA)
    assert server.ranges == [""]


def test_a_broken_download_goes_on_where_it_broke(server: Server) -> None:
    server.cuts = [2_500_000, 1_500_000]
    store = MemoryStore()
    master, _ = fetch(open_source(server.url), store)
    assert store.get(master.key) == DATA
    assert len(server.ranges) == 3
    assert server.ranges[0] == ""
    assert all(r.startswith("bytes=") for r in server.ranges[1:])


def test_a_download_that_keeps_breaking_is_refused_and_leaves_nothing(server: Server) -> None:
    server.cuts = [1000] * 20
    store = MemoryStore()
    with pytest.raises(MasterRefused, match=r"the connection broke at byte \d+ of 5120000"):
        fetch(open_source(server.url), store)
    assert list(store.list()) == []


def test_a_file_that_changes_on_the_server_meanwhile_is_refused(server: Server) -> None:
    server.cuts, server.changes = [1_100_000], True
    with pytest.raises(MasterRefused, match="answers 200 when asked to go on from byte 1048576"):
        fetch(open_source(server.url), MemoryStore())


def test_what_the_server_does_not_have_is_refused(server: Server) -> None:
    with pytest.raises(MasterRefused, match="the server answers 404\nCheck the address"):
        open_source(server.url.replace("film", "other"))


def test_a_server_that_is_not_there_is_refused(server: Server) -> None:
    with pytest.raises(MasterRefused, match="the server can't be reached"):
        open_source("http://127.0.0.1:9/film.mp4")


@pytest.mark.parametrize(
    ("place", "says"),
    [("/no/such/film.mp4", "there is no such file"), ("/", "this is a folder"), ("ftp://x/y", "from ftp://"),
     ("s3://bucket", "this names no object")],
)  # fmt: skip
def test_a_place_that_holds_no_master_is_refused_before_anything_is_read(place: str, says: str) -> None:
    with pytest.raises(MasterRefused, match=says):
        open_source(place)


def test_an_empty_file_is_refused_before_it_is_stored(tmp_path: Path) -> None:
    store = MemoryStore()
    with pytest.raises(MasterRefused, match="0 bytes"):
        fetch(open_source(film(tmp_path, b"")), store)
    assert list(store.list()) == []


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = Path(film(tmp_path))
    store = MemoryStore()

    def grow(done: int) -> None:
        with path.open("ab") as file:
            file.write(b"more")

    with pytest.raises(MasterRefused, match="changed while it was read"):
        fetch(open_source(str(path)), store, on_bytes=grow)
    assert list(store.list("masters/media/")) == []


def test_a_pipe_is_no_master_and_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(MasterRefused, match="this is not a regular file"):
        open_source(str(tmp_path / "pipe.mp4"))


def test_a_signed_url_that_refuses_head_is_fetched_and_its_signature_is_kept_nowhere(server: Server) -> None:
    server.refuse_head = True
    store = MemoryStore()
    master, _ = fetch(open_source(server.url.replace("http://", "http://me:pw@") + "?sig=secret"), store)
    assert store.get(master.key) == DATA
    assert master.place == server.url
    assert all(b"secret" not in store.get(i.key) for i in store.list() if i.key.endswith(".json"))
