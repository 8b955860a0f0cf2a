"""How good a title's renditions are, frame by frame: plots of VMAF over time and a table, as one HTML page. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from coders.table import coder_of
from onboarding.quality import RenditionQuality, TitleQuality
from quality.scores import WORST_S, FrameScores
from reports.page import figure, page, paragraph, section, table
from reports.svg import SERIES, TEXT, inline_svg, new_figure, plain_axes, series_colours, spread_labels, time_axis
from values.clock import clock_text

_POINTS = 400
"""Points that a line has at most: about one for every two pixels."""

_READING = (
    "VMAF goes from 0 to 100; a difference of about 6 is just noticeable. The harmonic mean weighs bad frames more "
    "than the mean does. P1 and P5 are percentiles: 1 % and 5 % of the frames score lower."
)

_WIDTH, _PANEL, _FOOT, _LABEL = 1000, 330, 40, 20  # pixels


def quality_report(found: TitleQuality) -> str:
    """The page that `matinee quality --html` writes."""
    title, first = found.title, found.renditions[0].quality
    every = "every frame" if first.every == 1 else f"one frame in {first.every}"
    lead = (
        f"{clock_text(title.duration)} of film at {float(title.rate):.4g} frames a second. VMAF of {every}, with the "
        f"film as reference, at {first.width} × {first.height} pixels (libvmaf's model {first.model})."
    )
    shade = "Lines are means over short spans, the shade around them goes from the worst to the best frame of each. "
    caption = (
        f"{shade if len(found.renditions[0].scores.values) > _POINTS else ''}"
        f"Bands mark each rendition's worst {WORST_S} seconds, the heavy bar in a band their mean."
    )
    colours = [c for _, group in _families(found) for c in series_colours(len(group))]
    ordered = [r for _, group in _families(found) for r in group]
    return page(
        f"Quality of {title.name}",
        section("Over time", figure(vmaf_over_time(found), caption=caption)),
        section("In numbers", _numbers(ordered, colours), paragraph(_READING)),
        lead=lead,
    )


def vmaf_over_time(found: TitleQuality) -> str:
    """One panel a codec, one line a rendition, all on the same time and scale, as inline SVG."""
    families = _families(found)
    rate, duration = found.title.rate, float(found.title.duration)
    lowest = min(min(_spans(r.scores, rate)[1]) for r in found.renditions)
    floor = max(0.0, 10 * ((min(lowest, 90.0) - 2) // 10))
    drawing = new_figure(_WIDTH, _PANEL * len(families) + _FOOT)
    panels: list[Axes] = list(drawing.subplots(len(families), 1, sharex=True, squeeze=False)[:, 0])
    for axes, (name, group) in zip(panels, families, strict=True):
        plain_axes(axes, y="VMAF (0 to 100)", title=name)
        axes.set_ylim(floor, 100)
        axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10], integer=True))
        for r, colour in zip(group, series_colours(len(group)), strict=True):
            _line(axes, r, colour, rate)
        _name_lines(axes, group, rate, duration, floor)
    time_axis(panels[-1], duration)
    label = f"VMAF over time of {len(found.renditions)} renditions of {found.title.name}"
    return inline_svg(drawing, name="vmaf", label=label)


def _line(axes: Axes, r: RenditionQuality, colour: str, rate: Fraction) -> None:
    times, means, lows, highs = _spans(r.scores, rate)
    worst = r.quality.worst_at_s, min(r.quality.worst_at_s + WORST_S, float(r.scores.next / rate))
    axes.axvspan(*worst, color=colour, alpha=0.05, linewidth=0)
    if lows != highs:
        axes.fill_between(times, lows, highs, color=colour, alpha=0.14, linewidth=0)
    axes.plot(times, means, color=colour, linewidth=1.6)
    axes.plot(worst, [r.quality.worst_ten_s] * 2, color=colour, linewidth=4, solid_capstyle="butt")


def _name_lines(axes: Axes, group: Sequence[RenditionQuality], rate: Fraction, duration: float, floor: float) -> None:
    """Each line's name at its right end, moved apart where lines end close to one another."""
    ends = [_end(_spans(r.scores, rate)[1]) for r in group]
    places = spread_labels(ends, gap=(100 - floor) * _LABEL / _PANEL, low=floor, high=100)
    for r, colour, place in zip(group, series_colours(len(group)), places, strict=True):
        axes.annotate(
            r.rendition.id, (duration, place), xytext=(8, 0), textcoords="offset points", va="center",
            color=colour, fontsize=TEXT, fontweight="bold", annotation_clip=False,
        )  # fmt: skip


def _end(means: Sequence[float]) -> float:
    """Where a line ends, to the eye: the mean of its last thirtieth."""
    last = means[-(len(means) // 30 + 1) :]
    return sum(last) / len(last)


def _spans(scores: FrameScores, rate: Fraction) -> tuple[list[float], list[float], list[float], list[float]]:
    """Times in seconds, means, lowest and highest scores of successive short spans of the film."""
    step = -(-len(scores.values) // _POINTS)
    spans = [scores.values[i : i + step] for i in range(0, len(scores.values), step)]
    length = step * scores.every / rate
    times = [float(i * length + len(s) * scores.every / rate / 2) for i, s in enumerate(spans)]
    return times, [sum(s) / len(s) for s in spans], [min(s) for s in spans], [max(s) for s in spans]


def _families(found: TitleQuality) -> list[tuple[str, list[RenditionQuality]]]:
    """The renditions of each codec together, in the title's order."""
    families: dict[str, list[RenditionQuality]] = {}
    for r in found.renditions:
        coder = coder_of(r.rendition.codec)
        families.setdefault(coder.label if coder else r.rendition.codec, []).append(r)
    return list(families.items())


def _numbers(ordered: Sequence[RenditionQuality], colours: Sequence[str]) -> str:
    columns = ("Rendition", "Codec", "Size", "Average>", "Mean>", "Harmonic>", "P1>", "P5>", "Worst 10 s>", "From>")
    rows = [
        (
            r.rendition.id, r.rendition.codec, f"{r.rendition.width} × {r.rendition.height}",
            f"{r.rendition.average_bps / 1000:,.0f} kbit/s", f"{r.quality.mean:.2f}", f"{r.quality.harmonic_mean:.2f}",
            f"{r.quality.p1:.2f}", f"{r.quality.p5:.2f}", f"{r.quality.worst_ten_s:.2f}",
            clock_text(Fraction(r.quality.worst_at_s)),
        )
        for r in ordered
    ]  # fmt: skip
    return table(columns, rows, colours=[f"series-{SERIES.index(c) + 1}" for c in colours])
