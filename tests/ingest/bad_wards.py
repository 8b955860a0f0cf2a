"""Processes that look at a master and come to a bad end: each takes the place of `ingest.ward.serve`."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ingest import ward
from values.errors import MasterRefused


def crash(line: Connection) -> None:
    """A parser follows a pointer to nowhere."""
    _serve(line, lambda *_, **__: ctypes.string_at(0))


def hoard(line: Connection) -> None:
    """A parser takes all memory that it can have."""
    held: list[bytearray] = []

    def take(*_: Any, **__: Any) -> None:
        while True:
            held.append(bytearray(16 << 20))

    _serve(line, take)


def hang(line: Connection) -> None:
    """A parser never ends. The process leaves its number in the file beside the master."""

    def wait(location: str, **_: Any) -> None:
        path = Path(f"{location}.pid")
        path.with_suffix(".part").write_text(str(os.getpid()))
        path.with_suffix(".part").replace(path)
        threading.Event().wait()

    _serve(line, wait)


def spin(line: Connection) -> None:
    """A parser works for ever, and the clock of the CPU alone can stop it."""

    def work(*_: Any, **__: Any) -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (1, 3))
        while True:
            pass

    _serve(line, work)


def killed(line: Connection) -> None:
    """The kernel needs memory, and takes this process's."""
    _serve(line, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))


def stumble(line: Connection) -> None:
    """We did not think of something."""
    _serve(line, lambda *_, **__: [0].pop(1))


def confess(line: Connection) -> None:
    """Says what the process may use, as a refusal."""

    def tell(*_: Any, **__: Any) -> None:
        memory = resource.getrlimit(resource.RLIMIT_AS)[0]
        core = resource.getrlimit(resource.RLIMIT_CORE)[0]
        cpu = resource.getrlimit(resource.RLIMIT_CPU)[0]
        raise MasterRefused(f"memory {memory}, core {core}, cpu {cpu}, processors {len(os.sched_getaffinity(0))}")

    _serve(line, tell)


def _serve(line: Connection, inspect: Any) -> None:
    vars(ward)["inspect"] = inspect
    ward.serve(line)
