"""Ray, started for the run or joined: the pool on which chunks are encoded. Does I/O."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Any

import ray
import ray.exceptions

from encoder.job import ChunkJob, MeasureJob
from encoder.memory import task_bytes
from encoder.schedule import Job, Task, WorkerLost
from encoder.shots import ShotJob, detect_shots
from encoder.sound_job import AudioJob
from encoder.sound_task import encode_sound
from encoder.task import encode_chunk, measure_chunk
from encoder.trial import TrialJob, run_trial
from values.errors import EncodeError, MatineeError

_CONNECT_S = 5.0


def check_address(address: str | None) -> None:
    """Raise EncodeError if nothing listens at a Ray address of the form ``host:port`` or ``ray://host:port``."""
    host, colon, port = (address or "").removeprefix("ray://").rpartition(":")
    if not colon or not port.isdigit():
        return  # none, "auto", or a name that Ray resolves itself
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_CONNECT_S).close()
    except (OSError, OverflowError) as error:
        raise EncodeError(
            f"no Ray cluster answers there ({error})",
            where=str(address),
            hint="Check the address, or leave out --ray to start a local Ray.",
        ) from error


class RayPool:
    """A `Pool` on Ray. Use as a context manager: entering starts (or joins) Ray, leaving shuts it down.

    With no `address` a local Ray with `workers` CPUs lives as long as the context; otherwise the cluster at `address`
    is joined (matinee must be installed on its machines) and left again. A task asks for the CPUs and the memory it
    takes (`encoder.memory`), so that large pictures wait for room. Chunks report their frames to a small actor.
    """

    def __init__(self, *, workers: int, address: str | None = None) -> None:
        self._workers = workers
        self._address = address
        self._meter: Any = None
        # Retries are the schedule's business, which counts and reports them.
        self._task: Any = ray.remote(num_cpus=1, max_retries=0)(_run)
        self._owned = False
        self._room = 0  # bytes that the largest machine has for tasks
        self._frames: Any = None

    def __enter__(self) -> RayPool:
        if not ray.is_initialized():
            self._start()
            self._owned = True
        self._meter = ray.remote(num_cpus=0)(Meter).remote()
        machines: Any = ray.nodes  # which Ray gives no type
        self._room = max((int(m["Resources"].get("memory", 0)) for m in machines() if m["Alive"]), default=0)
        return self

    def __exit__(self, *_: object) -> None:
        if self._owned:
            ray.shutdown()

    def _start(self) -> None:
        # Settings of this process alone, read by Ray when it starts: no usage reports; and workers as urgent as the
        # command that waits for them (Ray would give them nice 15).
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        os.environ.setdefault("RAY_worker_niceness", "0")
        options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR, "namespace": "matinee"}
        if self._address:
            options["address"] = self._address
        else:
            options |= {"address": "local", "num_cpus": self._workers, "include_dashboard": False}
        try:
            ray.init(**options)
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:
            place = self._address or "this machine"
            raise EncodeError(
                f"Ray can't be {'joined' if self._address else 'started'} ({error})",
                where=place,
                hint="Check the address, or leave out --ray to start a local Ray."
                if self._address
                else "Check TMPDIR.",
            ) from error

    def submit(self, job: Job) -> Any:
        if not isinstance(job, (ChunkJob, *_TASKS, Task)):
            raise TypeError(f"no task for {type(job).__name__}")
        threads = job.settings.threads if isinstance(job, ChunkJob) else 1
        memory = min(task_bytes(job), self._room)  # what needs more than any machine has gets one for itself
        return self._task.options(num_cpus=threads, memory=memory).remote(job, self._meter)

    def wait(self, handles: Sequence[Any], timeout_s: float) -> Sequence[Any]:
        ready, _ = ray.wait(list(handles), num_returns=1, timeout=timeout_s, fetch_local=False)
        return list(ready)

    def result(self, handle: Any) -> object:
        try:
            return ray.get(handle)
        except ray.exceptions.RayTaskError as error:
            cause = error.cause if isinstance(error.cause, BaseException) else error
            if isinstance(cause, MatineeError):
                raise cause from None
            raise EncodeError(
                f"a task failed with {type(cause).__name__}: {cause}",
                hint="This is a fault of matinee: please report it.",
            ) from error
        except ray.exceptions.RayError as error:
            raise WorkerLost(
                f"a worker died ({type(error).__name__})", hint="Out of memory? Try fewer --workers."
            ) from error

    def cancel(self, handle: Any) -> None:
        ray.cancel(handle, force=True)

    def frames(self) -> dict[str, int]:
        """Frames encoded so far, by recipe of the chunks in flight; what was last heard, without waiting for more."""
        if self._frames is None:
            self._frames = self._meter.read.remote()
        ready, _ = ray.wait([self._frames], timeout=0.05)
        if not ready:
            return {}
        current: dict[str, int] = ray.get(self._frames)
        self._frames = None
        return current


class Meter:
    """How far each chunk in flight is; lives as an actor beside the tasks."""

    def __init__(self) -> None:
        self._frames: dict[str, int] = {}
        self._lock = threading.Lock()

    def note(self, recipe: str, frames: int) -> None:
        """The chunk of this recipe has `frames` frames done; a negative number forgets it."""
        with self._lock:
            if frames < 0:
                self._frames.pop(recipe, None)
            else:
                self._frames[recipe] = max(frames, self._frames.get(recipe, 0))  # an encode may be made again

    def read(self) -> dict[str, int]:
        with self._lock:
            return dict(self._frames)


_TASKS: dict[type, Callable[[Any], object]] = {
    AudioJob: encode_sound,
    MeasureJob: measure_chunk,
    ShotJob: detect_shots,
    TrialJob: run_trial,
}
"""What runs each kind of job that reports no frames on its way."""


def _run(job: Any, meter: Any) -> object:
    if isinstance(job, Task):
        return job.run()
    if not isinstance(job, ChunkJob):
        return _TASKS[type(job)](job)
    try:
        return encode_chunk(job, lambda frames: meter.note.remote(job.recipe, frames))
    finally:
        meter.note.remote(job.recipe, -1)
