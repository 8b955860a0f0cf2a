"""`matinee demo --check`: a house of its own for as long as one client plays a title through it. Does network I/O."""

from __future__ import annotations

import asyncio
from typing import Any

from theatre.check import CheckReport, check_presentation
from theatre.serve import House, serve
from theatre.settings import ServeSettings


async def check_house(settings: ServeSettings, title_id: str) -> CheckReport:
    """Start origin and edges, play the title's HLS and DASH to the end through the first edge, and stop all again.

    Raises ServeError if a part can't start or the first manifest can't be had.
    """
    ready: asyncio.Future[House] = asyncio.get_running_loop().create_future()
    running = asyncio.create_task(serve(settings, on_ready=ready.set_result))
    try:
        first: set[asyncio.Future[Any]] = {running, ready}
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running
        house = ready.result()
        root = f"{house.edge_urls[0]}/titles/{title_id}"
        return await check_presentation(
            f"{root}/master.m3u8", f"{root}/manifest.mpd", titles_url=f"{house.edge_urls[0]}/titles"
        )
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
