"""The characters, rows and attributes of CEA-608 codes (CTA-608-E sections 5 and 6, annex H). Pure."""

from __future__ import annotations

_STANDARD = {
    0x27: "’", 0x2A: "á", 0x5C: "é", 0x5E: "í", 0x5F: "ó", 0x60: "ú", 0x7B: "ç", 0x7C: "÷", 0x7D: "Ñ", 0x7E: "ñ",
    0x7F: "█",
}  # fmt: skip
_SPECIAL = "®°½¿™¢£♪à\u00a0èâêîôû"
_SPANISH_FRENCH = "ÁÉÓÚÜü‘¡*'—©℠•“”ÀÂÇÈÊËëÎÏïÔÙùÛ«»"
_PORTUGUESE_GERMAN = "ÃãÍÌìÒòÕõ{}\\^_|~ÄäÖöß¥¤¦ÅåØø┌┐└┘"
_ROWS = {
    (0, 0): 10, (1, 0): 0, (1, 1): 1, (2, 0): 2, (2, 1): 3, (3, 0): 11, (3, 1): 12, (4, 0): 13, (4, 1): 14,
    (5, 0): 4, (5, 1): 5, (6, 0): 6, (6, 1): 7, (7, 0): 8, (7, 1): 9,
}  # fmt: skip
COLOURS = ("", "#00ff00", "#0000ff", "#00ffff", "#ff0000", "#ffff00", "#ff00ff")
"""White (the default), green, blue, cyan, red, yellow, magenta."""


def standard(code: int) -> str:
    """The character of a byte 0x20 to 0x7F."""
    return _STANDARD.get(code) or chr(code)


def special(code: int) -> str:
    """The character of 0x11 and a byte 0x30 to 0x3F."""
    return _SPECIAL[code - 0x30]


def extended(first: int, code: int) -> str:
    """The character of 0x12 or 0x13 and a byte 0x20 to 0x3F, which replaces the one before it."""
    return (_SPANISH_FRENCH if first == 0x12 else _PORTUGUESE_GERMAN)[code - 0x20]


def pac_row(first: int, code: int) -> int | None:
    """The row (0 to 14) of a preamble address code; None for codes that name none."""
    return _ROWS.get((first & 7, code >> 5 & 1))
