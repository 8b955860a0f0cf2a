"""A title's own ladder: trial encodes on the workers, in waves, until the picks settle or the budget is spent.

Yields events and returns what was found. What is tried, picked and spent is decided in `optimizer`. Does I/O through
the workers.
"""

from __future__ import annotations

from array import array
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from typing import Any

from chunker.grid import source_frames
from chunker.plan import Chunk, Span, plan_segments, segment_length
from coders.coder import PRESETS
from coders.table import CODERS
from encoder.job import ChunkJob, VideoSettings
from encoder.schedule import Done, Failed, Retry
from encoder.trial import TrialJob, TrialResult
from ingest.inspect import Inspection
from ladders.rung import FittedRung, Ladder, Policy, check_met, fit_boxes
from onboarding.film import measure_seeks, plan_picture, seeks
from onboarding.settings import OnboardSettings
from onboarding.workers import Workers
from optimizer.budget import CostModel, Spent, final_cost_s, frame_cost_s, plan_search, settled
from optimizer.curves import Curve, curves
from optimizer.grid import Grid, Size
from optimizer.hull import upper_hull
from optimizer.ladder import to_ladder
from optimizer.pick import Choice, pick_rungs
from optimizer.points import Point, Sample, aggregate
from optimizer.windows import Window, weighted
from quality.settings import MeasureSettings, measure_settings
from values.events import ChunkRetried, Event, Noted, Progressed, StageStarted

EVERY = 3
"""Trials measure every third frame: neighbours differ little, and a frame measured costs as much as one encoded."""

# What a first plan is made with, until the first wave has measured the machine: CPU seconds a pixel of this size of
# effort relative to one another matter more than their height, for trials and the final encode share them.
_ENCODE_S = 3e-8  # libx264 at preset fast
_MEASURE_S = 2.4e-8
_DECODE_S = 4e-9
_PRESET_EFFORT = dict(zip(PRESETS, (0.25, 0.35, 0.55, 0.8, 1.0, 1.3, 2.0, 3.5, 6.0), strict=True))


@dataclass(frozen=True, slots=True)
class SearchCost:
    """CPU seconds: spent on trial encodes, on measuring them and on finding shots; predicted for the final encode."""

    encode_s: float
    measure_s: float
    shots_s: float
    final_s: float
    allowed_share: float

    @property
    def spent_s(self) -> float:
        return self.encode_s + self.measure_s + self.shots_s

    @property
    def share(self) -> float:
        """What was spent, as a share of the final encode."""
        return self.spent_s / self.final_s if self.final_s else 0.0


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found. `points` are all that was measured, `samples` the single trials behind them, and `choices`
    the rungs, codec by codec, lowest first, in the order of `ladder.rungs`. `display` is the size of measuring."""

    ladder: Ladder
    policy: Policy
    choices: tuple[Choice, ...]
    curves: tuple[Curve, ...]
    points: tuple[Point, ...]
    samples: tuple[Sample, ...]
    windows: tuple[Window, ...]
    cost: SearchCost
    notes: tuple[str, ...]
    display: Size

    def reasons(self) -> dict[str, str]:
        """Why each rung was chosen, by its name."""
        return {rung.name: choice.reason for rung, choice in zip(self.ladder.rungs, self.choices, strict=True)}

    def hull(self, codec: str) -> tuple[Point, ...]:
        """The upper convex hull over all sizes of one codec, from the fewest bits to the most."""
        return upper_hull(p for curve in self.curves if curve.codec == codec for p in curve.points())

    def record(self) -> dict[str, Any]:
        """What the title record keeps of it."""
        return {
            "cost": asdict(self.cost) | {"spent_s": self.cost.spent_s, "share": self.cost.share},
            "rungs": [
                {
                    "name": r.name,
                    "reason": c.reason,
                    "predicted_bps": round(c.point.bps),
                    "predicted_vmaf": c.point.vmaf,
                }
                for r, c in zip(self.ladder.rungs, self.choices, strict=True)
            ],
            "windows": [[w.start, w.stop] for w in self.windows],
            "notes": self.notes,
        }


def search_json(found: Search) -> dict[str, Any]:
    """Everything that a search found, as JSON has it. Rates in bits per second, windows in frames, cost in seconds."""
    rungs = [
        asdict(choice.point)
        | {"name": rung.name, "max_bps": choice.max_bps, "buffer_bits": choice.buffer_bits}
        | {"step": choice.step, "reason": choice.reason}
        for rung, choice in zip(found.ladder.rungs, found.choices, strict=True)
    ]
    return {
        "ladder": found.ladder.name,
        "policy": asdict(found.policy),
        "display": list(found.display),
        "rungs": rungs,
        "points": [asdict(p) for p in found.points],
        "hull": {codec: [asdict(p) for p in found.hull(codec)] for codec in found.ladder.codecs},
        "windows": [asdict(w) for w in found.windows],
        "cost": asdict(found.cost) | {"spent_s": found.cost.spent_s, "share": found.cost.share},
        "notes": list(found.notes),
    }


@dataclass(frozen=True, slots=True)
class Trials:
    """Where and how trials run: what all trial jobs of a film share."""

    inspection: Inspection
    location: str
    name: str
    preset: str
    segment_frames: int
    work_dir: str
    threads: int = 1

    @property
    def rate(self) -> Fraction:
        return self.inspection.timing.rate

    def job(
        self, window: Window, codec: str, size: Size, crfs: Sequence[float], measuring: MeasureSettings
    ) -> TrialJob:
        """The trial of one window at one size and all its CRFs, which share one decoding and one scaling."""
        timing, picture = self.inspection.timing, plan_picture(self.inspection)
        rungs = tuple(FittedRung(f"{i}", *size, crf, 0, 0, codec) for i, crf in enumerate(crfs))
        span = Span(0, window.start, window.stop)
        expected = self._frames(window.start, window.stop)
        seek, *fallbacks = seeks(self.inspection, picture, expected[0])
        job = ChunkJob(
            title_id="",
            master_name=self.name,
            location=self.location,
            store_url="",
            chunk=Chunk(window.index, window.start, window.stop, (span,)),
            timing=timing,
            picture=picture,
            settings=VideoSettings(codec, self.preset, rungs, timing.rate, self.segment_frames + 1, self.threads),
            crfs=tuple(crfs),
            seek=seek,
            fallbacks=tuple(fallbacks),
            expected=expected,
            tolerant=True,
            recipe="",
            record_key="",
            init_keys=(),
            segment_keys=(),
            work_dir=self.work_dir,
        )
        return TrialJob(job, window.index, measuring, measure_seeks(self.inspection, picture, window.start, measuring))

    def _frames(self, start: int, stop: int) -> array[int]:
        return source_frames(self.inspection.timing, self.inspection.index.pts, start, stop)


@dataclass(slots=True)
class _Found:
    """What has come in so far."""

    samples: list[Sample] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    encode_s: float = 0.0
    measure_s: float = 0.0
    measured_frames: int = 0

    def add(self, result: TrialResult) -> None:
        self.samples += result.samples
        self.encode_s += result.encode_cpu_s
        self.measure_s += result.measure_cpu_s
        self.measured_frames += sum(s.frames for s in result.samples)


def search(
    settings: OnboardSettings, ladder: Ladder, trials: Trials, workers: Workers
) -> Generator[Event, None, Search]:
    """Find the rungs of a ladder with a policy for one film. Raises EncodeError where too few trials came out."""
    policy, film = ladder.policy, trials.inspection
    assert policy is not None
    shown = film.video.display_size
    check_met(ladder, shown)
    sizes = fit_boxes(policy.boxes, shown)
    measuring = measure_settings(shown, every=EVERY, psnr=True, xpsnr=True)
    frames = film.timing.frames
    places = plan_segments(frames, trials.segment_frames)
    cost = _first_guess(film, trials.preset, measuring, policy.codecs)
    final_s = final_cost_s(cost, frames, sizes, policy.codecs, policy.max_rungs)
    plan = plan_search(
        places, sizes, measuring.size, policy.codecs, trial=cost, final_s=final_s, share=settings.search_share,
        every=EVERY, longest=trials.segment_frames,
    )  # fmt: skip
    yield StageStarted("search", _outline(plan.windows, plan.grids, settings.search_share))
    found, spent = _Found(), Spent(plan.budget_s)
    tried: list[Window] = []
    choices: tuple[Choice, ...] = ()
    lines: tuple[Curve, ...] = ()
    points: tuple[Point, ...] = ()
    notes: tuple[str, ...] = ()
    for wave in plan.waves:
        windows = wave if not tried else spent.affordable(wave, frame_cost_s(cost, plan.grids, EVERY))
        if not windows:
            break
        jobs = [trials.job(w, c, s, crfs, measuring) for w in windows for c, g in plan.grids.items() for s, crfs in g]
        before = found.encode_s + found.measure_s
        yield from _try(jobs, workers, found, len(tried), len(plan.windows))
        tried += windows
        cost = _refined(cost, found)
        points, notes = aggregate(
            found.samples, {w.index: w.weight for w in weighted(tried, frames)},
            rate=trials.rate, segment_frames=trials.segment_frames,
        )  # fmt: skip
        lines = curves(points)
        previous, choices = choices, _pick(lines, policy)
        final_s = _final_s(cost, frames, choices)
        spent = replace(spent, budget_s=settings.search_share * final_s).add(found.encode_s + found.measure_s - before)
        if settled(previous, choices):
            break
    for note in (*found.notes, *notes):
        yield Noted(note)
    return Search(
        to_ladder(
            choices, name=ladder.name, description=f"Found for {trials.name}", audio_kbps=ladder.audio_kbps,
            display=shown,
        ),
        policy,
        choices,
        lines,
        points,
        tuple(found.samples),
        weighted(tried, frames),
        SearchCost(found.encode_s, found.measure_s, 0.0, final_s, settings.search_share),
        (*found.notes, *notes),
        measuring.size,
    )  # fmt: skip


def _try(jobs: Sequence[TrialJob], workers: Workers, found: _Found, done: int, windows: int) -> Iterator[Event]:
    """Run trials; one that fails each time is left out with a note."""
    total = max(1, len(jobs))
    ended = 0
    for event in workers.run(jobs, spare=True):
        match event:
            case Done(result=TrialResult() as result):
                found.add(result)
                ended += 1
            case Failed(job=job, error=error):
                found.notes.append(f"{job.where} failed and is left out: {error.what}")
                ended += 1
            case Retry(job=job, attempt=attempt, error=error):
                assert isinstance(job, TrialJob)
                yield ChunkRetried(job.window, attempt, str(error).splitlines()[0])
            case _:
                continue
        yield Progressed("search", ended, total)


def _first_guess(film: Inspection, preset: str, measuring: MeasureSettings, codecs: Sequence[str]) -> CostModel:
    effort = _PRESET_EFFORT[preset]
    return CostModel(
        decode_s=film.video.width * film.video.height * _DECODE_S,
        measure_s=measuring.size[0] * measuring.size[1] * _MEASURE_S,
        encode_s={c: (0.0, _ENCODE_S * effort * CODERS[c].slowness) for c in codecs},
    )


def _refined(cost: CostModel, found: _Found) -> CostModel:
    """The cost model with what this machine has shown: encodes by size, and measuring."""
    measure_s = EVERY * found.measure_s / max(1, found.measured_frames)
    return replace(cost.measured(found.samples), measure_s=measure_s)


def _pick(lines: Sequence[Curve], policy: Policy) -> tuple[Choice, ...]:
    picked: list[Choice] = []
    for codec in policy.codecs:
        mine = [c for c in lines if c.codec == codec]
        if mine:
            picked += pick_rungs(mine, policy)
    return tuple(picked)


def _final_s(cost: CostModel, frames: int, choices: Sequence[Choice]) -> float:
    """The CPU seconds of encoding the picked rungs: one decode for each codec."""
    codecs = {c.point.codec for c in choices}
    return frames * (len(codecs) * cost.decode_s + sum(cost.encode(c.point.codec, c.point.size) for c in choices))


def _outline(windows: Sequence[Window], grids: Mapping[str, Grid], share: float) -> str:
    count = sum(len(crfs) for grid in grids.values() for _, crfs in grid)
    frames = sum(w.frames for w in windows)
    return (
        f"{len(windows)} windows of {frames} frames in all, {count} trial encodes each "
        f"({', '.join(grids)}), at most {share:.0%} of the final encode"
    )


def segment_frames(settings: OnboardSettings, rate: Fraction) -> int:
    """The frames of a segment as the settings ask for it."""
    return segment_length(rate, settings.segment_s)
