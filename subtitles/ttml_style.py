"""Styles and regions of TTML, as far as WebVTT can show them (W3C TTML2 sections 10 and 11). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from subtitles.colours import WHITE, css_colour
from subtitles.markup import Run
from subtitles.webvtt_settings import LINE_HEIGHT, placed

Attributes = dict[str, str]
"""Attributes by their local names."""

_INHERITED = ("color", "direction", "fontStyle", "fontWeight", "textAlign", "textDecoration", "visibility")
_LENGTH = re.compile(r"([+-]?\d{1,6}(?:\.\d{1,9})?)(%|px|c|rw|rh)")
_BOTTOM = Fraction(80)  # a text that ends below is where players put it anyway
_BLACK = "#000000"
_CENTRE = Fraction(50)
_NEAR = Fraction(2)


@dataclass(frozen=True, slots=True)
class Frame:
    """What lengths refer to: the root's size in px (0 where not said), and cells."""

    width: Fraction = Fraction(0)
    height: Fraction = Fraction(0)
    columns: int = 32
    rows: int = 15


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that `style` and `region` attributes can refer to; what styles refer to in turn is resolved."""

    styles: Mapping[str, Attributes]
    regions: Mapping[str, Attributes]
    initial: Attributes
    frame: Frame


def local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]


def attributes(element: Any) -> Attributes:
    return {local(name): value for name, value in element.attrib.items()}


def read_sheet(root: Any) -> Sheet:
    """The styles and regions in a document's head."""
    own: dict[str, Attributes] = {}
    regions: dict[str, Attributes] = {}
    initial: Attributes = {}
    head = next((e for e in root if local(e.tag) == "head"), ())
    for part in head:
        for element in part:
            kind, found = local(element.tag), attributes(element)
            if kind == "style" and "id" in found:
                own[found["id"]] = found
            elif kind == "initial":
                initial |= found
            elif kind == "region" and "id" in found:
                nested = [attributes(e) for e in element if local(e.tag) == "style"]
                regions[found["id"]] = {k: v for one in (*nested, found) for k, v in one.items()}
    styles = {name: _resolved(name, own) for name in own}
    full = {name: referred(found, styles) for name, found in regions.items()}
    return Sheet(styles, full, initial, _frame(attributes(root)))


def referred(own: Attributes, styles: Mapping[str, Attributes]) -> Attributes:
    """An element's attributes with those of the styles that it refers to; later styles win, its own win over all."""
    if "style" not in own:
        return own
    out: Attributes = {}
    for name in own["style"].split():
        out |= styles.get(name, {})
    return out | own


def inherited(style: Attributes) -> Attributes:
    """What an element hands down."""
    return {k: v for k, v in style.items() if k in _INHERITED}


def run_of(style: Attributes) -> Run:
    """The look of text in this style."""
    colour = css_colour(style.get("color", ""))
    background = css_colour(style.get("backgroundColor", ""))
    return Run(
        "",
        italic=style.get("fontStyle") in ("italic", "oblique"),
        bold=style.get("fontWeight") == "bold",
        underline="underline" in style.get("textDecoration", "").split(),
        colour="" if colour == WHITE else colour,
        background="" if background == _BLACK else background,  # black is what players draw
    )


def hidden(style: Attributes) -> bool:
    return style.get("visibility") == "hidden" or style.get("display") == "none" or style.get("opacity") == "0"


def settings_of(region: Attributes, text_align: str, lines: int, frame: Frame) -> str:
    """WebVTT settings of a paragraph of `lines` lines in a region; a document without regions leaves it to players."""
    mode = region.get("writingMode", "")
    if mode.startswith("tb"):
        return "vertical:lr" if mode == "tblr" else "vertical:rl"
    align = {"left": "left", "start": "left", "right": "right", "end": "right", "justify": "left"}.get(text_align)
    if not text_align and "origin" in region:
        align = "left"  # the initial value is start
    align = align or "center"
    origin = _pair(region.get("origin", ""), frame)
    if origin is None:
        return "" if align == "center" else placed(align)
    x, y = origin
    width, height = _pair(region.get("extent", ""), frame) or (100 - x, 100 - y)
    middle, bottom = x + width / 2, y + height
    used = lines * LINE_HEIGHT
    where = region.get("displayAlign", "before")
    top = {"after": bottom - used, "center": y + (height - used) / 2}.get(where, y)
    top = max(Fraction(0), min(top, 100 - used))
    if align == "center" and abs(middle - _CENTRE) <= _NEAR:
        return "" if where == "after" and bottom >= _BOTTOM else placed("center", top=top)
    edge = {"left": x, "right": x + width, "center": middle}[align]
    return placed(align, x=edge, top=top, size=width if 0 < width <= 100 else None)


def _resolved(name: str, own: Mapping[str, Attributes]) -> Attributes:
    """A style with what it refers to, however deep; a circle ends where it closes."""
    order, seen, open_names = [], {name}, [name]
    while open_names:
        current = open_names.pop()
        order.append(current)
        for one in reversed(own.get(current, {}).get("style", "").split()):
            if one not in seen:
                seen.add(one)
                open_names.append(one)
    out: Attributes = {}
    for one in reversed(order):
        out |= own.get(one, {})
    return out


def _frame(root: Attributes) -> Frame:
    size = re.fullmatch(r"\s*(\d{1,5}(?:\.\d+)?)px\s+(\d{1,5}(?:\.\d+)?)px\s*", root.get("extent", ""))
    cells = re.fullmatch(r"\s*(\d{1,4})\s+(\d{1,4})\s*", root.get("cellResolution", ""))
    width, height = (Fraction(size[1]), Fraction(size[2])) if size else (Fraction(0), Fraction(0))
    columns, rows = (int(cells[1]), int(cells[2])) if cells else (32, 15)
    return Frame(width, height, columns or 32, rows or 15)


def _pair(text: str, frame: Frame) -> tuple[Fraction, Fraction] | None:
    """Two lengths in percent of the picture; None where they are not given or can't be known."""
    found = [_LENGTH.fullmatch(word) for word in text.split()]
    if len(found) != 2 or not found[0] or not found[1]:
        return None
    x = _percent(found[0], frame.width, frame.columns)
    y = _percent(found[1], frame.height, frame.rows)
    return None if x is None or y is None else (x, y)


def _percent(found: re.Match[str], size: Fraction, cells: int) -> Fraction | None:
    value, unit = Fraction(found[1]), found[2]
    if unit == "px":
        return value * 100 / size if size else None
    return value * 100 / cells if unit == "c" else value
