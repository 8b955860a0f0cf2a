"""Processes under measurement: started on given cores, watched through /proc, ended for certain. Does I/O. Linux."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from values.errors import ServeError

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process and its descendants have used: CPU seconds, resident bytes now, and their sum of peaks."""

    cpu_s: float
    resident_bytes: int
    peak_bytes: int


def free_port() -> int:
    """A TCP port that was free on 127.0.0.1 a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(
    argv: Sequence[str], *, port: int, cores: Collection[int], patience_s: float = 15
) -> Iterator[subprocess.Popen[bytes]]:
    """A server process pinned to `cores`, yielded when `port` accepts connections. ServeError if it never does."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            argv,
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
        )
        try:
            _await_port(process, port, patience_s, lambda: _tail(log.fileno()))
            yield process
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def usage_of(pid: int) -> Usage:
    """CPU and memory of a process and all its living descendants, from /proc/PID/stat and /proc/PID/status."""
    cpu_s, resident, peak = 0.0, 0, 0
    for each in _family(pid):
        with contextlib.suppress(OSError):
            stat = Path(f"/proc/{each}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            status = dict(
                line.split(":", 1) for line in Path(f"/proc/{each}/status").read_text(encoding="utf-8").splitlines()
            )
            cpu_s += (int(stat[11]) + int(stat[12])) / _TICKS_PER_S
            resident += int(status["VmRSS"].split()[0]) * 1024
            peak += int(status["VmHWM"].split()[0]) * 1024
    return Usage(cpu_s, resident, peak)


def _family(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                parent = int((folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(folder.name))
    family = [pid]
    for each in family:
        family += children.get(each, [])
    return family


def _await_port(process: subprocess.Popen[bytes], port: int, patience_s: float, tail: object) -> None:
    assert callable(tail)
    give_up = time.monotonic() + patience_s
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if process.poll() is not None or time.monotonic() > give_up:
            state = "is still not listening" if process.returncode is None else f"exited {process.returncode}"
            raise ServeError(f"{process.args!r} {state}", where=f"port {port}", hint=f"It said:\n{tail()}")
        time.sleep(0.05)


def _tail(descriptor: int) -> str:
    size = os.fstat(descriptor).st_size
    return os.pread(descriptor, 4000, max(0, size - 4000)).decode(errors="replace")
