"""Levels of sound by block of 100 ms from its samples: peaks, true peaks, RMS, clipping. Reads a file by pieces."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gate.measures import FLOOR

FULL_SCALE = 0.9999
"""From where on a sample counts as at full scale: 32767 of 16 bit is 0.99997."""

RUN = 3
"""Samples in a row at full scale that are clipped: one alone may be a peak that was let through."""

_PIECE_BLOCKS = 50
_CONTEXT = 16  # samples on each side, for the filter between samples and for runs

# BS.1770-4 annex 2: the interpolating filter for four times the rate, two of its phases; the others are these reversed.
_PHASES = (
    (0.001708984375, 0.010986328125, -0.0196533203125, 0.033203125, -0.0594482421875, 0.1373291015625,
     0.97216796875, -0.102294921875, 0.047607421875, -0.026611328125, 0.014892578125, -0.00830078125),
    (-0.0291748046875, 0.029296875, -0.0517578125, 0.089111328125, -0.16650390625, 0.465087890625,
     0.77978515625, -0.2003173828125, 0.1015625, -0.0582275390625, 0.0330810546875, -0.0189208984375),
)  # fmt: skip

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Levels:
    """By block, as in `gate.measures.SoundMeasures`; `loudest` by channel, `samples` counts what the file holds of each
    channel, whole blocks or not."""

    peak: array[int] = field(default_factory=lambda: array("h"))
    true_peak: array[int] = field(default_factory=lambda: array("h"))
    level: array[int] = field(default_factory=lambda: array("h"))
    clipped: array[int] = field(default_factory=lambda: array("H"))
    loudest: tuple[int, ...] = ()
    samples: int = 0


def read_levels(path: Path, channels: int, block: int, *, skip: int, blocks: int | None) -> Levels:
    """The levels of `blocks` blocks of `block` samples (None: all there are) of the file's interleaved 32-bit floats,
    after the first `skip` samples. A last block that is not whole counts."""
    total = path.stat().st_size // (4 * channels) if path.exists() else 0
    out = Levels(samples=total)
    if total <= skip:
        return out
    sound: Any = np.memmap(path, dtype="<f4", mode="r", shape=(total, channels))
    end = total if blocks is None else min(total, skip + blocks * block)
    loudest = np.zeros(channels)
    for at in range(skip, end, _PIECE_BLOCKS * block):
        stop = min(end, at + _PIECE_BLOCKS * block)
        before, after = min(at, _CONTEXT), min(total - stop, _CONTEXT)
        piece = np.nan_to_num(np.asarray(sound[at - before : stop + after]), posinf=0.0, neginf=0.0)
        loudest = np.maximum(loudest, _measure(piece, before, stop - at, block, out))
    return Levels(
        out.peak, out.true_peak, out.level, out.clipped, tuple(_hundredths(v) for v in loudest.tolist()), total
    )


def _measure(piece: Samples, before: int, count: int, block: int, out: Levels) -> Any:
    """Add the blocks of `count` samples after the first `before` of the piece; gives each channel's peak."""
    body = piece[before : before + count]
    starts = np.arange(0, count, block)
    size = np.abs(body)
    peaks = np.maximum.reduceat(size, starts, axis=0)
    power = np.add.reduceat(np.square(body, dtype=np.float64), starts, axis=0)
    lengths = np.diff(np.append(starts, count))[:, None]
    between = np.maximum.reduceat(_between(piece)[before : before + count], starts)
    clipped = np.add.reduceat(_clipped(piece)[before : before + count], starts)
    highest = peaks.max(axis=1)
    out.peak.extend(_hundredths(v) for v in highest.tolist())
    out.true_peak.extend(_hundredths(v) for v in np.maximum(highest, between).tolist())
    out.level.extend(_hundredths(v) for v in np.sqrt((power / lengths).max(axis=1)).tolist())
    out.clipped.extend(min(int(v), 0xFFFF) for v in clipped.tolist())
    return peaks.max(axis=0)


def _between(piece: Samples) -> Samples:
    """For each sample, the highest size of the signal just after it at four times the rate, of all channels."""
    highest = np.zeros(len(piece), dtype=np.float32)
    if len(piece) < len(_PHASES[0]):
        return highest
    for channel in piece.T:
        for phase in _PHASES:
            for taps in (phase, phase[::-1]):
                np.maximum(highest, np.abs(np.convolve(channel, taps, "same")), out=highest, casting="unsafe")
    return highest


def _clipped(piece: Samples) -> Any:
    """For each sample, in how many channels it is part of a run at full scale."""
    counts = np.zeros(len(piece), dtype=np.int64)
    for channel in piece.T:
        for at_scale in (channel >= FULL_SCALE, channel <= -FULL_SCALE):
            if at_scale.sum() >= RUN:
                edges = np.flatnonzero(np.diff(np.concatenate(([0], at_scale.astype(np.int8), [0]))))
                for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
                    if stop - start >= RUN:
                        counts[start:stop] += 1
    return counts


def _hundredths(size: float) -> int:
    """A size re full scale in hundredths of a dB."""
    return max(FLOOR, round(2000 * float(np.log10(size)))) if size > 0 else FLOOR
