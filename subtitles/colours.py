"""Colours as subtitle formats write them, as ``#rrggbb``. Pure."""

from __future__ import annotations

import re

_NAMES = {
    "white": "#ffffff", "black": "#000000", "red": "#ff0000", "lime": "#00ff00", "blue": "#0000ff", "cyan": "#00ffff",
    "aqua": "#00ffff", "yellow": "#ffff00", "magenta": "#ff00ff", "fuchsia": "#ff00ff", "green": "#008000",
    "silver": "#c0c0c0", "gray": "#808080", "grey": "#808080", "maroon": "#800000", "olive": "#808000",
    "navy": "#000080", "purple": "#800080", "teal": "#008080", "orange": "#ffa500", "pink": "#ffc0cb",
}  # fmt: skip
WHITE = "#ffffff"


def css_colour(text: str) -> str:
    """A colour of HTML or TTML (names, ``#rgb``, ``#rrggbb``, ``#rrggbbaa``, ``rgb()``, ``rgba()``); '' for none.

    What is fully transparent, or no colour, is none; lesser transparency is lost.
    """
    text = text.strip().lower()
    if text in _NAMES:
        return _NAMES[text]
    if re.fullmatch(r"#?[0-9a-f]{6}(?:[0-9a-f]{2})?", text):
        code = text.lstrip("#")
        return "" if code[6:] == "00" else f"#{code[:6]}"
    if re.fullmatch(r"#[0-9a-f]{3}", text):
        return "#" + "".join(c * 2 for c in text[1:])
    found = re.fullmatch(r"rgba?\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*(?:,\s*([\d.]{1,9})\s*)?\)", text)
    if not found or (found[4] is not None and not found[4].strip("0.")):
        return ""
    return "#" + "".join(f"{min(255, int(found[n])):02x}" for n in (1, 2, 3))


def ass_colour(text: str) -> str:
    """A colour of ASS, ``&HAABBGGRR&`` or the same number in decimal, as ``#rrggbb``; '' where it is none."""
    word = text.strip().strip("&")
    try:
        value = int(word[1:], 16) if word[:1] in ("H", "h") else int(word)
    except ValueError:
        return ""
    value &= 0xFFFFFF
    return f"#{value & 0xFF:02x}{value >> 8 & 0xFF:02x}{value >> 16:02x}"
