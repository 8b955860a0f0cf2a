"""A visitor's tab on the watch page, in a real browser."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Page

from storage.protocol import Store
from theatre import House

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


SHOWN = (
    "[...v.textTracks].filter(t => t.mode == 'showing')"
    ".map(t => [t.language, ...[...t.activeCues ?? []].map(c => c.text)])"
)
"""The texts on the screen: the language of each track shown, and its words at this moment."""
