"""The plane of bit rate and quality of one codec: trials, hull, found rungs, and a fixed ladder's, as inline SVG."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from coders.table import coder
from optimizer.points import Point
from reports.field import Field
from reports.fixed import Rival
from reports.names import name_all
from reports.svg import INK, PAPER, QUIET, TEXT, inline_svg, new_figure, plain_axes, rate_axis

_WIDTH, _HEIGHT = 1000, 620  # pixels
_MARKS = ("o", "s", "D")
_CORNER = (0.68, 0.09, 0.3, 0.34)
"""Where the small plot is: left, bottom, width and height as shares of the large one."""


def frontier(field: Field) -> str:
    """All that was measured, and what was made of it. Where much of it is far below the rungs, the plot is of the
    rungs' surroundings and a small one inside it shows the whole."""
    drawing = new_figure(_WIDTH, _HEIGHT)
    axes: Axes = drawing.subplots()
    plain_axes(axes, y="VMAF at display size (0 to 100)")
    _draw_trials(axes, field, width=1.1, mark=4.5)
    axes.plot(*_xy(field.hull), color=INK, linewidth=2.6)
    for _, choice in field.rungs:
        colour = field.colours[choice.point.size]
        axes.plot(
            *_xy([choice.point]), "o", color=colour, markersize=11, markeredgecolor=PAPER, markeredgewidth=2, zorder=5
        )
    for rival, mark in zip(field.rivals, _MARKS, strict=False):
        _draw_rival(axes, rival, mark)
    whole = min(p.vmaf for p in field.points)
    floor = _floor(min(p.vmaf for p in field.landmarks) - 6)
    overview = whole < floor - 5
    _scales(axes, field, floor if overview else _floor(whole))
    drawing.draw_without_rendering()  # only now is it known where the axes are
    if overview and not _overview(axes, field):
        _scales(axes, field, _floor(whole))
        drawing.draw_without_rendering()
    name_all(axes, field)
    trials = f"{len(field.points)} trial encodes in {coder(field.codec).label}"
    words = f"VMAF over bit rate of {trials}, their upper convex hull and {len(field.rungs)} rungs"
    return inline_svg(drawing, name=f"rate-{field.codec}", label=words)


def _draw_trials(axes: Axes, field: Field, *, width: float, mark: float) -> None:
    for curve in field.curves:
        line = curve.points((curve.high - curve.low) / 60)
        axes.plot(*_xy(line), color=field.colours[curve.size], linewidth=width, alpha=0.75)
    for point in field.points:
        axes.plot(*_xy([point]), "o", color=field.colours[point.size], markersize=mark, mew=0, zorder=3)


def _floor(vmaf: float) -> float:
    """Where the scale of VMAF begins: in tens, and never so high that small differences look like large ones."""
    return max(0.0, 10 * ((min(vmaf, 82.0) - 2) // 10))


def _scales(axes: Axes, field: Field, floor: float) -> None:
    """What is above `floor`, with room for the lowest rung's name on the left and the sizes' names on the right."""
    axes.set_ylim(floor, 100 + (100 - floor) * 0.06)
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10], integer=True))
    shown = [p for p in (*field.points, *field.landmarks) if p.vmaf >= floor]
    least, most = (pick(p.bps for p in shown) / 1000 for pick in (min, max))
    rung = field.rungs[0][1].point.bps / 1000
    left, right = 140 / _WIDTH, 70 / _WIDTH
    high = most * (most / least) ** (right / (1 - right)) * 1.03
    # The lowest rung is at least `left` of the width away: log(rung) - log(low) = left * (log(high) - log(low)).
    low = min(least * 0.9, (rung / high**left) ** (1 / (1 - left)))
    rate_axis(axes, low, high)


def _overview(axes: Axes, field: Field) -> bool:
    """All trials, small, in the lower right corner. False, and nothing drawn, where the corner is not free."""
    left, bottom, width, height = _CORNER
    seen = [*field.points, *field.landmarks, *(p for c in field.curves for p in c.points((c.high - c.low) / 60))]
    places = axes.transAxes.inverted().transform(axes.transData.transform(list(zip(*_xy(seen), strict=True))))
    if any(x > left - 0.08 and 0 < y < bottom + height + 0.08 for x, y in places):
        return False
    inset = axes.inset_axes((left, bottom, width, height))
    plain_axes(inset)
    _draw_trials(inset, field, width=0.8, mark=2.5)
    inset.plot(*_xy(field.hull), color=INK, linewidth=1.4)
    rates, qualities = _xy(field.points)
    rate_axis(inset, min(rates) * 0.8, max(rates) * 1.25)
    inset.set_ylim(_floor(min(qualities)), 103)
    inset.yaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10], integer=True))
    inset.tick_params(labelsize=TEXT - 2.5, pad=3)
    inset.set_xlabel("")
    inset.set_title("All trial encodes", loc="left", color=QUIET, fontsize=TEXT - 1.5, pad=6)
    (low, high), (floor, _) = axes.get_xlim(), axes.get_ylim()
    corner = max(low, min(rates) * 0.8)
    inset.plot([corner, corner, high], [103, floor, floor], color=QUIET, linewidth=0.9, dashes=(2, 2))
    return True


def _draw_rival(axes: Axes, rival: Rival, mark: str) -> None:
    points = sorted(rival.points, key=lambda p: p.bps)
    axes.plot(*_xy(points), color=QUIET, linewidth=1.4, dashes=(4, 3))
    axes.plot(
        *_xy(points), mark, color=INK, markerfacecolor=PAPER, markeredgewidth=1.6, markersize=7, zorder=6
    )  # fmt: skip


def _xy(points: Sequence[Point]) -> tuple[list[float], list[float]]:
    """Kilobits per second, and VMAF."""
    return [p.bps / 1000 for p in points], [p.vmaf for p in points]
