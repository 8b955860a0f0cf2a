"""Does an edge stay within its memory? Many gigabytes of distinct segments go through a small RAM tier.

``python -m benchmarks.edge_memory --json OUT``. Origin, edge and this client are three processes; every byte that
arrives is checked. Exit 1 if the edge's peak is above its RAM budget plus the allowance, or a byte was wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import xxhash
from rich.console import Console

from benchmarks.edge_process import running_edge
from benchmarks.processes import free_port, running, usage_of
from benchmarks.report import make_report, package_versions, write_report
from benchmarks.stand_in_origin import pieces

RAM_BYTES = 256 * 10**6
ALLOWANCE_BYTES = 150 * 10**6
SEED = 8


@dataclass(slots=True)
class Run:
    """What has happened so far."""

    served_bytes: int = 0
    objects: int = 0
    wrong: list[str] = field(default_factory=list)
    samples: list[tuple[float, int]] = field(default_factory=list)


def plan(total_bytes: int, seed: int) -> list[tuple[str, int]]:
    """Distinct objects of 1 to 4 MB, `total_bytes` or a little more of them, as (name, size)."""
    rng, planned = random.Random(seed), 0
    out: list[tuple[str, int]] = []
    while planned < total_bytes:
        size = rng.randint(10**6, 4 * 10**6)
        out.append((f"segment-{len(out)}", size))
        planned += size
    return out


async def _client(session: aiohttp.ClientSession, base: str, work: list[tuple[str, int]], run: Run) -> None:
    while work:
        name, size = work.pop()
        expected, got, count = xxhash.xxh3_64(), xxhash.xxh3_64(), 0
        async with session.get(f"{base}/bytes/{size}/{name}") as response:
            async for data in response.content.iter_any():
                got.update(data)
                count += len(data)
        for piece in pieces(name, size):
            expected.update(piece)
        if (count, got.digest()) != (size, expected.digest()):
            run.wrong.append(name)
        run.served_bytes += count
        run.objects += 1


async def _watch(pid: int, run: Run) -> None:
    started = time.monotonic()
    while True:
        run.samples.append((round(time.monotonic() - started, 1), usage_of(pid).resident_bytes))
        await asyncio.sleep(0.25)


async def _drive(pid: int, base: str, work: list[tuple[str, int]], clients: int) -> Run:
    run = Run()
    watcher = asyncio.create_task(_watch(pid, run))
    async with aiohttp.ClientSession(read_bufsize=1 << 18) as session:
        await asyncio.gather(*(_client(session, base, work, run) for _ in range(clients)))
    watcher.cancel()
    return run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.edge_memory", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the report here")
    parser.add_argument("--gb", type=float, default=8, help="how many gigabytes to serve (8)")
    parser.add_argument("--clients", type=int, default=16, help="connections at a time (16)")
    options = parser.parse_args()
    work = plan(int(options.gb * 10**9), SEED)
    port, cores = free_port(), {0, 1}
    with (
        running((sys.executable, "-m", "benchmarks.stand_in_origin", str(port)), port=port, cores=cores),
        running_edge(f"http://127.0.0.1:{port}", ram_bytes=RAM_BYTES, cores=cores) as (edge, edge_port),
    ):
        empty = usage_of(edge.pid)
        started = time.monotonic()
        run = asyncio.run(_drive(edge.pid, f"http://127.0.0.1:{edge_port}", work[::-1], options.clients))
        wall_s = time.monotonic() - started
        used = usage_of(edge.pid)
    limit = RAM_BYTES + ALLOWANCE_BYTES
    holds = used.peak_bytes <= limit and not run.wrong
    results = {
        "served_bytes": run.served_bytes,
        "objects": run.objects,
        "wrong_objects": run.wrong,
        "wall_s": round(wall_s, 1),
        "edge_cpu_s": round(used.cpu_s - empty.cpu_s, 1),
        "resident_empty_bytes": empty.resident_bytes,
        "resident_end_bytes": used.resident_bytes,
        "resident_peak_bytes": used.peak_bytes,
        "limit_bytes": limit,
        "holds": holds,
        "resident_samples": run.samples[:: max(1, len(run.samples) // 100)],
    }
    _show(results)
    if options.json:
        report = make_report(
            "edge_memory",
            seed=SEED,
            versions=package_versions(("aiohttp",)),
            settings={"ram_bytes": RAM_BYTES, "gb": options.gb, "clients": options.clients},
            results=results,
            ratios={"peak_by_limit": round(used.peak_bytes / limit, 3)},
        )
        write_report(options.json, report)
    return 0 if holds else 1


def _show(results: dict[str, object]) -> None:
    megabytes = {key: f"{value / 1e6:.0f} MB" for key, value in results.items() if isinstance(value, int)}
    console = Console()
    for key, value in results.items():
        if key != "resident_samples":
            shown = megabytes[key] if key.endswith("_bytes") else value
            console.print(f"{key:22} {shown}", highlight=False)


if __name__ == "__main__":
    sys.exit(main())
