"""The watch page with a title that the command made: what a visitor hears, reads and sees ahead is the master's."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest_asyncio
from PIL import Image
from playwright.async_api import Page, async_playwright, expect

from storage.folder import FolderStore
from tests.feature import CHAPTERS, ID, SECONDS, TONES_HZ, Feature, second_of
from tests.parts import program
from tests.theatre.conftest import open_house
from tests.theatre.visit import FLAGS, SHOWN, Visit

EAR = Path(__file__).parents[1] / "players" / "page" / "ear.js"


@pytest_asyncio.fixture
async def visit(feature: Feature) -> AsyncIterator[Visit]:
    async with open_house(feature.library, edges=1) as house, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program("chromium", "chromium"), args=FLAGS)
        made = Visit(await browser.new_page(), house, FolderStore(feature.library))
        made.page.on("console", lambda m: made.complaints.append(m.text) if m.type in ("error", "warning") else None)
        made.page.on("pageerror", lambda error: made.complaints.append(str(error)))
        await made.open(f"/watch/{ID}")
        await made.until("v.readyState > 2")
        yield made
        await browser.close()


async def second_shown(page: Page) -> int | None:
    """Which second the preview shows, read back from the picture on the screen."""
    shot = np.asarray(Image.open(io.BytesIO(await page.locator("#tile").screenshot())).convert("RGB"))
    return second_of(float(shot[shot.shape[0] // 2, shot.shape[1] // 2, 0]))


async def test_another_language_is_heard_and_its_words_are_read(visit: Visit) -> None:
    page = visit.page
    await page.evaluate(f"() => {{\n{EAR.read_text()}\n}}")
    await visit.film("{ v.ear = new Ear(v); return v.play(); }")
    await visit.until(f"Math.abs(v.ear.tone - {TONES_HZ['en']}) < 30")
    await page.get_by_label("Language").select_option(label="Deutsch")
    await page.get_by_label("Subtitles").select_option(label="Deutsch")
    await visit.until(f"Math.abs(v.ear.tone - {TONES_HZ['de']}) < 30")
    await visit.film("{ v.pause(); v.currentTime = 4.5; }")
    await visit.until(f'JSON.stringify({SHOWN}) == \'[["de","Deutsch 4 – schön"]]\'')
    await page.get_by_label("Subtitles").select_option(label="English")
    await visit.until(f'JSON.stringify({SHOWN}) == \'[["en","over two edges","English 4"]]\'')
    await visit.film("{ v.currentTime = 7.9; }")
    await visit.until(f"JSON.stringify({SHOWN}) == '[[\"en\"]]'")
    assert visit.complaints == []


async def test_the_seek_bar_shows_the_second_it_points_at_and_its_chapter(visit: Visit) -> None:
    page = visit.page
    await expect(page.locator("#chapters")).to_be_visible()
    box = await page.locator("#seek").bounding_box()
    assert box
    for second in (0, 2, 4, 8):
        await page.mouse.move(box["x"] + box["width"] * (second + 0.4) / SECONDS, box["y"] + box["height"] / 2)
        chapter = next(name for start, end, name in CHAPTERS if start <= second < end)
        await expect(page.locator("#label")).to_have_text(f"0:0{second}  {chapter}")
        assert await second_shown(page) == second
    await page.mouse.move(10, 10)
    await page.get_by_role("slider", name="Place in the film").press("ArrowRight")
    await expect(page.locator("#label")).to_have_text(f"0:05  {CHAPTERS[1][2]}")
    assert await second_shown(page) == 5
    assert visit.complaints == []
