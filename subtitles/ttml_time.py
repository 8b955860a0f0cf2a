"""Time expressions of TTML (W3C TTML2 section 12.3.1): clock times, offsets, frames and ticks. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

_CLOCK = re.compile(r"(\d{2,4}):(\d{2}):(\d{2})(?:(\.\d{1,9})|:(\d{2,})(?:\.(\d{1,4}))?)?")
_OFFSET = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)(h|ms|m|s|f|t)")
_UNITS = {"h": Fraction(3600), "m": Fraction(60), "s": Fraction(1), "ms": Fraction(1, 1000)}
_DEFAULT_RATE = 30


@dataclass(frozen=True, slots=True)
class Clock:
    """How a document counts time. `frame_rate` is what time codes count to, `multiplier` what makes it frames per real
    second; `ticks` are per second. With `smpte` a time code counts frames, with `drop` it skips some (NTSC)."""

    frame_rate: int = _DEFAULT_RATE
    multiplier: Fraction = Fraction(1)
    sub_frames: int = 1
    ticks: int = 1
    smpte: bool = False
    drop: bool = False

    @property
    def rate(self) -> Fraction:
        """Frames per second."""
        return self.frame_rate * self.multiplier


def read_clock(parameters: Mapping[str, str]) -> Clock:
    """The clock of a document from its root's attributes (local names), which have defaults. Raises ValueError."""
    given = _positive(parameters.get("frameRate"))
    frame_rate = given or _DEFAULT_RATE
    sub_frames = _positive(parameters.get("subFrameRate")) or 1
    numbers = [int(word) for word in re.findall(r"\d{1,6}", parameters.get("frameRateMultiplier", ""))]
    if 0 in numbers:
        raise ValueError("a frame rate with a 0 in it")
    multiplier = Fraction(*numbers[:2]) if numbers else Fraction(1)
    ticks = _positive(parameters.get("tickRate")) or (frame_rate * sub_frames if given else 1)
    smpte = parameters.get("timeBase", "media") == "smpte"
    drop = smpte and parameters.get("dropMode", "nonDrop") == "dropNTSC"
    return Clock(frame_rate, multiplier, sub_frames, ticks, smpte, drop)


def read_time(text: str, clock: Clock) -> Fraction:
    """Seconds of a time expression. Raises ValueError where it is none."""
    text = text.strip()
    found = _CLOCK.fullmatch(text)
    if found:
        return _clock_time(found, clock)
    found = _OFFSET.fullmatch(text)
    if not found:
        raise ValueError(f"{text[:40]!r} is no time")
    count, unit = Fraction(found[1]), found[2]
    if unit == "f":
        return count / clock.rate
    return count / clock.ticks if unit == "t" else count * _UNITS[unit]


def _clock_time(found: re.Match[str], clock: Clock) -> Fraction:
    hours, minutes, seconds = int(found[1]), int(found[2]), int(found[3])
    whole = hours * 3600 + minutes * 60 + seconds
    if found[4]:
        return whole + Fraction(found[4])
    frames = Fraction(int(found[5] or 0)) + Fraction(int(found[6] or 0), clock.sub_frames)
    if not clock.smpte:
        return whole + frames / clock.rate
    counted = whole * clock.frame_rate + frames
    if clock.drop:  # frames 0 and 1 of each minute are skipped, but not of every tenth
        total = hours * 60 + minutes
        counted -= 2 * (total - total // 10)
    return counted / clock.rate


def _positive(text: str | None) -> int:
    """The number, 0 where none is given. Raises ValueError where it is nonsense."""
    if text is None:
        return 0
    if not re.fullmatch(r"\s*\d{1,9}\s*", text) or int(text) == 0:
        raise ValueError(f"{text[:20]!r} is no rate")
    return int(text)
