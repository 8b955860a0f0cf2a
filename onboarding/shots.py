"""Cuts that follow the shots, and a CRF for each: found by trials at a small size, on the workers. Yields events."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Any

from chunker.cuts import Cut, join_scores, rate_cuts
from chunker.plan import Span, plan_chunks, plan_segments
from chunker.shots import plan_shot_segments
from coders.table import CODERS
from encoder.schedule import Done, Retry
from encoder.shots import ShotJob, ShotResult
from ladders.rung import FittedRung
from onboarding.film import Cuts
from onboarding.search import EVERY, Found, Trials, run_trials
from onboarding.workers import Workers
from optimizer.budget import window_cost_s
from optimizer.curves import Curve
from optimizer.grid import Grid, Size
from optimizer.points import Point, Sample, bitrate
from optimizer.prices import Prices
from optimizer.shots import Shot, allocate, mean_vmaf
from optimizer.windows import MIN_FRAMES, Window
from quality.settings import MeasureSettings, measure_settings
from values.events import ChunkRetried, Event, Noted, Progressed, StageStarted

_DETECT_SEGMENTS = 12
"""Segments of the regular grid that one task looks for shots in."""

_PROXY_LINES = 540
"""The largest picture, in lines, that shots are judged by: how hard they are carries over to other sizes."""

_CRFS = 5
_MARGIN = 6  # H.264 CRFs below the best rung's and above the worst's that are tried, and that a shot may move by


@dataclass(frozen=True, slots=True)
class ShotPlan:
    """Where the film is cut, what each rung's CRF is in each chunk, the cuts that were found, and the CPU seconds of
    finding them and of trying shots."""

    cuts: Cuts
    found: tuple[Cut, ...]
    detect_s: float
    trials_s: float
    notes: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """What the title record keeps of it."""
        return {
            "cuts": [c.frame for c in self.found],
            "detect_cpu_s": round(self.detect_s, 3),
            "trials_cpu_s": round(self.trials_s, 3),
            "notes": self.notes,
        }


def plan_shots(
    rungs: Sequence[FittedRung],
    trials: Trials,
    workers: Workers,
    *,
    target_s: Fraction,
    prices: Prices,
    budget_s: float,
) -> Generator[Event, None, ShotPlan]:
    """Cut the film at its shots and judge them apart, within `budget_s` CPU seconds for the trials.

    Where the budget allows no trials, the segments follow the shots and every shot keeps its rung's CRF.
    """
    timing = trials.inspection.timing
    yield StageStarted("shots")
    found, detect_s = yield from _detect(trials, workers)
    segments = plan_shot_segments(
        timing.frames, timing.rate, [c.frame for c in found], target_s=target_s, strengths=[c.strength for c in found]
    )
    crfs: dict[str, tuple[float, ...]] = {}
    notes: list[str] = []
    quiet: list[str] = []
    trials_s = 0.0
    # At display size, as all is judged: a shot that suffers from being small gains less from bits.
    measuring = measure_settings(trials.inspection.display_size, every=EVERY)
    codecs = list(dict.fromkeys(r.codec for r in rungs))
    for codec in codecs:
        mine = [r for r in rungs if r.codec == codec]
        part = (budget_s - detect_s) / len(codecs)
        grid, windows = _affordable(mine, segments, prices, part)
        if not windows:
            notes.append(
                f"{CODERS[codec].label}: shots only place the cuts, since too little CPU time is allowed to judge "
                "each of them: allow more with --search-share"
            )
            continue
        tried = Found()
        yield from run_trials(windows, {codec: grid}, trials, measuring, workers, prices, tried)
        trials_s += tried.encode_s + tried.measure_s
        shots = _shots(tried.samples, segments, timing.rate)
        quiet += tried.notes  # they were said when they came
        if shots:
            crfs |= {r.name: _allocated(r, shots, len(segments), timing.rate) for r in mine}
    for note in notes:
        yield Noted(note)
    # A segment a chunk, whatever the CRFs: the cuts are the film's alone, and one codec's plan moves no other's.
    return ShotPlan(Cuts(segments, plan_chunks(segments, 1), True, crfs), found, detect_s, trials_s, (*notes, *quiet))


def _detect(trials: Trials, workers: Workers) -> Generator[Event, None, tuple[tuple[Cut, ...], float]]:
    frames = trials.inspection.timing.frames
    grid = (((16, 16), (0.0,)),)
    jobs = []
    for chunk in plan_chunks(plan_segments(frames, trials.segment_frames), _DETECT_SEGMENTS):
        trial = trials.job(Window(chunk.index, chunk.start, chunk.stop, 0), "h264", grid, MeasureSettings((64, 64)))
        jobs.append(ShotJob(trial.job))
    results: list[ShotResult] = []
    for event in workers.run(jobs):
        match event:
            case Done(result=ShotResult() as result):
                results.append(result)
                yield Progressed("shots", len(results), len(jobs))
            case Retry(job=job, attempt=attempt, error=error):
                yield ChunkRetried(-1, attempt, str(error).splitlines()[0], job.where)
            case _:
                continue
    ordered = sorted(results, key=lambda r: r.index)
    return rate_cuts(join_scores([r.scores for r in ordered])), sum(r.cpu_s for r in ordered)


def _affordable(
    rungs: Sequence[FittedRung], segments: Sequence[Span], prices: Prices, budget_s: float
) -> tuple[Grid, tuple[Window, ...]]:
    """The largest proxy and the longest windows, one in each segment, that keep to the budget; no window if none does.

    Whole segments at a small size tell more than parts of them at a large one.
    """
    sizes = sorted({(r.width, r.height) for r in rungs}, key=lambda s: -s[0] * s[1])
    proxies = [s for s in sizes if min(s) <= _PROXY_LINES] or sizes[-1:]
    longest = max(s.frames for s in segments)
    for length in (longest, longest // 2, MIN_FRAMES):
        windows = tuple(Window(s.index, s.start, min(s.stop, s.start + length), s.frames) for s in segments)
        for size in proxies:
            grid = _grid(rungs, size)
            if sum(window_cost_s(w, {rungs[0].codec: grid}, prices) for w in windows) <= budget_s:
                return grid, windows
    return _grid(rungs, proxies[-1]), ()


def _grid(rungs: Sequence[FittedRung], size: Size) -> Grid:
    coder = CODERS[rungs[0].codec]
    margin = _scaled_margin(rungs[0].codec)
    low = max(0.0, min(r.crf for r in rungs) - margin)
    high = min(float(coder.max_crf), max(r.crf for r in rungs) + margin)
    return ((size, tuple(float(round(low + (high - low) * i / (_CRFS - 1))) for i in range(_CRFS))),)


def _scaled_margin(codec: str) -> float:
    return _MARGIN * CODERS[codec].halving_crf / CODERS["h264"].halving_crf


def _shots(samples: Sequence[Sample], segments: Sequence[Span], rate: Fraction) -> dict[int, Shot]:
    """What each segment's trials showed, by its index; a segment with fewer than two is left out."""
    out = {}
    for index, group in groupby(sorted(samples, key=lambda s: (s.window, s.crf)), key=lambda s: s.window):
        frames = segments[index].frames
        points = [Point(*s.key, bitrate(s, rate, frames), s.vmaf) for s in group]
        if len(points) > 1:
            out[index] = Shot(Curve.through(points), frames)
    return out


def _allocated(rung: FittedRung, shots: Mapping[int, Shot], count: int, rate: Fraction) -> tuple[float, ...]:
    """The rung's CRF in each of `count` segments: at equal slope, and on the whole as good as its own CRF everywhere.

    A segment of which nothing is known keeps the rung's CRF.
    """
    known = list(shots.values())
    target = mean_vmaf(known, [rung.crf] * len(known))
    found = allocate(known, target, rate=rate, max_delta=_scaled_margin(rung.codec))
    crfs = dict(zip(shots, found.crfs, strict=True))
    return tuple(crfs.get(i, rung.crf) for i in range(count))
