"""A visitor in headless Chromium: finds a title, plays it to its end, changes the edge, loses one, goes on."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from storage.folder import FolderStore
from storage.protocol import Store
from tests.origin.library import publish
from tests.parts import program
from tests.theatre.conftest import open_house
from tests.theatre.film import RUNGS, publish_film
from theatre import House
from values.keys import title_key

pytestmark = pytest.mark.asyncio(loop_scope="module")

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip


@dataclass
class Visit:
    """A visitor's tab, the house it is in, and what went wrong in it."""

    page: Page
    house: House
    store: Store
    complaints: list[str] = field(default_factory=list)

    async def open(self, path: str) -> None:
        await self.page.goto(self.house.page_url + path)

    async def until(self, expression: str) -> None:
        """Wait until `expression` holds of the film, `v`. (The pages' policy forbids Playwright's own way to wait.)"""
        async with asyncio.timeout(30):
            while not await self.film(expression):  # noqa: ASYNC110 (a film sets no event of ours)
                await asyncio.sleep(0.05)

    async def film(self, expression: str) -> Any:
        return await self.page.locator("video").evaluate(f"v => {expression}")

    async def play(self) -> None:
        await self.until("v.readyState > 2")
        await self.film("{ v.muted = true; v.defaultPlaybackRate = v.playbackRate = 2; return v.play(); }")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("film")
    publish_film(FolderStore(folder / "library"), folder / "work")
    return folder / "library"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(film: Path) -> AsyncIterator[House]:
    async with open_house(film, edges=2) as house:
        yield house


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    chromium = program("chromium", "chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def visit(film: Path, house: House, browser: Browser) -> AsyncIterator[Visit]:
    page = await browser.new_page(viewport={"width": 1280, "height": 800})
    made = Visit(page, house, FolderStore(film))
    page.on("console", lambda m: made.complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: made.complaints.append(str(error)))
    yield made
    await page.close()


async def test_a_title_is_found_by_keyboard_and_plays_to_its_end(visit: Visit) -> None:
    page = visit.page
    await visit.open("/")
    card = page.get_by_role("link", name="Big Buck Bunny")
    await expect(card).to_be_visible()
    await expect(page.locator("#count")).to_have_text("1 title")
    poster = page.locator(".card img")
    await poster.evaluate("image => image.decode()")
    assert await poster.evaluate("image => image.naturalWidth") == 480
    await card.focus()
    await page.keyboard.press("Enter")
    await expect(page).to_have_title("Big Buck Bunny · Matinee")
    await visit.play()
    await visit.until("v.ended")
    assert await visit.film("Math.abs(v.duration - 6) < 0.1")
    await expect(page.locator("#picture")).not_to_have_text("–")
    picture, rendition = [await page.locator(f"#{name}").inner_text() for name in ("picture", "rendition")]
    assert rendition.split(",")[0] in RUNGS
    width, height = RUNGS[rendition.split(",")[0]]
    assert picture == f"{width} × {height}"
    await expect(page.locator("#dropped")).to_contain_text(" of ")
    await expect(page.locator("#notice")).to_be_hidden()
    assert visit.complaints == []


async def test_another_edge_keeps_the_place_and_changes_the_addresses(visit: Visit) -> None:
    page = visit.page
    await visit.open("/watch/bunny")
    first, second = visit.house.edge_urls
    await expect(page.locator("#hls")).to_have_value(f"{first}/titles/bunny/master.m3u8")
    await visit.play()
    await visit.until("v.currentTime > 2")
    await page.get_by_role("radio", name="Edge 2").check()
    await expect(page.locator("#hls")).to_have_value(f"{second}/titles/bunny/master.m3u8")
    await expect(page.locator("#dash")).to_have_value(f"{second}/titles/bunny/manifest.mpd")
    await visit.until("v.readyState > 2")
    assert await visit.film("v.currentTime") >= 2
    assert await visit.film("v.currentSrc") == f"{second}/titles/bunny/master.m3u8"
    await visit.until("v.ended")
    await page.reload()
    await expect(page.get_by_role("radio", name="Edge 2")).to_be_checked()
    assert visit.complaints == []


async def test_the_film_goes_on_when_its_edge_is_killed(visit: Visit) -> None:
    await visit.open("/watch/bunny")
    await visit.play()
    await visit.until("v.currentTime > 1")
    os.kill(visit.house.pids[1], signal.SIGKILL)
    await visit.until("v.ended")
    assert await visit.film("v.currentTime") > 5.9


async def test_a_fault_is_told_in_words_and_the_next_edge_is_tried(visit: Visit) -> None:
    await visit.open("/watch/bunny")
    await visit.until("v.readyState > 0")
    await visit.film("v.dispatchEvent(new Event('error'))")
    await expect(visit.page.locator("#notice")).to_have_text("The film stopped. Going on from Edge 2…")
    await expect(visit.page.get_by_role("radio", name="Edge 2")).to_be_checked()
    await visit.play()
    await expect(visit.page.locator("#notice")).to_be_hidden()


async def test_an_unknown_title_is_told_kindly(visit: Visit) -> None:
    await visit.open("/watch/nothing-here")
    await expect(visit.page.get_by_role("heading", name="Not on the programme")).to_be_visible()
    await expect(visit.page.get_by_role("link", name="See what is on")).to_be_visible()
    await expect(visit.page.locator("video")).to_be_hidden()
    assert visit.complaints == []


async def test_a_new_title_appears_by_itself(visit: Visit) -> None:
    await visit.open("/")
    await expect(visit.page.locator(".card a")).to_have_count(1)
    publish(visit.store, "new-one")
    try:
        await expect(visit.page.locator(".card a")).to_have_count(2, timeout=20_000)
    finally:
        visit.store.delete(title_key("new-one"))


async def test_nothing_is_wider_than_a_telephone(visit: Visit) -> None:
    await visit.page.set_viewport_size({"width": 320, "height": 640})
    for path in ("/", "/watch/bunny"):
        await visit.open(path)
        await expect(visit.page.get_by_text("Big Buck Bunny").first).to_be_visible()
        assert await visit.page.evaluate("document.documentElement.scrollWidth") == 320
