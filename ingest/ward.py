"""What runs in the process that looks at a master: see `ingest.guard`. Does I/O."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import traceback
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from ingest.guard import Answer, Question, Wanted
from ingest.inspect import Inspection, inspect
from ingest.limits import Bounds
from values.errors import MasterRefused, MatineeError

_PR_SET_PDEATHSIG = 1
_FIRST_TO_GO = "800"


def serve(line: Connection) -> None:
    """Take one question from `line`, answer it, and end."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # a parent that is gone by now leaves a closed line
    question = line.recv()
    _bind(question.bounds, question.size)
    outcome = _looked(question, line)
    line.send(Answer(outcome, _peak_bytes()))


def _bind(bounds: Bounds, size: int) -> None:
    """Put the bounds on this process and all that it starts."""
    _limit(resource.RLIMIT_AS, bounds.address_space_bytes)
    _limit(resource.RLIMIT_CORE, 0)
    processors = sorted(os.sched_getaffinity(0))[: bounds.processors]
    os.sched_setaffinity(0, processors)
    _limit(resource.RLIMIT_CPU, int(bounds.deadline_s(size) * len(processors)) + 1)  # if nobody watches the clock
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(
            _FIRST_TO_GO
        )  # where memory runs out, this process goes, and not the one with the library


def _peak_bytes() -> int:
    """The most memory held since this program began; getrusage would count what its parent held at the time."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(kind, (most, hard))


def _looked(question: Question, line: Connection) -> Inspection | MatineeError:
    def read(start: int, stop: int) -> bytes:
        line.send(Wanted(start, stop))
        return line.recv_bytes()

    try:
        return inspect(
            question.location,
            size=question.size,
            read=read,
            where=question.where,
            allow_damaged=question.allow_damaged,
            wishes=question.wishes,
        )
    except MatineeError as error:
        return error
    except MemoryError:
        return MasterRefused(
            f"looking at it needs more than {question.bounds.address_space_bytes / (1 << 30):g} GiB of memory",
            where=question.where,
            hint="No film needs as much: its headers are damaged or made to do harm. Copy the master again.",
        )
    except (EOFError, ConnectionError):
        raise  # nobody listens any more
    except Exception as error:  # noqa: BLE001  (whatever hostile bytes lead us to is their refusal)
        place = traceback.extract_tb(error.__traceback__)[-1]
        return MasterRefused(
            f"it can't be understood ({type(error).__name__}: {error})"[:500],
            where=question.where,
            hint="The file is damaged or of an unusual kind: copy the master again, or export it anew. "
            f"If it plays elsewhere, report this: {Path(place.filename).name} line {place.lineno}.",
        )
