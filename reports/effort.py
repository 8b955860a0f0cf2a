"""What a search spent, and where in the film it looked, as inline SVG."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from onboarding.search import SearchCost
from optimizer.windows import Window
from reports.svg import INK, PAPER, QUIET, RULE, SERIES, TEXT, inline_svg, new_figure, plain_axes, time_axis

_WIDTH = 1000  # pixels
_NARROWEST = 3  # pixels of a window's mark


def cost_bar(cost: SearchCost) -> str:
    """The search beside the final encode, in CPU seconds, with a mark at what the search was allowed."""
    drawing = new_figure(_WIDTH, 190)
    axes: Axes = drawing.subplots()
    plain_axes(axes, x="CPU seconds")
    axes.grid(False, axis="y")
    axes.grid(True, axis="x", color=RULE, linewidth=0.8)
    left = 0.0
    for seconds, series in ((cost.encode_s, 5), (cost.measure_s, 4)):
        axes.barh(1, seconds, 0.5, left=left, color=SERIES[series], edgecolor=PAPER, linewidth=1)
        left += seconds
    axes.barh(0, cost.final_s, 0.5, color=QUIET)
    allowed = cost.allowed_share * cost.final_s
    axes.plot([allowed] * 2, [0.66, 1.34], color=INK, linewidth=2)
    axes.set_xlim(0, max(cost.final_s, cost.spent_s, allowed) * 1.02 or 1)
    axes.set_ylim(-0.4, 1.75)
    axes.set_yticks([0, 1], ["Final encode, predicted", "Search"], color=INK)
    axes.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda s, _: f"{s:,.6g}"))
    right = allowed > axes.get_xlim()[1] * 0.7
    axes.annotate(
        f"allowed: {cost.allowed_share:.0%}".replace("%", " %"), (allowed, 1.34), xytext=(-6 if right else 6, 2),
        textcoords="offset points", ha="right" if right else "left", va="bottom", color=INK, fontsize=TEXT,
    )  # fmt: skip
    share = f"{cost.share:.1%}".replace("%", " %")
    return inline_svg(drawing, name="cost", label=f"The search took {share} of the CPU time of the final encode")


def window_strip(windows: Sequence[Window], rate: Fraction | None) -> str:
    """The film as a strip: what each window stands for, and the window in it."""
    frames = sum(w.weight for w in windows)
    unit = float(rate) if rate else 1.0
    drawing = new_figure(_WIDTH, 110)
    axes: Axes = drawing.subplots()
    plain_axes(axes, x="" if rate else "Frame")
    axes.grid(False)
    axes.set_yticks([])
    axes.set_ylim(0, 1)
    least = _NARROWEST * frames / _WIDTH
    ordered = sorted(windows, key=lambda w: w.start)
    for i, (w, stop) in enumerate(zip(ordered, accumulate(w.weight for w in ordered), strict=True)):
        axes.axvspan((stop - w.weight) / unit, stop / unit, color=SERIES[5], alpha=(0.10, 0.18)[i % 2], linewidth=0)
        middle, width = (w.start + w.stop) / 2, max(w.frames, least)
        axes.barh(0.5, width / unit, 1, left=(middle - width / 2) / unit, color=SERIES[5], linewidth=0)
    if rate:
        time_axis(axes, frames / unit)
    else:
        axes.set_xlim(0, frames)
        axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda n, _: f"{n:,.0f}"))
    return inline_svg(
        drawing, name="windows", label=f"Where the {len(windows)} windows that were tried lie in the film"
    )
