"""What the player tests stand on: node_modules, one browser, the page server, and a presentation behind an edge.

This is the one file that knows where the presentation comes from.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from fractions import Fraction
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, async_playwright

from tests.parts import SAMPLE, lacks, program
from tests.players.gate import Gate
from tests.players.harness import CHROMIUM_FLAGS, Player, pages_app, player_tab
from tests.players.processes import Server, free_port

HERE = Path(__file__).parent
TITLE = "sample"
CODED = "coded"
"""The sample again, one rung in each of the four codecs."""
MATINEE = (sys.executable, "-c", "from cli import main; main()")
"""The command line, from the code under test and not from what is installed."""

events_key = pytest.StashKey[Player]()


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """tests/players/node_modules as package-lock.json has it; installed with npm when it is not there."""
    folder = HERE / "node_modules"
    if _versions(folder / ".package-lock.json") == _versions(HERE / "package-lock.json"):
        return folder
    npm = program("npm", "npm")
    run = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=HERE, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    if run.returncode != 0:
        shutil.rmtree(folder, ignore_errors=True)
        lacks(f"npm could not install the players: {run.stderr.strip()[-500:]}")
    return folder


def _versions(lock: Path) -> dict[str, str]:
    if not lock.is_file():
        return {}
    packages = json.loads(lock.read_text())["packages"]
    return {path: package["version"] for path, package in packages.items() if path}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One headless Chromium for all tests."""
    chromium = program("chromium", "chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM_FLAGS))
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def pages_url(node_modules: Path) -> AsyncIterator[str]:
    runner = web.AppRunner(pages_app(HERE), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port := free_port())
    await site.start()
    yield f"http://127.0.0.1:{port}"
    await runner.cleanup()


OpenTab = Callable[[str], Awaitable[Player]]


@pytest_asyncio.fixture(loop_scope="session")
async def tab(request: pytest.FixtureRequest, browser: Browser, pages_url: str) -> AsyncIterator[OpenTab]:
    """Opens a player in a context of its own; its events become part of a failing test's report."""
    async with AsyncExitStack() as stack:

        async def open_tab(kind: str) -> Player:
            player = await stack.enter_async_context(player_tab(browser, pages_url, kind))
            request.node.stash[events_key] = player
            return player

        yield open_tab


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    player = item.stash.get(events_key, None)
    if report.failed and player is not None:
        report.sections.append((f"events of {player.kind}", "\n".join(map(str, player.events))))
    return report


class LivePresentation:
    """The sample, onboarded, behind the origin, a gate and one edge."""

    duration_s = Fraction(15)
    frames = 360
    heights = (234, 360, 540)

    def __init__(self, origin: Server, gate: Gate, edge: Server, title: str = TITLE) -> None:
        self.hls_url = f"http://127.0.0.1:{edge.port}/titles/{title}/master.m3u8"
        self.dash_url = f"http://127.0.0.1:{edge.port}/titles/{title}/manifest.mpd"
        self.gate = gate
        self._origin = origin
        self._edge = edge

    def kill_edge(self) -> None:
        self._edge.kill()

    async def restart_edge(self) -> None:
        await self._edge.start()

    async def pause_origin(self, seconds: float) -> None:
        await self._origin.freeze(seconds)


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a store with the sample as two titles in segments of two seconds: three rungs of H.264, and a rung in
    each of the four codecs."""
    folder: Path = tmp_path_factory.mktemp("library")
    ladders = []
    for codec, crf in (("h264", 30), ("hevc", 32), ("vp9", 40), ("av1", 42)):
        rung = f"{{name: {codec}, width: 320, height: 180, crf: {crf}, max_kbps: 400}}"
        ladders.append(str(folder / f"{codec}.yaml"))
        Path(ladders[-1]).write_text(f"codec: {codec}\nrungs: [{rung}]\n")
    url = f"file:{folder / 'store'}"
    for title, ladder in ((TITLE, "mobile"), (CODED, ",".join(ladders))):
        options = ["--store", url, "--id", title, "--ladder", ladder, "--preset", "veryfast", "--segment", "2"]
        run = subprocess.run([*MATINEE, "onboard", str(SAMPLE), *options], capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stdout + run.stderr
    return url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def origin(library: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    argv = [*MATINEE, "origin", "--store", library, "--port", str(port := free_port())]
    server = Server(argv, port=port, log=tmp_path_factory.mktemp("origin") / "log")
    await server.start()
    yield server
    server.kill()


@pytest_asyncio.fixture(loop_scope="session")
async def presentation(origin: Server, tmp_path: Path) -> AsyncIterator[LivePresentation]:
    """The title behind an edge that is cold at the start of every test and keeps its disk over a restart."""
    async for found in _presented(origin, tmp_path, TITLE):
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def coded_presentation(origin: Server, tmp_path: Path) -> AsyncIterator[LivePresentation]:
    """The title of four codecs behind such an edge."""
    async for found in _presented(origin, tmp_path, CODED):
        yield found


async def _presented(origin: Server, tmp_path: Path, title: str) -> AsyncIterator[LivePresentation]:
    gate = Gate(f"http://127.0.0.1:{origin.port}")
    async with gate.listening(gate_port := free_port()):
        options = ["--origin", f"http://127.0.0.1:{gate_port}", "--ram", "8MB", "--disk", f"{tmp_path / 'disk'}:64MB"]
        argv = [*MATINEE, "edge", *options, "--port", str(port := free_port())]
        edge = Server(argv, port=port, log=tmp_path / "edge.log")
        await edge.start()
        yield LivePresentation(origin, gate, edge, title)
        edge.kill()
