"""Films in formulas: bit rate halves every six CRFs, quality saturates with CRF and with what scaling loses."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.curves import Curve
from optimizer.points import Point, Sample

SIZES = ((416, 234), (640, 360), (960, 540), (1280, 720), (1920, 1080))
CRFS = (18.0, 24.0, 30.0, 36.0, 42.0)


def point(size: tuple[int, int], crf: float, *, hard: float = 1.0, codec: str = "h264", shift: float = 0.0) -> Point:
    """A film `hard` times as costly as a plain one. Small pictures lose by scaling what no CRF brings back."""
    side = size[1] / 1080
    bps = hard * 5e6 * side**1.5 * 2 ** ((24 - crf) / 6)
    scaling = 80 * (1 - side) ** 2
    coding = 0.04 * max(0.0, crf - 14) ** 2 * (1 - scaling / 160)
    return Point(codec, *size, crf, bps, max(0.0, 99 - scaling - coding + shift), 45 - crf / 2, None)


def film(
    *, hard: float = 1.0, sizes: Sequence[tuple[int, int]] = SIZES, codec: str = "h264", shift: float = 0.0
) -> tuple[Curve, ...]:
    return tuple(
        Curve.through([point(size, crf, hard=hard, codec=codec, shift=shift) for crf in CRFS]) for size in sizes
    )


def sample(
    window: int,
    *,
    crf: float = 24.0,
    size: tuple[int, int] = (640, 360),
    codec: str = "h264",
    frames: int = 12,
    vmaf: float = 90.0,
    first_bits: int = 120_000,
    rest_bits: int = 220_000,
    psnr_y: float | None = 40.0,
    cpu_s: float = 1.2,
) -> Sample:
    return Sample(window, codec, *size, crf, frames, first_bits, rest_bits, vmaf, psnr_y, None, cpu_s)
