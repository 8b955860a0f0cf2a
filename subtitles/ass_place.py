"""Where ASS puts a text on the picture, as WebVTT settings. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from subtitles.webvtt_settings import LINE_HEIGHT, placed

_ALIGN = {0: "right", 1: "left", 2: "center"}
_EDGE = Fraction(5)
_HALF = Fraction(50)


@dataclass(frozen=True, slots=True)
class Canvas:
    """The size in which ASS counts (PlayResX and PlayResY)."""

    width: int = 384
    height: int = 288


CANVAS = Canvas()
"""The size that a script without one means."""


def alignment_settings(alignment: int, lines: int, *, left: Fraction = _EDGE, right: Fraction = _EDGE) -> str:
    """Settings for a text of `lines` lines at `alignment`, as on a numeric keypad: 2 is bottom centre, 8 top centre.

    `left` and `right` are margins in percent.
    """
    align = _ALIGN[alignment % 3]
    x = {"left": left, "right": 100 - right, "center": None}[align]
    tops = {1: None, 2: _HALF - lines * LINE_HEIGHT / 2, 3: _EDGE}
    return placed(align, x=x, top=tops[(alignment + 2) // 3])


def position_settings(alignment: int, lines: int, x: Fraction, y: Fraction, canvas: Canvas) -> str:
    """Settings for a text whose point named by `alignment` is at `x`, `y` of `canvas`."""
    height = lines * LINE_HEIGHT
    top = 100 * y / canvas.height - {1: height, 2: height / 2, 3: Fraction(0)}[(alignment + 2) // 3]
    top = min(max(top, Fraction(0)), 100 - height)
    return placed(_ALIGN[alignment % 3], x=100 * x / canvas.width, top=max(top, Fraction(0)))
