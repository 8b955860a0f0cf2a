"""Longest first, a bounded number in flight, failures tried again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoder.schedule import Done, Failed, Job, Retry, Schedule, Tick, WorkerLost
from values.errors import EncodeError, UnwritableStoreError


@dataclass(frozen=True)
class Task:
    name: str
    cost: float
    failures: int = 0

    @property
    def where(self) -> str:
        return self.name


@dataclass
class FakePool:
    """Runs nothing: the oldest handle is always the next to end."""

    log: list[str] = field(default_factory=list)
    running: dict[int, Job] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    most: int = 0
    cancelled: list[int] = field(default_factory=list)
    idle_first: bool = False

    def submit(self, job: Job) -> int:
        handle = len(self.log)
        self.log.append(job.where)
        self.running[handle] = job
        self.most = max(self.most, len(self.running))
        return handle

    def wait(self, handles: Sequence[int], timeout_s: float) -> Sequence[int]:
        if self.idle_first:
            self.idle_first = False
            return []
        return [min(handles)]

    def result(self, handle: int) -> object:
        job = self.running.pop(handle)
        assert isinstance(job, Task)
        done = self.failed.get(job.name, 0)
        if done < job.failures:
            self.failed[job.name] = done + 1
            raise WorkerLost("a worker died", where=job.name)
        return job.name.upper()

    def cancel(self, handle: int) -> None:
        self.cancelled.append(handle)


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=20), st.integers(1, 5))
def test_the_longest_start_first_and_no_more_than_allowed_are_in_flight(costs: list[float], in_flight: int) -> None:
    pool = FakePool()
    jobs = [Task(str(i), cost) for i, cost in enumerate(costs)]
    events = list(Schedule(pool, in_flight=in_flight, attempts=1).run(jobs))
    started = [jobs[int(name)].cost for name in pool.log]
    assert started == sorted(costs, reverse=True)
    assert pool.most == min(in_flight, len(jobs))
    assert sorted(e.result for e in events if isinstance(e, Done)) == sorted(j.name for j in jobs)


def test_a_failed_task_is_tried_again_before_new_work_and_reported() -> None:
    pool = FakePool()
    jobs = [Task("a", 3, failures=2), Task("b", 2), Task("c", 1)]
    events = list(Schedule(pool, in_flight=1, attempts=3).run(jobs))
    assert pool.log == ["a", "a", "a", "b", "c"]
    assert [(e.job.where, e.attempt) for e in events if isinstance(e, Retry)] == [("a", 1), ("a", 2)]


def test_a_task_that_fails_for_good_ends_the_run_and_cancels_what_is_in_flight() -> None:
    pool = FakePool()
    jobs = [Task("a", 3, failures=9), Task("b", 2), Task("c", 1)]
    with pytest.raises(EncodeError, match="a: a worker died"):
        list(Schedule(pool, in_flight=2, attempts=2).run(jobs))
    assert pool.log == ["a", "b", "a", "c"]
    assert pool.cancelled == [3]


def test_what_trying_again_can_not_help_is_tried_once() -> None:
    class Full(FakePool):
        def result(self, handle: int) -> object:
            raise UnwritableStoreError("no space is left", where="file:/x")

    pool = Full()
    with pytest.raises(UnwritableStoreError, match="no space is left"):
        list(Schedule(pool, in_flight=1, attempts=3).run([Task("a", 1)]))
    assert pool.log == ["a"]


def test_a_task_that_can_be_spared_is_given_up_after_its_attempts_and_the_others_go_on() -> None:
    pool = FakePool()
    jobs = [Task("a", 3, failures=9), Task("b", 2, failures=1), Task("c", 1)]
    events = list(Schedule(pool, in_flight=1, attempts=3).run(jobs, spare=True))
    assert pool.log == ["a", "a", "a", "b", "b", "c"]
    a, b, c = jobs
    error = next(e.error for e in events if isinstance(e, Failed))
    assert str(error) == "a: a worker died"
    assert [(type(e), getattr(e, "job", None)) for e in events] == [
        (Retry, a), (Retry, a), (Failed, a), (Retry, b), (Done, b), (Done, c)
    ]  # fmt: skip
    assert pool.cancelled == []


def test_with_one_attempt_a_spared_task_is_not_tried_again() -> None:
    pool = FakePool()
    events = list(Schedule(pool, in_flight=2, attempts=1).run([Task("a", 2, failures=1), Task("b", 1)], spare=True))
    assert pool.log == ["a", "b"]
    assert [type(e) for e in events] == [Failed, Done]


def test_what_no_other_task_could_do_better_is_raised_even_where_tasks_can_be_spared() -> None:
    class Full(FakePool):
        def result(self, handle: int) -> object:
            self.running.pop(handle)
            raise UnwritableStoreError("no space is left", where="file:/x")

    pool = Full()
    with pytest.raises(UnwritableStoreError, match="no space is left"):
        list(Schedule(pool, in_flight=2, attempts=3).run([Task("a", 2), Task("b", 1)], spare=True))
    assert pool.log == ["a", "b"]
    assert pool.cancelled == [1]


def test_leaving_early_cancels_what_is_in_flight() -> None:
    pool = FakePool(idle_first=True)
    run = Schedule(pool, in_flight=2, attempts=1).run([Task("a", 1), Task("b", 1), Task("c", 1)])
    assert next(run) == Tick()
    run.close()
    assert pool.cancelled == [0, 1]
