"""What a search may cost, planned before and watched while it runs. CPU time in seconds. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

from chunker.plan import Span
from coders.table import coder
from optimizer.grid import Grid, Size, plan_grid
from optimizer.pick import Choice
from optimizer.points import Sample
from optimizer.windows import MIN_FRAMES, Window, plan_windows, waves
from values.errors import EncodeError

SHARE = 0.25
"""The search's CPU time at most, as a share of the final encode's."""

_THRIFT = ((4, 8), (3, 4), (3, 2), (2, 1))
"""CRFs a size and the windows that make them worth it: when fewer windows are affordable, fewer CRFs are tried."""


@dataclass(frozen=True, slots=True)
class CostModel:
    """CPU seconds a frame: `decode_s` for each source frame, `measure_s` for each frame scaled back and measured, and
    for an encode, by codec, a constant and a share for each pixel."""

    decode_s: float
    measure_s: float
    encode_s: Mapping[str, tuple[float, float]]

    def encode(self, codec: str, size: Size) -> float:
        """CPU seconds to encode one frame of `size`."""
        constant, per_pixel = self.encode_s[codec]
        return constant + per_pixel * size[0] * size[1]

    def measured(self, samples: Iterable[Sample]) -> CostModel:
        """The model with the encode costs that `samples` show; a codec without samples keeps its own."""
        by_codec: dict[str, list[Sample]] = {}
        for sample in samples:
            by_codec.setdefault(sample.codec, []).append(sample)
        return replace(self, encode_s={**self.encode_s, **{c: _fitted(s) for c, s in by_codec.items()}})


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """What is tried: `grids` by codec, over `windows`. It is predicted to cost `predicted_s`, the final encode
    `final_s`; the search may cost `share` of that."""

    grids: Mapping[str, Grid]
    windows: tuple[Window, ...]
    predicted_s: float
    final_s: float
    share: float

    @property
    def waves(self) -> tuple[tuple[Window, ...], ...]:
        return waves(self.windows)

    @property
    def budget_s(self) -> float:
        return self.share * self.final_s


@dataclass(frozen=True, slots=True)
class Spent:
    """CPU seconds spent of `budget_s`. A value: `add` gives the next one."""

    budget_s: float
    used_s: float = 0.0

    def add(self, cpu_s: float) -> Spent:
        return replace(self, used_s=self.used_s + cpu_s)

    def may_go_on(self, next_cost_s: float) -> bool:
        """Whether work of `next_cost_s` still keeps to the budget."""
        return self.used_s + next_cost_s <= self.budget_s

    def affordable(self, windows: Sequence[Window], frame_cost_s: float) -> tuple[Window, ...]:
        """As many of the first `windows` as keep to the budget at `frame_cost_s` for each of their frames."""
        out: list[Window] = []
        for window in windows:
            if not self.may_go_on(frame_cost_s * (window.frames + sum(w.frames for w in out))):
                break
            out.append(window)
        return tuple(out)


def final_cost_s(cost: CostModel, frames: int, sizes: Sequence[Size], codecs: Iterable[str], rungs: int) -> float:
    """The CPU seconds of the final encode: one decode for all, and `rungs` rungs a codec spread over the sizes."""
    encode = sum(cost.encode(c, size) for c in codecs for size in sizes) * rungs / len(sizes)
    return frames * (cost.decode_s + encode)


def frame_cost_s(cost: CostModel, grids: Mapping[str, Grid], every: int = 1) -> float:
    """The CPU seconds of each window frame: decoded once, encoded at all sizes and CRFs, each `every`th measured."""
    trials = [(codec, size) for codec, grid in grids.items() for size, crfs in grid for _ in crfs]
    return cost.decode_s + sum(cost.encode(codec, size) + cost.measure_s / every for codec, size in trials)


def plan_search(
    places: Sequence[Span],
    sizes: Sequence[Size],
    display: Size,
    codecs: Sequence[str],
    *,
    trial: CostModel,
    final_s: float,
    share: float = SHARE,
    every: int = 1,
    longest: int | None = None,
) -> SearchPlan:
    """The most telling search that is predicted to cost at most `share` of `final_s`, the final encode's CPU seconds.

    `places` are the segments or shots, which tile the film; `trial` prices the trial encodes, of whose frames each
    `every`th is measured; no window has more than `longest` frames. Raises EncodeError with the share that would do if
    not even the smallest search keeps to it.
    """
    for crfs, wanted in _THRIFT:
        grids = {codec: plan_grid(sizes, display, codec, crfs=crfs) for codec in codecs}
        frame_s = frame_cost_s(trial, grids, every)
        windows = plan_windows(places, int(share * final_s / frame_s), longest=longest)
        if len(windows) >= min(wanted, len(places)):
            predicted = frame_s * sum(w.frames for w in windows)
            return SearchPlan(grids, windows, predicted, final_s, share)
    least = frame_s * min(MIN_FRAMES, max(p.frames for p in places))
    enough = ceil(100 * least / final_s) / 100
    raise EncodeError(
        f"the smallest search would cost {least:.0f} CPU seconds, over {share:g} of the final encode's {final_s:.0f}",
        where="search of " + ", ".join(coder(c).label for c in codecs),
        hint=f"Allow more (--search-share {enough:g}), try fewer boxes, or take a longer film or a fixed ladder.",
    )


def settled(
    previous: Sequence[Choice], choices: Sequence[Choice], *, bps_share: float = 0.05, vmaf: float = 0.5
) -> bool:
    """Whether another wave left the picks as they were: the same sizes, and bit rates and qualities within the
    tolerances (a share of the bits per second, and VMAF). Nothing is settled before there was a pick."""
    return (
        bool(previous)
        and [(c.point.codec, c.point.size) for c in previous] == [(c.point.codec, c.point.size) for c in choices]
        and all(
            abs(b.point.bps - a.point.bps) <= bps_share * a.point.bps and abs(b.point.vmaf - a.point.vmaf) <= vmaf
            for a, b in zip(previous, choices, strict=True)
        )
    )


def _fitted(samples: Sequence[Sample]) -> tuple[float, float]:
    """Least squares of CPU seconds a frame over pixels, weighted by frames, neither part below zero."""
    rows = [(s.width * s.height, s.cpu_s / s.frames, s.frames) for s in samples]
    weight = sum(n for _, _, n in rows)
    mean_x = sum(x * n for x, _, n in rows) / weight
    mean_y = sum(y * n for _, y, n in rows) / weight
    spread = sum(n * (x - mean_x) ** 2 for x, _, n in rows)
    slope = sum(n * (x - mean_x) * (y - mean_y) for x, y, n in rows) / spread if spread else mean_y / mean_x
    slope = max(0.0, slope)
    if mean_y < slope * mean_x or not spread:
        return 0.0, mean_y / mean_x
    return mean_y - slope * mean_x, slope
