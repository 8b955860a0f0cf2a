"""Why a rung was picked, in words for the people who will be asked. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ladders.rung import Policy
from optimizer.curves import Curve
from optimizer.points import Point


def why_top(top: Point, hull: Sequence[Point], policy: Policy) -> str:
    more = [p for p in hull if p.vmaf > top.vmaf + 0.25]
    beyond = f"; {kbps(more[-1].bps)} would add {more[-1].vmaf - top.vmaf:.1f}" if more else ""
    if top.vmaf >= policy.top - 0.5:
        return f"top: VMAF {top.vmaf:.1f} where {policy.top:g} is as good as is asked for" + beyond
    if more and more[-1].bps > policy.ceiling_kbps * 1000:
        return f"top: VMAF {top.vmaf:.1f} is the best under the ceiling of {kbps(policy.ceiling_kbps * 1000)}" + beyond
    return f"top: VMAF {top.vmaf:.1f} is the best of all trial encodes" + beyond


def why_alone(policy: Policy) -> str:
    if policy.max_rungs < 2:
        return "; the only one, as one rung is allowed"
    return (
        f"; the only one, as nothing from the floor of {kbps(policy.floor_kbps * 1000)} upwards"
        f" is a step of {policy.step:g} VMAF below it"
    )


def why_below(point: Point, step: float, curves: Sequence[Curve]) -> str:
    """The step, and by how much the size beats the best other one at the same bit rate."""
    rivals = []
    for curve in curves:
        crf = curve.crf_for_bps(point.bps) if curve.size != point.size else None
        if crf is not None and crf > curve.low:
            rivals.append(curve.at(crf))
    text = f"{step:.1f} VMAF below the next rung"
    if not rivals:
        return f"{text}; no other size was tried at this bit rate"
    rival = max(rivals, key=lambda p: p.vmaf)
    lead = point.vmaf - rival.vmaf
    own, other = f"{point.width}x{point.height}", f"{rival.width}x{rival.height}"
    if lead >= 0.05:
        return f"{text}; {own} beats {other} by {lead:.1f} VMAF at this bit rate"
    if lead > -0.05:
        return f"{text}; {own} and {other} are equal at this bit rate"
    return f"{text}; {own} is no larger than the rung above, {other} would give {-lead:.1f} more at this bit rate"


def why_last(ceiling: Sequence[Point], policy: Policy) -> str:
    if any(p.bps < policy.floor_kbps * 1000 for p in ceiling):
        return f"; lowest: the floor is {kbps(policy.floor_kbps * 1000)}"
    return "; lowest: nothing cheaper was tried"


def kbps(bps: float) -> str:
    return f"{bps / 1000:.0f} kbit/s"
