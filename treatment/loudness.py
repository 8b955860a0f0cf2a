"""What gain brings a track to its loudness: EBU R 128, linear, below a true peak. Pure.

All mixes of a track (stereo, 5.1) are delivered at one loudness, so that a player may change between them: the target,
or as near to it as the true peak of every mix allows. The gain is the same for each sample of a mix; nothing is
compressed or limited, dynamics stay the film's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

MOST_GAIN_DB = 24.0
"""A track that is quieter than this below its target is left quiet: it would be its noise that is raised."""

DUAL_MONO = True
"""Mono is measured as it is heard, from both loudspeakers: 3 dB more than one channel alone."""

_SILENCE_LUFS = -70.0  # the absolute gate of ITU-R BS.1770: the meter shows it where nothing passed
_SILENCE_PEAK = 0.0005  # linear: the meter's last digit


@dataclass(frozen=True, slots=True)
class Measured:
    """Integrated loudness in LUFS and true peak in dBTP of a whole track, None where there is only silence.

    `lufs` is None too where the track is shorter than one gating block of 400 ms.
    """

    lufs: float | None
    peak_dbtp: float | None


def reading(integrated_lufs: float, peak: float) -> Measured:
    """What a meter shows in the end: `peak` is linear, 1.0 for full scale."""
    lufs = round(integrated_lufs, 2) if integrated_lufs > _SILENCE_LUFS else None
    return Measured(lufs, round(_decibels(peak), 2) if peak >= _SILENCE_PEAK else None)


def gains(
    measured: Sequence[Measured], folded: Sequence[bool], *, target_lufs: float | None, true_peak_dbtp: float
) -> tuple[float, ...]:
    """The gain in dB of each mix of one track; `folded` are mixes whose channels were added up.

    Without a target nothing is changed but for folded mixes that exceed the true peak, which are brought below it: it
    was the folding that made them too loud. What can't be measured is not raised.
    """
    room = [true_peak_dbtp - m.peak_dbtp if m.peak_dbtp is not None else 0.0 for m in measured]
    if target_lufs is None:
        return tuple(_rounded(min(0.0, r)) if f else 0.0 for r, f in zip(room, folded, strict=True))
    heard = [(m.lufs, r) for m, r in zip(measured, room, strict=True) if m.lufs is not None]
    level = min((lufs + min(r, MOST_GAIN_DB) for lufs, r in heard), default=target_lufs)
    level = min(level, target_lufs)
    return tuple(
        _rounded(level - m.lufs if m.lufs is not None else min(0.0, r)) for m, r in zip(measured, room, strict=True)
    )


def why_gain(measured: Measured, gain_db: float, *, target_lufs: float | None, true_peak_dbtp: float) -> str:
    """In words why a mix was given this gain."""
    if target_lufs is None:
        return (
            "left as loud as it is" if gain_db == 0 else f"lowered, so that folding stays below {true_peak_dbtp:g} dBTP"
        )
    if measured.peak_dbtp is None:
        return "silent"
    if measured.lufs is None:
        return "too short or too quiet to measure"
    level = measured.lufs + gain_db
    if level > target_lufs - 0.05:
        return f"brought to {target_lufs:g} LUFS"
    if gain_db > MOST_GAIN_DB - 0.05:
        return f"raised by no more than {MOST_GAIN_DB:g} dB"
    return f"held at {level:.1f} LUFS, so that no mix of the track exceeds {true_peak_dbtp:g} dBTP"


def _decibels(value: float) -> float:
    return 20 * math.log10(value)


def _rounded(gain_db: float) -> float:
    """To a hundredth of a decibel, down: rounding may not pass the peak."""
    return math.floor(gain_db * 100 + 1e-6) / 100
