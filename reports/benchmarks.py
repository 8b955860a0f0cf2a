"""What benchmarks of encoding measured, as pages and drawings: rates and quality, chunk lengths, CPU time. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from coders.table import CODERS, coder
from reports.page import figure, page, section
from reports.svg import (
    INK,
    PAPER,
    QUIET,
    RULE,
    SERIES,
    TEXT,
    inline_svg,
    new_figure,
    plain_axes,
    rate_axis,
    spread_labels,
)  # fmt: skip

_WIDTH = 1000  # pixels
_CODEC_COLOURS = dict(zip(CODERS, (SERIES[5], SERIES[1], SERIES[4], SERIES[7]), strict=True))
_LINES = ((SERIES[0], "o"), (SERIES[5], "s"), (SERIES[3], "D"), (SERIES[7], "^"), (SERIES[2], "v"))
_DASHES = ("solid", (0, (5, 2)), (0, (1.5, 2)), (0, (6, 2, 1.5, 2)))
_ROOM = 4.0 / 3
"""How much of an axis names get at its side: as much again as a third."""


_TICK_ROOM = 1.15


@dataclass(frozen=True, slots=True)
class RateLine:
    """One way to encode a clip: (kbit/s, VMAF) of its rungs.

    `bd_rate` is in percent, negative where it saves bits, against the line called `anchor`. Without an anchor there is
    none; with one and without a number the two could not be compared.
    """

    name: str
    points: tuple[tuple[float, float], ...]
    anchor: str = ""
    bd_rate: float | None = None

    @property
    def legend(self) -> str:
        if not self.anchor:
            return self.name
        delta = "no BD-rate" if self.bd_rate is None else f"BD-rate {_percent(self.bd_rate)}"
        return f"{self.name}: {delta} against {self.anchor}"


@dataclass(frozen=True, slots=True)
class ClipCurves:
    """All ways in which one clip was encoded in one codec: the fixed ladder, per title, per shot."""

    clip: str
    codec: str
    lines: tuple[RateLine, ...]


@dataclass(frozen=True, slots=True)
class ChunkLine:
    """What chunking cost one clip in one codec: (chunk length in s, BD-rate in percent against one whole encode)."""

    clip: str
    codec: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class CostBar:
    """CPU seconds that a minute of film takes in one codec at one preset."""

    codec: str
    preset: str
    cpu_s: float


def rd_page(title: str, clips: Sequence[ClipCurves], *, lead: str = "") -> str:
    """A page of rate and quality, a section a clip, a plot a codec."""
    names = dict.fromkeys(c.clip for c in clips)
    blocks = [
        section(name, *(figure(rd_curves(c, name=f"rd-{i}")) for i, c in enumerate(clips) if c.clip == name))
        for name in names
    ]
    return page(title, *blocks, lead=lead)


def rd_curves(clip: ClipCurves, *, name: str = "rd") -> str:
    """One clip in one codec, with the BD-rates in the legend, as inline SVG. `name` is the drawing's on its page."""
    label = coder(clip.codec).label
    drawing = new_figure(_WIDTH, 480)
    axes: Axes = drawing.subplots()
    plain_axes(axes, y="VMAF (0 to 100)", title=label)
    rates = [rate for line in clip.lines for rate, _ in line.points]
    rate_axis(axes, min(rates) * 0.85, max(rates) * 1.18)
    lowest = min(vmaf for line in clip.lines for _, vmaf in line.points)
    axes.set_ylim(max(0.0, 10 * ((min(lowest, 82.0) - 2) // 10)), 101)
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10], integer=True))
    for i, line in enumerate(clip.lines):
        colour, mark = _LINES[i % len(_LINES)]
        points = sorted(line.points)
        axes.plot(
            *_columns(points), mark, linestyle="solid", color=colour, linewidth=2, markersize=7, markeredgecolor=PAPER,
            label=line.legend,
        )  # fmt: skip
    key = axes.legend(loc="lower right", frameon=False, fontsize=TEXT, labelcolor=INK, handlelength=1.6)
    for text in key.get_texts():
        text.set_parse_math(False)
    words = "; ".join(line.legend for line in clip.lines)
    return inline_svg(drawing, name=name, label=f"VMAF over bit rate of {clip.clip} in {label}. {words}")


def chunk_page(title: str, lines: Sequence[ChunkLine], *, limit: float | None = None, lead: str = "") -> str:
    """A page of `chunk_curve`."""
    return page(title, figure(chunk_curve(lines, limit=limit)), lead=lead)


def chunk_curve(lines: Sequence[ChunkLine], *, limit: float | None = None) -> str:
    """BD-rate over chunk length, one line a clip and codec, as inline SVG. `limit`, in percent, gets a line."""
    drawing = new_figure(_WIDTH, 440)
    axes: Axes = drawing.subplots()
    plain_axes(axes, x="Chunk length (s, logarithmic)", y="BD-rate against one whole encode (%)")
    lengths = sorted({length for line in lines for length, _ in line.points})
    losses = [loss for line in lines for _, loss in line.points]
    floor, top = min(0.0, *losses), max(limit or 0.0, 0.1, *losses)
    spread = max(1.5, lengths[-1] / lengths[0])
    axes.set_xscale("log")
    axes.set_xlim(lengths[0] / spread ** (_ROOM - 1), lengths[-1] * spread**0.04)
    axes.set_ylim(floor - (top - floor) * 0.06, top + (top - floor) * 0.08)
    axes.xaxis.set_major_locator(FixedLocator(_apart(lengths)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda s, _: f"{s:g}"))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda p, _: f"{p:.6g}".replace("-", "−")))
    axes.axhline(0, color=QUIET, linewidth=0.8)
    if limit is not None:
        axes.axhline(limit, color=INK, linewidth=1.2, dashes=(5, 3))
        axes.annotate(
            f"aim: at most {limit:g} %", (lengths[-1], limit), xytext=(0, 4), textcoords="offset points", ha="right",
            color=INK, fontsize=TEXT,
        )  # fmt: skip
    clips = list(dict.fromkeys(line.clip for line in lines))
    places = spread_labels([_first(line)[1] for line in lines], gap=(top - floor) * 0.05, low=floor, high=top)
    for line, place in zip(lines, places, strict=True):
        colour, dash = _CODEC_COLOURS[line.codec], _DASHES[clips.index(line.clip) % len(_DASHES)]
        axes.plot(*_columns(sorted(line.points)), color=colour, linewidth=1.8, linestyle=dash)
        axes.plot(*_columns(line.points), "o", color=colour, markersize=6, markeredgecolor=PAPER)
        axes.annotate(
            f"{coder(line.codec).label}, {line.clip}", _first(line), (_first(line)[0] / spread**0.025, place),
            textcoords="data", ha="right", va="center", color=colour, fontsize=TEXT, parse_math=False,
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.7, "shrinkA": 0, "shrinkB": 4},
        )  # fmt: skip
    worst = "; ".join(f"{coder(x.codec).label}, {x.clip}: {_percent(_first(x)[1])}" for x in lines)
    return inline_svg(drawing, name="chunks", label=f"BD-rate over chunk length. At the shortest: {worst}")


def cost_page(title: str, bars: Sequence[CostBar], *, baseline: CostBar | None = None, lead: str = "") -> str:
    """A page of `cost_bars`."""
    return page(title, figure(cost_bars(bars, baseline=baseline)), lead=lead)


def cost_bars(bars: Sequence[CostBar], *, baseline: CostBar | None = None) -> str:
    """CPU seconds for a minute of film, a bar a codec and preset, those of a codec together, as inline SVG.

    With a `baseline` each bar says how many times its time it takes.
    """
    against = f" (× that of {coder(baseline.codec).label} {baseline.preset})" if baseline else ""
    groups = [(codec, list(group)) for codec, group in groupby(bars, key=lambda b: b.codec)]
    drawing = new_figure(_WIDTH, 70 + 30 * len(bars) + 26 * len(groups))
    axes: Axes = drawing.subplots()
    plain_axes(axes, x=f"CPU seconds for a minute of film{against}")
    axes.grid(False, axis="y")
    axes.grid(True, axis="x", color=RULE, linewidth=0.8)
    place, ticks = 0.0, []
    for codec, group in groups:
        axes.annotate(
            coder(codec).label, (0, place - 0.05), xycoords=("axes fraction", "data"), xytext=(4, 0),
            textcoords="offset points", va="center", color=_CODEC_COLOURS[codec], fontsize=TEXT, fontweight="bold",
        )  # fmt: skip
        for bar in group:
            place += 1
            times = f" ({_amount(bar.cpu_s / baseline.cpu_s)} ×)" if baseline else ""
            axes.barh(place, bar.cpu_s, 0.62, color=_CODEC_COLOURS[codec])
            axes.annotate(
                f"{_amount(bar.cpu_s)} s{times}", (bar.cpu_s, place), xytext=(6, 0), textcoords="offset points",
                va="center", color=INK, fontsize=TEXT,
            )  # fmt: skip
            ticks.append((place, bar.preset))
        place += 1.1
    axes.set_yticks([p for p, _ in ticks], [name for _, name in ticks], color=INK)
    axes.set_ylim(place - 0.55, -0.5)
    axes.set_xlim(0, max(b.cpu_s for b in bars) * 1.16)
    axes.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda s, _: f"{s:,.6g}"))
    words = "; ".join(f"{coder(b.codec).label} {b.preset}: {_amount(b.cpu_s)} s" for b in bars)
    return inline_svg(drawing, name="cpu", label=f"CPU seconds for a minute of film. {words}")


def _apart(lengths: Sequence[float]) -> list[float]:
    """Of rising lengths those whose labels have room beside one another on a logarithmic axis."""
    kept: list[float] = []
    for length in lengths:
        if not kept or length >= kept[-1] * _TICK_ROOM:
            kept.append(length)
    return kept


def _first(line: ChunkLine) -> tuple[float, float]:
    """The shortest chunks."""
    return min(line.points)


def _columns(points: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [x for x, _ in points], [y for _, y in points]


def _percent(value: float) -> str:
    sign = "−" if value < 0 else "+"
    return f"{sign}{abs(value):.1f} %"


def _amount(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
