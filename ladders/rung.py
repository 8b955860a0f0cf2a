"""Rungs and ladders as values, and fitting them to a source. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

SMALLEST = 16
"""No encoded side is shorter than this many pixels (one macroblock)."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One row of a ladder file: the box a picture is scaled into, and its rate control.

    `crf` is the constant rate factor, capped by `max_kbps` over a VBV buffer of `buffer_kbit` kilobits.
    """

    name: str
    width: int
    height: int
    crf: float
    max_kbps: int
    buffer_kbit: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """Rungs from the lowest to the highest, in one codec, with one stereo audio rendition."""

    name: str
    description: str
    codec: str
    rungs: tuple[Rung, ...]
    audio_kbps: int


@dataclass(frozen=True, slots=True)
class FittedRung:
    """A rung for one source: the exact even size in square pixels and its rate control in bits per second."""

    name: str
    width: int
    height: int
    crf: float
    max_bps: int
    buffer_bits: int


def fit(ladder: Ladder, display_size: tuple[int, int]) -> tuple[FittedRung, ...]:
    """The rungs of `ladder` for a source of `display_size` (width, height in square pixels), lowest first.

    The picture's shape is kept inside each rung's box (turned for portrait sources); sides are even. No rung is larger
    than the source: the first box the source does not fill becomes a rung of the source's own size, if that is at
    least a tenth taller than the rung below, and the boxes above it are left out.
    """
    fitted: list[FittedRung] = []
    for rung in ladder.rungs:
        scale = _scale(rung, display_size)
        width, height = (_even(side * min(scale, Fraction(1))) for side in display_size)
        name = rung.name if scale <= 1 else f"{min(width, height)}p"
        too_near = bool(fitted) and height * 10 < fitted[-1].height * 11
        if scale <= 1 or not too_near:
            taken = {f.name for f in fitted}
            fitted.append(
                FittedRung(
                    name if name not in taken else f"{name}-{rung.max_kbps}k",
                    width,
                    height,
                    rung.crf,
                    rung.max_kbps * 1000,
                    rung.buffer_kbit * 1000,
                )
            )
        if scale >= 1:
            rest = [r for r in ladder.rungs if _scale(r, display_size) == scale and r.max_kbps > rung.max_kbps]
            if scale > 1 or not rest:
                break
    return tuple(fitted)


def _scale(rung: Rung, display_size: tuple[int, int]) -> Fraction:
    """The factor that makes the source fill the rung's box."""
    width, height = display_size
    box = (rung.width, rung.height) if width >= height else (rung.height, rung.width)
    return min(Fraction(box[0], width), Fraction(box[1], height))


def _even(side: Fraction) -> int:
    return max(SMALLEST, 2 * int(side / 2 + Fraction(1, 2)))
