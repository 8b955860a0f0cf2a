"""A title's own ladder: trial encodes on the workers, in waves, until the picks settle or the budget is spent.

Yields events and returns what was found. What is tried, picked and spent is decided in `optimizer`. Does I/O through
the workers.
"""

from __future__ import annotations

from array import array
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from functools import partial
from typing import Any

from chunker.grid import other_frames, source_frames
from chunker.plan import Chunk, Span, plan_segments, segment_length
from encoder.job import ChunkJob, VideoSettings
from encoder.schedule import Done, Failed, Retry
from encoder.trial import TrialJob, TrialResult
from ingest.inspect import Inspection
from ladders.rung import FittedRung, Ladder, Policy, fit_boxes
from onboarding.film import measure_seeks, plan_picture, seeks
from onboarding.settings import OnboardSettings
from onboarding.workers import Workers
from optimizer.budget import Spent, plan_search, settled, trials_of, window_cost_s
from optimizer.curves import Curve, curves
from optimizer.grid import Grid, Size
from optimizer.hull import upper_hull
from optimizer.ladder import to_ladder
from optimizer.pick import Choice, pick_rungs
from optimizer.points import Point, Sample, aggregate
from optimizer.prices import MORE_METRICS, Prices, Trial
from optimizer.windows import Window, weighted
from quality.settings import MeasureSettings, measure_settings
from treatment.look import decide_look
from treatment.wishes import NO_WISHES, Wishes
from values.events import ChunkRetried, Event, Noted, Progressed, StageStarted

_FEW_WINDOWS = 3
_LIKELY_RUNGS = 5

EVERY = 6
"""Trials measure every sixth frame: neighbours differ little, and a frame measured costs as much as one encoded."""


@dataclass(frozen=True, slots=True)
class SearchCost:
    """CPU seconds: spent on trial encodes and on measuring them; predicted for the final encode."""

    encode_s: float
    measure_s: float
    final_s: float
    allowed_share: float

    @property
    def spent_s(self) -> float:
        return self.encode_s + self.measure_s

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
    prices: Prices

    def reasons(self) -> dict[str, str]:
        """Why each rung was chosen, by its name."""
        return {rung.name: choice.reason for rung, choice in zip(self.ladder.rungs, self.choices, strict=True)}

    def hull(self, codec: str) -> tuple[Point, ...]:
        """The upper convex hull over all sizes of one codec, from the fewest bits to the most."""
        return upper_hull(p for curve in self.curves if curve.codec == codec for p in curve.points())

    def whole_trial(self, rung: FittedRung, frames: int, keeper: Keeper | None) -> str:
        """The key of the kept trial that encoded all `frames` frames of the film as the rung asks; '' if none did."""
        key = (rung.codec, rung.width, rung.height, rung.crf)
        tried = any(s.key == key and s.frames == frames for s in self.samples)
        return keeper.key(rung) if keeper and tried else ""

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
class Keeper:
    """Where trials that are a whole film are kept: a store, and what their keys begin with (of this film, preset and
    encoder alone)."""

    store_url: str
    prefix: str

    def key(self, rung: FittedRung) -> str:
        return f"{self.prefix}{rung.codec}-{rung.width}x{rung.height}-{rung.crf:g}.mp4"


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
    tolerant: bool = False
    keeper: Keeper | None = None
    wishes: Wishes = NO_WISHES

    @property
    def rate(self) -> Fraction:
        return self.inspection.timing.rate

    def job(self, window: Window, codec: str, part: Grid, measuring: MeasureSettings) -> TrialJob:
        """The trial of one window at some sizes, each with its CRFs, which share one decoding."""
        timing, picture = self.inspection.timing, plan_picture(self.inspection)
        look = decide_look(codec, picture.colour, self.inspection.video.bit_depth, self.wishes)
        asked = [(size, crf) for size, crfs in part for crf in crfs]
        rungs = tuple(FittedRung(f"{w}x{h}-{crf:g}", w, h, crf, 0, 0, codec) for (w, h), crf in asked)
        span = Span(0, window.start, window.stop)
        expected = self._frames(window.start, window.stop)
        seek, *fallbacks = seeks(self.inspection, picture, expected[0])
        job = ChunkJob(
            title_id="",
            master_name=self.name,
            location=self.location,
            store_url=self.keeper.store_url if self.keeper else "",
            chunk=Chunk(window.index, window.start, window.stop, (span,)),
            timing=timing,
            picture=picture,
            settings=VideoSettings(codec, self.preset, rungs, timing.rate, self._keyint(), self.threads, look),
            crfs=tuple(crf for _, crf in asked),
            seek=seek,
            fallbacks=tuple(fallbacks),
            expected=expected,
            tolerant=self.tolerant,
            recipe="",
            record_key="",
            init_keys=(),
            segment_keys=(),
            work_dir=self.work_dir,
            others=other_frames(timing, self.inspection.index.pts, window.start, window.stop),
            decoded_size=(self.inspection.video.width, self.inspection.video.height),
        )
        whole = window.frames == timing.frames
        keys = tuple(self.keeper.key(r) for r in rungs) if self.keeper and whole else ()
        seeks_to_measure = measure_seeks(self.inspection, picture, window.start, measuring)
        return TrialJob(job, window.index, measuring, seeks_to_measure, keys)

    def prices(self, measuring: MeasureSettings) -> Prices:
        """What work on this film costs, as far as it is known before any is done."""
        video, index = self.inspection.video, self.inspection.index
        preroll = len(index.pts) / max(1, len(index.keyframes)) / 2
        factor = MORE_METRICS if measuring.xpsnr else 1.0
        return Prices((video.width, video.height), measuring.size, self.preset, preroll, measure_factor=factor)

    def _keyint(self) -> int:
        """The final encode's: trials are to be what it would make of their frames."""
        return max(s.frames for s in plan_segments(self.inspection.timing.frames, self.segment_frames)) + 1

    def _frames(self, start: int, stop: int) -> array[int]:
        return source_frames(self.inspection.timing, self.inspection.index.pts, start, stop)


@dataclass(slots=True)
class Found:
    """What trials have brought so far: samples, notes on those that failed, and what each took: (trial, CPU seconds of
    encoding, of measuring). `failed_s` is what attempts that failed are thought to have taken."""

    samples: list[Sample] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    spent: list[tuple[Trial, float, float]] = field(default_factory=list)
    failed_s: float = 0.0

    @property
    def encode_s(self) -> float:
        return self.failed_s + sum(encoding for _, encoding, _ in self.spent)

    @property
    def measure_s(self) -> float:
        return sum(measuring for _, _, measuring in self.spent)


def search(
    ladder: Ladder, trials: Trials, workers: Workers, *, share: float, purpose: str = "", all_metrics: bool = False
) -> Generator[Event, None, Search]:
    """Find the rungs of a ladder with a policy for one film, at the cost of `share` of the final encode.

    `purpose` says what the share is for, where it is not the whole. With `all_metrics` PSNR and XPSNR are measured too,
    for the report. Raises EncodeError where too few trials came out, or not even the smallest search is affordable.
    """
    policy, film = ladder.policy, trials.inspection
    assert policy is not None
    shown, frames = film.display_size, film.timing.frames
    sizes = fit_boxes(policy.boxes, shown)
    measuring = measure_settings(shown, every=EVERY, psnr=all_metrics, xpsnr=all_metrics)
    prices = trials.prices(measuring)
    likely = [(codec, size) for codec in policy.codecs for size in _likely_sizes(sizes, policy.max_rungs)]
    plan = plan_search(
        plan_segments(frames, trials.segment_frames), sizes, policy.codecs, prices=prices,
        final_s=prices.final_s(frames, likely), share=share, longest=trials.segment_frames,
    )  # fmt: skip
    yield StageStarted("search", _outline(plan.windows, plan.grids, share))
    found = Found()
    tried: list[Window] = []
    choices: tuple[Choice, ...] = ()
    for wave in plan.waves:
        spent = Spent(share * prices.final_s(frames, likely), found.encode_s + found.measure_s)
        windows = spent.affordable(wave, partial(window_cost_s, grids=plan.grids, prices=prices)) if tried else wave
        if not windows:
            break
        yield from run_trials(windows, plan.grids, trials, measuring, workers, prices, found)
        tried += windows
        prices = prices.learned(found.spent)
        points, notes = aggregate(
            found.samples, {w.index: w.weight for w in weighted(tried, frames)},
            rate=trials.rate, segment_frames=trials.segment_frames, codecs=policy.codecs,
        )  # fmt: skip
        lines = curves(points)
        previous, choices = choices, _pick(lines, policy)
        likely = [(c.point.codec, c.point.size) for c in choices]
        if settled(previous, choices):
            break
    if len(tried) < _FEW_WINDOWS:
        moments = _count(len(tried), "window")
        notes = (*notes, f"the rungs rest on {moments} of the film: allow more with --search-share")
    for note in notes:
        yield Noted(note)
    named = to_ladder(
        choices, name=ladder.name, description=f"Found for {trials.name}", audio_kbps=ladder.audio_kbps, display=shown
    )
    cost = SearchCost(found.encode_s, found.measure_s, prices.final_s(frames, likely), share)
    allowed = f"{share:.0%} were allowed{purpose}"
    yield Noted(f"the search cost {cost.share:.0%} of the final encode's CPU time ({allowed})")
    return Search(
        named, policy, choices, lines, points, tuple(found.samples), weighted(tried, frames), cost,
        (*found.notes, *notes), measuring.size, prices,
    )  # fmt: skip


def run_trials(
    windows: Sequence[Window],
    grids: Mapping[str, Grid],
    trials: Trials,
    measuring: MeasureSettings,
    workers: Workers,
    prices: Prices,
    found: Found,
) -> Iterator[Event]:
    """Try windows at all of the grids, into `found`; a trial that fails each time is left out with a note."""
    priced = {
        id(job): (job, trial)
        for window in windows
        for trial, part in trials_of(window, grids)
        for job in (trials.job(window, trial.codec, part, measuring),)
    }
    ended = 0
    for event in workers.run([job for job, _ in priced.values()], spare=True):
        match event:
            case Done(job=job, result=TrialResult() as result):
                found.samples += result.samples
                found.spent.append((priced[id(job)][1], result.encode_cpu_s, result.measure_cpu_s))
                ended += 1
            case Failed(job=job, error=error):
                found.failed_s += prices.trial_s(priced[id(job)][1])
                found.notes.append(f"{job.where} failed and is left out: {error.what}")
                yield Noted(found.notes[-1])
                ended += 1
            case Retry(job=TrialJob() as job, attempt=attempt, error=error):
                found.failed_s += prices.trial_s(priced[id(job)][1])
                yield ChunkRetried(job.window, attempt, str(error).splitlines()[0], job.where)
            case _:
                continue
        yield Progressed("search", ended, len(priced))


def _likely_sizes(sizes: Sequence[Size], rungs: int) -> list[Size]:
    """The sizes of a ladder that is not known yet: films get two rungs of each of their larger sizes, one of others."""
    falling = sorted(sizes, key=lambda s: -s[0] * s[1])
    return sorted([*falling[:3], *falling], key=lambda s: -s[0] * s[1])[: min(rungs, _LIKELY_RUNGS)]


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _pick(lines: Sequence[Curve], policy: Policy) -> tuple[Choice, ...]:
    picked: list[Choice] = []
    for codec in policy.codecs:
        picked += pick_rungs([c for c in lines if c.codec == codec], policy)
    return tuple(picked)


def _outline(windows: Sequence[Window], grids: Mapping[str, Grid], share: float) -> str:
    count = sum(len(crfs) for grid in grids.values() for _, crfs in grid)
    frames = sum(w.frames for w in windows)
    return (
        f"{_count(len(windows), 'window')} of {frames} frames in all, {count} trial encodes each "
        f"({', '.join(grids)}), at most {share:.0%} of the final encode"
    )


def segment_frames(settings: OnboardSettings, rate: Fraction) -> int:
    """The frames of a segment as the settings ask for it."""
    return segment_length(rate, settings.segment_s)
