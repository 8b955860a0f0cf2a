"""An edge as a process of its own, as the benchmarks start it. Does I/O."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Collection, Iterator

from benchmarks.processes import free_port, running

_CODE = """
import asyncio, sys
from edge_cache.server import run_edge
from edge_cache.settings import EdgeSettings
asyncio.run(run_edge(EdgeSettings(origins=(sys.argv[1],), port=int(sys.argv[2]), ram_bytes=int(sys.argv[3]))))
"""


@contextlib.contextmanager
def running_edge(
    origin: str, *, ram_bytes: int, cores: Collection[int]
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """One edge worker with a RAM tier only, pinned to `cores`: the process and its port."""
    port = free_port()
    argv = (sys.executable, "-c", _CODE, origin, str(port), str(ram_bytes))
    with running(argv, port=port, cores=cores) as process:
        yield process, port
