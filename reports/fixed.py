"""A fixed ladder beside the one that was found: where its rungs lie on the measured curves, what is saved. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ladders.rung import FittedRung, Ladder, fit
from onboarding.search import Search
from optimizer.curves import Curve
from optimizer.points import Point
from optimizer.reasons import kbps
from quality.bjontegaard import CurveError, bd_rate


@dataclass(frozen=True, slots=True)
class Placed:
    """A rung of a fixed ladder, and what the trials predict of it: None, and why, where they don't reach it."""

    rung: FittedRung
    point: Point | None
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Rival:
    """One fixed ladder's rungs of one codec, in the ladder's order."""

    name: str
    codec: str
    rungs: tuple[Placed, ...]

    @property
    def points(self) -> tuple[Point, ...]:
        """Those that could be placed."""
        return tuple(r.point for r in self.rungs if r.point)

    @property
    def named(self) -> list[tuple[Point, list[str]]]:
        """Each place once, with the names of the rungs that share it, from the fewest bits."""
        names: dict[Point, list[str]] = {}
        for r in self.rungs:
            if r.point:
                names.setdefault(r.point, []).append(r.rung.name)
        return [(p, names[p]) for p in sorted(names, key=lambda p: p.bps)]

    @property
    def unplaced(self) -> tuple[Placed, ...]:
        return tuple(r for r in self.rungs if not r.point)


def rivals(search: Search, fixed: Iterable[Ladder], *, nominal: bool) -> tuple[Rival, ...]:
    """The fixed ladders' rungs of each codec that was searched, for the film's size.

    A rung is predicted as onboarding would encode it: at its CRF, or at the higher one that its cap asks for. With
    `nominal` its cap is taken as its average, as Apple's tables mean it, and its CRF counts for nothing. Raises
    UsageError for ladders without rungs and those that the film can't meet.
    """
    found = []
    for ladder in fixed:
        rungs = fit(ladder, search.display)
        for codec in (c for c in ladder.codecs if c in search.policy.codecs):
            lines = {c.size: c for c in search.curves if c.codec == codec}
            placed = [_placed(r, lines.get((r.width, r.height)), nominal) for r in rungs if r.codec == codec]
            found.append(Rival(ladder.name, codec, tuple(placed)))
    return tuple(found)


def cheapest(curves: Iterable[Curve], vmaf: float) -> Point | None:
    """The fewest bits that give at least `vmaf` at any of the sizes; None where none does."""
    crfs = [(c, c.crf_for_vmaf(vmaf)) for c in curves]
    reached = [c.at(crf) for c, crf in crfs if crf is not None]
    return min(reached, key=lambda p: p.bps, default=None)


def saved_overall(rival: Rival, found: Sequence[Point]) -> float | str:
    """The BD-rate, in percent, of the found rungs against the fixed ones (negative saves), or why there is none."""
    try:
        return bd_rate([(p.bps, p.vmaf) for p, _ in rival.named], [(p.bps, p.vmaf) for p in found])
    except CurveError as error:
        return error.what


def _placed(rung: FittedRung, curve: Curve | None, nominal: bool) -> Placed:
    if curve is None:
        return Placed(rung, None, f"{rung.width} × {rung.height} was not tried")
    capped = curve.crf_for_bps(rung.max_bps)
    if capped is None:
        return Placed(rung, None, f"{kbps(rung.max_bps)} is less than any trial of its size needed")
    binds = curve.at(curve.low).bps >= rung.max_bps
    if nominal and not binds:
        return Placed(rung, None, f"{kbps(rung.max_bps)} is more than any trial of its size needed")
    crf = capped if nominal else max(rung.crf, capped)
    if crf > curve.high or (not binds and rung.crf < curve.low):
        return Placed(rung, None, f"CRF {rung.crf:g} is outside of those tried, {curve.low:g} to {curve.high:g}")
    return Placed(rung, curve.at(crf))
