"""Luma outside legal range, and ranges that are flagged otherwise than they are used. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from gate.facts import Facts
from gate.finding import Finding, seconds
from gate.limits import Limits
from gate.marks import level_marks
from gate.measures import Measures, PictureMeasures
from gate.runs import gather, runs

_YUV = ("yuv", "nv", "p0", "p2", "p4", "gray", "y2", "uyvy", "yuyv")
_WITHIN_S = Fraction(2)
_FULL_SHARE = 0.25  # of the lit frames use all codes: a limited master never does
_FULL_PERCENT = 3.0
_LEAST_FRAMES = 48
_LIT = 60  # luma: a frame that shows something

# Codes 16 and 235 of a master that is flagged as full range, once that is brought to limited range.
_BLACK_AS_FULL, _WHITE_AS_FULL = (28, 32), (205, 220)


def find_levels(measures: Measures, facts: Facts, limits: Limits) -> Iterator[Finding]:
    """What a range flag that lies would do, else the stretches that go too far."""
    picture = measures.picture
    if not facts.video.pixel_format.startswith(_YUV):
        return  # RGB has no legal range
    if facts.video.colour.said.full_range:
        yield from _limited_as_full(picture, facts)
        return
    if _uses_all(picture):
        text = (
            "The picture is flagged as limited range and uses all codes as full range does: blacks and whites would be "
            "cut off. Onboard with --levels full."
        )
        numbers = {"darkest": min(_lit(picture, picture.low)), "brightest": max(picture.high)}
        yield Finding("levels", "warning", Fraction(0), facts.duration, text, numbers)
        return
    yield from _outside(picture, facts, limits)


def _outside(picture: PictureMeasures, facts: Facts, limits: Limits) -> Iterator[Finding]:
    found = list(runs(level_marks(picture, limits), bridge=2))
    spans = [facts.span(a, b) for a, b in found]
    for first, last in gather(spans, _WITHIN_S):
        part = [i for a, b in found[first:last] for i in range(a, b)]
        outside = sum((b - a for a, b in spans[first:last]), Fraction(0))
        if outside < min(limits.levels_s, facts.duration):
            continue
        low, high = min(picture.low[i] for i in part), max(picture.high[i] for i in part)
        share = max(picture.outside[i] for i in part) / 100
        start, stop = spans[first][0], spans[last - 1][1]
        text = (
            f"Up to {share:.0f} % of the picture is outside legal range (luma {low} to {high} of 16 to 235) for "
            f"{seconds(outside)}: it would be cut off. Check the master's levels."
        )
        numbers = {"outside_percent": round(share, 2), "darkest": low, "brightest": high}
        yield Finding("levels", "warning", start, stop, text, numbers)


def _uses_all(picture: PictureMeasures) -> bool:
    lit = full = 0
    for low, high, outside in zip(picture.low, picture.high, picture.outside, strict=True):
        lit += high >= _LIT
        full += low <= 4 and high >= 250 and outside >= _FULL_PERCENT * 100
    return lit > 0 and full >= _FULL_SHARE * lit


def _limited_as_full(picture: PictureMeasures, facts: Facts) -> Iterator[Finding]:
    lows = _lit(picture, picture.low)
    if len(lows) < _LEAST_FRAMES:
        return
    low, high = min(lows), max(picture.high)
    if _BLACK_AS_FULL[0] <= low <= _BLACK_AS_FULL[1] and _WHITE_AS_FULL[0] <= high <= _WHITE_AS_FULL[1]:
        text = (
            "The picture is flagged as full range and uses only the codes of limited range: it would look washed out. "
            "Onboard with --levels limited."
        )
        yield Finding("levels", "warning", Fraction(0), facts.duration, text, {"darkest": low, "brightest": high})


def _lit(picture: PictureMeasures, values: Sequence[int]) -> list[int]:
    return [v for v, high in zip(values, picture.high, strict=True) if high >= _LIT]
