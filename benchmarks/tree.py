"""What a command and everything it starts cost: CPU, memory, and when an ffmpeg ran. Reads /proc.

Descendants are known by a token in their environment, so that those which leave the process tree (Ray's) count too.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_TOKEN = "MATINEE_BENCHMARK"
_STEP_S = 0.25
_MEMORY_EVERY = 4  # memory is read each second: it costs more
_LOOKS = 4
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    """One run: wall and CPU seconds, peak memory in bytes (PSS of all processes at one time), and the share of the wall
    time in which no ffmpeg ran. CPU of a process is read until its last quarter of a second."""

    wall_s: float
    cpu_s: float
    peak_bytes: int
    outside_ffmpeg: float
    stdout: str


def measure(argv: Sequence[str], *, cwd: Path) -> Cost:
    """Run a command to its end. Raises CalledProcessError, with what it wrote, if it fails."""
    token = secrets.token_hex(8)
    watch = _Watch(token)
    begun = time.monotonic()
    process = subprocess.Popen(
        argv, cwd=cwd, env={**os.environ, _TOKEN: token}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with watch:
        out, err = process.communicate()
    wall_s = time.monotonic() - begun
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, argv, out, err)
    return Cost(wall_s, sum(watch.cpu_s.values()), watch.peak_bytes, watch.idle / max(1, watch.samples), out)


class _Watch(contextlib.AbstractContextManager["_Watch"]):
    """Samples the processes that carry the token until it is left."""

    def __init__(self, token: str) -> None:
        self.cpu_s: dict[int, float] = {}
        self.peak_bytes = 0
        self.samples = self.idle = 0
        self._mark = f"{_TOKEN}={token}".encode()
        self._ours: set[int] = set()
        self._looked: dict[int, int] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._sample()
            self._stop.wait(_STEP_S)

    def _sample(self) -> None:
        encoding = False
        memory = 0
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit() or not self._is_ours(folder):
                continue
            with contextlib.suppress(OSError, ValueError, IndexError):
                name, _, rest = (folder / "stat").read_text().partition(" (")[2].rpartition(") ")
                fields = rest.split()
                self.cpu_s[int(folder.name)] = (int(fields[11]) + int(fields[12])) / _TICK
                encoding |= name.startswith("ffmpeg") and fields[0] != "Z"
                if self.samples % _MEMORY_EVERY == 0:
                    memory += _pss(folder)
        self.peak_bytes = max(self.peak_bytes, memory)
        self.samples += 1
        self.idle += not encoding

    def _is_ours(self, folder: Path) -> bool:
        """Whether the process carries the token. Looked at a few times: between fork and exec it does not yet."""
        pid = int(folder.name)
        if pid in self._ours:
            return True
        if self._looked.get(pid, 0) < _LOOKS:
            self._looked[pid] = self._looked.get(pid, 0) + 1
            with contextlib.suppress(OSError):
                if self._mark in (folder / "environ").read_bytes():
                    self._ours.add(pid)
        return pid in self._ours


def _pss(folder: Path) -> int:
    for line in (folder / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
