"""Drives one player in one browser tab and tells what it did: events, what was shown, what was fetched. Does I/O."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

from aiohttp import web
from playwright.async_api import Browser, Page
from playwright.async_api import Error as PlaywrightError

from tests.players.gate import Gate, segment_number

PLAYERS = ("native", "hlsjs", "dashjs", "shaka-hls", "shaka-dash")
SWITCHERS = PLAYERS[1:]
"""Players that let a caller force a rendition; Chromium's native HLS picks for itself."""

END_TOLERANCE_S = 0.1
"""The final time and the duration may differ from the film's length by this much: audio ends on a frame of its own."""

PATIENCE_S = 60
"""How long a player may take for anything: generous, since a busy machine is no fault of the player."""

CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)


class Presentation(Protocol):
    """A title behind an edge, and the levers to hurt its servers."""

    hls_url: str
    dash_url: str
    duration_s: Fraction
    frames: int
    heights: tuple[int, ...]
    gate: Gate

    def kill_edge(self) -> None: ...
    async def restart_edge(self) -> None: ...
    async def pause_origin(self, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Event:
    """Something the page, the player or the browser reported, at a wall time (s) and a media time (s)."""

    wall_s: float
    type: str
    detail: dict[str, Any]

    def __str__(self) -> str:
        detail = " ".join(f"{k}={v}" for k, v in self.detail.items())
        return f"{self.wall_s:7.2f} s  {self.type:<14} {detail}"


@dataclass(frozen=True, slots=True)
class State:
    """The video element at one moment; `shown` are runs of frames that were really composited."""

    time_s: float
    duration_s: float
    ended: bool
    paused: bool
    height: int
    ready: int
    buffered: list[list[float]]
    most_ranges: int
    frames_total: int
    frames_dropped: int
    frames_corrupted: int
    shown: list[dict[str, float]]
    media_error: str

    @property
    def heights_shown(self) -> list[int]:
        """Heights on screen in order, each change once."""
        heights = [int(run["height"]) for run in self.shown]
        return [h for i, h in enumerate(heights) if i == 0 or heights[i - 1] != h]


@dataclass
class Player:
    """One player of `PLAYERS` in a fresh tab."""

    kind: str
    page: Page
    events: list[Event] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    async def open(self, presentation: Presentation) -> None:
        """Load the manifest that this player reads and wait for its metadata."""
        url = presentation.dash_url if "dash" in self.kind else presentation.hls_url
        async with asyncio.timeout(PATIENCE_S):
            await self.page.evaluate("([kind, url]) => stage.open(kind, url)", [self.kind, url])

    async def play(self, rate: float = 1) -> None:
        await self.page.evaluate("rate => { stage.video.playbackRate = rate; return stage.video.play() }", rate)

    async def pause(self) -> None:
        await self.page.evaluate("stage.video.pause()")

    async def seek(self, time_s: float) -> None:
        """Seek and wait until the frame at the new place is there."""
        self.note("seek", to=time_s)
        await self.page.evaluate("t => { stage.video.currentTime = t }", time_s)
        await self.until("!stage.video.seeking && stage.video.readyState >= 3", f"the seek to {time_s} s")

    async def select(self, height: int) -> None:
        """Force the rendition of `height` lines from now on."""
        self.note("select", height=height)
        await self.page.evaluate("height => stage.select(height)", height)

    async def heights(self) -> set[int]:
        return set(await self.page.evaluate("stage.heights()"))

    async def ask(self, expression: str) -> Any:
        """What the JavaScript `expression` comes to; a promise is waited for."""
        async with asyncio.timeout(PATIENCE_S):
            return await self.page.evaluate(expression)

    async def until(self, condition: str, what: str) -> None:
        """Wait until the JavaScript `condition` holds; a media error, or too long a wait, fails with the report."""
        try:
            await self.page.wait_for_function(
                f"() => stage.failed() || ({condition})", timeout=PATIENCE_S * 1000, polling=50
            )
        except PlaywrightError as error:
            raise AssertionError(
                f"{self.kind} waited in vain for {what}: {error.message}\n{await self.report()}"
            ) from None
        failure = await self.page.evaluate("stage.failed()")
        assert not failure, f"{self.kind} failed at {what}: {failure}\n{await self.report()}"

    async def until_time(self, time_s: float) -> None:
        await self.until(f"stage.video.currentTime >= {time_s}", f"{time_s} s on the clock")

    async def until_shown(self, height: int) -> None:
        """Wait until a frame of `height` lines is on the screen."""
        await self.until(f"stage.state().shown.at(-1)?.height === {height}", f"a picture of {height} lines")

    async def until_end(self) -> State:
        await self.until("stage.video.ended", "the end")
        return await self.state()

    async def state(self) -> State:
        return State(**await self.page.evaluate("stage.state()"))

    def note(self, type: str, **detail: Any) -> None:
        self.events.append(Event(time.monotonic() - self.started, type, detail))

    def found(self, *types: str) -> list[Event]:
        return [e for e in self.events if e.type in types]

    def past_the_edge(self) -> list[str]:
        """Answers of the presentation that no cache has signed (RFC 9211)."""
        answers = [e.detail for e in self.found("response") if "/titles/" in e.detail["url"]]
        return [a["url"] for a in answers if not a["cache"].startswith("matinee-edge;")] if answers else ["no answer"]

    def segments_answered(self, *, first: int) -> list[str]:
        """The answered requests for media segments whose number is `first` or more."""
        urls = [e.detail["url"] for e in self.found("response")]
        return [url for url in urls if (number := segment_number(url)) is not None and number >= first]

    @property
    def fatal(self) -> list[Event]:
        return [e for e in self.found("error") if e.detail.get("fatal")]

    def faults(self) -> list[str]:
        """Everything that a flawless run does not have: errors, gaps, restarts, console errors, failed requests."""
        return [str(e) for e in self.found("error", "gap", "restart", "console", "request-failed", "status")]

    async def report(self) -> str:
        state = await self.state()
        return "\n".join([f"{self.kind}: {state}", *map(str, self.events)])


@contextlib.asynccontextmanager
async def player_tab(browser: Browser, pages_url: str, kind: str) -> AsyncIterator[Player]:
    """A fresh browser context with the stage loaded; everything it reports goes to the player's events."""
    context = await browser.new_context(viewport={"width": 800, "height": 450})
    page = await context.new_page()
    player = Player(kind, page)
    await page.expose_function("record", lambda event: player.note(event.pop("type"), **event))
    page.on("console", lambda m: player.note("console", text=m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: player.note("error", source="page", fatal=True, text=e.message))
    page.on("crash", lambda _: player.note("error", source="tab", fatal=True, text="crashed"))
    page.on("response", lambda r: _note_response(player, r.status, r.url, r.headers))
    page.on("requestfailed", lambda r: _note_failure(player, r.url, r.failure or ""))
    try:
        await page.goto(f"{pages_url}/index.html")
        await page.wait_for_function("window.stage")
        yield player
    finally:
        await context.close()


def _note_response(player: Player, status: int, url: str, headers: dict[str, str]) -> None:
    name = "response" if status in (200, 206) else "status"
    player.note(name, status=status, url=url, cache=headers.get("cache-status", ""))


def _note_failure(player: Player, url: str, why: str) -> None:
    aborted = why == "net::ERR_ABORTED"  # by the player itself, as when it changes its mind about a rendition
    player.note("aborted" if aborted else "request-failed", url=url, why=why)


def pages_app(folder: Path) -> web.Application:
    """The player pages, with the libraries straight out of node_modules."""
    app = web.Application()
    app.router.add_static("/node_modules", folder / "node_modules")
    app.router.add_static("/", folder / "page")
    return app


def near(actual: float, expected: Fraction) -> bool:
    return abs(actual - float(expected)) <= END_TOLERANCE_S
