"""The names in a plot of bit rate and quality: rungs, sizes, fixed rungs, each where it covers least. Draws."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from matplotlib.axes import Axes

from optimizer.points import Point
from reports.field import Field
from reports.labels import Box, Labels, around
from reports.svg import INK, QUIET, TEXT

_SIZE = TEXT - 1.5
_LETTER, _BOLD, _LINE = 0.58, 0.63, 1.3  # how wide a letter and how high a line is, as shares of the text's size
_UPPER_LEFT = "10.5 10 11 9 12"
_LOWER_RIGHT = "4 4.5 5 3 6"
_RIGHT = "3 2 4 1 5"

Word = tuple[str, str, bool]
"""Text, its colour, and whether it is bold."""


def name_all(axes: Axes, field: Field) -> None:
    """Write all names into axes that are drawn and laid out already."""
    room = _room(axes, field)
    for name, choice in field.rungs:
        point = choice.point
        numbers = f"{point.vmaf:.1f} at {point.bps / 1000:,.0f} kbit/s"
        words = [(field.short(name), field.colours[point.size], True), (numbers, INK, False)]
        _write(axes, room, point, words, sides=_UPPER_LEFT, away=7)
    for curve in sorted(field.curves, key=lambda c: -c.at(c.low).vmaf):
        size = [(f"{min(curve.size)}p", field.colours[curve.size], False)]
        _write(axes, room, curve.at(curve.low), size, sides=_RIGHT, away=7)
    for rival in field.rivals:
        named = rival.named
        for i, (point, names) in enumerate(named):
            above = [(rival.name, INK, True)] if i == len(named) - 1 else []
            words = [*above, (", ".join(map(field.short, names)), QUIET, False)]
            _write(axes, room, point, words, sides=_LOWER_RIGHT, away=7)


def _room(axes: Axes, field: Field) -> Labels:
    """The axes, with all that is drawn in them."""
    window = axes.get_window_extent()
    room = Labels(Box(window.x0, window.y0, window.x1, window.y1 + 20))
    room.keep(_pixels(axes, [c.point for _, c in field.rungs]), 7)
    room.keep(_pixels(axes, [p for r in field.rivals for p in r.points]), 5)
    room.avoid(_pixels(axes, field.points), 3)
    room.avoid([xy for c in field.curves for xy in _pixels(axes, c.points((c.high - c.low) / 40))], 1.5)
    room.avoid(_along(_pixels(axes, field.hull)), 3)
    for inset in axes.child_axes:
        box = inset.get_window_extent()
        room.taken.append(Box(box.x0 - 30, box.y0 - 30, box.x1, box.y1 + 20))
    return room


def _write(axes: Axes, room: Labels, point: Point, words: Sequence[Word], *, sides: str, away: float) -> None:
    """Lines of words beside a point; a hairline leads to those that found room only further off."""
    ((x, y),) = _pixels(axes, [point])
    height = _SIZE * _LINE
    width = max(len(text) * _SIZE * (_BOLD if bold else _LETTER) for text, _, bold in words)
    candidates = around(x, y, width, height * len(words), sides=sides, away=away)
    box = room.place(candidates)
    if candidates.index(box) >= len(sides.split()):
        near = min(max(x, box.left), box.right), min(max(y, box.bottom), box.top)
        axes.annotate(
            "", (x, y), near, xycoords="figure pixels", textcoords="figure pixels",
            arrowprops={"arrowstyle": "-", "color": QUIET, "linewidth": 0.8, "shrinkA": 0, "shrinkB": 6},
        ).set_in_layout(False)  # fmt: skip
    side = "right" if box.right <= x else "left" if box.left >= x else "center"
    across = {"right": box.right, "left": box.left, "center": (box.left + box.right) / 2}[side]
    for i, (text, colour, bold) in enumerate(words):
        axes.annotate(
            text, (across, box.top - (i + 0.5) * height), xycoords="figure pixels", ha=side, va="center",
            color=colour, fontsize=_SIZE, fontweight="bold" if bold else "normal", annotation_clip=False,
            parse_math=False,
        ).set_in_layout(False)  # fmt: skip


def _pixels(axes: Axes, points: Sequence[Point]) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (axes.transData.transform((p.bps / 1000, p.vmaf)) for p in points)]


def _along(corners: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Places along a line of these corners, close enough to stand for it."""
    out = []
    for (x, y), (u, v) in pairwise(corners):
        count = max(1, int(max(abs(u - x), abs(v - y)) / 6))
        out += [(x + (u - x) * i / count, y + (v - y) * i / count) for i in range(count)]
    return [*out, *corners[-1:]]
