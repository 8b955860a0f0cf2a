"""A visitor in headless Chromium: finds a title, plays it to its end, changes the edge, loses one, goes on."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, Page, async_playwright, expect

from storage.folder import FolderStore
from tests.origin.library import publish
from tests.parts import program
from tests.theatre.conftest import open_house
from tests.theatre.film import RUNGS, publish_film, publish_rich_film
from tests.theatre.visit import FLAGS, SHOWN, Visit
from theatre import House
from values.keys import title_key

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("film")
    publish_film(FolderStore(folder / "library"), folder / "work")
    publish_rich_film(FolderStore(folder / "library"), folder / "rich")
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
    await expect(page.locator("#count")).to_have_text("2 titles")
    poster = card.locator("img")
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


async def heard_bytes(visit: Visit) -> float:
    """Sound bytes decoded a second of film: a tone takes many, silence hardly any."""
    await visit.play()
    at, known = await visit.film("v.currentTime"), await visit.film("v.webkitAudioDecodedByteCount")
    await visit.until(f"v.currentTime > {at} + 1")
    now = await visit.film("v.currentTime")
    return float((await visit.film("v.webkitAudioDecodedByteCount") - known) / (now - at))


async def test_another_language_is_heard_from_the_same_place_and_remembered(visit: Visit) -> None:
    page = visit.page
    await visit.open("/watch/rich")
    language = page.get_by_label("Language")
    await expect(language.locator("option")).to_have_text(["English", "Deutsch"])
    await expect(language).to_have_value("en|main|")
    assert await visit.film("v.currentSrc.endsWith('/titles/rich/master.m3u8')")
    await visit.play()
    await visit.until("v.currentTime > 2")
    await language.select_option(label="Deutsch")
    await visit.until("v.currentSrc.startsWith('blob:') && v.readyState > 2")
    assert await visit.film("v.currentTime") >= 2
    assert await visit.film("!v.paused")
    assert await heard_bytes(visit) < 2000
    await page.reload()
    await expect(language).to_have_value("de|main|")
    assert await heard_bytes(visit) < 2000
    await language.select_option(label="English")
    await visit.until("!v.currentSrc.startsWith('blob:') && v.readyState > 2")
    assert await heard_bytes(visit) > 4000
    assert visit.complaints == []


async def test_a_language_keeps_when_the_edge_changes(visit: Visit) -> None:
    await visit.open("/watch/rich")
    await visit.page.get_by_label("Language").select_option(label="Deutsch")
    await visit.page.get_by_role("radio", name="Edge 2").check()
    await visit.until("v.currentSrc.startsWith('blob:') && v.readyState > 2")
    assert await heard_bytes(visit) < 2000
    assert visit.complaints == []


async def test_where_the_browser_can_change_tracks_it_is_asked_to(visit: Visit) -> None:
    async with async_playwright() as playwright:
        flags = [*FLAGS, "--enable-blink-features=AudioVideoTracks"]
        browser = await playwright.chromium.launch(executable_path=program("chromium", "chromium"), args=flags)
        other = Visit(await browser.new_page(), visit.house, visit.store)
        await other.open("/watch/rich")
        await other.until("v.audioTracks?.length == 2 && v.audioTracks[0].enabled")
        await other.page.get_by_label("Language").select_option(label="Deutsch")
        assert await other.film("[...v.audioTracks].map(t => [t.language, t.enabled])") == [["en", False], ["de", True]]
        assert await other.film("v.currentSrc.endsWith('/titles/rich/master.m3u8')")
        await browser.close()


async def test_subtitles_are_chosen_and_shown_and_remembered(visit: Visit) -> None:
    page = visit.page
    await visit.open("/watch/rich")
    choice = page.get_by_label("Subtitles")
    await expect(choice.locator("option")).to_have_text(["Off", "English", "Deutsch"])
    await visit.until("v.readyState > 2")
    await visit.film("{ v.currentTime = 1; }")
    assert await visit.film(SHOWN) == []
    await choice.select_option(label="Deutsch")
    await visit.until(f'JSON.stringify({SHOWN}) == \'[["de","Ein Hase wacht auf."]]\'')
    await page.reload()
    await expect(choice).to_have_value("de|subtitles||")
    await visit.until("v.readyState > 2")
    await visit.film("{ v.currentTime = 1; }")
    await visit.until(f'JSON.stringify({SHOWN}) == \'[["de","Ein Hase wacht auf."]]\'')
    await page.get_by_role("radio", name="Edge 2").check()
    await visit.until(f'JSON.stringify({SHOWN}) == \'[["de","Ein Hase wacht auf."]]\'')
    await page.locator("video").press("c")
    await visit.until(f"{SHOWN}.length == 0")
    await page.locator("video").press("c")
    await visit.until(f"{SHOWN}[0]?.[0] == 'de'")
    assert visit.complaints == []


async def test_with_subtitles_off_what_must_be_read_is_shown_in_the_language_heard(visit: Visit) -> None:
    await visit.open("/watch/rich")
    await visit.page.get_by_label("Language").select_option(label="Deutsch")
    await visit.until("v.readyState > 2")
    await visit.film("{ v.currentTime = 1; }")
    await visit.until(f'JSON.stringify({SHOWN}) == \'[["de","Schild: Gefahr!"]]\'')
    await visit.page.get_by_label("Subtitles").select_option(label="English")
    await visit.until(f'JSON.stringify({SHOWN}) == \'[["en","A bunny wakes."]]\'')


async def tile_shown(page: Page) -> int:
    """Which second the preview shows: its level of grey, read back from the picture on the screen."""
    shot = await page.locator("#tile").screenshot()
    return round((float(np.asarray(Image.open(io.BytesIO(shot)).convert("L")).mean()) - 20) / 40)


async def test_the_seek_bar_shows_the_film_where_it_points(visit: Visit) -> None:
    page = visit.page
    await visit.open("/watch/rich")
    await visit.until("v.readyState > 2")
    await expect(page.locator("#chapters")).to_be_visible()
    box = await page.locator("#seek").bounding_box()
    assert box
    for second, label in ((0.5, "0:00  The sky"), (4.5, "0:04  Meadow & tree"), (5.9, "0:05  Meadow & tree")):
        await page.mouse.move(box["x"] + box["width"] * second / 6, box["y"] + box["height"] / 2)
        await expect(page.locator("#label")).to_have_text(label)
        assert await tile_shown(page) == int(second)
    preview = await page.locator("#preview").bounding_box()
    assert preview
    assert preview["x"] + preview["width"] <= box["x"] + box["width"] + 1
    await page.mouse.click(box["x"] + box["width"] * 4.5 / 6, box["y"] + box["height"] / 2)
    await visit.until("Math.abs(v.currentTime - 4.5) < 0.2")
    await page.mouse.move(10, 10)
    await expect(page.locator("#preview")).to_be_hidden()
    assert visit.complaints == []


async def test_dragging_looks_first_and_goes_there_when_let_go(visit: Visit) -> None:
    page = visit.page
    await visit.open("/watch/rich")
    await visit.until("v.readyState > 2")
    box = await page.locator("#seek").bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    await page.mouse.move(box["x"] + box["width"] * 1 / 6, middle)
    await page.mouse.down()
    await page.mouse.move(box["x"] + box["width"] * 3.5 / 6, middle, steps=4)
    assert await visit.film("v.currentTime") == 0
    assert await tile_shown(page) == 3
    await expect(page.locator("#now")).to_have_text("0:03")
    await page.mouse.up()
    await visit.until("Math.abs(v.currentTime - 3.5) < 0.2")


async def test_the_seek_bar_and_the_film_go_by_keyboard(visit: Visit) -> None:
    page = visit.page
    await visit.open("/watch/rich")
    await visit.until("v.readyState > 2")
    bar = page.get_by_role("slider", name="Place in the film")
    await expect(bar).to_have_attribute("aria-valuetext", "0:00 of 0:06, The sky")
    await bar.press("ArrowRight")
    await visit.until("v.currentTime == 5 && !v.seeking")
    await expect(bar).to_have_attribute("aria-valuetext", "0:05 of 0:06, Meadow & tree")
    await expect(page.locator("#label")).to_have_text("0:05  Meadow & tree")
    assert await tile_shown(page) == 5
    await expect(page.locator("#preview")).to_be_hidden()
    await bar.press("Home")
    await visit.until("v.currentTime == 0")
    await page.locator("video").press(" ")
    await visit.until("!v.paused")
    await expect(page.get_by_role("button", name="Pause")).to_be_visible()
    await page.locator("video").press("m")
    await visit.until("v.muted")
    await page.get_by_role("button", name="Sound on").click()
    await visit.until("!v.muted")


async def test_chapters_are_marked_and_gone_to(visit: Visit) -> None:
    page = visit.page
    await visit.open("/watch/rich")
    chapter = page.get_by_role("button", name="Meadow & tree")
    await chapter.click()
    await visit.until("v.currentTime == 2.5")
    await expect(chapter).to_have_attribute("aria-current", "true")
    await expect(page.locator("#marks span")).to_have_count(1)


async def test_a_title_without_texts_or_pictures_offers_none(visit: Visit) -> None:
    page = visit.page
    await visit.open("/watch/bunny")
    await expect(page.get_by_role("button", name="Play")).to_be_visible()
    for label in ("Language", "Subtitles"):
        await expect(page.get_by_label(label)).to_be_hidden()
    await page.get_by_role("slider", name="Place in the film").hover()
    await expect(page.locator("#label")).to_have_text("0:03")
    await expect(page.locator("#tile")).to_be_hidden()
    await expect(page.locator("#chapters")).to_be_hidden()
    assert visit.complaints == []


async def test_full_screen_has_the_controls_and_hides_them_when_nothing_moves(visit: Visit) -> None:
    page = visit.page
    await visit.open("/watch/rich")
    await visit.play()
    await page.get_by_role("button", name="Full screen").click()
    await expect(page.get_by_role("button", name="Leave full screen")).to_be_visible()
    await expect(page.locator("#screen")).to_have_class("screen idle")
    await page.mouse.move(300, 300)
    await expect(page.locator("#screen")).to_have_class("screen")
    await page.get_by_role("button", name="Leave full screen").click()
    assert await page.evaluate("document.fullscreenElement") is None


async def test_an_unknown_title_is_told_kindly(visit: Visit) -> None:
    await visit.open("/watch/nothing-here")
    await expect(visit.page.get_by_role("heading", name="Not on the programme")).to_be_visible()
    await expect(visit.page.get_by_role("link", name="See what is on")).to_be_visible()
    await expect(visit.page.locator("video")).to_be_hidden()
    assert visit.complaints == []


async def test_a_new_title_appears_by_itself(visit: Visit) -> None:
    await visit.open("/")
    await expect(visit.page.locator(".card a")).to_have_count(2)
    publish(visit.store, "new-one")
    try:
        await expect(visit.page.locator(".card a")).to_have_count(3, timeout=20_000)
    finally:
        visit.store.delete(title_key("new-one"))


async def test_nothing_is_wider_than_a_telephone(visit: Visit) -> None:
    await visit.page.set_viewport_size({"width": 320, "height": 640})
    for path in ("/", "/watch/bunny", "/watch/rich"):
        await visit.open(path)
        await expect(visit.page.get_by_text("Bunny").first).to_be_visible()
        assert await visit.page.evaluate("document.documentElement.scrollWidth") == 320
