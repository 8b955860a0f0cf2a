"""Scores of single frames: joined from chunks to the film, pooled, and stored as JSON. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

from values.errors import EncodeError, TitleError
from values.title import Quality, StoredFile

FORMAT = 1
WORST_S = 10
"""The length in seconds of the stretch whose mean is reported as the worst."""


@dataclass(frozen=True, slots=True)
class FrameScores:
    """One score for each measured frame: frames `first`, ``first + every``, … of the film, all multiples of `every`."""

    first: int
    every: int
    values: tuple[float, ...]

    @property
    def next(self) -> int:
        """The frame that would be measured after the last one."""
        return self.first + self.every * len(self.values)


@dataclass(frozen=True, slots=True)
class PartScores:
    """The scores of one rendition of a chunk (or, joined, of the film): VMAF, and PSNR and XPSNR of luma in dB."""

    vmaf: FrameScores
    psnr_y: FrameScores | None = None
    xpsnr_y: FrameScores | None = None


@dataclass(frozen=True, slots=True)
class Pooled:
    """Statistics over the measured frames, in the unit of the scores; `worst_at_s` is a time of the film in seconds."""

    frames: int
    mean: float
    harmonic_mean: float
    p1: float
    p5: float
    worst_ten_s: float
    worst_at_s: float


def measured_frames(start: int, stop: int, every: int) -> range:
    """The frames of ``[start, stop)`` that are measured: the multiples of `every`, wherever chunks are cut."""
    return range(-(-start // every) * every, stop, every)


def join_scores(parts: Sequence[FrameScores], frames: int, *, where: str) -> FrameScores:
    """The scores of a film of `frames` frames from those of its chunks, in order.

    Raises EncodeError naming `where` if a frame is missing, there twice, or measured at another step.
    """
    every = parts[0].every if parts else 1
    at = 0
    for part in parts:
        if part.every != every or part.first != at:
            raise _hole(f"every {part.every} frames from frame {part.first}, not every {every} from {at}", where)
        at = part.next
    due = len(measured_frames(0, frames, every))
    if at != due * every:
        raise _hole(f"{at // every} scores, not {due}", where)
    return FrameScores(0, every, tuple(v for part in parts for v in part.values))


def pool(scores: FrameScores, rate: Fraction) -> Pooled:
    """The statistics that a title keeps of a rendition. `rate` is the film's, in Hz. Raises ValueError without scores.

    - ``harmonic_mean`` is libvmaf's: the harmonic mean of (score + 1), less 1, so that a score of 0 is no zero divisor
      (``vmaf_feature_score_pooled`` in libvmaf.c).
    - ``p1`` and ``p5`` are percentiles with linear interpolation between the two nearest ranks (numpy's default,
      Hyndman and Fan's definition 7).
    - the worst ten seconds are as many measured frames in a row as ten seconds hold (rounded): the lowest mean of any,
      the earliest if several are equal. A shorter film is one such stretch.
    """
    values = scores.values
    if not values:
        raise ValueError("no frame was measured")
    n = len(values)
    worst, index = _worst(values, max(1, round(WORST_S * rate / scores.every)))
    return Pooled(
        frames=n,
        mean=math.fsum(values) / n,
        harmonic_mean=n / math.fsum(1 / (v + 1) for v in values) - 1,
        p1=percentile(values, 1),
        p5=percentile(values, 5),
        worst_ten_s=worst,
        worst_at_s=float((scores.first + index * scores.every) / rate),
    )


def percentile(values: Sequence[float], percent: float) -> float:
    """The score that `percent` of all are below, interpolated linearly between the two nearest ranks."""
    ordered = sorted(values)
    rank = (len(ordered) - 1) * percent / 100
    low = math.floor(rank)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (rank - low)


def quality_of(
    scores: FrameScores, rate: Fraction, *, model: str, size: tuple[int, int], stored: StoredFile
) -> Quality:
    """What `title.json` says of a rendition whose scores are `stored`."""
    p = pool(scores, rate)
    return Quality(
        model=model.removeprefix("version="),
        width=size[0],
        height=size[1],
        every=scores.every,
        frames=p.frames,
        mean=_rounded(p.mean),
        harmonic_mean=_rounded(p.harmonic_mean),
        p1=_rounded(p.p1),
        p5=_rounded(p.p5),
        worst_ten_s=_rounded(p.worst_ten_s),
        worst_at_s=round(p.worst_at_s, 6),
        scores=stored,
    )


def dump_scores(scores: FrameScores) -> bytes:
    """The stored scores file: VMAF of each measured frame, with the six decimals that libvmaf writes."""
    value = {
        "format": FORMAT,
        "metric": "vmaf",
        "first": scores.first,
        "every": scores.every,
        "values": [round(v, 6) for v in scores.values],
    }
    return (json.dumps(value, separators=(",", ":")) + "\n").encode()


def load_scores(data: bytes, *, where: str) -> FrameScores:
    """Parse a stored scores file. Raises TitleError naming `where` if it is damaged or of a newer format."""
    try:
        raw = json.loads(data)
        version, first, every, values = raw["format"], raw["first"], raw["every"], raw["values"]
        found = FrameScores(int(first), int(every), tuple(float(v) for v in values))
    except (ValueError, KeyError, TypeError) as error:
        raise TitleError(f"the scores can't be read ({error})", where=where, hint=_ANEW) from error
    if version != FORMAT:
        raise TitleError(
            f"the scores have format {version}, this matinee reads {FORMAT}",
            where=where,
            hint="Use a newer matinee, or onboard the title again.",
        )
    if found.every < 1 or found.first % found.every or not all(math.isfinite(v) for v in found.values):
        raise TitleError("the scores are no numbers of measured frames", where=where, hint=_ANEW)
    return found


_ANEW = "Onboard the master again to measure it anew: --force."


def _worst(values: Sequence[float], length: int) -> tuple[float, int]:
    """The lowest mean of `length` values in a row (of all, if there are fewer), and the index where they start."""
    length = min(length, len(values))
    sums = [0.0, *accumulate(values)]
    starts = range(len(values) - length + 1)
    at = min(starts, key=lambda i: (round(sums[i + length] - sums[i], 9), i))
    return math.fsum(values[at : at + length]) / length, at


def _rounded(score: float) -> float:
    return round(score, 4)


def _hole(what: str, where: str) -> EncodeError:
    return EncodeError(
        f"the chunks' scores don't tile the film: {what}", where=where, hint="Measure the chunks anew: --force."
    )
