"""Servers under test as real processes that a test kills, freezes and starts again. Does I/O."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)
_START_S = 60


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """One server process on a fixed port of 127.0.0.1; its output goes to `log`. It dies with the test run."""

    def __init__(self, argv: Sequence[str], *, port: int, log: Path) -> None:
        self.argv = tuple(argv)
        self.port = port
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Start the process and return when its port accepts connections."""
        self._process = self._spawn()
        for _ in range(_START_S * 20):
            if self._process.poll() is not None:
                raise AssertionError(f"{self.argv} exited {self._process.returncode}:\n{self.output()}")
            with contextlib.suppress(ConnectionError):
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.close()
                await writer.wait_closed()
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{self.argv} did not listen on port {self.port} within {_START_S} s:\n{self.output()}")

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as out:
            return subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, preexec_fn=_die_with_parent
            )

    def kill(self) -> None:
        """kill -9: no goodbye to anybody."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    async def freeze(self, seconds: float) -> None:
        """Stop the process where it stands, sockets open, and let it go on after `seconds`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            self._process.send_signal(signal.SIGCONT)

    def output(self) -> str:
        return self.log.read_text(errors="replace")[-4000:]


def _die_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
