"""When the film begins: with its first picture, or with its sound where that comes first by intent. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from chunker.grid import Timing, opened
from media.index import FrameIndex
from media.probe import Probe
from treatment.decision import Decision

CAPTURED = frozenset({"mpegts", "mpeg", "mpegvideo", "h264", "hevc"})
"""Formats of broadcasts: what is cut out of one begins anywhere, and its pictures with the next key frame."""

_LEAST_S = Fraction(1, 20)
_MOST_S = Fraction(60)


@dataclass(frozen=True, slots=True)
class StartDecision:
    timing: Timing
    opening_frames: int
    decision: Decision


def decide_start(found: Probe, index: FrameIndex, timing: Timing) -> StartDecision:
    """Where film time 0 is. A player plays sound that comes before the first picture, over black.

    So does the film, if the file says so on purpose (an empty edit, a late first time stamp). What was cut out of a
    broadcast begins with its first picture that can be decoded, and so does a file whose clocks are a minute apart or
    more. Sound that begins later than the picture is the sound's business.
    """
    first = index.pts[0] * index.time_base
    sound = min((a.start for a in found.audio[:1]), default=first)
    lead = first - sound
    detected = f"the picture begins {float(lead):.3f} s after the sound" if lead > _LEAST_S else "with the picture"
    if lead <= _LEAST_S:
        return StartDecision(timing, 0, Decision("start", detected, "with the first picture", ""))
    left_out = f"{float(lead):.3f} s of sound before the first picture are left out"
    if CAPTURED & set(found.format.split(",")):
        why = "a recording begins anywhere, its pictures with a key frame"
        return StartDecision(timing, 0, Decision("start", detected, left_out, why, noted=True))
    if lead > _MOST_S or timing.cadence == "pulldown":
        why = "the two clocks are too far apart" if lead > _MOST_S else "the film's pulldown is taken back"
        return StartDecision(timing, 0, Decision("start", detected, left_out, why, noted=True))
    film = opened(timing, lead)
    black = film.frames - timing.frames
    decided = f"{black} frames of black come first"
    return StartDecision(film, black, Decision("start", detected, decided, "as a player shows it", noted=True))
