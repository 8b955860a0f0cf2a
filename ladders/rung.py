"""Rungs and ladders as values, and fitting them to a source. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from values.errors import UsageError

SMALLEST = 16
"""No encoded side is shorter than this many pixels (one macroblock)."""

BOXES = ((416, 234), (640, 360), (768, 432), (960, 540), (1280, 720), (1920, 1080), (2560, 1440), (3840, 2160))
"""The sizes that a policy tries if it names none: those of Apple's HLS authoring specification, in pixels."""


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
    each shot a CRF of its own. A rung's cap is `peak_ratio` times its average (Apple's HLS authoring specification,
    section 1.30, asks for at most 2 for VOD).
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

    A ladder with a `policy` has no rungs: they are found for each title. A source smaller than every rung gets one rung
    of its own size if the ladder adapts (`adapt`), as the built-in ones do; otherwise it is refused.
    """

    name: str
    description: str
    rungs: tuple[Rung, ...]
    audio_kbps: int
    policy: Policy | None = None
    adapt: bool = True

    @property
    def codecs(self) -> tuple[str, ...]:
        """The codecs used, in the order of the ladder."""
        return self.policy.codecs if self.policy else tuple(dict.fromkeys(r.codec for r in self.rungs))

    @property
    def boxes(self) -> tuple[tuple[int, int], ...]:
        """The boxes of the rungs, or those the policy tries."""
        return self.policy.boxes if self.policy else tuple((r.width, r.height) for r in self.rungs)

    def of(self, codec: str) -> tuple[Rung, ...]:
        """The rungs of one codec, lowest first."""
        return tuple(r for r in self.rungs if r.codec == codec)


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

    Each codec's rungs are fitted by themselves, as `fit_boxes` says; names are unique over all of them. Raises
    UsageError for a ladder that does not adapt where every rung is larger than the source, and for one that has a
    policy and no rungs.
    """
    return fit_all((ladder,), display_size)


def fit_all(ladders: Sequence[Ladder], display_size: tuple[int, int]) -> tuple[FittedRung, ...]:
    """The rungs of several ladders of one title, ladder by ladder, with names unique over all of them.

    The title's sound is the first ladder's. Raises UsageError as `fit` does, and for ladders that share a codec.
    """
    check_together(ladders)
    fitted: list[FittedRung] = []
    for ladder in ladders:
        check_met(ladder, display_size)
        if ladder.policy:
            raise UsageError(
                "it has no rungs of its own: they are found for each title",
                where=f"ladder {ladder.name}",
                hint=f"matinee ladder MASTER --ladder {ladder.name} finds them.",
            )
        for codec in ladder.codecs:
            rungs = ladder.of(codec)
            sizes = fit_boxes([(r.width, r.height) for r in rungs], display_size)
            for rung, size in zip(rungs, sizes, strict=False):
                fitted.append(_fitted(rung, size, display_size, {f.name for f in fitted}))
    return tuple(fitted)


def fit_boxes(boxes: Sequence[tuple[int, int]], display_size: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    """The sizes that a source of `display_size` gets from the first of these `boxes`, which are sorted.

    The picture's shape is kept inside each box (turned for portrait sources); sides are even. No size is larger than
    the source: the first box the source does not fill becomes the source's own size, if that is at least a tenth taller
    than the size before, and the boxes above it are left out.
    """
    sizes: list[tuple[int, int]] = []
    for box in boxes:
        scale = box_scale(box, display_size)
        width, height = (_even(side * min(scale, Fraction(1))) for side in display_size)
        if scale > 1 and sizes and height * 10 < sizes[-1][1] * 11:
            break  # too near to the size before, which is the source's own from the second such box on
        sizes.append((width, height))
    return tuple(sizes)


def box_scale(box: tuple[int, int], display_size: tuple[int, int]) -> Fraction:
    """The factor that makes the source fill `box`: above 1 where the box is larger than the source in both sides.

    The box is turned to lie as the source does.
    """
    return min(Fraction(max(box), max(display_size)), Fraction(min(box), min(display_size)))


def check_together(ladders: Sequence[Ladder]) -> None:
    """Raise UsageError if two ladders of one title have rungs of the same codec."""
    for one, other in itertools.combinations(ladders, 2):
        for codec in one.codecs:
            if codec in other.codecs:
                raise UsageError(
                    f"the ladders {one.name} and {other.name} both have rungs of {codec}",
                    hint="Give one ladder for each codec, or write one ladder file with all rungs of that codec.",
                )


def check_met(ladder: Ladder, display_size: tuple[int, int]) -> None:
    """Raise UsageError where the ladder has nothing for a source of `display_size`, saying what to change."""
    if ladder.adapt or any(box_scale(box, display_size) <= 1 for box in ladder.boxes):
        return
    source = "x".join(map(str, display_size))
    width, height = min(ladder.boxes)
    kind = "box" if ladder.policy else "rung"
    raise UsageError(
        f"every {kind} is larger than the source, which is {source}: the smallest is {width}x{height}",
        where=f"ladder {ladder.name}",
        hint=f"Add a {kind} of at most {source}, or write adapt: true to get one of the source's own size.",
    )


def _fitted(rung: Rung, size: tuple[int, int], display_size: tuple[int, int], taken: Iterable[str]) -> FittedRung:
    name = rung.name
    if box_scale((rung.width, rung.height), display_size) > 1:
        name = rung_name(rung.codec, size)
    return FittedRung(
        _free_name(name, rung, taken), *size, rung.crf, rung.max_kbps * 1000, rung.buffer_kbit * 1000, rung.codec
    )


def rung_name(codec: str, size: tuple[int, int]) -> str:
    """What a rung without a name of its own is called: ``360p``, or ``hevc-360p`` for other codecs than H.264."""
    lines = f"{min(size)}p"
    return lines if codec == "h264" else f"{codec}-{lines}"


def _free_name(name: str, rung: Rung, taken: Iterable[str]) -> str:
    """`name`, or the first that is not taken of: with the codec before it, with the cap after it, with a number."""
    prefixed = name if name.startswith(f"{rung.codec}-") else f"{rung.codec}-{name}"
    capped = f"{prefixed}-{rung.max_kbps}k"
    numbered = (f"{capped}-{n}" for n in itertools.count(2))
    return next(n for n in itertools.chain((name, prefixed, capped), numbered) if n not in taken)


def _even(side: Fraction) -> int:
    return max(SMALLEST, 2 * int(side / 2 + Fraction(1, 2)))
