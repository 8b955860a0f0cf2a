"""Origins that break: what clients are told, what is cached, who is asked next. Real sockets."""

from __future__ import annotations

import asyncio
import socket
import sys

import aiohttp
import pytest

from edge_cache.server import run_edge
from edge_cache.settings import EdgeSettings
from tests.edge_cache.scripted_origin import Heard, Script, Wire, fixed, media, running_edge, running_origin
from values.errors import ServeError

FRESH = {"Cache_Control": "max-age=600", "ETag": '"v1"'}
DATA = media(300_000)


async def short(heard: Heard, wire: Wire) -> None:
    await wire.head(200, Content_Length=str(len(DATA)), **FRESH)
    await wire.send(DATA[:-1])
    wire.close()


async def reset(heard: Heard, wire: Wire) -> None:
    await wire.head(200, Content_Length=str(len(DATA)), **FRESH)
    await wire.send(DATA[:1000])
    wire.reset()


async def cut_between_chunks(heard: Heard, wire: Wire) -> None:
    await wire.head(200, Transfer_Encoding="chunked", **FRESH)
    await wire.chunk(DATA[:1000])
    wire.close()


async def cut_in_a_chunk(heard: Heard, wire: Wire) -> None:
    await wire.head(200, Transfer_Encoding="chunked", **FRESH)
    await wire.send(b"7d0\r\n" + DATA[:1000])
    wire.close()


async def hangs_in_the_body(heard: Heard, wire: Wire) -> None:
    await wire.head(200, Content_Length=str(len(DATA)), **FRESH)
    await wire.send(DATA[:1000])
    await asyncio.sleep(3600)


async def hangs(heard: Heard, wire: Wire) -> None:
    await asyncio.sleep(3600)


async def says_nonsense(heard: Heard, wire: Wire) -> None:
    await wire.send(b"this is not HTTP\r\n\r\n")
    wire.close()


async def hangs_up(heard: Heard, wire: Wire) -> None:
    wire.close()


async def refuses(heard: Heard, wire: Wire) -> None:
    await wire.answer(b"busy", 503)


def dead_url() -> str:
    """An address where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


BROKEN = [short, reset, cut_between_chunks, cut_in_a_chunk, hangs_in_the_body]


@pytest.mark.parametrize("script", BROKEN, ids=lambda script: script.__name__)
async def test_a_fill_that_ends_early_is_cut_for_every_reader_and_never_cached(script: Script) -> None:
    async with (
        running_origin(a=script) as origin,
        running_edge(EdgeSettings((origin.url,), read_timeout_s=0.2)) as edge,
    ):

        async def read() -> bytes:
            return (await edge.get("/a")).body

        answers = await asyncio.gather(*(read() for _ in range(3)), return_exceptions=True)
        assert all(isinstance(answer, aiohttp.ClientError) for answer in answers), answers
        await edge.proxy.idle()
        assert (len(edge.tiers.catalog), edge.tiers.ram.used_bytes) == (0, 0)
        origin.scripts["/a"] = fixed(DATA, **FRESH)
        assert (await edge.get("/a")).body == DATA


async def test_a_range_beyond_the_break_is_cut() -> None:
    async with running_origin(a=reset) as origin, running_edge(EdgeSettings((origin.url,))) as edge:
        with pytest.raises(aiohttp.ClientError):
            await edge.get("/a", Range="bytes=100000-100009")


async def test_an_http_1_0_reader_of_a_cut_chunked_body_sees_a_reset_not_an_end() -> None:
    async with running_origin(a=cut_between_chunks) as origin, running_edge(EdgeSettings((origin.url,))) as edge:
        host, port = edge.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET /a HTTP/1.0\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()


@pytest.mark.parametrize(
    ("script", "status"), [(hangs, 504), (says_nonsense, 502), (hangs_up, 502)], ids=lambda value: str(value)[:20]
)
async def test_an_origin_that_gives_no_answer_is_told_as_a_gateway_error(script: Script, status: int) -> None:
    async with (
        running_origin(a=script) as origin,
        running_edge(EdgeSettings((origin.url,), name="e1", read_timeout_s=0.2)) as edge,
    ):
        got = await edge.get("/a")
        assert got.status == status
        assert got.fields["Cache-Status"] == "e1; fwd=uri-miss"


async def test_a_dead_origin_is_504_for_any_method() -> None:
    async with running_edge(EdgeSettings((dead_url(),))) as edge:
        assert [(await edge.get("/a", method)).status for method in ("GET", "HEAD", "POST", "OPTIONS")] == [504] * 4


@pytest.mark.parametrize("script", [hangs, hangs_up, refuses, says_nonsense], ids=lambda script: script.__name__)
async def test_the_second_origin_is_asked_when_the_first_fails_and_first_for_a_while(script: Script) -> None:
    async with running_origin() as one, running_origin() as two:
        one.scripts["*"], two.scripts["*"] = script, fixed(b"two", Cache_Control="no-store")
        settings = EdgeSettings((one.url, two.url), read_timeout_s=0.2)
        async with running_edge(settings) as edge:
            assert [(await edge.get(f"/{i}")).body for i in range(3)] == [b"two"] * 3
            assert (len(two.targets), set(one.targets)) == (3, {"GET /0"})


async def test_the_second_origin_stands_in_for_a_dead_one() -> None:
    async with running_origin(a=fixed(b"two")) as two, running_edge(EdgeSettings((dead_url(), two.url))) as edge:
        assert (await edge.get("/a")).body == b"two"
        assert (await edge.get("/a", "POST", data=b"x")).body == b"two"


async def test_an_origin_is_asked_first_again_when_its_time_down_is_over() -> None:
    async with (
        running_origin(a=refuses) as one,
        running_origin(a=fixed(b"two", Cache_Control="no-store")) as two,
        running_edge(EdgeSettings((one.url, two.url), down_s=0.0)) as edge,
    ):
        assert (await edge.get("/a")).body == b"two"
        one.scripts["/a"] = fixed(b"one", Cache_Control="no-store")
        assert (await edge.get("/a")).body == b"one"


async def test_the_last_error_of_the_origins_is_passed_on_when_all_have_one() -> None:
    async with running_origin(a=refuses) as one, running_edge(EdgeSettings((one.url, dead_url()))) as edge:
        got = await edge.get("/a")
        assert (got.status, got.body, got.cache) == (503, b"busy", "fwd=uri-miss; fwd-status=503")


@pytest.mark.parametrize("script", [hangs_up, refuses], ids=lambda script: script.__name__)
async def test_stale_is_served_when_the_origin_fails(script: Script) -> None:
    async with (
        running_origin(a=fixed(DATA, Cache_Control="max-age=0, stale-if-error=60", ETag='"v1"')) as origin,
        running_edge(EdgeSettings((origin.url,))) as edge,
    ):
        await edge.get("/a")
        await edge.proxy.idle()
        origin.scripts["/a"] = script
        for method, body in (("GET", DATA), ("HEAD", b"")):
            got = await edge.get("/a", method)
            assert (got.status, got.body) == (200, body)
            assert "fwd=stale" in got.cache and "stale-on-failure" in got.cache


@pytest.mark.parametrize(
    ("control", "status"),
    [("max-age=0, must-revalidate", 502), ("no-cache", 502), ("s-maxage=0", 502), ("max-age=0", 200)],
)
async def test_stale_is_not_served_where_the_origin_forbade_it(control: str, status: int) -> None:
    async with (
        running_origin(a=fixed(DATA, Cache_Control=control, ETag='"v1"')) as origin,
        running_edge(EdgeSettings((origin.url,))) as edge,
    ):
        await edge.get("/a")
        await edge.proxy.idle()
        origin.scripts["/a"] = hangs_up
        assert (await edge.get("/a")).status == status


async def test_a_plain_500_replaces_stale_unless_stale_if_error_covers_it() -> None:
    async with (
        running_origin(
            a=fixed(DATA, Cache_Control="max-age=0", ETag='"v1"'),
            b=fixed(DATA, Cache_Control="max-age=0, stale-if-error=60", ETag='"v1"'),
        ) as origin,
        running_edge(EdgeSettings((origin.url,))) as edge,
    ):
        await asyncio.gather(edge.get("/a"), edge.get("/b"))
        await edge.proxy.idle()
        origin.scripts = {"*": fixed(b"oops", 500)}
        assert [(await edge.get(path)).status for path in ("/a", "/b")] == [500, 200]


async def test_everyone_who_waits_is_told_of_the_failure() -> None:
    go_on = asyncio.Event()

    async def script(heard: Heard, wire: Wire) -> None:
        await go_on.wait()
        wire.close()

    async with running_origin(a=script) as origin, running_edge(EdgeSettings((origin.url,))) as edge:
        tasks = [asyncio.create_task(edge.get("/a")) for _ in range(5)]
        await origin.asked.wait()
        go_on.set()
        assert {answer.status for answer in await asyncio.gather(*tasks)} == {502}


async def test_a_port_in_use_is_refused_with_a_hint() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = EdgeSettings(("http://127.0.0.1:1",), port=taken.getsockname()[1])
        with pytest.raises(ServeError, match="port is in use") as refused:
            await run_edge(settings)
        assert "--port" in refused.value.hint


async def test_a_running_edge_says_its_port_and_stops_when_cancelled() -> None:
    ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(run_edge(EdgeSettings((dead_url(),)), on_ready=ready.set_result))
    port = await ready
    async with aiohttp.ClientSession() as client, client.get(f"http://127.0.0.1:{port}/.edge/healthz") as answer:
        assert answer.status == 200
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_sigterm_ends_an_edge_with_exit_code_0() -> None:
    code = (
        "import asyncio\nfrom edge_cache.server import run_edge\nfrom edge_cache.settings import EdgeSettings\n"
        "def ready(port): print(port, flush=True)\n"
        "asyncio.run(run_edge(EdgeSettings(('http://127.0.0.1:1',)), on_ready=ready))"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    port = int(await process.stdout.readline())
    async with aiohttp.ClientSession() as client, client.get(f"http://127.0.0.1:{port}/a") as answer:
        assert answer.status == 504
    process.terminate()
    assert await process.wait() == 0
