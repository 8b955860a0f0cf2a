"""The search for a title's own ladder, on workers that do no work: what is tried, what is left out, what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from encoder.schedule import Done, Failed, Job, Retry, Schedule, Tick
from encoder.trial import TrialJob, TrialResult, run_trial
from ladders.rung import Ladder, Policy
from media.ffmpeg import FFmpegError
from onboarding.search import Search, Trials, search
from onboarding.workers import Workers
from optimizer.points import Sample
from tests.encoder.jobs import inspected
from tests.optimizer.synthetic import point
from values.errors import EncodeError, MatineeError, UnwritableStoreError
from values.events import ChunkRetried, Event, Noted, Progressed, StageStarted

BOXES = ((160, 90), (240, 136), (320, 180))
ENCODE_S = 0.01
Fails = Callable[[TrialJob], bool]


def never(job: TrialJob) -> bool:
    return False


@dataclass
class Stub(Workers):
    """Workers whose trials are formulas; those for which `fails` is true are tried `attempts` times and left out."""

    fails: Fails = never
    attempts: int = 3
    measure_s: float = 0.01
    runs: list[list[TrialJob]] = field(default_factory=list)

    def run(self, jobs: Sequence[Job], *, spare: bool = False) -> Iterator[Done | Retry | Tick | Failed]:
        assert spare
        trials = [job for job in jobs if isinstance(job, TrialJob)]
        assert len(trials) == len(jobs)
        self.runs.append(trials)
        yield Tick()
        for job in trials:
            if self.fails(job):
                error = FFmpegError("ffmpeg was killed by SIGKILL", where=job.job.where, hint="It said nothing.")
                for attempt in range(1, self.attempts):
                    yield Retry(job, attempt, error)
                yield Failed(job, error)
            else:
                yield Done(job, formula(job, self.measure_s))


def formula(job: TrialJob, measure_s: float) -> TrialResult:
    chunk = job.job.chunk
    samples = []
    for rung, crf in zip(job.job.settings.rungs, job.job.crfs, strict=True):
        # The formulas' film is 1920x1080; this one is shown at 320x180.
        p = point((rung.width * 6, rung.height * 6), crf, hard=0.03, codec=rung.codec)
        bits = int(p.bps / 24 * chunk.frames)
        samples.append(
            Sample(
                job.window, rung.codec, rung.width, rung.height, crf, chunk.frames, bits // 3, bits - bits // 3, p.vmaf,
                None, None, 0.01,
            )
        )  # fmt: skip
    return TrialResult(job.window, tuple(samples), ENCODE_S, measure_s)


def ladder(*codecs: str) -> Ladder:
    return Ladder("mine", "", (), 64, Policy(codecs, BOXES, floor_kbps=20, ceiling_kbps=2000))


@pytest.fixture
def trials(tiny: Path, tmp_path: Path) -> Trials:
    return Trials(inspected(tiny), str(tiny), "tiny.mp4", "ultrafast", 24, str(tmp_path))


def searched(found: Iterator[Event], into: list[Event]) -> Search:
    """Run a search to its end, its events into `into`."""
    while True:
        try:
            into.append(next(found))
        except StopIteration as end:
            result = end.value
            assert isinstance(result, Search)
            return result


def notes_of(events: Sequence[Event]) -> list[str]:
    return [e.text for e in events if isinstance(e, Noted)]


def test_all_is_tried_and_rungs_of_each_codec_are_picked(trials: Trials) -> None:
    workers, events = Stub(), list[Event]()
    found = searched(search(ladder("h264", "av1"), trials, workers, share=50), events)
    assert found.notes == ()
    (cost,) = notes_of(events)
    assert cost == f"the search cost {found.cost.share:.0%} of the final encode's CPU time (5000% were allowed)"
    assert found.ladder.codecs == ("h264", "av1")
    assert found.ladder.audio_kbps == 64
    tried = [job for run in workers.runs for job in run]
    assert {job.job.settings.codec for job in tried} == {"h264", "av1"}
    assert {(r.width, r.height) for job in tried for r in job.job.settings.rungs} == set(BOXES)
    assert {(r.max_bps, r.buffer_bits) for job in tried for r in job.job.settings.rungs} == {(0, 0)}
    assert sorted({job.window for job in tried}) == [w.index for w in found.windows]
    assert sum(w.weight for w in found.windows) == 158
    for codec in found.ladder.codecs:
        rungs = found.ladder.of(codec)
        assert len(rungs) > 1
        assert [r.max_kbps for r in rungs] == sorted({r.max_kbps for r in rungs})
    assert set(found.reasons()) == {r.name for r in found.ladder.rungs}
    assert isinstance(events[0], StageStarted)
    assert events[0].stage == "search"
    progress = [(e.done, e.total) for e in events if isinstance(e, Progressed)]
    assert progress == [(n, len(run)) for run in workers.runs for n in range(1, len(run) + 1)]


def test_a_trial_that_fails_each_time_is_retried_and_left_out_with_a_note(trials: Trials) -> None:
    """Its size is left out of what the other windows say, and nothing else is."""
    first: list[int] = []

    def fails(job: TrialJob) -> bool:
        smaller = job.job.settings.rungs[0].width < 320
        if smaller and not first:
            first.append(job.window)
        return smaller and first == [job.window]

    workers, events = Stub(fails=fails), list[Event]()
    found = searched(search(ladder("h264"), trials, workers, share=50), events)
    retried = [e for e in events if isinstance(e, ChunkRetried)]
    assert [(e.index, e.attempt) for e in retried] == [(first[0], 1), (first[0], 2)]
    assert all("ffmpeg was killed by SIGKILL" in e.reason for e in retried)
    job = next(job for run in workers.runs for job in run if fails(job))
    assert found.notes[0] == f"{job.where} failed and is left out: ffmpeg was killed by SIGKILL"
    assert "160x90" in job.where
    assert notes_of(events)[:-1] == list(found.notes)
    assert found.cost.encode_s > ENCODE_S * sum(len(run) for run in workers.runs)  # what failed has cost something too
    assert all("is left out" in note and "1 of" in note and "windows lack it" in note for note in found.notes[1:])
    assert {p.size for p in found.points} == {(320, 180)}
    assert {(r.width, r.height) for r in found.ladder.rungs} == {(320, 180)}


def test_a_window_of_which_nothing_came_is_left_out_with_a_note(trials: Trials) -> None:
    lost: list[int] = []

    def fails(job: TrialJob) -> bool:
        lost[:] = lost or [job.window]
        return lost == [job.window]

    workers, events = Stub(fails=fails), list[Event]()
    found = searched(search(ladder("h264"), trials, workers, share=50), events)
    assert f"window {lost[0]} gave no trial encode and is left out" in found.notes
    assert {p.size for p in found.points} == set(BOXES)
    assert len(found.ladder.rungs) > 1


@pytest.mark.parametrize("kept", ["nothing", "one CRF of a size"])
def test_too_few_trials_for_a_hull_are_an_error_that_says_what_to_do(kept: str, trials: Trials) -> None:
    class Poor(Stub):
        def run(self, jobs: Sequence[Job], *, spare: bool = False) -> Iterator[Done | Retry | Tick | Failed]:
            for event in super().run(jobs, spare=spare):
                match event:
                    case Done(job=job, result=TrialResult(window=window, samples=samples)):
                        few = samples[:1] if kept != "nothing" else ()
                        yield Done(job, TrialResult(window, few, 0.1, 0.1))
                    case _:
                        yield event

    with pytest.raises(EncodeError, match="too few trial encodes for a hull") as caught:
        searched(search(ladder("h264"), trials, Poor(), share=50), [])
    assert caught.value.hint == (
        "Allow the search more with --search-share, try fewer boxes, or take a longer film or a fixed ladder."
    )
    assert not caught.value.permanent


def test_where_every_trial_of_a_codec_fails_the_search_ends_with_an_error(trials: Trials) -> None:
    workers = Stub(fails=lambda job: job.job.settings.codec == "av1")
    with pytest.raises(EncodeError, match=r"AV1: too few trial encodes for a hull"):
        searched(search(ladder("h264", "av1"), trials, workers, share=50), [])


def test_a_search_that_is_allowed_too_little_is_refused_with_the_share_that_would_do(trials: Trials) -> None:
    workers = Stub()
    with pytest.raises(EncodeError, match="the smallest search would cost") as caught:
        searched(search(ladder("h264"), trials, workers, share=0.01), [])
    share = float(caught.value.hint.split("--search-share ")[1].split(")")[0])
    assert workers.runs == []
    found = searched(search(ladder("h264"), trials, workers, share=share), [])
    assert len(found.ladder.rungs) > 0


def test_a_search_that_has_spent_what_it_may_starts_no_other_wave(trials: Trials) -> None:
    dear = Stub(measure_s=1000.0)
    found = searched(search(ladder("h264"), trials, dear, share=50), [])
    (run,) = dear.runs
    assert {job.window for job in run} == {w.index for w in found.windows}
    assert found.cost.measure_s == 1000.0 * len(run)
    assert found.cost.encode_s == pytest.approx(ENCODE_S * len(run))
    assert found.cost.spent_s == found.cost.encode_s + found.cost.measure_s
    assert found.cost.share == found.cost.spent_s / found.cost.final_s > found.cost.allowed_share == 50


class Pool:
    """Runs trials in this process when they are asked for; those that `breaks` names read a film that is not there."""

    def __init__(self, breaks: Fails, error: MatineeError | None = None) -> None:
        self.breaks = breaks
        self.error = error
        self.jobs: list[TrialJob] = []

    def submit(self, job: Job) -> int:
        assert isinstance(job, TrialJob)
        self.jobs.append(job)
        return len(self.jobs) - 1

    def wait(self, handles: Sequence[int], timeout_s: float) -> Sequence[int]:
        return handles[:1]

    def result(self, handle: int) -> object:
        job = self.jobs[handle]
        if not self.breaks(job):
            return run_trial(job)
        if self.error:
            raise self.error
        return run_trial(replace(job, job=replace(job.job, location="no such film.mp4")))

    def cancel(self, handle: int) -> None: ...


class Local(Workers):
    """Workers that are this process."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    def run(self, jobs: Sequence[Job], *, spare: bool = False) -> Iterator[Done | Retry | Tick | Failed]:
        yield from Schedule(self.pool, in_flight=1, attempts=3).run(jobs, spare=spare)


def test_really_encoded_a_search_goes_on_without_the_trial_that_fails(trials: Trials) -> None:
    pool = Pool(lambda job: job.window == 0 and job.job.settings.rungs[0].width < 320)
    events: list[Event] = []
    found = searched(search(ladder("h264"), trials, Local(pool), share=50), events)
    broken = [job for job in pool.jobs if pool.breaks(job)]
    assert len(broken) == 3
    assert [(e.index, e.attempt) for e in events if isinstance(e, ChunkRetried)] == [(0, 1), (0, 2)]
    assert found.notes[0] == f"{broken[0].where} failed and is left out: ffmpeg exited 254"
    assert {p.size for p in found.points} == {(320, 180)}
    by_crf = [(p.bps, p.vmaf) for p in sorted(found.points, key=lambda p: p.crf)]
    assert by_crf == sorted(by_crf, reverse=True)
    assert found.cost.encode_s > 0


def test_a_trial_that_no_other_could_do_better_ends_the_search(trials: Trials) -> None:
    pool = Pool(lambda job: True, UnwritableStoreError("no space is left", where="/tmp"))
    with pytest.raises(UnwritableStoreError, match="no space is left"):
        searched(search(ladder("h264"), trials, Local(pool), share=50), [])
    assert len(pool.jobs) == 1
