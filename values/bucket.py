"""A leaky bucket over coded frames: what a rendition's declared peak means, and what keeps it over joins. Pure.

Each frame is poured in whole, in decoding order, and the bucket drains at the declared rate while the frame lasts
(ITU-T H.264 annex C.3, the leaky bucket of ISO/IEC 23009-1 section 5.3.5.4). The most it ever holds is the largest
amount by which any window of the stream exceeds rate times time: a stream keeps to (rate, buffer) if that is at most
the buffer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Bucket:
    """A run of frames in a bucket that was empty before, in bits.

    `peak_bits` is the most it held. `opening_bits` is the most by which the run's frames up to any one exceed what
    drains before that one: what the run adds to a bucket that was not empty. `closing_bits` is left when the last frame
    has drained. `excess_bits` is all that came in less what drains in the whole time, negative below the rate.
    """

    peak_bits: Fraction
    opening_bits: Fraction
    closing_bits: Fraction
    excess_bits: Fraction


def pour(frames: Iterable[tuple[int, Fraction]], rate_bps: int) -> Bucket:
    """Pour (size in bytes, duration in seconds) frames into a bucket that drains at `rate_bps`."""
    level = peak = opening = excess = Fraction(0)
    for size_bytes, duration in frames:
        bits, drained = 8 * size_bytes, rate_bps * duration
        level += bits
        peak = max(peak, level)
        level = max(Fraction(0), level - drained)
        opening = max(opening, excess + bits)
        excess += bits - drained
    return Bucket(peak, opening, level, excess)


def keeps_over_joins(
    run: Bucket, buffer_bits: int, *, alone: bool, last: bool, carried: Fraction = Fraction(1, 2)
) -> bool:
    """Whether runs that each answer True keep to the buffer however they are joined, each by itself to be checked.

    A run may leave the share `carried` of the buffer to the next one, and begins with no more than the rest; no run but
    the last has an excess. Then a bucket enters each run with no more than the share in it, and nothing that the run
    does fills it: what is carried in and the run's opening fit together, and its own peak fits by itself. A run that
    is `alone` has the whole buffer to itself.
    """
    if alone:
        return run.peak_bits <= buffer_bits
    return (
        run.peak_bits <= buffer_bits
        and run.opening_bits <= (1 - carried) * buffer_bits
        and (last or (run.closing_bits <= carried * buffer_bits and run.excess_bits <= 0))
    )


class Leak:
    """The same bucket for a whole rendition's samples, poured one by one: constant memory, integers only.

    Durations are ticks of `timescale` a second. `peak_bits` is the most it held yet and `peak_at` the decode time, in
    ticks from the first sample, at which it held that.
    """

    __slots__ = ("_level", "_peak", "at", "peak_at", "rate_bps", "timescale")

    def __init__(self, rate_bps: int, timescale: int) -> None:
        self.rate_bps = rate_bps
        self.timescale = timescale
        self.at = self.peak_at = 0
        self._level = self._peak = 0  # in bits times timescale, so that draining stays whole

    @property
    def peak_bits(self) -> Fraction:
        return Fraction(self._peak, self.timescale)

    def pour(self, size_bytes: int, ticks: int) -> None:
        """Pour one sample that lasts `ticks`."""
        level = self._level + 8 * size_bytes * self.timescale
        if level > self._peak:
            self._peak, self.peak_at = level, self.at
        self._level = max(0, level - self.rate_bps * ticks)
        self.at += ticks
