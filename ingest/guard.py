"""A master is looked at in a process of its own: what kills that process is a refusal, and not our end. Does I/O.

Parsers of a hundred formats meet bytes that anyone may have written. The process has bounds (`ingest.limits`) on memory
and time, leaves no core, and dies with us. It is a fence against crashes, bombs and hangs, and not a sandbox: it runs
with our rights. The master's bytes that `inspect` reads itself are asked of this process, which alone knows the store.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from types import TracebackType
from typing import Self

from ingest.inspect import Inspection
from ingest.integrity import Read
from ingest.limits import BOUNDS, Bounds
from treatment.wishes import NO_WISHES, Wishes
from values.errors import MasterRefused, MatineeError

_BOOT = (
    "import sys; from multiprocessing.connection import Connection; line = Connection(int(sys.argv[1])); "
    "sys.path[:] = line.recv(); from ingest.ward import serve; serve(line)"
)
_SAID_BYTES = 2_000
_AGAIN = "The file is damaged or made to do harm. Copy the master again, or export it anew."


@dataclass(frozen=True, slots=True)
class Question:
    """What the process is asked: `ingest.inspect.inspect` with these, within `bounds`."""

    location: str
    size: int
    where: str
    allow_damaged: bool
    wishes: Wishes
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class Wanted:
    """The process asks for bytes ``[start, stop)`` of the master."""

    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What the process found, and the most memory that it held."""

    outcome: Inspection | MatineeError
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What looking at one master has cost: seconds on the clock and of CPU, and peak memory in bytes.

    Of a process that died the peak is the kernel's, which is never below that of the process that started it.
    """

    wall_s: float
    cpu_s: float
    peak_bytes: int


def guarded_inspect(
    location: str,
    *,
    size: int,
    read: Read,
    where: str,
    allow_damaged: bool = False,
    wishes: Wishes = NO_WISHES,
    bounds: Bounds = BOUNDS,
    on_usage: Callable[[Usage], None] = lambda _: None,
) -> Inspection:
    """`ingest.inspect.inspect` in a process of its own, within `bounds`; `on_usage` is told the cost, however it ends.

    Raises MasterRefused also where the process crashes, is killed, or asks for more than its bounds.
    """
    with _Ward(bounds.deadline_s(size), on_usage) as ward:
        try:
            ward.line.send(sys.path)
            ward.line.send(Question(location, size, where, allow_damaged, wishes, bounds))
            answer = _answer(ward.line, read)
            ward.peak_bytes = answer.peak_bytes
        except (EOFError, ConnectionError) as error:
            raise _died(ward, bounds, where) from error
    if isinstance(answer.outcome, Inspection):
        return answer.outcome
    raise answer.outcome


def _answer(line: Connection, read: Read) -> Answer:
    """What the process says in the end; the bytes it wants meanwhile are read for it. EOFError if it dies first."""
    while True:
        match line.recv():
            case Wanted(start=start, stop=stop):
                line.send_bytes(read(start, stop))
            case Answer() as answer:
                return answer
            case other:
                raise TypeError(f"the process says {other!r}")


class _Ward:
    """The process and the line to it. It is gone on leaving; `late` is set if it was killed for its time."""

    def __init__(self, deadline_s: float, on_usage: Callable[[Usage], None]) -> None:
        self.deadline_s = deadline_s
        self.late = threading.Event()
        self.code: int | None = None
        self.peak_bytes = 0
        self._on_usage = on_usage
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  (closed on leaving)

    def __enter__(self) -> Self:
        self.line, theirs = Pipe()
        self._begun = time.monotonic()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-X", "faulthandler", "-c", _BOOT, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                pass_fds=[theirs.fileno()],
                # Address space is bounded, and each arena of malloc reserves some for every thread.
                env=os.environ | {"MALLOC_ARENA_MAX": "2"},
            )
        self._timer = threading.Timer(self.deadline_s, self._stop)
        self._timer.daemon = True
        self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.end()
        self.line.close()
        self._said.close()

    def end(self) -> int:
        """Its exit code, negative for a signal. Kills it if it still runs; one that died keeps its own code."""
        if self.code is None:
            self._timer.cancel()
            self._timer.join()  # from here on nobody signals a process number that may be another's
            os.kill(self._process.pid, signal.SIGKILL)
            _, status, usage = os.wait4(self._process.pid, 0)
            self.code = self._process.returncode = os.waitstatus_to_exitcode(status)
            wall_s = time.monotonic() - self._begun
            peak_bytes = self.peak_bytes or usage.ru_maxrss * 1024
            self._on_usage(Usage(wall_s, usage.ru_utime + usage.ru_stime, peak_bytes))
        return self.code

    def said(self) -> str:
        """The end of what it wrote to stderr."""
        self._said.seek(max(0, self._said.seek(0, os.SEEK_END) - _SAID_BYTES))
        return self._said.read().decode(errors="replace").strip()

    def _stop(self) -> None:
        self.late.set()
        with suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGKILL)


def _died(ward: _Ward, bounds: Bounds, where: str) -> MasterRefused:
    """Why the process ended without an answer, in plain words."""
    code = ward.end()
    if ward.late.is_set():
        what = f"looking at it did not end within {ward.deadline_s:.0f} s and was stopped"
        return MasterRefused(what, where=where, hint=_AGAIN)
    if code == -signal.SIGXCPU:
        return MasterRefused("looking at it used up its CPU time and was stopped", where=where, hint=_AGAIN)
    if code == -signal.SIGKILL:
        return MasterRefused(
            "looking at it was killed, most likely because this machine's memory ran out",
            where=where,
            hint=f"Looking takes at most {bounds.address_space_bytes >> 30} GiB. Free some memory and try again; "
            "if it repeats with this file alone, copy the master again.",
        )
    how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"exited {code}"
    said = ward.said()
    return MasterRefused(
        f"the media library crashed on it (its process {how})",
        where=where,
        hint=f"{_AGAIN} It said:\n  " + said.replace("\n", "\n  ") if said else _AGAIN,
    )
