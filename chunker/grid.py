"""The film as a grid of output frames at an exact rational rate, and which source frame is shown at each. Pure.

The mapping is that of ffmpeg's ``settb`` followed by ``fps``: a picture falls on the grid number nearest to its time
(halves away from zero); a grid number without a picture of its own repeats the one before; of several on one number
the last is shown. It depends on nothing but the picture's own time, so chunks and the whole film agree. What the
pictures are, is the cadence: the source's frames, their fields, or what is left of a pulldown.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from values.clock import STANDARD_RATES

Cadence = Literal["frame", "field", "pulldown"]
"""What becomes a picture: each source frame; each of its two fields; four of five frames, where 3:2 pulldown made five
of four (SMPTE RP 197)."""

MAX_RATE = Fraction(60)
CYCLE, KEPT = 5, 4
"""Frames in a cycle of 3:2 pulldown, and how many pictures it holds. Cycles are counted from grid number 0."""

BLACK = -(2**63)
"""Stands for a source time where the film shows black, before its first picture (ffmpeg's AV_NOPTS_VALUE)."""

_HOLES_ALLOWED = Fraction(1, 20)  # share of repeated frames up to which a film counts as of constant rate
_NEAR_STANDARD = Fraction(1, 500)  # a declared rate this near to a standard one means the standard one
_PULLED_DOWN = (Fraction(30000, 1001), Fraction(30))  # rates that 3:2 pulldown makes of 24p
_LONGEST_STILL_S = Fraction(600)  # for which the last frame may be held: a longer one is a mistake
_WORTH = 200  # of so many frames one may be lost for the sake of a lower, or a declared, rate


@dataclass(frozen=True, slots=True)
class Timing:
    """How source time becomes output frames.

    `time_base` is the source's tick in seconds, `origin` the source time in ticks of output frame 0. `constant` says
    that (nearly) every output frame has a source frame of its own; `cadence` what the pictures are.
    """

    rate: Fraction
    time_base: Fraction
    origin: int
    frames: int
    constant: bool
    cadence: Cadence = "frame"

    @property
    def source_rate(self) -> Fraction:
        """The rate of the grid that source frames are laid on: the film's own but for a pulldown."""
        return self.rate * CYCLE / KEPT if self.cadence == "pulldown" else self.rate

    def place(self, pts: int | Fraction) -> int:
        """The number of source time `pts` (ticks) on the source grid, as av_rescale_q with rounding to nearest."""
        exact = (pts - self.origin) * self.time_base * self.source_rate
        doubled = 2 * exact.numerator + exact.denominator
        return doubled // (2 * exact.denominator)

    def number(self, pts: int) -> int:
        """The film's frame that is the first to show the source frame of time `pts` (ticks)."""
        place = self.place(pts)
        if self.cadence != "pulldown":
            return place
        cycle, step = divmod(place, CYCLE)
        return KEPT * cycle + min(step, KEPT - 1)


def time_film(
    pts: Sequence[int],
    time_base: Fraction,
    *,
    declared: Iterable[Fraction],
    last_duration: int = 0,
    rate: Fraction | None = None,
) -> Timing:
    """Choose the output rate of a film from its frame times, and count its output frames.

    `pts` are the times of all source frames in ticks, ascending; `declared` the rates that the container or the
    stream claims, most trusted first; `last_duration` the ticks for which the last frame is shown, 0 if unknown.
    A film of constant rate keeps it exactly (above 60 Hz it is halved until it is not); one of variable rate gets the
    standard rate at which the fewest frames are lost, or one as good as that: if possible a declared one, otherwise
    the lowest. A still has 25 frames a second, if nothing else is said. `rate` (Hz) overrules all this.
    """
    if not pts:
        raise ValueError("a film has at least one frame")
    rates = [r for r in declared if r > 0]
    own, constant = _constant_rate(pts, time_base, rates), True
    if own is None:
        own, constant = _variable_rate(pts, time_base, rates), False
    film = Timing(own, time_base, pts[0], 1, constant)
    shown = int(min(last_duration * time_base, _LONGEST_STILL_S) * own + Fraction(1, 2))
    film = replace(film, frames=film.number(pts[-1]) + max(1, shown))
    if rate is not None:
        return _at_rate(film, rate, pts[-1])
    while film.rate > MAX_RATE:
        film = replace(film, rate=film.rate / 2, frames=-(-film.frames // 2))
    return film


def time_fields(film: Timing) -> Timing:
    """The film with a picture for each field: twice the rate, and twice the frames."""
    return replace(film, rate=film.rate * 2, frames=film.frames * 2, cadence="field")


def time_pulldown(film: Timing) -> Timing:
    """The film with 3:2 pulldown taken back: four pictures of five frames."""
    return replace(film, rate=film.rate * KEPT / CYCLE, frames=-(-film.frames * KEPT // CYCLE), cadence="pulldown")


def opened(film: Timing, lead: Fraction) -> Timing:
    """The film with black before its first picture, for at least `lead` seconds: as many whole frames."""
    frames = -(-lead * film.rate // 1)
    return replace(film, origin=film.origin - round(frames / film.rate / film.time_base), frames=film.frames + frames)


def source_frames(timing: Timing, pts: Sequence[int], start: int, stop: int) -> array[int]:
    """The source times (ticks) of the frames shown at film frames ``[start, stop)``; BLACK before the first picture.

    Of a source frame's two fields the second comes half-way to the next frame, so the frame is right for both. In a
    pulldown any of five frames may be the one too many: these are the frames that are shown if it comes later.
    """
    if timing.cadence == "pulldown":
        places = [n // KEPT * CYCLE + n % KEPT for n in range(start, stop)]
        return array("q", (pts[shown_at(timing, pts, p)] for p in places))
    out = array("q")
    lo = bisect_right(pts, start, key=timing.place) - 1
    for n in range(start, stop):
        while lo + 1 < len(pts) and timing.place(pts[lo + 1]) <= n:
            lo += 1
        out.append(pts[lo] if lo >= 0 else BLACK)
    return out


def other_frames(timing: Timing, pts: Sequence[int], start: int, stop: int) -> array[int]:
    """What the frames of a pulldown show if the one too many came before: the next source frames. Otherwise empty."""
    if timing.cadence != "pulldown":
        return array("q")
    places = [n // KEPT * CYCLE + n % KEPT + 1 for n in range(start, stop)]
    return array("q", (pts[shown_at(timing, pts, p)] for p in places))


def closing_frames(timing: Timing, pts: Sequence[int]) -> int:
    """Output frames after the last picture's own, which repeat it. (Not of a pulldown, whose last cycle is filled.)"""
    last: int | Fraction = pts[-1]
    if timing.cadence == "field" and len(pts) > 1:
        last = pts[-1] + Fraction(pts[-1] - pts[-2], 2)  # its second field, as bwdif places it
    return 0 if timing.cadence == "pulldown" else max(0, timing.frames - 1 - timing.place(last))


def shown_at(timing: Timing, pts: Sequence[int], place: int) -> int:
    """The index in `pts` of the source frame that is shown at a number of the source grid (at least the first)."""
    return max(0, bisect_right(pts, place, key=timing.place) - 1)


def _at_rate(film: Timing, rate: Fraction, last: int) -> Timing:
    """The film on a grid of another rate, as long as it was."""
    grid = replace(film, rate=rate)
    return replace(grid, frames=max(grid.number(last) + 1, int(film.frames * rate / film.rate + Fraction(1, 2))))


def _constant_rate(pts: Sequence[int], time_base: Fraction, declared: Sequence[Fraction]) -> Fraction | None:
    if len(pts) == 1:
        near = [_standard(r) or r for r in declared]
        return next((r for r in near if r >= STANDARD_RATES[0]), Fraction(25))
    measured = Fraction(len(pts) - 1) / ((pts[-1] - pts[0]) * time_base)
    candidates: list[Fraction] = []
    pulled = [r * KEPT / CYCLE for r in declared if _standard(r) in _PULLED_DOWN]  # softly: by frames' times alone
    for rate in [*declared, *pulled, measured]:
        standard = _standard(rate)
        candidates += [standard] if standard else []
    candidates += declared
    for rate in dict.fromkeys(candidates):
        lost, holes = _losses(pts, time_base, rate)
        if lost == 0 and holes <= _HOLES_ALLOWED * len(pts):
            return rate
    return None


def _variable_rate(pts: Sequence[int], time_base: Fraction, declared: Sequence[Fraction]) -> Fraction:
    claimed = {_standard(r) for r in declared}
    lost = {rate: _losses(pts, time_base, rate)[0] for rate in STANDARD_RATES}
    enough = min(lost.values()) + len(pts) // _WORTH
    return min((r for r in STANDARD_RATES if lost[r] <= enough), key=lambda r: (r not in claimed, r))


def _losses(pts: Sequence[int], time_base: Fraction, rate: Fraction) -> tuple[int, int]:
    """How many source frames a grid of `rate` would lose, and how many grid numbers would have none."""
    timing = Timing(rate, time_base, pts[0], 0, True)
    step = time_base * rate
    num, den = step.numerator, step.denominator
    numbers = {(2 * (p - pts[0]) * num + den) // (2 * den) for p in pts}
    return len(pts) - len(numbers), timing.number(pts[-1]) + 1 - len(numbers)


def _standard(rate: Fraction) -> Fraction | None:
    best = min((*STANDARD_RATES, Fraction(100), Fraction(120000, 1001), Fraction(120)), key=lambda r: abs(r - rate))
    return best if abs(best - rate) <= best * _NEAR_STANDARD else None
