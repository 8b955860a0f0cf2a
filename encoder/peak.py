"""Rate control that holds over chunk borders: what each encode is asked for, and harder asks where it went over. Pure.

A rung declares a peak: `max_bps` over `buffer_bits`. Chunks are encoded apart and joined in any case, so each is held
to `values.bucket.keeps_over_joins`. Encoders with a strict VBV are given half of the buffer, and a rate that takes back
what the buffer's first filling adds, so that a chunk rarely has to be encoded twice. The others, whose key frames are
large, may begin with three quarters of it, and go again with a higher CRF where what came out is over.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

from coders.coder import Coding
from coders.levels import Shape
from coders.table import CODERS
from encoder.job import ChunkJob, VideoSettings
from ladders.rung import FittedRung
from values.bucket import Bucket, keeps_over_joins, pour
from values.errors import EncodeError

MOST_TRIES = 8
_MARGIN = 0.97  # a harder ask aims a little below the limit
_LEAST_RAISE = 0.5
_STRICT_RAISE = 2.0
_CARRIED = {True: Fraction(1, 2), False: Fraction(1, 4)}
"""The share of the buffer that a chunk may leave to the next one, by whether the encoder has a strict VBV."""


class OverPeak(EncodeError):
    """A rung can't keep to its declared peak, whatever the encoder is asked for."""

    permanent = True


def over_peak(what: str, rung: FittedRung, where: str) -> OverPeak:
    """The error for a rung that went over its peak, with what to change."""
    return OverPeak(
        f"the picture of {rung.width}x{rung.height} can't keep to {rung.max_bps / 1000:g} kbit/s over a buffer of "
        f"{rung.buffer_bits / 1000:g} kbit: {what}",
        where=where,
        hint="Raise the rung's max_kbps or buffer_kbit in the ladder, or make its picture smaller.",
    )


def first_ask(job: ChunkJob, rung: FittedRung, crf: float) -> Coding:
    """What the encoder of `rung` is asked for at first; a rung without a cap (`max_bps` 0) is asked for CRF alone."""
    share = 1 if job.alone else 2
    buffer = rung.buffer_bits // share
    initial = buffer // 2
    rate = rung.max_bps
    if not job.last:
        seconds = job.chunk.frames / job.settings.rate
        rate = max(rate // 2, int(rate - initial / seconds))
    settings = job.settings
    return Coding(settings.preset, crf, rate, buffer, initial, settings.keyint, settings.threads, shape(rung, settings))


def shape(rung: FittedRung, settings: VideoSettings) -> Shape:
    """What the whole rendition may need of a decoder."""
    return Shape(rung.width, rung.height, settings.rate, rung.max_bps, rung.buffer_bits)


def overshoot(job: ChunkJob, rung: FittedRung, sizes: Iterable[int]) -> float:
    """By how many times the chunk's coded frames (bytes, in decoding order) exceed what `rung` allows them; 0 if they
    keep to it."""
    if not rung.max_bps:
        return 0.0
    run = pour(((size, 1 / job.settings.rate) for size in sizes), rung.max_bps)
    carried = _CARRIED[CODERS[rung.codec].strict_vbv]
    if keeps_over_joins(run, rung.buffer_bits, alone=job.alone, last=job.last, carried=carried):
        return 0.0
    return max(1.0, float(max(_shares(job, rung, run, carried))))


def _shares(job: ChunkJob, rung: FittedRung, run: Bucket, carried: Fraction) -> Iterator[Fraction]:
    """What the run took of each thing that it is allowed, as shares of it."""
    yield run.peak_bits / rung.buffer_bits
    if not job.alone:
        yield run.opening_bits / ((1 - carried) * rung.buffer_bits)
    if not job.last:
        yield run.closing_bits / (carried * rung.buffer_bits)
        allowed = rung.max_bps * Fraction(job.chunk.frames) / job.settings.rate
        yield (run.excess_bits + allowed) / allowed


def harder_ask(coding: Coding, rung: FittedRung, over: float, *, where: str) -> Coding:
    """The next ask after an encode that went `over` its allowance so many times. Raises EncodeError at the end of the
    CRF scale: no encode of this size keeps to the cap."""
    coder = CODERS[rung.codec]
    if coding.crf >= coder.max_crf:
        raise over_peak(f"{coder.label} is {over:.2f} times over it even at CRF {coder.max_crf}", rung, where)
    raised = max(_LEAST_RAISE, coder.halving_crf * math.log2(over / _MARGIN))
    crf = min(float(coder.max_crf), math.ceil(2 * (coding.crf + raised)) / 2)
    # Where the rate control holds the encode, a higher CRF alone changes nothing, and less rate does; where the CRF
    # holds it, the other way round.
    crf = min(crf, coding.crf + _STRICT_RAISE) if coder.strict_vbv else float(math.ceil(crf))
    return replace(coding, crf=crf, max_bps=max(1, int(coding.max_bps * _MARGIN / over)))
