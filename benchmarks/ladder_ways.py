"""The three ways to a ladder that `benchmarks.ladders` compares on a clip, each really encoded and measured.

fixed: the rungs of Apple's table (or of our ladder for VP9 and AV1), each at constant quality with the CRF that gives
its nominal bit rate on this clip: a stronger rival than average bit rate coding of the same rungs. per-title: the
search, at the least of SHARES that affords one. per-shot: the same rungs, cut at shots, each shot's CRF at constant
slope. Does I/O.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from typing import Any, TypeVar

import click

from benchmarks.clips import Clip
from benchmarks.measuring import Encode, Measuring, Outcome, run_encodes, to_stderr
from chunker.plan import segment_length
from coders.table import CODERS
from ladders.load import load_ladder
from ladders.rung import FittedRung, fit
from onboarding.film import Cuts, plan_cuts
from onboarding.search import Search, Trials, search
from onboarding.settings import OnboardSettings
from onboarding.shots import ShotPlan, plan_shots
from onboarding.workers import Workers
from optimizer.curves import Curve
from values.errors import EncodeError
from values.events import Event

FIXED = {"h264": "apple-h264", "hevc": "apple-hevc", "vp9": "vp9", "av1": "av1"}
SEGMENT_S = Fraction(4)
SHARES = (0.25, 0.5, 1.0, 2.0, 4.0)
"""What a search may cost: the default, and what short clips need instead."""

_NEAR = 0.08  # octaves: a fixed rung this near to its nominal rate is not encoded again
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Rendered:
    """One rung of one way: what it is, and what came out."""

    name: str
    width: int
    height: int
    crf: float
    bps: float
    vmaf: float
    encode_cpu_s: float
    nominal_bps: int = 0


@dataclass(frozen=True, slots=True)
class ClipWays:
    """All ways of one clip in one codec, with what the searches cost as shares of the per-title encode's CPU time."""

    clip: str
    codec: str
    preset: str
    fixed: tuple[Rendered, ...]
    title: tuple[Rendered, ...]
    shots: tuple[Rendered, ...]
    share_allowed: float
    search_cpu_s: float
    shots_share_allowed: float
    shots_cpu_s: float
    title_cpu_s: float
    pixels: int
    cuts: int
    notes: tuple[str, ...]

    @property
    def search_share(self) -> float:
        """What finding the rungs took, as a share of encoding them."""
        return self.search_cpu_s / self.title_cpu_s

    @property
    def shots_share(self) -> float:
        """What finding the rungs and judging the shots took, as a share of encoding the rungs."""
        return (self.search_cpu_s + self.shots_cpu_s) / self.title_cpu_s

    def row(self) -> dict[str, Any]:
        return asdict(self) | {"search_share": self.search_share, "shots_share": self.shots_share}


def measure_ways(clip: Clip, codec: str, preset: str, how: Measuring, *, shots_share: float, workers: int) -> ClipWays:
    """Search, encode and measure one clip in one codec. Raises EncodeError where the largest share is too small."""
    settings = OnboardSettings(clip.path, preset=preset, segment_s=SEGMENT_S, workers=workers)
    length = segment_length(clip.rate, SEGMENT_S)
    trials = Trials(clip.inspection, clip.path, clip.name, preset, length, str(how.cache.folder / "work"))
    with Workers(count=workers, address=None, attempts=2) as pool:
        found, allowed = _search(codec, trials, pool)
        rungs = fit(found.ladder, clip.display_size)
        final_s = found.cost.final_s
        shots = _drain(
            plan_shots(
                rungs, trials, pool, target_s=SEGMENT_S, prices=found.prices,
                budget_s=shots_share * final_s - found.cost.spent_s,
            )
        )  # fmt: skip
    say = to_stderr(f"{clip.name} {codec}")
    title = run_encodes(clip, _encodes(rungs, preset, plan_cuts(settings, clip.inspection.timing)), how, say)
    shot = run_encodes(clip, _encodes(rungs, preset, shots.cuts), how, say)
    fixed = _fixed(clip, codec, preset, found, plan_cuts(settings, clip.inspection.timing), how)
    return ClipWays(
        clip.name,
        codec,
        preset,
        fixed,
        tuple(_rendered(r, o) for r, o in zip(rungs, title, strict=True)),
        tuple(_rendered(r, o) for r, o in zip(rungs, shot, strict=True)),
        allowed,
        found.cost.spent_s,
        shots_share,
        shots.detect_s + shots.trials_s,
        sum(o.encode_cpu_s for o in title),
        clip.frames * sum(r.width * r.height for r in rungs),
        len(shots.found),
        (*found.notes, *shots.notes),
    )


def _search(codec: str, trials: Trials, pool: Workers) -> tuple[Search, float]:
    """The search at the least share that affords one."""
    ladder = load_ladder("per-title")
    assert ladder.policy is not None
    ladder = replace(ladder, policy=replace(ladder.policy, codecs=(codec,)))
    for share in SHARES:
        try:
            return _drain(search(ladder, trials, pool, share=share)), share
        except EncodeError as error:
            if share == SHARES[-1]:
                raise
            click.echo(f"{trials.name} {codec}: {error.what}", err=True)
    raise AssertionError("unreachable: the last share raises")


def _fixed(clip: Clip, codec: str, preset: str, found: Search, cuts: Cuts, how: Measuring) -> tuple[Rendered, ...]:
    """The fixed ladder's rungs, each at the CRF whose average over the clip is nearest to its nominal bit rate."""
    rungs = fit(load_ladder(FIXED[codec]), clip.display_size)
    nominal = [r.max_bps for r in rungs]
    lines = {c.size: c for c in found.curves}
    asked = [
        replace(r, crf=_crf(codec, lines.get((r.width, r.height)), bps), max_bps=0, buffer_bits=0)
        for r, bps in zip(rungs, nominal, strict=True)
    ]
    best = list(zip(asked, run_encodes(clip, _encodes(asked, preset, cuts), how), strict=True))
    for _ in range(2):
        again: dict[int, FittedRung] = {}
        for i, (rung, out) in enumerate(best):
            miss = math.log2(out.bps / nominal[i])
            crf = _taken(codec, rung.crf + CODERS[codec].halving_crf * miss)
            if abs(miss) > _NEAR and crf != rung.crf:
                again[i] = replace(rung, crf=crf)
        made = run_encodes(clip, _encodes(list(again.values()), preset, cuts), how)
        for (i, rung), out in zip(again.items(), made, strict=True):
            if abs(math.log2(out.bps / nominal[i])) < abs(math.log2(best[i][1].bps / nominal[i])):
                best[i] = (rung, out)
    return tuple(_rendered(r, o, bps) for (r, o), bps in zip(best, nominal, strict=True))


def _crf(codec: str, line: Curve | None, bps: int) -> float:
    """About the CRF that gives `bps`, by the search's curve of the size, and beyond its ends by rule of thumb."""
    if line is None:
        return CODERS[codec].max_crf / 2
    within = line.crf_for_bps(bps)
    end = line.at(line.high) if within is None else line.at(line.low)
    if within is None or within == line.low:
        within = end.crf + CODERS[codec].halving_crf * math.log2(end.bps / bps)
    return _taken(codec, within)


def _taken(codec: str, crf: float) -> float:
    """The nearest CRF that the codec takes."""
    step = 1.0 if codec == "vp9" else 0.5
    return min(float(CODERS[codec].max_crf), max(0.0, step * round(crf / step)))


def _encodes(rungs: Sequence[FittedRung], preset: str, cuts: Cuts) -> list[Encode]:
    return [Encode(r, preset, cuts.chunks, cuts.crfs.get(r.name, ())) for r in rungs]


def _rendered(rung: FittedRung, out: Outcome, nominal_bps: int = 0) -> Rendered:
    bps, vmaf = out.point
    return Rendered(rung.name, rung.width, rung.height, rung.crf, bps, vmaf, out.encode_cpu_s, nominal_bps)


def _drain(events: Generator[Event, None, _T]) -> _T:
    """Let a stage run, and give what it returns."""
    while True:
        try:
            next(events)
        except StopIteration as end:
            value: _T = end.value
            return value


__all__ = ["ClipWays", "Rendered", "ShotPlan", "measure_ways"]
