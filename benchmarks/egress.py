"""How fast do cached objects leave: one edge worker against nginx `proxy_cache` and Varnish, on one core each.

``python -m benchmarks.egress --json OUT``. The caches run at the same time on one core, the load (wrk) on another;
they are measured in turn, in several short rounds, and the medians are compared. Every object is asked for before and
must be a hit, and the origin must not be asked again while the load runs. Server CPU is that of all its processes.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.egress_peers import PEERS, Peer, Server, program, versions
from benchmarks.processes import free_port, running, usage_of
from benchmarks.report import make_report, median, package_versions, write_report
from values.errors import MatineeError, ServeError, UsageError

OBJECTS = {2_000: 500, 64_000: 200, 250_000: 100, 2_000_000: 20}
"""How many objects of which size are asked for in turn: 117 MB in all, in memory everywhere."""
_LUA = Path(__file__).with_name("egress.lua")


@dataclass(frozen=True, slots=True)
class Measure:
    """One short load on one server. `server_busy` is its share of its core: below about 0.95 the load, or
    other work on the machine, was the limit, and only `cpu_us` compares."""

    requests_s: float
    gigabytes_s: float
    cpu_us: float
    p50_us: float
    p99_us: float
    server_busy: float
    resident_mb: float
    errors: int


def warm(peer: Peer, server: Server) -> None:
    """Ask for every object until it is a hit. ServeError if one never becomes one."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    with contextlib.closing(connection):
        for size, count in OBJECTS.items():
            for index in range(count):
                if not any(_asked(connection, f"/bytes/{size}/object-{index}", size, peer) for _ in range(4)):
                    raise ServeError(f"{peer.name} does not cache objects of {size} bytes", hint="Check its settings.")


def measure(server: Server, size: int, *, seconds: int, connections: int, core: int) -> Measure:
    """Load one server with requests for cached objects of one size."""
    argv = (
        program("wrk", "wrk"), "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(_LUA),
        f"http://127.0.0.1:{server.port}", "--", str(size), str(OBJECTS[size]),
    )  # fmt: skip
    before = usage_of(server.pid)
    done = subprocess.run(
        argv, capture_output=True, text=True, check=True, preexec_fn=lambda: os.sched_setaffinity(0, {core})
    )
    after = usage_of(server.pid)
    told = next(json.loads(line[5:]) for line in done.stdout.splitlines() if line.startswith("JSON "))
    wall_s, cpu_s = told["duration_us"] / 1e6, after.cpu_s - before.cpu_s
    return Measure(
        requests_s=round(told["requests"] / wall_s, 1),
        gigabytes_s=round(told["bytes"] / wall_s / 1e9, 3),
        cpu_us=round(cpu_s / max(1, told["requests"]) * 1e6, 2),
        p50_us=told["p50_us"],
        p99_us=told["p99_us"],
        server_busy=round(cpu_s / wall_s, 3),
        resident_mb=round(after.resident_bytes / 1e6, 1),
        errors=told["errors"],
    )


def medians(rounds: Sequence[Measure]) -> dict[str, float]:
    """The median of each figure over the rounds."""
    return {key: median((asdict(each)[key] for each in rounds), digits=3) for key in asdict(rounds[0])}


def ratios(results: dict[str, dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    """Edge by peer and size: requests per second (more is better) and CPU per request (less is better)."""
    out: dict[str, dict[str, float]] = {}
    for peer in sorted(set(results) - {"edge"}):
        for size, theirs in results[peer].items():
            ours = results["edge"][size]
            out.setdefault(f"requests_s edge/{peer}", {})[size] = round(ours["requests_s"] / theirs["requests_s"], 3)
            if theirs["cpu_us"]:
                out.setdefault(f"cpu_us edge/{peer}", {})[size] = round(ours["cpu_us"] / theirs["cpu_us"], 3)
    return out


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.egress", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the report here")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, of which the median counts (3)")
    parser.add_argument("--seconds", type=int, default=3, help="length of one load (3)")
    parser.add_argument("--connections", type=int, default=32, help="connections at a time (32)")
    options = parser.parse_args()
    try:
        return _run(options)
    except MatineeError as error:
        print(error, file=sys.stderr)
        return error.exit_code


def _run(options: argparse.Namespace) -> int:
    console = Console()
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise UsageError("egress needs two cores: one for the server, one for the load", hint="Use a larger machine.")
    program("wrk", "wrk")
    peers = _available(console)
    rounds: dict[tuple[str, int], list[Measure]] = {}
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="egress-")))
        port = free_port()
        argv = (sys.executable, "-m", "benchmarks.stand_in_origin", str(port))
        stack.enter_context(running(argv, port=port, cores=cores))
        servers = [(peer, stack.enter_context(peer.start(port, folder, {cores[0]}))) for peer in peers]
        for peer, server in servers:
            warm(peer, server)
        asked = _count(port)
        for number in range(options.rounds):
            for size in OBJECTS:
                for peer, server in servers if number % 2 == 0 else servers[::-1]:
                    console.print(f"round {number + 1}, {size} bytes, {peer.name}", style="dim")
                    figures = measure(
                        server, size, seconds=options.seconds, connections=options.connections, core=cores[1]
                    )
                    rounds.setdefault((peer.name, size), []).append(figures)
        asked_meanwhile = _count(port) - asked
    results: dict[str, dict[str, dict[str, float]]] = {}
    for (name, size), each in rounds.items():
        results.setdefault(name, {})[str(size)] = medians(each)
    compared = ratios(results)
    _show(console, results, compared, asked_meanwhile)
    if options.json:
        settings = {
            "rounds": options.rounds,
            "seconds": options.seconds,
            "connections": options.connections,
            "objects": OBJECTS,
            "server_core": cores[0],
            "load_core": cores[1],
            "origin_requests_during_load": asked_meanwhile,
        }
        detail: dict[str, Any] = {f"{name} {size}": [asdict(m) for m in each] for (name, size), each in rounds.items()}
        report = make_report(
            "egress",
            seed=None,
            versions={**versions(), **package_versions(("aiohttp",))},
            settings=settings,
            results={"medians": results, "rounds": detail},
            ratios=compared,
        )
        write_report(options.json, report)
    return 0


def _available(console: Console) -> list[Peer]:
    found = []
    for peer, needs in zip(PEERS, ((), ("nginx", "nginx-light"), ("varnishd", "varnish")), strict=True):
        try:
            if needs:
                program(*needs)
            found.append(peer)
        except UsageError as error:
            console.print(f"without {peer.name}: {error}", style="yellow")
    return found


def _asked(connection: http.client.HTTPConnection, path: str, size: int, peer: Peer) -> bool:
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    if response.status != 200 or len(body) != size:
        raise ServeError(f"{peer.name} answered {response.status} with {len(body)} bytes", where=path)
    return peer.is_hit({name.lower(): value for name, value in response.getheaders()})


def _count(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", "/count")
        return int(connection.getresponse().read())


def _show(
    console: Console,
    results: dict[str, dict[str, dict[str, float]]],
    compared: dict[str, dict[str, float]],
    asked_meanwhile: int,
) -> None:
    table = Table(title="Cached objects on one core, medians (CPU and times per request)", title_justify="left")
    for column in ("bytes", "server", "req/s", "GB/s", "CPU µs", "p50 ms", "p99 ms", "busy", "RSS MB"):
        table.add_column(column, justify="left" if column == "server" else "right")
    for size in map(str, OBJECTS):
        for name, by_size in results.items():
            m = by_size[size]
            cells = (f"{m['requests_s']:,.0f}", f"{m['gigabytes_s']:.2f}", f"{m['cpu_us']:.1f}")
            times = (f"{m['p50_us'] / 1000:.2f}", f"{m['p99_us'] / 1000:.2f}")
            faults = f" ({m['errors']:.0f} errors)" if m["errors"] else ""
            table.add_row(size, name + faults, *cells, *times, f"{m['server_busy']:.0%}", f"{m['resident_mb']:.0f}")
        table.add_section()
    console.print(table)
    for what, by_peer in compared.items():
        console.print(f"{what:24}", "  ".join(f"{size}: {ratio:.2f}" for size, ratio in by_peer.items()))
    console.print(f"Origin requests while the load ran: {asked_meanwhile}.")
    console.print("Busy below 95 %: the load, or other work on this machine, was the limit; compare CPU µs there.")


if __name__ == "__main__":
    sys.exit(main())
