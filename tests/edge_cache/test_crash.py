"""An edge killed in the middle of its work, and started again on the same folder."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from tests.edge_cache.faulty_origin import Reply, faulty_origin, free_port, get, running_edge

DISK_BYTES = 6_000_000
_CODE = """
import asyncio, sys
from pathlib import Path
from edge_cache.server import run_edge
from edge_cache.settings import EdgeSettings
asyncio.run(run_edge(EdgeSettings(origins=(sys.argv[1],), port=int(sys.argv[2]), ram_bytes=2_000_000,
                                  disk_dir=Path(sys.argv[3]), disk_bytes=int(sys.argv[4]))))
"""


def film(number: int) -> bytes:
    rng = random.Random(number)
    return rng.randbytes(rng.randrange(50_000, 900_000))


@contextlib.asynccontextmanager
async def doomed_edge(origin: str, folder: Path) -> AsyncIterator[int]:
    """An edge in a process of its own that ends by SIGKILL."""
    port = free_port()
    argv = (sys.executable, "-c", _CODE, origin, str(port), str(folder), str(DISK_BYTES))
    process = await asyncio.create_subprocess_exec(*argv)
    try:
        while True:
            with contextlib.suppress(ConnectionError):
                await get(port, "/.edge/healthz")
                break
            await asyncio.sleep(0.02)
        yield port
    finally:
        process.send_signal(signal.SIGKILL)
        await process.wait()


async def test_after_kill_nine_no_torn_object_is_served_and_the_budget_holds(tmp_path: Path) -> None:
    folder = tmp_path / "edge"
    async with faulty_origin() as origin:
        for number in range(30):
            origin.say(f"/{number}", Reply(film(number)))
        for first in (0, 15):
            async with doomed_edge(origin.url, folder) as port:
                # The last answers are still being written to disk, or even fetched, when the process dies.
                await asyncio.gather(*(get(port, f"/{number}") for number in range(first, first + 15)))
        async with running_edge(origin.url, ram_bytes=2_000_000, disk_dir=folder, disk_bytes=DISK_BYTES) as port:
            kept = [path for path in folder.rglob("*") if path.is_file()]
            used_bytes = sum(path.stat().st_size for path in kept)
            answers = {number: await get(port, f"/{number}") for number in range(29, -1, -1)}
    assert [number for number, answer in answers.items() if answer.body != film(number)] == []
    assert any("; hit" in answer.cache_status for answer in answers.values())
    assert used_bytes <= DISK_BYTES
    assert not [path for path in kept if path.suffix == ".part"]
