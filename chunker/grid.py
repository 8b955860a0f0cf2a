"""The film as a grid of output frames at an exact rational rate, and which source frame is shown at each. Pure.

The mapping is that of ffmpeg's ``settb`` followed by ``fps``: a source frame falls on the grid number nearest to its
time (halves away from zero); a grid number without a frame of its own repeats the one before; of several frames on
one number the last is shown. It depends on nothing but the frame's own time, so chunks and the whole film agree.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from values.clock import STANDARD_RATES

MAX_RATE = Fraction(60)
_HOLES_ALLOWED = Fraction(1, 20)  # share of repeated frames up to which a film counts as of constant rate
_NEAR_STANDARD = Fraction(1, 500)  # a declared rate this near to a standard one means the standard one


@dataclass(frozen=True, slots=True)
class Timing:
    """How source time becomes output frames.

    `time_base` is the source's tick in seconds, `origin` the source time in ticks of output frame 0. `constant` says
    that (nearly) every output frame has a source frame of its own.
    """

    rate: Fraction
    time_base: Fraction
    origin: int
    frames: int
    constant: bool

    def number(self, pts: int) -> int:
        """The grid number of source time `pts` (ticks), as av_rescale_q with rounding to nearest."""
        exact = (pts - self.origin) * self.time_base * self.rate
        doubled = 2 * exact.numerator + exact.denominator
        return doubled // (2 * exact.denominator)


def time_film(
    pts: Sequence[int], time_base: Fraction, *, declared: Iterable[Fraction], last_duration: int = 0
) -> Timing:
    """Choose the output rate of a film from its frame times, and count its output frames.

    `pts` are the times of all source frames in ticks, ascending; `declared` the rates that the container or the
    stream claims, most trusted first; `last_duration` the ticks for which the last frame is shown, 0 if unknown.
    A film of constant rate keeps it exactly (above 60 Hz it is halved until it is not); one of variable rate gets the
    standard rate at which the fewest frames are lost, if possible a declared one, otherwise the lowest.
    """
    if not pts:
        raise ValueError("a film has at least one frame")
    rates = [r for r in declared if r > 0]
    rate, constant = _constant_rate(pts, time_base, rates), True
    if rate is None:
        rate, constant = _variable_rate(pts, time_base, rates), False
    film = Timing(rate, time_base, pts[0], 1, constant)
    shown = round(last_duration * time_base * rate) if not constant else 1
    frames = film.number(pts[-1]) + max(1, shown)
    while rate > MAX_RATE:
        rate, frames = rate / 2, -(-frames // 2)
    return Timing(rate, time_base, pts[0], frames, constant)


def source_frames(timing: Timing, pts: Sequence[int], start: int, stop: int) -> array[int]:
    """The source times (ticks) of the frames shown at grid numbers ``[start, stop)``."""
    out = array("q")
    lo = bisect_right(pts, start, key=timing.number) - 1
    for n in range(start, stop):
        while lo + 1 < len(pts) and timing.number(pts[lo + 1]) <= n:
            lo += 1
        out.append(pts[max(lo, 0)])
    return out


def _constant_rate(pts: Sequence[int], time_base: Fraction, declared: Sequence[Fraction]) -> Fraction | None:
    if len(pts) == 1:
        near = [_standard(r) for r in declared]
        return next((r for r in near if r), next(iter(declared), Fraction(25)))
    measured = Fraction(len(pts) - 1) / ((pts[-1] - pts[0]) * time_base)
    candidates: list[Fraction] = []
    for rate in [*declared, measured]:
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
    return min(STANDARD_RATES, key=lambda r: (_losses(pts, time_base, r)[0], r not in claimed, r))


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
