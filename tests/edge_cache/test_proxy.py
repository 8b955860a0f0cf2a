"""The edge as a client and an origin see it: real sockets, bytes compared, origin requests counted."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest

from edge_cache.settings import EdgeSettings
from tests.edge_cache.scripted_origin import Edge, Heard, Wire, fixed, media, running_edge, running_origin

FRESH = {"Cache_Control": "max-age=600", "ETag": '"v1"'}
DATA = media(300_000)


async def test_a_second_request_is_a_hit_with_age_and_the_same_bytes() -> None:
    async with (
        running_origin(a=fixed(DATA, **FRESH)) as origin,
        running_edge(EdgeSettings((origin.url,), name="e1")) as edge,
    ):
        miss, hit = await edge.get("/a"), await edge.get("/a")
        assert (miss.body, hit.body) == (DATA, DATA)
        assert miss.fields["Cache-Status"] == "e1; fwd=uri-miss; fwd-status=200; ttl=600; stored"
        assert hit.fields["Cache-Status"].startswith("e1; hit; ttl=")
        assert "Age" not in miss.fields and int(hit.fields["Age"]) >= 0
        assert hit.fields["Via"] == "1.1 e1"
        assert origin.targets == ["GET /a"]
        assert "Server" not in hit.fields


async def test_many_clients_of_a_slow_object_make_one_origin_request_and_read_along_as_bytes_arrive() -> None:
    first_seen, go_on = asyncio.Semaphore(0), asyncio.Event()

    async def slow(heard: Heard, wire: Wire) -> None:
        await wire.head(200, Content_Length=str(len(DATA)), **FRESH)
        await wire.send(DATA[:1000])
        await go_on.wait()
        await wire.send(DATA[1000:])

    async with running_origin(a=slow) as origin, running_edge(EdgeSettings((origin.url,))) as edge:

        async def read() -> tuple[bytes, str]:
            async with edge.client.get(edge.url + "/a") as answer:
                head = await answer.content.readexactly(1000)
                first_seen.release()
                return head + await answer.read(), answer.headers["Cache-Status"]

        readers = [asyncio.create_task(read()) for _ in range(20)]
        for _ in readers:
            await first_seen.acquire()  # all have read the first bytes while the origin still holds back the rest
        go_on.set()
        answers = await asyncio.gather(*readers)
        assert {body for body, _ in answers} == {DATA}
        assert sum("collapsed" in status for _, status in answers) == 19
        assert origin.targets == ["GET /a"]


async def test_waiting_clients_ask_for_themselves_when_the_answer_may_not_be_shared() -> None:
    go_on = asyncio.Event()

    async def private(heard: Heard, wire: Wire) -> None:
        await go_on.wait()
        await wire.answer(heard.fields["cookie"].encode(), Cache_Control="private, max-age=60")

    async with running_origin(a=private) as origin, running_edge(EdgeSettings((origin.url,))) as edge:
        tasks = [asyncio.create_task(edge.get("/a", Cookie=f"me={i}")) for i in range(5)]
        await origin.asked.wait()
        go_on.set()
        answers = await asyncio.gather(*tasks)
        assert [answer.body for answer in answers] == [b"me=%d" % i for i in range(5)]
        assert len(origin.heard) == 5


async def test_waiting_clients_get_their_own_variant() -> None:
    go_on = asyncio.Event()

    async def by_language(heard: Heard, wire: Wire) -> None:
        await go_on.wait()
        await wire.answer(heard.fields["accept-language"].encode(), Vary="Accept-Language", **FRESH)

    async with running_origin(a=by_language) as origin, running_edge(EdgeSettings((origin.url,))) as edge:
        tasks = [asyncio.create_task(edge.get("/a", Accept_Language=name)) for name in ("de", "fr", "de")]
        await origin.asked.wait()
        go_on.set()
        assert [answer.body for answer in await asyncio.gather(*tasks)] == [b"de", b"fr", b"de"]
        assert (await edge.get("/a", Accept_Language="fr")).cache == "hit"
        assert (await edge.get("/a", Accept_Language="it")).cache == "fwd=vary-miss; fwd-status=200; stored"
        assert len(origin.heard) == 3


async def test_a_reader_that_leaves_does_not_end_the_fill_for_others_nor_for_the_cache() -> None:
    go_on = asyncio.Event()

    async def slow(heard: Heard, wire: Wire) -> None:
        await wire.head(200, Content_Length=str(len(DATA)), **FRESH)
        await wire.send(DATA[:1000])
        await go_on.wait()
        await wire.send(DATA[1000:])

    async with running_origin(a=slow) as origin, running_edge(EdgeSettings((origin.url,))) as edge:
        leaver = await edge.client.get(edge.url + "/a")
        await leaver.content.readexactly(1000)
        leaver.close()
        go_on.set()
        await edge.proxy.idle()
        hit = await edge.get("/a")
        assert (hit.cache, hit.body) == ("hit", DATA)
        assert origin.targets == ["GET /a"]


async def test_a_response_that_is_not_stored_is_given_up_when_its_reader_has_left() -> None:
    gone = asyncio.Event()

    async def endless(heard: Heard, wire: Wire) -> None:
        await wire.head(200, Transfer_Encoding="chunked", Cache_Control="no-store")
        try:
            while True:
                await wire.chunk(DATA)
        finally:
            gone.set()

    async with running_origin(a=endless) as origin, running_edge(EdgeSettings((origin.url,))) as edge:
        leaver = await edge.client.get(edge.url + "/a")
        await leaver.content.readexactly(1000)
        leaver.close()
        await asyncio.wait_for(gone.wait(), 10)
        assert edge.tiers.ram.used_bytes == 0


async def test_ranges_come_from_the_cached_object_and_a_missing_one_is_fetched_whole() -> None:
    async with (
        running_origin(a=fixed(DATA, Content_Type="video/mp4", **FRESH)) as origin,
        running_edge(EdgeSettings((origin.url,))) as edge,
    ):
        first = await edge.get("/a", Range="bytes=1000-1999")
        assert (first.status, first.body) == (206, DATA[1000:2000])
        assert first.fields["Content-Range"] == "bytes 1000-1999/300000"
        await edge.proxy.idle()
        tail = await edge.get("/a", Range="bytes=-5")
        assert (tail.status, tail.body, tail.cache) == (206, DATA[-5:], "hit")
        past = await edge.get("/a", Range="bytes=300000-")
        assert (past.status, past.fields["Content-Range"]) == (416, "bytes */300000")
        several = await edge.get("/a", Range="bytes=0-3,200000-200003")
        boundary = several.fields["Content-Type"].removeprefix("multipart/byteranges; boundary=")
        assert several.status == 206 and several.body.split(f"--{boundary}".encode()) == [
            b"\r\n",
            b"\r\nContent-Type: video/mp4\r\nContent-Range: bytes 0-3/300000\r\n\r\n" + DATA[:4] + b"\r\n",
            b"\r\nContent-Type: video/mp4\r\nContent-Range: bytes 200000-200003/300000\r\n\r\n"
            + DATA[200000:200004]
            + b"\r\n",
            b"--\r\n",
        ]
        assert origin.targets == ["GET /a"]
        assert "range" not in origin.heard[0].fields


async def test_a_range_is_served_before_the_whole_object_has_arrived() -> None:
    go_on = asyncio.Event()

    async def slow(heard: Heard, wire: Wire) -> None:
        await wire.head(200, Content_Length=str(len(DATA)), **FRESH)
        await wire.send(DATA[:5000])
        await go_on.wait()
        await wire.send(DATA[5000:])

    async with running_origin(a=slow) as origin, running_edge(EdgeSettings((origin.url,))) as edge:
        early = await edge.get("/a", Range="bytes=100-4099")
        assert early.body == DATA[100:4100]
        go_on.set()
        assert (await edge.get("/a")).body == DATA
        assert origin.targets == ["GET /a"]


async def test_if_range_with_another_tag_gives_the_whole_object() -> None:
    async with running_origin(a=fixed(DATA, **FRESH)) as origin, running_edge(EdgeSettings((origin.url,))) as edge:
        assert (await edge.get("/a", Range="bytes=0-9", If_Range='"v1"')).status == 206
        assert (await edge.get("/a", Range="bytes=0-9", If_Range='"v0"')).body == DATA
        assert (await edge.get("/a", Range="bytes=0-9", If_Range='W/"v1"')).body == DATA


async def test_conditions_are_answered_from_the_cache() -> None:
    async with running_origin(a=fixed(DATA, **FRESH)) as origin, running_edge(EdgeSettings((origin.url,))) as edge:
        await edge.get("/a")
        same = await edge.get("/a", If_None_Match='"v0", W/"v1"')
        assert (same.status, same.body, same.fields["Etag" if "Etag" in same.fields else "ETag"]) == (304, b"", '"v1"')
        assert "Content-Length" not in same.fields
        assert (await edge.get("/a", If_None_Match='"v0"')).status == 200
        assert len(origin.heard) == 1


async def test_head_is_answered_from_the_cache_and_otherwise_forwarded() -> None:
    async with running_origin(a=fixed(DATA, **FRESH)) as origin, running_edge(EdgeSettings((origin.url,))) as edge:
        miss = await edge.get("/a", "HEAD")
        assert (miss.status, miss.fields["Content-Length"], miss.body) == (200, "300000", b"")
        await edge.get("/a")
        hit = await edge.get("/a", "HEAD")
        assert (hit.cache, hit.fields["Content-Length"]) == ("hit", "300000")
        assert origin.targets == ["HEAD /a", "GET /a"]


async def test_a_stale_object_is_validated_once_and_renewed_by_a_304() -> None:
    async def script(heard: Heard, wire: Wire) -> None:
        if heard.fields.get("if-none-match") == '"v1"':
            await wire.answer(status=304, ETag='"v1"', Cache_Control="max-age=600", X_News="yes")
        else:
            await wire.answer(DATA, ETag='"v1"', Cache_Control="max-age=0")

    async with running_origin(a=script) as origin, running_edge(EdgeSettings((origin.url,))) as edge:
        await edge.get("/a")
        answers = await asyncio.gather(*(edge.get("/a") for _ in range(8)))
        assert {answer.body for answer in answers} == {DATA}
        assert {answer.fields["X-News"] for answer in answers} == {"yes"}
        assert (await edge.get("/a")).cache == "hit"
        assert origin.targets == ["GET /a", "GET /a"]


async def test_a_304_that_names_another_version_leads_to_a_full_fetch() -> None:
    versions = iter((b"one", b"two"))

    async def script(heard: Heard, wire: Wire) -> None:
        if "if-none-match" in heard.fields:
            await wire.answer(status=304, ETag='"other"', Cache_Control="max-age=600")
        else:
            await wire.answer(next(versions), ETag='"v1"', Cache_Control="max-age=0")

    async with running_origin(a=script) as origin, running_edge(EdgeSettings((origin.url,))) as edge:
        assert (await edge.get("/a")).body == b"one"
        assert (await edge.get("/a")).body == b"two"
        assert len(origin.heard) == 3


async def test_stale_while_revalidate_answers_at_once_and_refreshes_behind() -> None:
    go_on = asyncio.Event()
    bodies = iter((b"old", b"new"))

    async def script(heard: Heard, wire: Wire) -> None:
        body = next(bodies)
        if body == b"new":
            await go_on.wait()
            await wire.answer(body, Cache_Control="max-age=600")
        else:
            await wire.answer(body, Cache_Control="max-age=0, stale-while-revalidate=60")

    async with running_origin(a=script) as origin, running_edge(EdgeSettings((origin.url,))) as edge:
        await edge.get("/a")
        assert [(await edge.get("/a")).body for _ in range(3)] == [b"old"] * 3
        go_on.set()
        await edge.proxy.idle()
        assert (await edge.get("/a")).body == b"new"
        assert len(origin.heard) == 2


async def test_fields_are_forwarded_without_those_of_the_hop() -> None:
    async with (
        running_origin(a=fixed(b"x", Connection="X-Private", X_Private="no", X_Kept="yes")) as origin,
        running_edge(EdgeSettings((origin.url,), name="e1")) as edge,
    ):
        got = await edge.get(
            "/a?q=%2F%20a", Connection="keep-alive, X-Hop", X_Hop="1", X_Own="2", X_Forwarded_For="10.0.0.1", TE="x"
        )
        heard = origin.heard[0]
        assert heard.target == "/a?q=%2F%20a"
        assert heard.fields["host"] == origin.url.removeprefix("http://")
        assert heard.fields["x-forwarded-for"] == "10.0.0.1, 127.0.0.1"
        assert heard.fields["via"] == "1.1 e1"
        assert heard.fields["x-own"] == "2"
        assert not {"x-hop", "te", "accept-language"} & heard.fields.keys()
        assert got.fields["X-Kept"] == "yes" and "X-Private" not in got.fields


async def test_an_unsafe_method_passes_through_with_its_body_and_makes_the_cached_object_void() -> None:
    async with running_origin(a=fixed(DATA, **FRESH)) as origin, running_edge(EdgeSettings((origin.url,))) as edge:
        await edge.get("/a")
        posted = await edge.get("/a", "POST", data=b"some body")
        assert posted.cache == "fwd=method; fwd-status=200"
        assert origin.heard[-1].body == b"some body"
        assert (await edge.get("/a")).cache == "fwd=uri-miss; fwd-status=200; stored"
        assert origin.targets == ["GET /a", "POST /a", "GET /a"]


async def test_a_fill_that_an_unsafe_method_overtakes_is_not_cached() -> None:
    go_on = asyncio.Event()

    async def script(heard: Heard, wire: Wire) -> None:
        if heard.method == "PUT":
            await wire.answer(status=204)
            return
        await wire.head(200, Content_Length="6", **FRESH)
        await wire.send(b"old")
        await go_on.wait()
        await wire.send(b"old")

    async with running_origin(a=script) as origin, running_edge(EdgeSettings((origin.url,))) as edge:
        slow = asyncio.create_task(edge.get("/a"))
        await origin.asked.wait()
        assert (await edge.get("/a", "PUT", data=b"new")).status == 204
        go_on.set()
        assert (await slow).body == b"oldold"
        await edge.proxy.idle()
        assert (len(edge.tiers.catalog), edge.tiers.ram.used_bytes) == (0, 0)


async def test_only_if_cached_never_reaches_the_origin() -> None:
    async with running_origin(a=fixed(DATA, **FRESH)) as origin, running_edge(EdgeSettings((origin.url,))) as edge:
        assert (await edge.get("/a", Cache_Control="only-if-cached")).status == 504
        assert origin.heard == []


async def test_a_body_without_an_announced_end_is_passed_on_but_never_cached() -> None:
    async def until_closed(heard: Heard, wire: Wire) -> None:
        await wire.head(200, Connection="close", **FRESH)
        await wire.send(DATA)
        wire.close()

    async with running_origin(a=until_closed) as origin, running_edge(EdgeSettings((origin.url,))) as edge:
        assert (await edge.get("/a")).body == DATA
        assert (await edge.get("/a")).body == DATA
        assert len(origin.heard) == 2


@pytest.mark.parametrize("chunked", [False, True])
async def test_an_object_too_large_for_every_tier_streams_through(chunked: bool) -> None:
    big = media(3_000_000)

    async def script(heard: Heard, wire: Wire) -> None:
        if chunked:
            await wire.head(200, Transfer_Encoding="chunked", **FRESH)
            for start in range(0, len(big), 100_000):
                await wire.chunk(big[start : start + 100_000])
            await wire.send(b"0\r\n\r\n")
        else:
            await wire.answer(big, **FRESH)

    async with (
        running_origin(a=script) as origin,
        running_edge(EdgeSettings((origin.url,), ram_bytes=1 << 20)) as edge,
    ):
        for _ in range(2):
            assert (await edge.get("/a")).body == big
        part = await edge.get("/a", Range="bytes=2000000-2000009")
        assert part.body == (big if chunked else big[2000000:2000010])
        assert len(origin.heard) == 3
        await edge.proxy.idle()
        assert edge.tiers.ram.used_bytes == 0


async def test_objects_in_ram_never_exceed_the_budget_and_the_least_recently_used_goes() -> None:
    async with (
        running_origin() as origin,
        running_edge(EdgeSettings((origin.url,), ram_bytes=1 << 20)) as edge,
    ):
        origin.scripts["*"] = fixed(media(200_000), **FRESH)
        for name in "abcde":
            await edge.get(f"/{name}")
            assert (await edge.get("/a")).cache == "hit"
            await edge.proxy.idle()
        assert edge.tiers.ram.used_bytes <= 1 << 20
        await edge.get("/f")
        assert (await edge.get("/a")).cache == "hit"
        assert (await edge.get("/b")).cache == "fwd=uri-miss; fwd-status=200; stored"


async def test_http_1_0_clients_get_plain_bodies() -> None:
    async def chunked(heard: Heard, wire: Wire) -> None:
        await wire.head(200, Transfer_Encoding="chunked", Cache_Control="no-store")
        await wire.chunk(b"hello ")
        await wire.chunk(b"world")
        await wire.send(b"0\r\n\r\n")

    async with running_origin(a=chunked) as origin, running_edge(EdgeSettings((origin.url,))) as edge:
        host, port = edge.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET /a HTTP/1.0\r\n\r\n")
        answer = await reader.read()
        writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        assert body == b"hello world"
        assert b"transfer-encoding" not in head.lower()


async def test_metrics_and_health_are_the_edges_own() -> None:
    async with running_origin(a=fixed(DATA, **FRESH)) as origin, running_edge(EdgeSettings((origin.url,))) as edge:
        for _ in range(3):
            await edge.get("/a")
        assert (await edge.get("/.edge/healthz")).body == b"ok\n"
        page = (await edge.get("/.edge/metrics")).body.decode()
        assert 'matinee_edge_requests_total{result="hit"} 2.0' in page
        assert 'matinee_edge_requests_total{result="miss"} 1.0' in page
        assert 'matinee_edge_body_bytes_total{source="ram"} 600000.0' in page
        assert 'matinee_edge_body_bytes_total{source="origin"} 300000.0' in page
        assert 'matinee_edge_fills_total{outcome="stored"} 1.0' in page
        assert f'matinee_edge_resident_bytes{{tier="ram"}} {300_000 + 2048}.0' in page
        assert origin.targets == ["GET /a"]


async def test_a_restart_keeps_the_disk_tier(tmp_path: Path) -> None:
    async with running_origin(a=fixed(DATA, **FRESH)) as origin:
        settings = EdgeSettings((origin.url,), disk_dir=tmp_path / "tier", disk_bytes=10 << 20)
        async with running_edge(settings) as edge:
            await edge.get("/a")
            await edge.proxy.idle()
        async with running_edge(settings) as edge:
            for _ in range(3):
                hit = await edge.get("/a", Range="bytes=10-")
                assert (hit.cache, hit.body) == ("hit", DATA[10:])
        assert origin.targets == ["GET /a"]


async def test_an_object_too_large_for_ram_lives_on_disk_and_is_shared_while_it_arrives(tmp_path: Path) -> None:
    go_on = asyncio.Event()

    async def slow(heard: Heard, wire: Wire) -> None:
        await wire.head(200, Content_Length=str(len(DATA)), **FRESH)
        await wire.send(DATA[:150_000])
        await go_on.wait()
        await wire.send(DATA[150_000:])

    async with running_origin(a=slow) as origin:
        settings = EdgeSettings((origin.url,), ram_bytes=100_000, disk_dir=tmp_path, disk_bytes=10 << 20)
        async with running_edge(settings) as edge:
            answers = [await edge.client.get(edge.url + "/a") for _ in range(3)]
            heads = [await answer.content.readexactly(100_000) for answer in answers]
            go_on.set()
            assert [head + await answer.read() for head, answer in zip(heads, answers, strict=True)] == [DATA] * 3
            await edge.proxy.idle()
            hit = await edge.get("/a")
            assert (hit.cache, hit.body) == ("hit", DATA)
            assert edge.tiers.ram.used_bytes == 0
        assert origin.targets == ["GET /a"]


async def test_one_connection_carries_hits_ranges_conditions_and_refusals_in_a_row() -> None:
    async with running_origin(a=fixed(DATA, **FRESH)) as origin, running_edge(EdgeSettings((origin.url,))) as edge:
        connector = aiohttp.TCPConnector(limit=1)
        async with aiohttp.ClientSession(connector=connector) as client:
            ports = set()
            for headers in ({}, {"Range": "bytes=0-1"}, {"If-None-Match": '"v1"'}, {"Range": "bytes=999999-"}, {}):
                async with client.get(edge.url + "/a", headers=headers) as answer:
                    assert answer.connection is None or answer.connection.transport is not None
                    if answer.connection is not None and answer.connection.transport is not None:
                        ports.add(answer.connection.transport.get_extra_info("sockname")[1])
                    await answer.read()
        assert len(ports) == 1


async def raw(edge: Edge, request: bytes) -> bytes:
    """What comes back on a connection of its own."""
    host, port = edge.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    answer = await reader.read()
    writer.close()
    return answer


async def test_unusual_request_targets_reach_the_origin_as_they_are_meant() -> None:
    async with running_origin() as origin, running_edge(EdgeSettings((origin.url,))) as edge:
        origin.scripts["*"] = fixed(b"ok", Cache_Control="no-store")
        for line in (b"GET http://any.host/a/../b?x=%41|[] HTTP/1.1", b"GET //a//b HTTP/1.1", b"PROPFIND /.. HTTP/1.1"):
            answer = await raw(edge, line + b"\r\nHost: any.host\r\nConnection: close\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 200 "), answer
        assert origin.targets == ["GET /a/../b?x=%41|[]", "GET //a//b", "PROPFIND /.."]


@pytest.mark.parametrize("line", [b"CONNECT a:443", b"OPTIONS *"])
async def test_a_target_that_is_no_path_is_not_found_and_not_forwarded(line: bytes) -> None:
    async with running_origin() as origin, running_edge(EdgeSettings((origin.url,))) as edge:
        answer = await raw(edge, line + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 404 ")
        assert origin.heard == []
