"""Exact time: frame rates and media timescales as integers and fractions, never floats. Pure."""

from __future__ import annotations

import re
from fractions import Fraction

from values.errors import UsageError

STANDARD_RATES: tuple[Fraction, ...] = (
    Fraction(12), Fraction(15), Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001),
    Fraction(30), Fraction(48000, 1001), Fraction(48), Fraction(50), Fraction(60000, 1001), Fraction(60),
)  # fmt: skip
"""Frame rates (Hz) that delivery formats and displays expect, ascending (Apple HLS authoring specification 1.x)."""


def timescale_of(rate: Fraction) -> int:
    """Ticks per second of a video track at `rate` (Hz), such that a frame is a whole number of ticks.

    24 gives 24000 (1000 ticks a frame), 30000/1001 gives 30000 (1001 ticks a frame).
    """
    return rate.numerator if rate.numerator >= 1000 else rate.numerator * 1000


def ticks_per_frame(rate: Fraction) -> int:
    """The duration of one frame in ticks of `timescale_of(rate)`."""
    return int(timescale_of(rate) / rate)


def seconds_text(seconds: Fraction, places: int = 6) -> str:
    """`seconds` as decimal text, rounded half up at `places` digits, without a float in between: ``'4.004000'``."""
    scaled = (abs(seconds) * 10**places * 2 + 1) // 2
    whole, part = divmod(int(scaled), 10**places)
    sign = "-" if seconds < 0 and scaled else ""
    return f"{sign}{whole}.{part:0{places}d}" if places else f"{sign}{whole}"


def clock_text(seconds: Fraction) -> str:
    """`seconds` for people: ``'0:09:56.458'``."""
    milliseconds = int((seconds * 2000 + 1) // 2)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def parse_rate(text: str, *, where: str) -> Fraction:
    """A frame rate (Hz) from text: ``'25'``, ``'30000/1001'``, or a decimal that means one over 1001: ``'23.976'``.

    Raises UsageError.
    """
    found = re.fullmatch(r"(\d{1,7})(?:/(\d{1,7})|\.(\d{1,6}))?", text.strip())
    if not found or (found[2] and not int(found[2])):
        raise UsageError(f"{text!r} is not a frame rate", where=where, hint="Write it like 25, 23.976 or 30000/1001.")
    rate = Fraction(text.strip())
    if found[3]:
        film = Fraction(round(rate) * 1000, 1001)
        return film if abs(film - rate) < Fraction(1, 100) else rate
    return rate


def parse_seconds(text: str, *, where: str) -> Fraction:
    """A positive number of seconds from text: ``'4'``, ``'4.004'`` or ``'1001/250'``. Raises UsageError."""
    if re.fullmatch(r"\d+(\.\d+)?|\d+/\d+", text.strip()):
        try:
            seconds = Fraction(text.strip())
        except ZeroDivisionError:
            seconds = Fraction(0)
        if seconds > 0:
            return seconds
    raise UsageError(
        f"{text!r} is not a positive number of seconds", where=where, hint="Write it like 4, 4.004 or 1001/250."
    )
