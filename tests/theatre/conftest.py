"""A house on free ports, with real processes."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from theatre import House, ServeSettings, serve

HouseFactory = Callable[..., Awaitable[House]]


@asynccontextmanager
async def open_house(library: Path, **settings: object) -> AsyncIterator[House]:
    """Run a house in this process and wait until it is ready; its children are gone when the context ends."""
    asked = ServeSettings(f"file:{library}", **{"port": 0, **settings})  # type: ignore[arg-type]
    ready: asyncio.Future[House] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve(asked, on_ready=ready.set_result))
    try:
        await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        yield ready.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[HouseFactory]:
    """Open a house over an empty library; its settings as keywords."""
    async with AsyncExitStack() as stack:

        async def start(**settings: object) -> House:
            return await stack.enter_async_context(open_house(tmp_path / "library", **settings))

        yield start


def is_running(pid: int) -> bool:
    """Whether a process of this id exists and is no zombie."""
    try:
        os.kill(pid, 0)
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds that takes its time; the test's own time limit bounds it."""
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 (other processes set no event of ours)
            await asyncio.sleep(0.02)
