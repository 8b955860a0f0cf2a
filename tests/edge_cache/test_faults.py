"""An edge before origins that are slow, short, broken, dead or lying: real sockets, whole bytes, counted requests."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.edge_cache.faulty_origin import Client, FaultyOrigin, Reply, faulty_origin, free_port, get, running_edge

FILM = random.Random(1).randbytes(600_000)
FRESH = ("Cache-Control", "max-age=3600")
STALE_AT_ONCE = (("Cache-Control", "max-age=10"), ("Age", "60"), ("ETag", '"v1"'))


@pytest.fixture
async def origin() -> AsyncIterator[FaultyOrigin]:
    async with faulty_origin() as started:
        yield started


@pytest.fixture
async def edge(origin: FaultyOrigin) -> AsyncIterator[int]:
    async with running_edge(origin.url) as port:
        yield port


async def test_fifty_readers_of_one_miss_cost_one_origin_request_and_get_bytes_as_they_arrive(
    origin: FaultyOrigin, edge: int
) -> None:
    gate = asyncio.Event()
    origin.say("/film", Reply(FILM, body_gate=gate, gate_at=100_000))
    clients = [await Client.ask(edge, "/film") for _ in range(50)]
    for client in clients:
        assert await client.head() == 200
        assert await client.some(100_000) == FILM[:100_000]
    gate.set()
    answers = [await client.answer() for client in clients]
    assert {(answer.body == FILM, answer.complete) for answer in answers} == {(True, True)}
    assert origin.count("/film") == 1
    assert sum("collapsed" in answer.cache_status for answer in answers) == 49


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(Reply(FILM, cut=300_000, end="close"), id="short of its length"),
        pytest.param(Reply(FILM, cut=300_000, end="reset"), id="reset"),
        pytest.param(Reply(FILM, chunked=True, cut=300_000, end="close"), id="chunks without an end"),
        pytest.param(Reply(FILM, chunked=True, cut=300_000, end="reset"), id="chunks reset"),
    ],
)
async def test_a_body_that_ends_early_is_never_complete_and_never_cached(
    origin: FaultyOrigin, edge: int, broken: Reply
) -> None:
    origin.say("/film", broken, Reply(FILM))
    first = await get(edge, "/film")
    assert not first.complete
    assert FILM.startswith(first.body)
    second = await get(edge, "/film")
    assert (second.body == FILM, second.complete) == (True, True)
    assert origin.count("/film") == 2
    third = await get(edge, "/film")
    assert (third.body == FILM, "; hit" in third.cache_status, origin.count("/film")) == (True, True, 2)


async def test_every_waiting_reader_sees_that_a_shared_body_was_cut(origin: FaultyOrigin, edge: int) -> None:
    gate = asyncio.Event()
    origin.say("/film", Reply(FILM, cut=300_000, end="close", body_gate=gate, gate_at=1000), Reply(FILM))
    clients = [await Client.ask(edge, "/film") for _ in range(10)]
    for client in clients:
        await client.head()
    gate.set()
    answers = [await client.answer() for client in clients]
    assert [answer.complete for answer in answers] == [False] * 10
    assert all(FILM.startswith(answer.body) for answer in answers)
    assert origin.count("/film") == 1


async def test_a_cut_body_that_is_not_cached_is_not_complete_either(origin: FaultyOrigin, edge: int) -> None:
    private = (("Cache-Control", "private"),)
    origin.say("/mine", Reply(FILM, fields=private, cut=300_000, end="close"))
    origin.say("/chunks", Reply(FILM, fields=private, chunked=True, cut=300_000, end="reset"))
    assert not (await get(edge, "/mine")).complete
    assert not (await get(edge, "/chunks")).complete


async def test_a_reader_that_leaves_takes_nothing_from_the_others(origin: FaultyOrigin, edge: int) -> None:
    gate = asyncio.Event()
    origin.say("/film", Reply(FILM, body_gate=gate, gate_at=100_000))
    first = await Client.ask(edge, "/film")
    await first.head()
    others = [await Client.ask(edge, "/film") for _ in range(3)]
    for other in others:
        await other.head()
    first.leave()
    await first.writer.wait_closed()
    gate.set()
    answers = [await other.answer() for other in others]
    assert [(answer.body == FILM, answer.complete) for answer in answers] == [(True, True)] * 3
    assert origin.count("/film") == 1


async def test_a_body_larger_than_the_cache_streams_through_and_is_asked_for_again(origin: FaultyOrigin) -> None:
    origin.say("/film", Reply(FILM))
    async with running_edge(origin.url, ram_bytes=200_000) as edge:
        answers = [await get(edge, "/film"), await get(edge, "/film")]
    assert [(answer.body == FILM, answer.complete) for answer in answers] == [(True, True)] * 2
    assert ["stored" in answer.cache_status for answer in answers] == [False, False]
    assert origin.count("/film") == 2


async def test_a_range_that_misses_is_answered_while_the_whole_is_fetched_and_kept(
    origin: FaultyOrigin, edge: int
) -> None:
    gate = asyncio.Event()
    origin.say("/film", Reply(FILM, body_gate=gate, gate_at=200_000))
    part = await (await Client.ask(edge, "/film", ("Range", "bytes=1000-99999"))).answer()
    assert (part.status, part.fields["content-range"]) == (206, "bytes 1000-99999/600000")
    assert part.body == FILM[1000:100_000]
    waiting = await Client.ask(edge, "/film")
    await waiting.head()
    gate.set()
    assert (await waiting.answer()).body == FILM
    tail = await get(edge, "/film", ("Range", "bytes=-5"))
    assert (tail.status, tail.body, "; hit" in tail.cache_status) == (206, FILM[-5:], True)
    assert "range" not in origin.asked[0].fields
    assert origin.count("/film") == 1


async def test_ranges_of_a_cached_object_come_as_parts_of_the_right_bytes(origin: FaultyOrigin, edge: int) -> None:
    origin.say("/film", Reply(FILM, fields=(FRESH, ("Content-Type", "video/mp4"), ("ETag", '"v1"'))))
    await get(edge, "/film")
    several = await get(edge, "/film", ("Range", "bytes=0-9,500000-500009"))
    boundary = several.fields["content-type"].removeprefix("multipart/byteranges; boundary=").strip('"')
    parts = several.body.split(f"--{boundary}".encode())
    bodies = [part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n") for part in parts[1:-1]]
    assert (several.status, several.complete) == (206, True)
    assert bodies == [FILM[:10], FILM[500_000:500_010]]
    assert b"Content-Range: bytes 0-9/600000\r\n" in parts[1]
    assert b"Content-Range: bytes 500000-500009/600000\r\n" in parts[2]
    outside = await get(edge, "/film", ("Range", "bytes=600000-"))
    assert (outside.status, outside.fields["content-range"]) == (416, "bytes */600000")
    current = await get(edge, "/film", ("Range", "bytes=0-9"), ("If-Range", '"v1"'))
    changed = await get(edge, "/film", ("Range", "bytes=0-9"), ("If-Range", '"v2"'))
    assert [(current.status, len(current.body)), (changed.status, len(changed.body))] == [(206, 10), (200, 600_000)]
    assert origin.count("/film") == 1


async def test_conditions_and_head_are_answered_from_the_cache(origin: FaultyOrigin, edge: int) -> None:
    modified = "Sat, 01 Aug 2020 10:00:00 GMT"
    origin.say("/film", Reply(FILM, fields=(FRESH, ("ETag", '"v1"'), ("Last-Modified", modified))))
    await get(edge, "/film")
    by_tag = await get(edge, "/film", ("If-None-Match", 'W/"v1"'))
    by_date = await get(edge, "/film", ("If-Modified-Since", modified))
    changed = await get(edge, "/film", ("If-None-Match", '"v0"'))
    head = await get(edge, "/film", method="HEAD")
    assert [each.status for each in (by_tag, by_date, changed, head)] == [304, 304, 200, 200]
    assert (by_tag.fields["etag"], head.fields["content-length"], head.body) == ('"v1"', "600000", b"")
    assert origin.count("/film") == 1


async def test_a_dead_origin_is_passed_over_and_left_alone_for_a_while(origin: FaultyOrigin) -> None:
    async with faulty_origin() as dead:
        for target in ("/a", "/b", "/c"):
            dead.say(target, Reply(raw=b"", end="reset"))
            origin.say(target, Reply(FILM))
        async with running_edge(dead.url, origin.url) as edge:
            answers = [await get(edge, target) for target in ("/a", "/b", "/c")]
        assert [answer.body == FILM for answer in answers] == [True] * 3
        assert {each.target for each in dead.asked} == {"/a"}
        assert [each.target for each in origin.asked] == ["/a", "/b", "/c"]


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_an_origin_in_trouble_makes_room_for_the_next(origin: FaultyOrigin, status: int) -> None:
    origin.say("/film", Reply(FILM))
    async with faulty_origin() as troubled:
        troubled.say("/film", Reply(b"no", status=status, fields=()))
        async with running_edge(troubled.url, origin.url) as edge:
            answer = await get(edge, "/film")
    assert (answer.status, answer.body == FILM) == (200, True)


async def test_without_any_origin_the_answer_is_504_and_says_why() -> None:
    async with running_edge(f"http://127.0.0.1:{free_port()}") as edge:
        answer = await get(edge, "/film")
    assert (answer.status, answer.complete) == (504, True)
    assert answer.body == b"504: the origin can't be reached\n"


async def test_an_origin_that_never_answers_costs_its_timeout(origin: FaultyOrigin) -> None:
    never = asyncio.Event()
    origin.say("/film", Reply(FILM, head_gate=never))
    async with running_edge(origin.url, read_timeout_s=0.2) as edge:
        answers = await asyncio.gather(*(get(edge, "/film") for _ in range(5)))
    never.set()
    assert {answer.status for answer in answers} == {504}
    assert origin.count("/film") == 1


async def test_an_origin_that_stops_within_a_body_is_cut_off(origin: FaultyOrigin) -> None:
    never = asyncio.Event()
    origin.say("/film", Reply(FILM, body_gate=never, gate_at=1000))
    async with running_edge(origin.url, read_timeout_s=0.2) as edge:
        answer = await get(edge, "/film")
    never.set()
    assert (answer.complete, answer.body) == (False, FILM[:1000])


async def test_an_answer_that_is_no_http_is_502(origin: FaultyOrigin, edge: int) -> None:
    origin.say("/film", Reply(raw=b"SSH-2.0-OpenSSH_9.2\r\n\r\n", end="close"))
    answer = await get(edge, "/film")
    assert (answer.status, answer.complete) == (502, True)


@pytest.mark.parametrize("failure", [Reply(status=503, fields=()), Reply(raw=b"", end="reset")], ids=["503", "reset"])
@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("max-age=10", 200),
        ("max-age=10, stale-if-error=600", 200),
        ("max-age=10, stale-if-error=5", 0),
        ("max-age=10, must-revalidate", 0),
        ("s-maxage=10", 0),
        ("no-cache", 0),
    ],
)
async def test_stale_is_served_for_a_failing_origin_only_where_allowed(
    origin: FaultyOrigin, edge: int, failure: Reply, said: str, status: int
) -> None:
    cors = ("Access-Control-Allow-Origin", "*")
    origin.say("/film", Reply(FILM, fields=(("Cache-Control", said), ("Age", "60"), ("ETag", '"v1"'), cors)), failure)
    assert (await get(edge, "/film")).status == 200
    answer = await get(edge, "/film")
    if status == 200:
        assert (answer.status, answer.body == FILM, answer.complete) == (200, True, True)
        assert answer.fields["access-control-allow-origin"] == "*"
        assert int(answer.fields["age"]) >= 60
    else:
        assert answer.status in (502, 503, 504)


async def test_a_stale_object_is_revalidated_once_for_all_who_wait(origin: FaultyOrigin, edge: int) -> None:
    gate = asyncio.Event()
    renewal = (FRESH, ("ETag", '"v1"'), ("X-Round", "2"))
    origin.say("/film", Reply(FILM, fields=STALE_AT_ONCE), Reply(status=304, fields=renewal, head_gate=gate))
    await get(edge, "/film")
    clients = [await Client.ask(edge, "/film") for _ in range(20)]
    await origin.wait_for(2)
    gate.set()
    answers = [await client.answer() for client in clients]
    assert {(answer.status, answer.body == FILM, answer.fields["x-round"]) for answer in answers} == {(200, True, "2")}
    assert origin.asked[1].fields["if-none-match"] == '"v1"'
    assert origin.count("/film") == 2


async def test_stale_while_revalidate_answers_at_once_and_asks_in_the_background(
    origin: FaultyOrigin, edge: int
) -> None:
    gate = asyncio.Event()
    stale = (("Cache-Control", "max-age=10, stale-while-revalidate=600"), ("Age", "60"), ("ETag", '"v1"'))
    origin.say("/film", Reply(b"old", fields=stale), Reply(b"new", head_gate=gate))
    await get(edge, "/film")
    assert [(await get(edge, "/film")).body for _ in range(3)] == [b"old"] * 3
    await origin.wait_for(2)
    gate.set()
    while (answer := await get(edge, "/film")).body == b"old":
        pass
    assert (answer.body, origin.count("/film")) == (b"new", 2)


async def test_only_if_cached_asks_no_origin(origin: FaultyOrigin, edge: int) -> None:
    answer = await get(edge, "/film", ("Cache-Control", "only-if-cached"))
    assert (answer.status, answer.complete, origin.asked) == (504, True, [])
    assert answer.body


async def test_what_is_private_is_asked_for_by_each(origin: FaultyOrigin, edge: int) -> None:
    gate = asyncio.Event()
    origin.say("/mine", Reply(b"yours", fields=(("Cache-Control", "private"),), head_gate=gate))
    clients = [await Client.ask(edge, "/mine") for _ in range(5)]
    await origin.wait_for(1)
    gate.set()
    assert [(await client.answer()).body for client in clients] == [b"yours"] * 5
    assert origin.count("/mine") == 5


async def test_variants_are_kept_apart(origin: FaultyOrigin, edge: int) -> None:
    vary = (FRESH, ("Vary", "Accept-Language"))
    origin.say("/film", Reply(b"bonjour", fields=vary), Reply(b"hello", fields=vary))
    asked = ("fr", "en", "fr", "en")
    answers = [await get(edge, "/film", ("Accept-Language", language)) for language in asked]
    assert [answer.body for answer in answers] == [b"bonjour", b"hello", b"bonjour", b"hello"]
    assert "fwd=vary-miss" in answers[1].cache_status
    assert origin.count("/film") == 2


async def test_an_unsafe_method_passes_and_makes_the_target_void(origin: FaultyOrigin, edge: int) -> None:
    origin.say("/film", Reply(b"one"), Reply(b"done", status=201, fields=()), Reply(b"two"))
    assert (await get(edge, "/film")).body == b"one"
    posted = await get(edge, "/film", method="POST", body=b"x" * 100_000)
    assert (posted.status, posted.body, origin.asked[1].body) == (201, b"done", b"x" * 100_000)
    assert "fwd=method" in posted.cache_status
    assert (await get(edge, "/film")).body == b"two"


async def test_fields_of_one_hop_stay_there_and_the_way_is_recorded(origin: FaultyOrigin, edge: int) -> None:
    hop = (FRESH, ("Connection", "X-Secret"), ("X-Secret", "1"), ("X-Kept", "2"), ("Keep-Alive", "timeout=5"))
    origin.say("/film", Reply(b"film", fields=hop))
    sent = (("Connection", "X-Mine"), ("X-Mine", "1"), ("TE", "trailers"), ("X-Forwarded-For", "192.0.2.7"))
    answer = await get(edge, "/film", *sent)
    asked = origin.asked[0].fields
    assert {"x-mine", "te", "x-secret"} & asked.keys() == set()
    assert asked["x-forwarded-for"] == "192.0.2.7, 127.0.0.1"
    assert asked["via"].startswith("1.1 ")
    assert {"x-secret", "keep-alive"} & answer.fields.keys() == set()
    assert (answer.fields["x-kept"], answer.fields["via"].startswith("1.1 ")) == ("2", True)


async def test_a_restart_keeps_what_lies_on_disk(origin: FaultyOrigin, tmp_path: Path) -> None:
    origin.say("/film", Reply(FILM, fields=(FRESH, ("ETag", '"v1"'))))
    disk = {"disk_dir": tmp_path / "edge", "disk_bytes": 10_000_000}
    async with running_edge(origin.url, **disk) as edge:
        await get(edge, "/film")
    async with running_edge(f"http://127.0.0.1:{free_port()}", **disk) as edge:
        whole = await get(edge, "/film")
        part = await get(edge, "/film", ("Range", "bytes=5-9"))
    assert (whole.status, whole.body == FILM, "; hit" in whole.cache_status) == (200, True, True)
    assert (part.status, part.body) == (206, FILM[5:10])
    assert origin.count("/film") == 1


async def test_a_damaged_file_on_disk_is_fetched_again(origin: FaultyOrigin, tmp_path: Path) -> None:
    origin.say("/film", Reply(FILM))
    disk = {"disk_dir": tmp_path / "edge", "disk_bytes": 10_000_000}
    async with running_edge(origin.url, **disk) as edge:
        await get(edge, "/film")
    (stored,) = [path for path in (tmp_path / "edge").rglob("*") if path.is_file() and path.stat().st_size >= len(FILM)]
    data = bytearray(stored.read_bytes())
    data[len(data) // 2] ^= 1
    stored.write_bytes(data)
    async with running_edge(origin.url, **disk) as edge:
        answer = await get(edge, "/film")
    assert (answer.status, answer.body == FILM, answer.complete) == (200, True, True)
    assert origin.count("/film") == 2


async def test_a_reader_that_leaves_an_origin_hanging_frees_the_connection_to_it() -> None:
    freed = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nCache-Control: private\r\nContent-Length: 5000\r\n\r\n" + FILM[:1000])
        await reader.read()
        freed.set()
        writer.close()

    async with await asyncio.start_server(hang, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with running_edge(f"http://127.0.0.1:{port}", read_timeout_s=60.0) as edge:
            client = await Client.ask(edge, "/mine")
            await client.head()
            await client.some(1000)
            client.leave()
            await asyncio.wait_for(freed.wait(), 10)


async def test_not_modified_keeps_what_a_script_needs_to_read_it(origin: FaultyOrigin, edge: int) -> None:
    cors = (("Access-Control-Allow-Origin", "*"), ("Content-Type", "video/mp4"), ("ETag", '"v1"'))
    origin.say("/film", Reply(FILM, fields=(FRESH, *cors)))
    await get(edge, "/film")
    answer = await get(edge, "/film", ("If-None-Match", '"v1"'))
    assert (answer.status, answer.fields["access-control-allow-origin"]) == (304, "*")
    assert {"content-type", "content-length"} & answer.fields.keys() == set()


async def test_the_edges_own_prefix_is_never_asked_of_an_origin(origin: FaultyOrigin, edge: int) -> None:
    asked = [("GET", "/.edge/healthz"), ("POST", "/.edge/healthz"), ("GET", "/.edge/other"), ("GET", "/.edge")]
    assert [(await get(edge, target, method=method)).status for method, target in asked] == [200, 404, 404, 404]
    await get(edge, "/.edges")
    assert [each.target for each in origin.asked] == ["/.edges"]
