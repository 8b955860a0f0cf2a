"""Rungs and ladders as values, and fitting them to a source. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

SMALLEST = 16
"""No encoded side is shorter than this many pixels (one macroblock)."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One row of a ladder file: the box a picture is scaled into, and its rate control.

    `crf` is the constant rate factor, capped by `max_kbps` over a VBV buffer of `buffer_kbit` kilobits. `codec` is a
    name of `coders.table`.
    """

    name: str
    width: int
    height: int
    crf: float
    max_kbps: int
    buffer_kbit: int
    codec: str = "h264"


@dataclass(frozen=True, slots=True)
class Policy:
    """How rungs are chosen for a title by trial encodes, where a ladder has no rungs of its own.

    Quality is VMAF at display size, 0 to 100: no rung aims above `top`, and rungs are at least `step` (one
    just-noticeable difference is about 6) apart. `floor_kbps` and `ceiling_kbps` bound the average bit rate of the
    lowest and highest rung, per codec. `boxes` are the sizes to try, (width, height), smallest first; `shots` gives
    each shot a CRF of its own. A rung's cap is `peak_ratio` times its average (Apple's HLS authoring specification
    asks for at most 2 for VOD).
    """

    codecs: tuple[str, ...]
    boxes: tuple[tuple[int, int], ...]
    top: float = 95.0
    step: float = 6.0
    floor_kbps: int = 100
    ceiling_kbps: int = 8000
    max_rungs: int = 8
    peak_ratio: float = 2.0
    shots: bool = False


@dataclass(frozen=True, slots=True)
class Ladder:
    """Rungs, of each codec from the lowest to the highest, with one stereo audio rendition.

    A ladder with a `policy` has no rungs: they are found for each title.
    """

    name: str
    description: str
    rungs: tuple[Rung, ...]
    audio_kbps: int
    policy: Policy | None = None

    @property
    def codecs(self) -> tuple[str, ...]:
        """The codecs used, in the order of the ladder."""
        return self.policy.codecs if self.policy else tuple(dict.fromkeys(r.codec for r in self.rungs))


@dataclass(frozen=True, slots=True)
class FittedRung:
    """A rung for one source: the exact even size in square pixels and its rate control in bits per second.

    `name` is the rendition's id, of its own in the whole title. `max_bps` and `buffer_bits` are what no stretch of the
    rendition exceeds: a leaky bucket that drains at `max_bps` never holds more than `buffer_bits`.
    """

    name: str
    width: int
    height: int
    crf: float
    max_bps: int
    buffer_bits: int
    codec: str = "h264"


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
                    rung.codec,
                )
            )
        if scale >= 1:
            rest = [r for r in ladder.rungs if _scale(r, display_size) == scale and r.max_kbps > rung.max_kbps]
            if scale > 1 or not rest:
                break
    return tuple(fitted)


def fit_all(ladders: Sequence[Ladder], display_size: tuple[int, int]) -> tuple[FittedRung, ...]:
    """The rungs of several ladders for one source, codec by codec; names are unique over all."""
    return tuple(rung for ladder in ladders for rung in fit(ladder, display_size))


def _scale(rung: Rung, display_size: tuple[int, int]) -> Fraction:
    """The factor that makes the source fill the rung's box."""
    width, height = display_size
    box = (rung.width, rung.height) if width >= height else (rung.height, rung.width)
    return min(Fraction(box[0], width), Fraction(box[1], height))


def _even(side: Fraction) -> int:
    return max(SMALLEST, 2 * int(side / 2 + Fraction(1, 2)))
