"""How encodes made in two ways differ: the same rung both ways, and the curves they make. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from quality.bjontegaard import Curve, CurveError, bd_quality, bd_rate


@dataclass(frozen=True, slots=True)
class Difference:
    """One rung encoded both ways: bits per second and mean VMAF, and those of the way it is compared with. `tries` is
    how many encodes it took in all, more than there are chunks where some went over their cap."""

    rung: str
    crf: float
    max_bps: int
    bps: float
    vmaf: float
    anchor_bps: float
    anchor_vmaf: float
    tries: int = 1

    @property
    def bps_percent(self) -> float:
        """How many percent more bits it takes than the anchor."""
        return (self.bps / self.anchor_bps - 1) * 100

    @property
    def vmaf_change(self) -> float:
        return self.vmaf - self.anchor_vmaf

    def row(self) -> dict[str, Any]:
        """As a JSON object, with the differences."""
        return asdict(self) | {"bps_percent": round(self.bps_percent, 4), "vmaf_change": round(self.vmaf_change, 4)}


@dataclass(frozen=True, slots=True)
class Compared:
    """Two curves: BD-rate in percent and BD-VMAF, None where they can't be compared, which `why` explains."""

    bd_rate_percent: float | None
    bd_vmaf: float | None
    why: str = ""


def compare(anchor: Curve, test: Curve) -> Compared:
    """How `test` does against `anchor`."""
    try:
        return Compared(bd_rate(anchor, test), bd_quality(anchor, test))
    except CurveError as error:
        return Compared(None, None, error.what)


def compare_ways(points: Sequence[Difference]) -> tuple[Compared, tuple[str, ...]]:
    """How the one way does against the other, and the names of the points that are left out (see `rising`)."""
    kept = rising(points)
    left_out = tuple(f"{p.rung} at CRF {p.crf:g}" for p in points if p not in kept)
    return compare([(p.anchor_bps, p.anchor_vmaf) for p in kept], [(p.bps, p.vmaf) for p in kept]), left_out


def rising(points: Sequence[Difference]) -> tuple[Difference, ...]:
    """The points that make two curves: from the lowest rate up, those that take more bits than the last one kept and
    look better, both ways. Rungs that a cap brings together are kept once."""
    kept: list[Difference] = []
    for p in sorted(points, key=lambda p: (p.anchor_bps, p.bps)):
        last = kept[-1] if kept else None
        if last is None or (
            p.bps > last.bps
            and p.vmaf > last.vmaf
            and p.anchor_bps > last.anchor_bps
            and p.anchor_vmaf > last.anchor_vmaf
        ):
            kept.append(p)
    return tuple(kept)
