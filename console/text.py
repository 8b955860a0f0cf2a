"""Numbers as people read them. Pure."""

from __future__ import annotations


def size_text(size_bytes: int) -> str:
    """Bytes in decimal units: ``'1.6 MB'``."""
    return _scaled(size_bytes, "B")


def bits(bps: int) -> str:
    """Bits per second in decimal units: ``'736.4 kbit/s'``."""
    return _scaled(bps, "bit/s")


def _scaled(value: float, unit: str) -> str:
    for prefix in ("", "k", "M", "G", "T"):
        if value < 1000 or prefix == "T":
            return f"{value:.0f} {unit}" if not prefix else f"{value:.1f} {prefix}{unit}"
        value /= 1000
    raise AssertionError("unreachable")
