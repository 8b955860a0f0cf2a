"""Which task runs next: longest first, a bounded number in flight, failures tried again. Pure but for the pool."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar, runtime_checkable

from values.errors import EncodeError, MatineeError

H = TypeVar("H", bound=Hashable)


class Job(Protocol):
    """Something to run: `cost` orders it (any unit), `where` names it in messages."""

    @property
    def cost(self) -> float: ...

    @property
    def where(self) -> str: ...


@runtime_checkable
class Task(Job, Protocol):
    """A job that knows what to do: rooms beside this one give their work to the pool so. It must pickle."""

    def run(self) -> object: ...


class Pool(Protocol[H]):
    """Where jobs run. `wait` blocks up to `timeout_s` and gives the handles that are done, perhaps none."""

    def submit(self, job: Job) -> H: ...

    def wait(self, handles: Sequence[H], timeout_s: float) -> Sequence[H]: ...

    def result(self, handle: H) -> object:
        """The job's result; raises WorkerLost if its worker died, else what the job raised."""
        ...

    def cancel(self, handle: H) -> None: ...


class WorkerLost(EncodeError):
    """The process or machine that ran a task is gone: worth another try, whatever the task."""


@dataclass(frozen=True, slots=True)
class Done:
    """A job ended well."""

    job: Job
    result: object


@dataclass(frozen=True, slots=True)
class Retry:
    """A job's attempt failed and it waits to be run again; `attempt` counts from 1."""

    job: Job
    attempt: int
    error: MatineeError


@dataclass(frozen=True, slots=True)
class Failed:
    """A job that could be spared failed for good, and the others go on without it."""

    job: Job
    error: MatineeError


@dataclass(frozen=True, slots=True)
class Tick:
    """Nothing ended within a moment: a chance to draw progress."""


@dataclass(slots=True)
class _Running:
    job: Job
    attempt: int


class Schedule(Generic[H]):
    """Runs jobs on a pool. Iterate it for events; leaving the iteration early cancels what is in flight."""

    def __init__(self, pool: Pool[H], *, in_flight: int, attempts: int, tick_s: float = 0.5) -> None:
        if in_flight < 1 or attempts < 1:
            raise ValueError("at least one job in flight and one attempt")
        self._pool = pool
        self._in_flight = in_flight
        self._attempts = attempts
        self._tick_s = tick_s

    def run(self, jobs: Sequence[Job], *, spare: bool = False) -> Iterator[Done | Retry | Failed | Tick]:
        """Run all `jobs`. The first job to fail for good raises its error once the others in flight are cancelled; with
        `spare` it is given as `Failed`, and only what no other job could do better (no room, no rights) is raised."""
        waiting = deque(_Running(job, 1) for job in sorted(jobs, key=lambda j: -j.cost))
        running: dict[H, _Running] = {}
        try:
            while waiting or running:
                while waiting and len(running) < self._in_flight:
                    entry = waiting.popleft()
                    running[self._pool.submit(entry.job)] = entry
                ready = self._pool.wait(tuple(running), self._tick_s)
                if not ready:
                    yield Tick()
                for handle in ready:
                    yield self._settle(handle, running.pop(handle), waiting.appendleft, spare)
        finally:
            for handle in running:
                self._pool.cancel(handle)

    def _settle(
        self, handle: H, entry: _Running, again: Callable[[_Running], None], spare: bool
    ) -> Done | Retry | Failed:
        try:
            return Done(entry.job, self._pool.result(handle))
        except MatineeError as error:
            if error.permanent or (entry.attempt >= self._attempts and not spare):
                raise
            if entry.attempt >= self._attempts:
                return Failed(entry.job, error)
            again(_Running(entry.job, entry.attempt + 1))
            return Retry(entry.job, entry.attempt, error)
