"""Real players and a title with everything: which tracks they find, and that they take key frames and thumbnails."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser

from storage.memory import MemoryStore
from storage.protocol import Store
from tests.packager.film import ID
from tests.packager.rich import make_rich
from tests.players.harness import pages_app
from tests.players.processes import free_port
from values.title import Title

pytestmark = pytest.mark.asyncio(loop_scope="session")
HERE = Path(__file__).parent

SOUND = [
    ["English", "en"], ["Deutsch", "de"], ["English – Director's 'notes'", "en"], ["English (Audio description)", "en"],
]  # fmt: skip
TEXT = [["English", "en"], ["English (SDH)", "en"], ["Português (Brasil)", "pt-BR"], ["Deutsch (Forced)", "de"]]
THUMBNAIL = ["2.jpg", 64, 0, 64, 36]
"""The tile of the film's eighth second."""

_TYPES = {
    "m3u8": "application/vnd.apple.mpegurl", "mpd": "application/dash+xml", "m4s": "video/mp4", "mp4": "video/mp4",
    "vtt": "text/vtt", "jpg": "image/jpeg", "json": "application/json",
}  # fmt: skip


class Shop:
    """Serves a title's objects, and remembers what was asked for: key below the title, and range."""

    def __init__(self, store: Store, title: Title, url: str) -> None:
        self.store = store
        self.title = title
        self.aliases = {"master.m3u8": title.hls.key, "manifest.mpd": title.dash.key}
        self.url = url
        self.asked: list[tuple[str, str]] = []

    def key_frames(self) -> list[str]:
        """The video segments of which just the first picture was asked for."""
        ends = {s.file.key: f"bytes=0-{s.key_bytes - 1}" for r in self.title.video for s in r.segments}
        return [name for name, given in self.asked if given and ends.get(f"titles/{ID}/{name}") == given]

    async def answer(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        given = request.headers.get("Range", "")
        self.asked.append((name, given))
        data = self.store.get(self.aliases.get(name, f"titles/{ID}/{name}"))
        media_type = _TYPES[name.rpartition(".")[2]]
        if not given:
            return web.Response(body=data, content_type=media_type)
        first, _, last = given.removeprefix("bytes=").partition("-")
        start, stop = int(first), int(last or len(data) - 1) + 1
        headers = {"Content-Range": f"bytes {start}-{stop - 1}/{len(data)}"}
        return web.Response(status=206, body=data[start:stop], content_type=media_type, headers=headers)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(node_modules: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    rich = make_rich(tmp_path_factory.mktemp("tracks"))
    store: MemoryStore = rich.stored()
    found = Shop(store, rich.presentation().title, f"http://127.0.0.1:{(port := free_port())}")
    app = web.Application()
    app.router.add_get(f"/titles/{ID}/{{name:.+}}", found.answer)
    app.add_subapp("/pages/", pages_app(HERE))
    app.router.add_static("/node_modules", node_modules)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield found
    await runner.cleanup()


async def _seen(browser: Browser, shop: Shop, player: str, manifest: str) -> dict[str, Any]:
    shop.asked.clear()
    page = await browser.new_page()
    try:
        await page.goto(f"{shop.url}/pages/tracks.html")
        await page.wait_for_function("window.tracks")
        call = "([player, url]) => tracks[player](document.querySelector('video'), url)"
        found: dict[str, Any] = await page.evaluate(call, [player, f"{shop.url}/titles/{ID}/{manifest}"])
        return found
    finally:
        await page.close()


async def test_shaka_finds_the_tracks_in_hls_and_winds_through_byte_ranges(browser: Browser, shop: Shop) -> None:
    """Proves that I-frame, image and chapter playlists are taken. Chromium has neither HEVC nor E-AC-3."""
    seen = await _seen(browser, shop, "shaka", "master.m3u8")
    assert seen["errors"] == []
    assert [t[:2] for t in seen["sound"]] == [*SOUND, SOUND[0]]
    assert [t[2:] for t in seen["sound"]] == [[n, "mp4a.40.2"] for n in (2, 2, 1, 2, 6)]
    assert seen["text"] == [[*t, t[0].endswith("(Forced)")] for t in TEXT]
    assert seen["thumbnail"] == THUMBNAIL
    assert seen["chapters"] == [["Morning", 0, 3], ["Noon & after", 3, 7.5]]
    assert shop.key_frames()


async def test_shaka_finds_the_tracks_in_dash_and_winds_through_the_trick_track(browser: Browser, shop: Shop) -> None:
    seen = await _seen(browser, shop, "shaka", "manifest.mpd")
    assert seen["errors"] == []
    assert sorted(t[:2] for t in seen["sound"]) == sorted([*SOUND, SOUND[0], SOUND[0]])
    assert ["English", "en", 2, "opus"] in seen["sound"]
    assert seen["text"] == [[*t, t[0].endswith("(Forced)")] for t in TEXT]
    assert seen["thumbnail"] == THUMBNAIL
    assert [name for name, _ in shop.asked if "v-180p-trick/" in name and name.endswith(".m4s")]


async def test_dashjs_starts_with_the_default_track_and_passes_over_the_trick_sets(
    browser: Browser, shop: Shop
) -> None:
    seen = await _seen(browser, shop, "dashjs", "manifest.mpd")
    assert seen["errors"] == []
    assert seen["video"] == 1
    assert seen["playing"] == [["English", "en", "main"], 'audio/mp4;codecs="mp4a.40.2"']
    assert [t[:2] for t in seen["sound"]] == [SOUND[0], SOUND[0], *SOUND]
    assert seen["text"] == [
        [*TEXT[0], "subtitle", "main"], [*TEXT[1], "caption"], [*TEXT[2], "subtitle"], [*TEXT[3], "forced-subtitle"],
    ]  # fmt: skip
    assert seen["cues"] == 3
    assert seen["thumbnail"] == THUMBNAIL
    assert not [name for name, _ in shop.asked if "-trick/" in name]


async def test_hlsjs_finds_the_tracks_and_shows_a_key_frame_by_itself(browser: Browser, shop: Shop) -> None:
    seen = await _seen(browser, shop, "hlsjs", "master.m3u8")
    assert seen["errors"] == []
    assert seen["groups"] == ["audio", "audio-51"]
    assert seen["sound"] == SOUND
    assert seen["text"] == [[*t, t[0].endswith("(Forced)"), t == TEXT[0]] for t in TEXT]
    assert seen["cues"] == 3
    assert seen["frames"] == [[320, 180], [160, 90]]
    assert seen["still"] == [320, 180, 4.5]
    assert [name.rpartition("/")[2] for name in shop.key_frames()] == ["3.m4s"]
