"""What becomes of channels when fewer are delivered: ITU-R BS.775 as explicit matrices. Pure.

A matrix has a row for each channel delivered and a column for each channel of the source. Nothing is normalised: what
is louder than full scale is for the loudness gain to bring down, by the same amount at every sample, so that dialogue
keeps its place in the mix. The low-frequency channel is left out of stereo (BS.775-3 annex 8), as it is not meant to
carry anything of its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

Matrix = tuple[tuple[float, ...], ...]

STEREO = ("FL", "FR")
SURROUND = ("FL", "FR", "FC", "LFE", "SL", "SR")

_3DB = math.sqrt(0.5)
_TO_SURROUND: dict[str, dict[str, float]] = {
    **{name: {name: 1.0} for name in SURROUND},
    "BL": {"SL": 1.0},
    "BR": {"SR": 1.0},
    "BC": {"SL": _3DB, "SR": _3DB},
    "FLC": {"FL": _3DB, "FC": _3DB},
    "FRC": {"FR": _3DB, "FC": _3DB},
    "WL": {"FL": _3DB, "SL": _3DB},
    "WR": {"FR": _3DB, "SR": _3DB},
    "SDL": {"SL": 1.0},
    "SDR": {"SR": 1.0},
    "LFE2": {"LFE": 1.0},
    "DL": {"FL": 1.0},
    "DR": {"FR": 1.0},
    "TFL": {"FL": _3DB},
    "TFR": {"FR": _3DB},
    "TFC": {"FC": _3DB},
    "TBL": {"SL": _3DB},
    "TBR": {"SR": _3DB},
    "TSL": {"SL": _3DB},
    "TSR": {"SR": _3DB},
    "TBC": {"SL": 0.5, "SR": 0.5},
    "TC": {"FL": 0.5, "FR": 0.5},
}
"""Where each speaker (FFmpeg's names) goes in 5.1. Side and back pairs of 7.1 are added, so that what is in one of them
alone keeps its level; a speaker between two others is shared at equal power; those above go 3 dB lower to below."""

_TO_STEREO: dict[str, dict[str, float]] = {
    "FL": {"FL": 1.0},
    "FR": {"FR": 1.0},
    "FC": {"FL": _3DB, "FR": _3DB},
    "SL": {"FL": _3DB},
    "SR": {"FR": _3DB},
}
"""ITU-R BS.775-3 table 2, 3/2 to 2/0: centre and surrounds at -3 dB."""


def known(speaker: str) -> bool:
    """Whether this speaker has a place in 5.1."""
    return speaker in _TO_SURROUND


def is_surround(speakers: Sequence[str]) -> bool:
    """Whether these speakers are 5.0 or more: left, right, centre, and at least two that surround."""
    reached = [set(_TO_SURROUND.get(name, {})) for name in speakers]
    behind = sum(bool(targets & {"SL", "SR"}) for targets in reached)
    return behind >= 2 and {"FL", "FR", "FC", "SL", "SR"} <= {target for targets in reached for target in targets}


def to_surround(speakers: Sequence[str]) -> Matrix:
    """From these speakers to 5.1 in the order of `SURROUND`; speakers without a place there are silent."""
    return tuple(tuple(_TO_SURROUND.get(name, {}).get(row, 0.0) for name in speakers) for row in SURROUND)


def to_stereo(speakers: Sequence[str]) -> Matrix:
    """From these speakers to left and right, by way of 5.1."""
    fold = [[_TO_STEREO.get(name, {}).get(row, 0.0) for name in SURROUND] for row in STEREO]
    columns = list(zip(*to_surround(speakers), strict=True))
    return tuple(tuple(sum(a * b for a, b in zip(row, column, strict=True)) for column in columns) for row in fold)


def picked(channels: Sequence[int], of: int) -> Matrix:
    """Channels of the source as they are: row n is the source's channel ``channels[n]`` of `of`."""
    return tuple(tuple(float(n == channel) for n in range(of)) for channel in channels)


def is_plain(matrix: Matrix) -> bool:
    """Whether each channel delivered is one of the source's, unchanged, so that it can't overload."""
    return all(sorted(row, reverse=True)[:2] in ([1.0], [1.0, 0.0]) or not any(row) for row in matrix)
