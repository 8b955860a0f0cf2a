"""Cue settings of WebVTT: which ones are valid, and how a place on the picture is written with them. Pure.

W3C WebVTT sections 4.4 and 6.3. Lines are placed by their upper edge and no line alignment is written, because some
browsers drop a ``line`` that has one.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from fractions import Fraction

LINE_HEIGHT = Fraction(16, 3)
"""The height of a line as players draw it, in percent of the picture's height (WebVTT section 7.2: 5vh type)."""

_PERCENT = r"(?:100(?:\.0+)?|\d{1,2}(?:\.\d+)?)%"
_VALID = {
    "vertical": re.compile(r"rl|lr"),
    "line": re.compile(rf"(?:-?\d{{1,4}}|{_PERCENT})(?:,(?:start|center|end))?"),
    "position": re.compile(rf"{_PERCENT}(?:,(?:line-left|center|line-right))?"),
    "size": re.compile(_PERCENT),
    "align": re.compile(r"start|center|end|left|right"),
}
_OLD = {"align:middle": "align:center"}  # drafts before 2015


def valid_settings(text: str, regions: Collection[str] = ()) -> str:
    """The settings in `text` that players would apply, each once, the last one of a name; `regions` are known ids."""
    kept: dict[str, str] = {}
    for word in text.split():
        name, _, value = _OLD.get(word, word).partition(":")
        if name == "region":
            if value in regions:
                kept[name] = value
        elif name in _VALID and _VALID[name].fullmatch(value):
            kept[name] = value
    return " ".join(f"{name}:{value}" for name, value in kept.items())


def placed(align: str, *, x: Fraction | None = None, top: Fraction | None = None, size: Fraction | None = None) -> str:
    """Settings for text whose left edge, centre or right edge (as `align` says: left, center, right) is at `x`.

    `top` is the upper edge. All are percent of the picture; None leaves it to the player: bottom, centre, all width.
    """
    out = []
    if top is not None:
        out.append(f"line:{percent(top)}")
    if x is not None and not (align == "center" and x == 50):
        out.append(f"position:{percent(x)}")
    if size is not None and size < 100:
        out.append(f"size:{percent(size)}")
    if align != "center":
        out.append(f"align:{align}")
    return " ".join(out)


def percent(value: Fraction) -> str:
    """``84.67%``: clamped to the picture, at most two digits."""
    hundredths = int(min(max(value, Fraction(0)), Fraction(100)) * 100 + Fraction(1, 2))
    whole, part = divmod(hundredths, 100)
    return f"{whole}.{part:02d}".rstrip("0").rstrip(".") + "%"
