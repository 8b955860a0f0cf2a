"""Figures drawn by matplotlib, as SVG that lives inside a page: its colours follow the page's light or dark scheme.

Colours are drawn as stand-ins and leave as CSS variables, which `reports.page` defines for both schemes. Text stays
text, in the page's font. Drawn without pyplot, so that nothing outlives the figure. Draws; does no I/O.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from html import escape
from math import ceil, floor, log10

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FixedLocator, FuncFormatter, MultipleLocator, NullLocator

INK = "#010101"
QUIET = "#010102"
RULE = "#010103"
PAPER = "#010104"
SERIES = tuple(f"#01020{i}" for i in range(1, 9))
"""Stand-ins for colours: text, lesser text, grid lines, the page's background, and eight lines from warm to cool."""

_VARIABLES = {INK: "ink", QUIET: "quiet", RULE: "rule", PAPER: "paper"} | {
    colour: f"series-{i}" for i, colour in enumerate(SERIES, 1)
}
TEXT = 12.5
"""The size of text in a figure, in pixels, where the page shows it whole."""


def new_figure(width: float, height: float) -> Figure:
    """A figure of `width` by `height` pixels, as large as the page shows it at most."""
    layout = ConstrainedLayoutEngine(h_pad=0.12, hspace=0.04)
    return Figure(figsize=(width / 72, height / 72), dpi=72, layout=layout, facecolor="none")


def series_colours(count: int) -> list[str]:
    """Colours for `count` lines in an order that means something: spread from warm (first) to cool (last)."""
    if count <= 1:
        return [SERIES[5]] * count
    last = len(SERIES) - 1
    spread = [round(i * last / (count - 1)) for i in range(count)]
    return [SERIES[i] for i in spread]


def plain_axes(axes: Axes, *, x: str = "", y: str = "", title: str = "") -> None:
    """Axes with titles, hairlines across and no box: the data is the darkest thing in the figure."""
    axes.set_facecolor("none")
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(QUIET)
        spine.set_linewidth(0.8)
    axes.grid(True, axis="y", color=RULE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=QUIET, labelsize=TEXT, length=0, pad=5)
    axes.tick_params(axis="x", length=4)
    axes.set_xlabel(x, color=QUIET, fontsize=TEXT, labelpad=8)
    axes.set_ylabel(y, color=QUIET, fontsize=TEXT, labelpad=8)
    if title:
        axes.set_title(title, loc="left", color=INK, fontsize=TEXT + 1.5, fontweight="bold", pad=10)


def time_axis(axes: Axes, duration_s: float) -> None:
    """A film's time along x, in whole steps that people count in: at most ten of them."""
    step = next((s for s in _STEPS_S if duration_s / s <= 10), 3600 * -(-duration_s // 36000))
    hours = step >= 60 and duration_s >= 3600

    def text(t: float, _: object) -> str:
        return f"{int(t) // 3600}:{int(t) // 60 % 60:02d}" if hours else f"{int(t) // 60}:{int(t) % 60:02d}"

    axes.set_xlim(0, duration_s)
    axes.xaxis.set_major_locator(MultipleLocator(step))
    axes.xaxis.set_major_formatter(FuncFormatter(text))
    unit = "h:min" if hours else "min:s"
    axes.set_xlabel(f"Time in the film ({unit})", color=QUIET, fontsize=TEXT, labelpad=8)


def rate_axis(axes: Axes, low_kbps: float, high_kbps: float) -> None:
    """Bit rates along x, on a logarithmic scale from `low_kbps` to `high_kbps`, with round numbers at the ticks."""
    half = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9)
    fine = ((1, 2, 5), (1, 1.5, 2, 3, 5, 7), half, _parts(5), _parts(10), _parts(50))
    decades = range(floor(log10(low_kbps)), ceil(log10(high_kbps)) + 1)
    for steps in fine:
        ticks = [n * 10.0**d for d in decades for n in steps if low_kbps <= n * 10.0**d <= high_kbps]
        if len(ticks) >= _FEWEST_TICKS:
            break
    axes.set_xscale("log")
    axes.set_xlim(low_kbps, high_kbps)
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda kbps, _: f"{kbps:,.10g}"))
    axes.grid(True, axis="x", color=RULE, linewidth=0.8)
    axes.set_xlabel("Bit rate (kbit/s, logarithmic)", color=QUIET, fontsize=TEXT, labelpad=8)


def _parts(count: int) -> tuple[float, ...]:
    """From 1 up to 10, each unit in `count` parts."""
    return tuple(n / count for n in range(count, 10 * count))


_FEWEST_TICKS = 4
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)


def spread_labels(wanted: Sequence[float], *, gap: float, low: float, high: float) -> list[float]:
    """Places for labels as near as possible to where they are `wanted`, in their order, at least `gap` apart.

    All in one unit along one axis. Places lie in ``[low, high]`` if so many labels fit there at all.
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    blocks: list[tuple[float, int]] = []  # the mean of its labels' wishes, less their offsets; how many they are
    for rank, i in enumerate(order):
        centre, size = wanted[i] - rank * gap, 1
        while blocks and blocks[-1][0] > centre:
            before, more = blocks.pop()
            centre, size = (before * more + centre * size) / (size + more), size + more
        blocks.append((centre, size))
    highest = max(low, high - (len(wanted) - 1) * gap)
    starts = [min(max(centre, low), highest) for centre, size in blocks for _ in range(size)]
    places = [0.0] * len(wanted)
    for rank, i in enumerate(order):
        places[i] = starts[rank] + rank * gap
    return places


def inline_svg(figure: Figure, *, name: str, label: str) -> str:
    """The figure as an ``<svg>`` element. `name` keeps its ids apart from other figures' on the page; `label` says what
    it shows to those who can't see it. The same figure gives the same text."""
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = out.getvalue()
    text = text[text.index("<svg") :].strip()
    text = re.sub(r"\s*<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'\s*<style type="text/css">.*?</style>', "", text, flags=re.DOTALL)
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'(url\(|href=")#', rf"\1#{name}-", text)
    text = re.sub(r' d="[^"]*"', lambda path: re.sub(r"(\.\d\d)\d+", r"\1", path[0]), text)  # a hundredth of a pixel
    text = re.sub("|".join(_VARIABLES), lambda match: f"var(--{_VARIABLES[match[0]]})", text)
    head, rest = text.split(">", 1)
    box = re.search(r'viewBox="[^"]+"', head)
    assert box is not None  # matplotlib always writes one
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f'<svg {spaces} {box[0]} role="img" aria-label="{escape(label)}">{rest}'
