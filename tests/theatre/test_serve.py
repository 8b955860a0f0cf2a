"""A house starts whole, stays whole, and leaves nothing behind, with real processes."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import sys
from pathlib import Path

import aiohttp
import pytest

from storage.folder import FolderStore
from tests.origin.library import publish
from tests.theatre.conftest import HouseFactory, is_running, open_house, until
from theatre import ServeSettings, serve
from values.errors import ServeError, UsageError

PATIENCE = aiohttp.ClientTimeout(total=30)

_PARENT = """
import asyncio, dataclasses, json, sys
from theatre import ServeSettings, serve
settings = ServeSettings("file:" + sys.argv[1], port=0, edges=1)
asyncio.run(serve(settings, on_ready=lambda house: print(json.dumps(dataclasses.asdict(house)), flush=True)))
"""


async def test_a_house_serves_titles_through_each_edge_and_leaves_no_process(tmp_path: Path) -> None:
    title = publish(FolderStore(tmp_path))
    async with open_house(tmp_path, edges=2) as house:
        assert len(house.edge_urls) == 2
        async with aiohttp.ClientSession(timeout=PATIENCE) as session:
            for number, url in enumerate(house.edge_urls, 1):
                async with session.get(f"{url}/{title.renditions[0].init.key}") as response:
                    assert (response.status, len(await response.read())) == (200, 700)
                    assert response.headers["Via"] == f"1.1 edge-{number}"
            async with session.get(f"{house.page_url}/titles/bunny/master.m3u8") as response:
                assert (response.status, str(response.url)) == (200, f"{house.edge_urls[0]}/titles/bunny/master.m3u8")
            async with session.get(f"{house.page_url}/healthz") as response:
                assert (response.status, await response.json()) == (200, {"edges": 2, "up": 2})
        assert all(is_running(pid) for pid in house.pids)
    assert not any(is_running(pid) for pid in house.pids)
    for url in (house.page_url, house.origin_url, *house.edge_urls):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])))


async def test_a_killed_edge_runs_again_on_its_port_and_its_clients_only_wait(
    house: HouseFactory, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, logger="matinee.serve")
    place = await house(edges=1)
    os.kill(place.pids[1], signal.SIGKILL)
    async with (
        aiohttp.ClientSession(timeout=PATIENCE) as session,
        session.get(f"{place.edge_urls[0]}/titles") as response,
    ):
        assert (response.status, await response.json()) == (200, [])
    await until(lambda: "edge 1 runs again" in caplog.messages)
    assert caplog.messages == ["edge 1 was ended by SIGKILL; starting it again", "edge 1 runs again"]


async def test_a_killed_origin_runs_again(house: HouseFactory) -> None:
    place = await house(edges=1)
    os.kill(place.pids[0], signal.SIGKILL)
    async with (
        aiohttp.ClientSession(timeout=PATIENCE) as session,
        session.get(f"{place.origin_url}/titles") as response,
    ):
        assert response.status == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_no_child_outlives_its_house(tmp_path: Path, number: signal.Signals) -> None:
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _PARENT, str(tmp_path)), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    house = json.loads(await parent.stdout.readline())
    assert [is_running(pid) for pid in house["pids"]] == [True, True]
    parent.send_signal(number)
    status = await parent.wait()
    assert status == (-signal.SIGKILL if number is signal.SIGKILL else 0)
    await until(lambda: not any(is_running(pid) for pid in house["pids"]))
    await parent.stdout.read()


async def test_a_terminal_s_interrupt_does_not_end_a_child_by_itself(house: HouseFactory) -> None:
    place = await house(edges=1)
    for pid in place.pids:
        os.kill(pid, signal.SIGINT)
    async with (
        aiohttp.ClientSession(timeout=PATIENCE) as session,
        session.get(f"{place.edge_urls[0]}/titles") as response,
    ):
        assert response.status == 200
    assert all(is_running(pid) for pid in place.pids)


async def test_a_hanging_child_is_ended_by_force(tmp_path: Path) -> None:
    async with open_house(tmp_path, edges=1, farewell_s=0.1) as place:
        os.kill(place.pids[1], signal.SIGSTOP)
    assert not any(is_running(pid) for pid in place.pids)


async def test_a_port_in_use_is_named_with_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServeError) as caught:
            await serve(ServeSettings(f"file:{tmp_path}", port=port))
    assert (caught.value.what, caught.value.where) == ("the port is in use", f"127.0.0.1:{port}")
    assert "--port" in caught.value.hint


async def test_a_part_that_can_t_start_says_why_and_stops_the_others(tmp_path: Path) -> None:
    settings = ServeSettings(f"file:{tmp_path}", port=0, edge_app="tests.theatre.faulty_edges:refusing_app")
    with pytest.raises(ServeError) as caught:
        await serve(settings)
    error = caught.value
    assert (error.what, error.where, error.hint) == ("the disk is full", "edge-1", "Make room.")


async def test_a_part_that_ends_before_it_is_ready_is_named(tmp_path: Path) -> None:
    settings = ServeSettings(f"file:{tmp_path}", port=0, edges=1, edge_app="tests.theatre.faulty_edges:crashing_app")
    with pytest.raises(ServeError, match="edge 1 ended with status 7 before it was ready"):
        await serve(settings)


async def test_a_store_that_can_t_be_opened_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ServeError, match="where a folder should be"):
        await serve(ServeSettings(f"file:{tmp_path}/file/library", port=0, edges=1))


@pytest.mark.parametrize(
    ("settings", "hint"),
    [
        ({"edges": 0}, "a number from 1 to 64"),
        ({"edges": 65}, "a number from 1 to 64"),
        ({"port": 65535}, "--port 0"),
        ({"port": -1}, "--port 0"),
        ({"public_edges": ("https://one",)}, "one for each edge"),
        ({"public_edges": ("one", "https://two")}, "like https://edge1.example.org"),
    ],
)
def test_settings_that_can_t_work_are_refused(settings: dict[str, object], hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        ServeSettings("file:library", **settings)  # type: ignore[arg-type]
    assert hint in caught.value.hint


def test_edges_and_origin_follow_the_page_s_port() -> None:
    assert ServeSettings("file:library", port=8080, edges=2).ports == (8080, 8081, 8082, 8083)
    assert ServeSettings("file:library", port=0, edges=2).ports == (0, 0, 0, 0)
