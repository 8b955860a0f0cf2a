"""One codec at one size: what each CRF gives, interpolated between the measured ones. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil, floor, log2

from optimizer.monotone import Monotone, not_rising
from optimizer.points import Point

_HALVINGS = 40  # of an interval of CRFs: far below anything an encoder tells apart


@dataclass(frozen=True, slots=True)
class Curve:
    """Bit rate and quality over CRF of one codec at one size, within the measured CRFs and never beyond.

    The logarithm of the bit rate and each quality are monotone cubics. Where the measured values rise with the CRF,
    which is noise, the nearest values that don't take their place.
    """

    codec: str
    width: int
    height: int
    log_bps: Monotone
    vmaf: Monotone
    psnr_y: Monotone | None
    xpsnr_y: Monotone | None

    @classmethod
    def through(cls, points: Iterable[Point]) -> Curve:
        """The curve through at least two points of one codec and size. Raises ValueError on others."""
        known = sorted(points, key=lambda p: p.crf)
        if len({(p.codec, p.size) for p in known}) != 1:
            raise ValueError("a curve is of one codec and one size")
        crfs = [p.crf for p in known]

        def cubic(values: Sequence[float | None]) -> Monotone | None:
            given = [v for v in values if v is not None]
            return Monotone.through(crfs, not_rising(given)) if len(given) == len(crfs) else None

        first = known[0]
        return cls(
            first.codec,
            first.width,
            first.height,
            Monotone.through(crfs, not_rising([log2(p.bps) for p in known])),
            Monotone.through(crfs, not_rising([p.vmaf for p in known])),
            cubic([p.psnr_y for p in known]),
            cubic([p.xpsnr_y for p in known]),
        )

    @property
    def size(self) -> tuple[int, int]:
        return (self.width, self.height)

    @property
    def low(self) -> float:
        """The lowest CRF measured: the best quality."""
        return self.vmaf.xs[0]

    @property
    def high(self) -> float:
        """The highest CRF measured: the fewest bits."""
        return self.vmaf.xs[-1]

    def at(self, crf: float) -> Point:
        """What `crf` gives. Raises ValueError outside of `low` to `high`."""
        return Point(
            self.codec,
            self.width,
            self.height,
            crf,
            bps=2 ** self.log_bps.at(crf),
            vmaf=self.vmaf.at(crf),
            psnr_y=self.psnr_y.at(crf) if self.psnr_y else None,
            xpsnr_y=self.xpsnr_y.at(crf) if self.xpsnr_y else None,
        )

    def crf_for_vmaf(self, vmaf: float) -> float | None:
        """The highest CRF that gives at least `vmaf`; None if none does."""
        if self.vmaf.at(self.low) < vmaf:
            return None
        return _border(self.low, self.high, lambda crf: self.vmaf.at(crf) >= vmaf)

    def crf_for_bps(self, bps: float) -> float | None:
        """The lowest CRF that needs at most `bps`; None if none does."""
        if 2 ** self.log_bps.at(self.high) > bps:
            return None
        return _border(self.high, self.low, lambda crf: 2 ** self.log_bps.at(crf) <= bps)

    def points(self, step: float | None = None) -> tuple[Point, ...]:
        """The curve at each whole multiple of `step` (by default `crf_step`), and at its ends, ascending in CRF."""
        return tuple(self.at(crf) for crf in crf_grid(self.low, self.high, step or crf_step(self.codec)))


def curves(points: Iterable[Point]) -> tuple[Curve, ...]:
    """A curve for each codec and size that has at least two CRFs, in the order of codec, width and height."""
    ordered = sorted(points, key=_place)
    groups = [tuple(group) for _, group in groupby(ordered, key=_place)]
    return tuple(Curve.through(group) for group in groups if len(group) > 1)


def crf_step(codec: str) -> float:
    """How fine a CRF of `codec` is: libvpx takes whole numbers, the others are asked in halves."""
    return 1.0 if codec == "vp9" else 0.5


def crf_grid(low: float, high: float, step: float) -> tuple[float, ...]:
    """The whole multiples of `step` from `low` to `high`, with both ends."""
    inner = (n * step for n in range(ceil(low / step), floor(high / step) + 1))
    return tuple(sorted({low, high, *inner}))


def _place(point: Point) -> tuple[str, int, int]:
    return (point.codec, point.width, point.height)


def _border(good: float, end: float, holds: Callable[[float], bool]) -> float:
    """How far from `good`, where it holds, towards `end` it holds."""
    if holds(end):
        return end
    bad = end
    for _ in range(_HALVINGS):
        middle = (good + bad) / 2
        good, bad = (middle, bad) if holds(middle) else (good, middle)
    return good
