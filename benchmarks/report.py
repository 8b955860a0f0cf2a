"""What every benchmark leaves behind: its numbers as JSON, with all that is needed to judge and repeat them.

Reads the machine and the checkout; writes one file.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Machine:
    """Where a benchmark ran. `cores` counts those this process may use, `memory_bytes` is the machine's."""

    system: str
    processor: str
    cores: int
    memory_bytes: int
    python: str


def machine() -> Machine:
    """This machine."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    cores = len(os.sched_getaffinity(0))
    return Machine(f"{platform.system()} {platform.release()}", _processor(), cores, pages, platform.python_version())


def commit() -> str:
    """The checkout's commit, with ``+`` when files differ from it; ``unknown`` outside of a checkout."""
    try:
        at = _git("rev-parse", "HEAD")
        return f"{at}+" if _git("status", "--porcelain", "--untracked-files=no") else at
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def package_versions(names: Iterable[str]) -> dict[str, str]:
    """Versions of installed Python packages."""
    return {name: importlib.metadata.version(name) for name in names}


def make_report(
    benchmark: str,
    *,
    seed: int | None,
    versions: Mapping[str, str],
    settings: Mapping[str, Any],
    results: Any,
    ratios: Mapping[str, Any],
) -> dict[str, Any]:
    """The report as a JSON object. `ratios` hold ours by the peer's, measured in the same run.

    The load average, over 1, 5 and 15 minutes at the end of the run, tells whether the machine had other work.
    """
    return {
        "benchmark": benchmark,
        "commit": commit(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": asdict(machine()),
        "load_average": [round(each, 2) for each in os.getloadavg()],
        "versions": dict(versions),
        "seed": seed,
        "settings": dict(settings),
        "results": results,
        "ratios": dict(ratios),
    }


def write_report(path: Path, report: Mapping[str, Any]) -> None:
    """Write a report as indented JSON, making its folder if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def median(values: Iterable[float], *, digits: int = 6) -> float:
    """The median, rounded for people."""
    return round(statistics.median(values), digits)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _git(*argv: str) -> str:
    return subprocess.run(("git", *argv), cwd=_ROOT, check=True, capture_output=True, text=True).stdout.strip()
