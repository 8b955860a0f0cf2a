"""What chunks cost against one continuous encode, and whether the planner's own lengths keep to the limit. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.differences import Compared, Difference, compare_ways
from reports.benchmarks import ChunkLine

LIMIT_PERCENT = 0.5
"""The most that chunks of the default length may cost, as BD-rate."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What chunks of `chunk_s` seconds cost on one curve of encodes, the continuous ones being the anchors. Points that
    make no curve with the others are `left_out` of the comparison."""

    chunk_s: float
    chunks: int
    compared: Compared
    points: tuple[Difference, ...]
    left_out: tuple[str, ...]

    def row(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "chunk_s": self.chunk_s,
            "chunks": self.chunks,
            **asdict(self.compared),
            "left_out": list(self.left_out),
            "points": [p.row() for p in self.points],
        }


def cost_of(chunk_s: float, chunks: int, points: Sequence[Difference]) -> Cost:
    """The cost of chunks from encodes made both ways."""
    compared, left_out = compare_ways(points)
    return Cost(chunk_s, chunks, compared, tuple(points), left_out)


def defaults(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the planner's own lengths cost, row by row: that of the whole film here, and the shortest it ever plans.

    `within` is None where nothing could be compared, or the clip is no longer than one such chunk.
    """
    found = []
    for row in rows:
        for kind in ("default", "shortest"):
            length = row[f"{kind}_s"]
            cost = next((c["bd_rate_percent"] for c in row["costs"] if c["chunk_s"] == length), None)
            found.append(
                {
                    "clip": row["clip"],
                    "codec": row["codec"],
                    "curve": row["curve"],
                    "planned": kind,
                    "chunk_s": length,
                    "bd_rate_percent": cost,
                    "within": None if cost is None else cost <= LIMIT_PERCENT,
                }
            )
    return found


def chunk_lines(report: Mapping[str, Any]) -> list[ChunkLine]:
    """The published curves: for each clip, codec and curve, chunk length in seconds and BD-rate in percent."""
    return [
        ChunkLine(f"{row['clip']}, {row['curve']}", row["codec"], tuple(
            (cost["chunk_s"], cost["bd_rate_percent"]) for cost in row["costs"] if cost["bd_rate_percent"] is not None
        ))
        for row in report["results"]["curves"]
        if any(cost["bd_rate_percent"] is not None for cost in row["costs"])
    ]  # fmt: skip
