"""The workers of one run: Ray, started when the first job comes and shared by all stages. Does I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

from encoder.cluster import RayPool
from encoder.schedule import Done, Failed, Job, Retry, Schedule, Tick

_QUEUED_AHEAD = 2
"""Tasks submitted beyond one a worker: a worker that ends finds the next one waiting."""


class Workers:
    """Use as a context manager. Only a master that was found good, with work left to do, starts them.

    Ray's processes die with the thread that started them, so that thread lives as long as the context.
    """

    def __init__(self, *, count: int, address: str | None, attempts: int) -> None:
        self.count = count
        self._attempts = attempts
        self._pool = RayPool(workers=count, address=address)
        self._keeper = ThreadPoolExecutor(1, thread_name_prefix="ray")
        self._started: Future[RayPool] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._started:
            self._keeper.submit(self._pool.__exit__, None, None, None).result()
        self._keeper.shutdown()

    def start(self) -> None:
        """Begin to start Ray, in the background."""
        if self._started is None:
            self._started = self._keeper.submit(self._pool.__enter__)

    def run(self, jobs: Sequence[Job], *, spare: bool = False) -> Iterator[Done | Retry | Tick | Failed]:
        """Run all `jobs`: see `encoder.schedule.Schedule`. With `spare` a job that fails for good is left out."""
        self.start()
        assert self._started is not None
        schedule: Schedule[Any] = Schedule(
            self._started.result(), in_flight=self.count + _QUEUED_AHEAD, attempts=self._attempts
        )
        yield from schedule.run(jobs, spare=spare)

    def frames(self) -> dict[str, int]:
        """Frames encoded so far by recipe of the chunks in flight."""
        return self._pool.frames()
