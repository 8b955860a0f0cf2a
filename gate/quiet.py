"""Where a track is silent. Pure."""

from __future__ import annotations

from fractions import Fraction

from gate.limits import Limits
from gate.measures import BLOCKS_PER_S, Measures, SoundMeasures
from gate.runs import IN, OUT


def silence_marks(sound: SoundMeasures, limits: Limits) -> list[int]:
    """The blocks in which no sample of any channel reaches the limit."""
    limit = round(limits.silence_db * 100)
    return [IN if peak < limit else OUT for peak in sound.peak]


def is_silent(measures: Measures, start: Fraction, stop: Fraction, limits: Limits) -> bool:
    """Whether no track has a sound within ``[start, stop)``, seconds of the film."""
    first, last = int(start * BLOCKS_PER_S) + 1, int(stop * BLOCKS_PER_S)
    limit = round(limits.silence_db * 100)
    return all(peak < limit for sound in measures.sounds for peak in sound.peak[first:last])
