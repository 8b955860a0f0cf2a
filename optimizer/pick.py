"""Rungs from the convex hull: a capped top, steps that can be seen, a floor, and the reason for each. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from ladders.rung import Policy
from optimizer.curves import Curve
from optimizer.hull import below_hull, efficient, upper_hull
from optimizer.points import Point
from optimizer.reasons import kbps, why_alone, why_below, why_last, why_top
from values.errors import EncodeError

BUFFER_S = 2
"""Seconds of the declared peak that a rung's VBV buffer holds."""

MIN_PEAK_RATIO = 1.1
"""A cap nearer to the average than this would turn constant quality into constant bit rate."""

_MIN_KBPS = 20  # the least cap that a ladder file may name
_NEAR = 0.25  # VMAF below the hull that counts as on it: less than trial encodes can tell


@dataclass(frozen=True, slots=True)
class Choice:
    """A rung that was picked: what is predicted of it, its cap, and why.

    `step` is the VMAF to the next rung above, None for the top one. The rung's leaky bucket drains at `max_bps` and
    holds `buffer_bits`. `reason` is a plain sentence without a full stop.
    """

    point: Point
    max_bps: int
    buffer_bits: int
    step: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class _Field:
    """What rungs are picked from: the hull, and all efficient points with how far they are below it."""

    hull: tuple[Point, ...]
    points: tuple[tuple[Point, float], ...]
    policy: Policy

    def nearest(self, points: Sequence[Point], target: float) -> Point:
        """The one of `points` nearest to VMAF `target`; on the hull, if that has one within a quarter of a step.

        Between two sizes the hull can be straight for several steps. There the best that can be encoded is below it.
        """
        below = dict(self.points)
        on_hull = [p for p in points if below[p] <= _NEAR and abs(p.vmaf - target) <= self.policy.step / 4]
        pool = on_hull or points
        distance = min(abs(p.vmaf - target) for p in pool)
        return min((p for p in pool if abs(p.vmaf - target) <= distance + _NEAR), key=lambda p: (below[p], p.bps))


def pick_rungs(curves: Sequence[Curve], policy: Policy) -> tuple[Choice, ...]:
    """The rungs of one codec, lowest first, each at a CRF the codec takes.

    The top rung is nearest to `policy.top`, or to the best that its ceiling allows. Below it rungs are at least
    `policy.step` apart; where `policy.max_rungs` is too few to reach the floor so, the steps widen evenly downwards. No
    rung is larger than the one above it. Rungs lie on the hull; where it leaves a gap, as near to it as can be. Raises
    EncodeError where even the fewest bits are over the ceiling.
    """
    if len({c.codec for c in curves}) != 1:
        raise ValueError("rungs are picked for one codec, from at least one curve")
    dense = [p for curve in curves for p in curve.points()]
    hull = upper_hull(dense)
    field = _Field(hull, tuple((p, below_hull(p, hull)) for p in efficient(dense)), policy)
    ceiling = [p for p, _ in field.points if p.bps <= policy.ceiling_kbps * 1000]
    if not ceiling:
        raise _over_ceiling(hull[0], policy)
    top = field.nearest(ceiling, min(policy.top, max(p.vmaf for p in ceiling)))
    picked = _descend(top, [p for p in ceiling if p.bps >= policy.floor_kbps * 1000], field)
    choices = []
    for i, point in enumerate(picked):
        step = picked[i - 1].vmaf - point.vmaf if i else None
        last = i == len(picked) - 1
        if step is None:
            reason = why_top(point, hull, policy) + (why_alone(policy) if last else "")
        else:
            reason = why_below(point, step, curves) + (why_last(ceiling, policy) if last else "")
        gap = dict(field.points)[point]
        reason += f"; {gap:.1f} below the hull, which has nothing nearer" if gap > _NEAR else ""
        peak = max_bps(point, policy)
        choices.append(Choice(point, peak, BUFFER_S * peak, step, reason))
    return tuple(reversed(choices))


def max_bps(point: Point, policy: Policy) -> int:
    """The cap of a rung: `peak_ratio` times its average bits per second, rounded up to whole kilobits."""
    return 1000 * max(_MIN_KBPS, ceil(round(point.bps * max(policy.peak_ratio, MIN_PEAK_RATIO) / 1000, 6)))


def _descend(top: Point, allowed: Sequence[Point], field: _Field) -> list[Point]:
    """The picked points from `top` downwards."""
    policy = field.policy
    picked = [top]
    under = [p for p in allowed if _steps_down(top, p, policy)]
    if not under or policy.max_rungs < 2:
        return picked
    floor = min(under, key=lambda p: p.bps)
    targets = _targets(top.vmaf, floor.vmaf, policy.step, policy.max_rungs - 1)
    for target in targets[:-1]:
        between = [p for p in under if _steps_down(picked[-1], p, policy) and _steps_down(p, floor, policy)]
        if between:
            picked.append(field.nearest(between, target))
    return [*picked, floor]


def _steps_down(upper: Point, lower: Point, policy: Policy) -> bool:
    """Whether `lower` may be a rung somewhere below `upper`."""
    return (
        lower.vmaf <= upper.vmaf - policy.step
        and lower.width <= upper.width
        and lower.height <= upper.height
        and max_bps(lower, policy) < max_bps(upper, policy)
    )


def _targets(top: float, floor: float, step: float, most: int) -> list[float]:
    """At most `most` qualities below `top` down to `floor`, at least `step` apart, each step wider by one factor."""
    total = top - floor
    count = min(most, int(total / step + 1e-9))
    low, high = 1.0, max(1.0, total / step)  # the factor: with the upper one the last step alone reaches the floor
    for _ in range(60):
        factor = (low + high) / 2
        reach = step * sum(factor**k for k in range(count))
        low, high = (factor, high) if reach < total else (low, factor)
    steps = [step * low**k for k in range(count)]
    return [top - sum(steps[: k + 1]) for k in range(count - 1)] + [floor]


def _over_ceiling(cheapest: Point, policy: Policy) -> EncodeError:
    return EncodeError(
        f"no trial encode keeps to the ceiling of {policy.ceiling_kbps} kbit/s: "
        f"the least is {kbps(cheapest.bps)} ({cheapest.width}x{cheapest.height} at CRF {cheapest.crf:g})",
        where=cheapest.codec,
        hint="Raise ceiling_kbps, or add smaller boxes to the policy.",
    )
