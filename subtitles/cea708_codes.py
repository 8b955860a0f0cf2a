"""The code sets of CEA-708 (CTA-708-E section 7.1) and how many bytes its codes take. Pure."""

from __future__ import annotations

_G2 = {
    0x20: " ", 0x21: "\u00a0", 0x25: "…", 0x2A: "Š", 0x2C: "Œ", 0x30: "█", 0x31: "‘", 0x32: "’", 0x33: "“",
    0x34: "”", 0x35: "•", 0x39: "™", 0x3A: "š", 0x3C: "œ", 0x3D: "℠", 0x3F: "Ÿ", 0x76: "⅛", 0x77: "⅜", 0x78: "⅝",
    0x79: "⅞", 0x7A: "│", 0x7B: "┐", 0x7C: "└", 0x7D: "─", 0x7E: "┘", 0x7F: "┌",
}  # fmt: skip
_PARAMETERS = {
    0x88: 1, 0x89: 1, 0x8A: 1, 0x8B: 1, 0x8C: 1, 0x8D: 1, 0x90: 2, 0x91: 3, 0x92: 2, 0x97: 4,
    **dict.fromkeys(range(0x98, 0xA0), 6),
}  # fmt: skip


def g0(code: int) -> str:
    """0x20 to 0x7F: ASCII, but for a note at its end."""
    return "♪" if code == 0x7F else chr(code)


def g1(code: int) -> str:
    """0xA0 to 0xFF: Latin 1."""
    return chr(code)


def g2(code: int) -> str:
    """The extended set; '_' where it has nothing, as the standard asks (section 7.1.8)."""
    return _G2.get(code, "_")


def g3(code: int) -> str:
    """The future set: so far only the icon that says that there are captions."""
    return "[CC]" if code == 0xA0 else "_"


def length(data: bytes, at: int) -> int:
    """How many bytes the code at `at` takes, with its parameters; more than are left where it is cut."""
    code = data[at]
    if code == 0x10:
        return _extended_length(data, at)
    if code < 0x20:
        return 1 + (0 if code < 0x10 else 1 if code < 0x18 else 2)
    if 0x80 <= code < 0xA0:
        return 1 + _PARAMETERS.get(code, 0)
    return 1


def _extended_length(data: bytes, at: int) -> int:
    if at + 1 >= len(data):
        return 2
    code = data[at + 1]
    if code < 0x20:
        return 2 + code // 8
    if 0x80 <= code < 0x90:
        return 2 + (4 if code < 0x88 else 5)
    if 0x90 <= code < 0xA0:
        return 3 + (data[at + 2] & 0x3F if at + 2 < len(data) else 1)
    return 2
