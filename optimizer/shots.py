"""Each shot's CRF such that the last bit buys the same everywhere: the Dynamic Optimizer's idea. Pure.

A film's mean quality costs the fewest bits where no shot could give up bits for another's greater gain: where the slope
d(VMAF * frames) / d(bits) is the same in all shots (Lagrange; I. Katsavounidis, "Dynamic optimizer: a perceptual video
encoding optimization framework", 2018). Over each shot's convex hull of (bits, VMAF * frames) that is to take the
steepest steps of all shots, steepest first, until the mean is what is asked for.

Shots differ in how hard they are, and that carries over between sizes. So the CRFs are searched at one size, the proxy,
and as offsets from the film's constant CRF they serve the rungs of all sizes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import floor

from optimizer.curves import Curve, crf_grid, crf_step
from optimizer.hull import hull_indices
from optimizer.points import Point

TOLERANCE = 0.05
"""How far below the target the mean VMAF may come out: less than VMAF tells apart."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A shot of `frames` frames and what each CRF gives it."""

    curve: Curve
    frames: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """A CRF for each shot, with what is predicted: the mean VMAF over all frames, and all bits.

    `base` is the constant CRF that meets the same target, and `base_bits` what the film needs at it.
    """

    crfs: tuple[float, ...]
    vmaf: float
    bits: float
    base: float
    base_bits: float


def allocate(
    shots: Sequence[Shot], target_vmaf: float, *, rate: Fraction, max_delta: float = 6.0, step: float | None = None
) -> Allocation:
    """The CRFs at equal slope whose mean VMAF is `target_vmaf`, at most TOLERANCE less, with the fewest bits.

    Each CRF is a whole multiple of `step` (by default what the codec takes) or an end of its shot's curve, and within
    `max_delta` of the constant CRF. They never need more bits than that CRF. If the target can't be reached,
    the mean is the best there is. `rate` is in frames per second.
    """
    if not shots or any(s.frames < 1 for s in shots):
        raise ValueError("there is at least one shot, and each has at least one frame")
    step = step or crf_step(shots[0].curve.codec)
    base = constant_crf(shots, target_vmaf, step=step)
    constant = [_at(s, base) for s in shots]
    needed = (target_vmaf - TOLERANCE) * sum(s.frames for s in shots)
    grids = [_grid(s, base, max_delta, step) for s in shots]
    places = _trimmed(shots, grids, _climb(shots, grids, needed), needed)
    chosen = [grid[i] for grid, i in zip(grids, places, strict=True)]
    if _bits(shots, chosen, rate) > _bits(shots, constant, rate):
        chosen = constant
    return Allocation(
        tuple(p.crf for p in chosen),
        mean_vmaf(shots, [p.crf for p in chosen]),
        _bits(shots, chosen, rate),
        base,
        _bits(shots, constant, rate),
    )


def constant_crf(shots: Sequence[Shot], target_vmaf: float, *, step: float) -> float:
    """The highest CRF for all shots whose mean VMAF is at most TOLERANCE below `target_vmaf`; else the lowest."""
    grid = crf_grid(min(s.curve.low for s in shots), max(s.curve.high for s in shots), step)
    enough = [c for c in grid if mean_vmaf(shots, [c] * len(shots)) >= target_vmaf - TOLERANCE]
    return max(enough, default=grid[0])


def mean_vmaf(shots: Sequence[Shot], crfs: Sequence[float]) -> float:
    """The mean VMAF over all frames. A CRF outside of a shot's curve counts as the curve's end."""
    gains = [s.frames * _at(s, crf).vmaf for s, crf in zip(shots, crfs, strict=True)]
    return sum(gains) / sum(s.frames for s in shots)


def offsets(allocation: Allocation) -> tuple[float, ...]:
    """Each shot's CRF relative to the constant one: negative where the film gains from more bits."""
    return tuple(crf - allocation.base for crf in allocation.crfs)


def shifted(base: float, relative: Sequence[float], *, codec: str, highest: float) -> tuple[float, ...]:
    """The CRFs at another size whose own constant CRF is `base`, as the codec takes them, from 0 to `highest`."""
    step = crf_step(codec)
    return tuple(min(max(0.0, step * round((base + r) / step)), highest) for r in relative)


def _climb(shots: Sequence[Shot], grids: Sequence[Sequence[Point]], needed: float) -> list[int]:
    """For each shot the place in its grid after the steepest steps of all hulls that together reach `needed`."""
    places: list[int] = []
    steps: list[tuple[float, int, int]] = []
    for number, (shot, grid) in enumerate(zip(shots, grids, strict=True)):
        at = [(shot.frames * p.bps, shot.frames * p.vmaf) for p in grid]
        hull = hull_indices(at)
        places.append(hull[0])
        for a, b in pairwise(hull):
            slope = (at[b][1] - at[a][1]) / (at[b][0] - at[a][0])
            steps.append((-slope, number, b))
    have = sum(s.frames * g[i].vmaf for s, g, i in zip(shots, grids, places, strict=True))
    for _, number, place in sorted(steps):
        if have >= needed:
            break
        shot, grid = shots[number], grids[number]
        have += shot.frames * (grid[place].vmaf - grid[places[number]].vmaf)
        places[number] = place
    return places


def _trimmed(
    shots: Sequence[Shot], grids: Sequence[Sequence[Point]], places: Sequence[int], needed: float
) -> list[int]:
    """`places` after giving back what the last step bought too much: the largest saving that keeps `needed`, again."""
    out = list(places)
    spare = sum(s.frames * g[i].vmaf for s, g, i in zip(shots, grids, out, strict=True)) - needed
    while True:
        savings = []
        for n, (shot, grid) in enumerate(zip(shots, grids, strict=True)):
            # Grids ascend in CRF: later places have fewer bits.
            for i in range(out[n] + 1, len(grid)):
                loss = shot.frames * (grid[out[n]].vmaf - grid[i].vmaf)
                if loss > spare:
                    break
                savings.append((shot.frames * (grid[out[n]].bps - grid[i].bps), -loss, n, i))
        best = max(savings, default=None)
        if best is None or best[0] <= 0:
            return out
        _, loss, n, i = best
        out[n] = i
        spare += loss


def _grid(shot: Shot, base: float, max_delta: float, step: float) -> tuple[Point, ...]:
    curve, delta = shot.curve, step * floor(max_delta / step)
    low, high = (min(max(crf, curve.low), curve.high) for crf in (base - delta, base + delta))
    return tuple(curve.at(crf) for crf in crf_grid(low, high, step))


def _at(shot: Shot, crf: float) -> Point:
    return shot.curve.at(min(max(crf, shot.curve.low), shot.curve.high))


def _bits(shots: Sequence[Shot], points: Sequence[Point], rate: Fraction) -> float:
    return sum(s.frames * p.bps for s, p in zip(shots, points, strict=True)) / float(rate)
