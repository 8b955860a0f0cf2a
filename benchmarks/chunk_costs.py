"""What chunks cost against one continuous encode, from encodes made both ways. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from quality.bjontegaard import CurveError, bd_quality, bd_rate

LIMIT_PERCENT = 0.5
"""The most that chunks of the default length may cost, as BD-rate."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One encode both ways: bits per second and mean VMAF of the chunked and of the continuous one. `tries` is how many
    encodes the chunks took in all, more than there are where some went over their cap."""

    rung: str
    crf: float
    max_bps: int
    bps: float
    vmaf: float
    continuous_bps: float
    continuous_vmaf: float
    tries: int

    @property
    def bps_percent(self) -> float:
        return (self.bps / self.continuous_bps - 1) * 100

    @property
    def vmaf_change(self) -> float:
        return self.vmaf - self.continuous_vmaf


@dataclass(frozen=True, slots=True)
class Cost:
    """What chunks of `chunk_s` seconds cost on one curve: BD-rate in percent and BD-VMAF, None where the curves can't
    be compared, which `why` explains. Points that make no curve with the others are `left_out` of them."""

    chunk_s: float
    chunks: int
    bd_rate_percent: float | None
    bd_vmaf: float | None
    points: tuple[Difference, ...]
    left_out: tuple[str, ...] = ()
    why: str = ""


def compare(chunk_s: float, chunks: int, points: Sequence[Difference]) -> Cost:
    """The cost of chunks from encodes made both ways."""
    kept = rising(points)
    left_out = tuple(f"{p.rung} at CRF {p.crf:g}" for p in points if p not in kept)
    whole = [(p.continuous_bps, p.continuous_vmaf) for p in kept]
    cut = [(p.bps, p.vmaf) for p in kept]
    try:
        return Cost(chunk_s, chunks, bd_rate(whole, cut), bd_quality(whole, cut), tuple(points), left_out)
    except CurveError as error:
        return Cost(chunk_s, chunks, None, None, tuple(points), left_out, error.what)


def rising(points: Sequence[Difference]) -> tuple[Difference, ...]:
    """The points that make two curves: from the lowest rate up, those that take more bits than the last one kept and
    look better, both ways. Rungs that a cap brings together are kept once."""
    kept: list[Difference] = []
    for p in sorted(points, key=lambda p: (p.continuous_bps, p.bps)):
        last = kept[-1] if kept else None
        if last is None or (
            p.bps > last.bps
            and p.vmaf > last.vmaf
            and p.continuous_bps > last.continuous_bps
            and p.continuous_vmaf > last.continuous_vmaf
        ):
            kept.append(p)
    return tuple(kept)


def defaults(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the planner's own lengths cost, row by row: that of the whole film here, and the shortest it ever plans.

    `within` is None where nothing could be compared, or the clip is no longer than one such chunk.
    """
    found = []
    for row in rows:
        for kind in ("default", "shortest"):
            costs = [c["bd_rate_percent"] for c in row["costs"] if c["chunk_s"] == row[f"{kind}_s"]]
            cost = costs[0] if costs else None
            found.append(
                {
                    "clip": row["clip"], "codec": row["codec"], "curve": row["curve"], "planned": kind,
                    "chunk_s": row[f"{kind}_s"], "bd_rate_percent": cost,
                    "within": None if cost is None else cost <= LIMIT_PERCENT,
                }
            )  # fmt: skip
    return found


def series(report: dict[str, Any]) -> dict[str, tuple[tuple[float, float], ...]]:
    """The published curves: for each clip, codec and curve, chunk length in seconds and BD-rate in percent."""
    return {
        f"{row['clip']} {row['codec']} {row['curve']}": tuple(
            (cost["chunk_s"], cost["bd_rate_percent"]) for cost in row["costs"] if cost["bd_rate_percent"] is not None
        )
        for row in report["results"]["curves"]
    }
