"""The level that a rung declares: one for all of its chunks, from what it may need and not from what a chunk did. Pure.

Left to themselves, encoders pick the level from the bit rate they are asked for, and chunks that were asked for less
would carry other parameter sets. ITU-T H.264 table A-1, ITU-T H.265 tables A.8 and A.9 (Main tier).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Shape:
    """What a rung may need: its size in pixels, frames per second, and the declared peak (0 where none is)."""

    width: int
    height: int
    rate: Fraction
    max_bps: int
    buffer_bits: int


# level, MaxMBPS, MaxFS, MaxDpbMbs (macroblocks), MaxBR, MaxCPB (units of cpbBrVclFactor, table A-2)
_H264 = (
    ("1", 1485, 99, 396, 64, 175), ("1.1", 3000, 396, 900, 192, 500), ("1.2", 6000, 396, 2376, 384, 1000),
    ("1.3", 11880, 396, 2376, 768, 2000), ("2", 11880, 396, 2376, 2000, 2000), ("2.1", 19800, 792, 4752, 4000, 4000),
    ("2.2", 20250, 1620, 8100, 4000, 4000), ("3", 40500, 1620, 8100, 10000, 10000),
    ("3.1", 108000, 3600, 18000, 14000, 14000), ("3.2", 216000, 5120, 20480, 20000, 20000),
    ("4", 245760, 8192, 32768, 20000, 25000), ("4.1", 245760, 8192, 32768, 50000, 62500),
    ("4.2", 522240, 8704, 34816, 50000, 62500), ("5", 589824, 22080, 110400, 135000, 135000),
    ("5.1", 983040, 36864, 184320, 240000, 240000), ("5.2", 2073600, 36864, 184320, 240000, 240000),
    ("6", 4177920, 139264, 696320, 240000, 240000), ("6.1", 8355840, 139264, 696320, 480000, 480000),
    ("6.2", 16711680, 139264, 696320, 800000, 800000),
)  # fmt: skip

# level, MaxLumaPs (samples), MaxLumaSr (samples per second), MaxBR, MaxCPB (units of 1000 bits)
_HEVC = (
    ("1", 36864, 552960, 128, 350), ("2", 122880, 3686400, 1500, 1500), ("2.1", 245760, 7372800, 3000, 3000),
    ("3", 552960, 16588800, 6000, 6000), ("3.1", 983040, 33177600, 10000, 10000),
    ("4", 2228224, 66846720, 12000, 12000), ("4.1", 2228224, 133693440, 20000, 20000),
    ("5", 8912896, 267386880, 25000, 25000), ("5.1", 8912896, 534773760, 40000, 40000),
    ("5.2", 8912896, 1069547520, 60000, 60000), ("6", 35651584, 1069547520, 60000, 60000),
    ("6.1", 35651584, 2139095040, 120000, 120000), ("6.2", 35651584, 4278190080, 240000, 240000),
)  # fmt: skip


def h264_level(shape: Shape, held_frames: int, *, high: bool = True) -> str:
    """The lowest level of High profile that holds the shape and `held_frames` decoded pictures: ``'3.1'``.

    Lower profiles (not `high`) have a fifth less of bit rate and buffer at each level.
    """
    unit = 1250 if high else 1000
    blocks = -(-shape.width // 16) * -(-shape.height // 16)
    side = max(-(-shape.width // 16), -(-shape.height // 16))
    for level, speed, size, held, bps, buffer in _H264:
        if (
            blocks <= size
            and side * side <= 8 * size  # no side longer than the square root of 8 MaxFS (section A.3.1)
            and blocks * shape.rate <= speed
            and blocks * held_frames <= held
            and shape.max_bps <= bps * unit
            and shape.buffer_bits <= buffer * unit
        ):
            return level
    return _H264[-1][0]


def h264_held_frames(shape: Shape, level: str) -> int:
    """Decoded pictures of the shape's size that `level` has room for: MaxDpbFrames (section A.3.1), 1 to 16."""
    blocks = -(-shape.width // 16) * -(-shape.height // 16)
    room = next(row[3] for row in _H264 if row[0] == level)
    return max(1, min(16, room // blocks))


def hevc_level(shape: Shape) -> str:
    """The lowest Main tier level that holds the shape: ``'4.1'``. Its six pictures are all that libx265 keeps.

    What counts is the coded picture, whose sides are filled up to whole coding blocks, of 16 at libx265's fastest.
    """
    width, height = (-(-side // 16) * 16 for side in (shape.width, shape.height))
    samples = width * height
    for level, size, speed, bps, buffer in _HEVC:
        if (
            samples <= size
            and max(width, height) ** 2 <= 8 * size
            and samples * shape.rate <= speed
            and shape.max_bps <= bps * 1000
            and shape.buffer_bits <= buffer * 1000
        ):
            return level
    return _HEVC[-1][0]
