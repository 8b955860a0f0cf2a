"""What a search may cost, planned before and watched while it runs. CPU time in seconds. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import ceil

from chunker.plan import Span
from coders.table import coder
from optimizer.grid import Grid, Size, plan_grid
from optimizer.pick import Choice
from optimizer.prices import Prices, Trial
from optimizer.windows import MIN_FRAMES, Window, plan_windows, waves
from values.errors import EncodeError

SHARE = 0.25
"""The search's CPU time at most, as a share of the final encode's."""

MOST_SHARE = 100.0
"""More than this many times the final encode is no search any more."""

_THRIFT = ((4, 16), (3, 2), (2, 1))
"""CRFs a size and the windows that make them worth it: when fewer windows are affordable, fewer CRFs are tried."""


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

    def affordable(self, windows: Sequence[Window], cost_s: Callable[[Window], float]) -> tuple[Window, ...]:
        """As many of the first `windows` as keep to the budget, by what each costs."""
        out: list[Window] = []
        for window in windows:
            if not self.may_go_on(sum(cost_s(w) for w in (*out, window))):
                break
            out.append(window)
        return tuple(out)


def trials_of(window: Window, grids: Mapping[str, Grid]) -> tuple[tuple[Trial, Grid], ...]:
    """The tasks that try one window, and the part of the grid that each has.

    The largest size is a task of its own, all others share one: their pictures together are about as many pixels, and
    each task decodes the film once to encode and once to measure.
    """
    out = []
    for codec, grid in grids.items():
        for part in (grid[:1], grid[1:]):
            if part:
                sizes = tuple((size, len(crfs)) for size, crfs in part)
                out.append((Trial(codec, sizes, window.frames), part))
    return tuple(out)


def window_cost_s(window: Window, grids: Mapping[str, Grid], prices: Prices) -> float:
    """What trying one window costs in all."""
    return sum(prices.trial_s(trial) for trial, _ in trials_of(window, grids))


def plan_search(
    places: Sequence[Span],
    sizes: Sequence[Size],
    codecs: Sequence[str],
    *,
    prices: Prices,
    final_s: float,
    share: float = SHARE,
    longest: int | None = None,
) -> SearchPlan:
    """The most telling search that is predicted to cost at most `share` of `final_s`, the final encode's CPU seconds.

    `places` are the segments or shots, which tile the film; no window has more than `longest` frames. Raises
    EncodeError with the share that would do if not even the smallest search keeps to it.
    """
    for crfs, wanted in _THRIFT:
        grids = {codec: plan_grid(sizes, prices.display, codec, crfs=crfs) for codec in codecs}
        windows = affordable_windows(
            places, share * final_s, partial(window_cost_s, grids=grids, prices=prices), longest=longest
        )
        if len(windows) >= min(wanted, len(places)):
            predicted = sum(window_cost_s(w, grids, prices) for w in windows)
            return SearchPlan(grids, windows, predicted, final_s, share)
    least = window_cost_s(Window(0, 0, min(MIN_FRAMES, max(p.frames for p in places)), 0), grids, prices)
    enough = ceil(100 * least / final_s) / 100
    more = f"Allow more (--search-share {enough:g}), t" if enough <= MOST_SHARE else "T"
    raise EncodeError(
        f"the smallest search would cost {least:.1f} CPU seconds, over {share:g} of the final encode's {final_s:.1f}",
        where="search of " + ", ".join(coder(c).label for c in codecs),
        hint=f"{more}ry fewer boxes, or take a longer film or a fixed ladder.",
    )


def affordable_windows(
    places: Sequence[Span], budget_s: float, cost_s: Callable[[Window], float], *, longest: int | None = None
) -> tuple[Window, ...]:
    """The most frames of windows (see `plan_windows`) whose costs keep to the budget; () if no window does."""
    frames = places[-1].stop
    while frames > 0:
        windows = plan_windows(places, frames, longest=longest)
        spent = sum(map(cost_s, windows))
        if spent <= budget_s:
            return windows
        frames = min(frames - 1, int(frames * max(0.5, min(0.97, budget_s / spent))))
    return ()


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
