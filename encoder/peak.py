"""Rate control that holds over chunk borders: what each encode is asked for, and harder asks where it went over. Pure.

A rung declares a peak: `max_bps` over `buffer_bits`. Chunks are encoded apart and joined in any case, so each is held
to `values.bucket.keeps_over_joins`. Encoders with a strict VBV are given half of the buffer, and a rate that takes back
what the buffer's first filling adds, so that a chunk rarely has to be encoded twice. The others, whose key frames are
large, may begin with three quarters of it, and go again with a higher CRF where what came out is over.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from coders.coder import Coder, Coding
from coders.levels import Shape
from coders.table import CODERS
from encoder.colour import light_of
from encoder.job import ChunkJob, VideoSettings
from ladders.rung import FittedRung
from values.bucket import keeps_over_joins, pour
from values.errors import EncodeError

MOST_TRIES = 8
_MARGIN = 0.97  # a harder ask aims a little below the limit
_LEAST_RAISE = 0.5
_STRICT_RAISE = 2.0
_HALVINGS = 10  # to a thousandth
_BOLDER = 1.5
_CARRIED = {True: Fraction(1, 2), False: Fraction(1, 4)}
"""The share of the buffer that a chunk may leave to the next one, by whether the encoder has a strict VBV."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What an encode was asked for, and how many times it went over its peak (see `overshoot`)."""

    coding: Coding
    over: float


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
    crf = float(round(crf)) if rung.codec == "vp9" else crf  # libvpx takes whole ones
    return Coding(
        settings.preset, crf, rate, buffer, initial, settings.keyint, settings.threads, shape(rung, settings),
        light_of(settings.look),
    )  # fmt: skip


def shape(rung: FittedRung, settings: VideoSettings) -> Shape:
    """What the whole rendition may need of a decoder."""
    return Shape(rung.width, rung.height, settings.rate, rung.max_bps, rung.buffer_bits)


def overshoot(job: ChunkJob, rung: FittedRung, sizes: Iterable[int]) -> float:
    """How many times the declared peak, its rate and its buffer, the chunk's coded frames (bytes, in decoding order)
    would need; 0 if they keep to it."""
    if not rung.max_bps:
        return 0.0
    frames = [(size, 1 / job.settings.rate) for size in sizes]

    def keeps(times: float) -> bool:
        buffer = int(rung.buffer_bits * times)
        run = pour(frames, int(rung.max_bps * times))
        carried = _CARRIED[CODERS[rung.codec].strict_vbv]
        return keeps_over_joins(run, buffer, alone=job.alone, last=job.last, carried=carried)

    if keeps(1.0):
        return 0.0
    enough = 2.0
    while not keeps(enough):
        enough *= 2
    least = enough / 2
    for _ in range(_HALVINGS):
        middle = (least + enough) / 2
        least, enough = (least, middle) if keeps(middle) else (middle, enough)
    return enough


def harder_ask(ask: Ask, rung: FittedRung, *, where: str, before: Ask | None = None, last: bool = False) -> Coding:
    """The next ask after one that went over its allowance; `before` is the one before it, which shows how much a CRF
    does here. The `last` one is for the highest CRF.

    Raises OverPeak at the end of the CRF scale: no encode of this size keeps to the cap.
    """
    coder, coding, over = CODERS[rung.codec], ask.coding, ask.over
    if coding.crf >= coder.max_crf:
        raise over_peak(f"{coder.label} is {over:.2f} times over it even at CRF {coder.max_crf}", rung, where)
    raised = max(_LEAST_RAISE, _halving_crf(ask, before, coder) * math.log2(over / _MARGIN))
    crf = min(float(coder.max_crf), math.ceil(2 * (coding.crf + raised)) / 2)
    if not coder.strict_vbv:
        return replace(coding, crf=float(coder.max_crf if last else math.ceil(crf)))
    # Where the rate control holds the encode, a higher CRF alone changes nothing, and less rate does; where the CRF
    # holds it, the other way round.
    gently = max(_STRICT_RAISE, 2 * (coding.crf - before.coding.crf) if before else 0.0)
    crf = float(coder.max_crf) if last else min(crf, coding.crf + gently)
    return replace(coding, crf=crf, max_bps=max(1, int(coding.max_bps * _MARGIN / over)))


def _halving_crf(ask: Ask, before: Ask | None, coder: Coder) -> float:
    """How much more CRF is thought to take half of the bits: what the codec does as a rule, or what the step from
    `before` did here if that was less, but then not all at once."""
    if before is None:
        return coder.halving_crf
    raised = ask.coding.crf - before.coding.crf
    thought = raised / math.log2(before.over / _MARGIN)
    seen = raised / math.log2(before.over / ask.over) if before.over > ask.over else math.inf
    return max(coder.halving_crf, min(seen, _BOLDER * thought))
