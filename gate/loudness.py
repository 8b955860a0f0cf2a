"""Loudness of a whole track from its blocks: the gating of ITU-R BS.1770-4. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from math import log10

ABSOLUTE_LUFS = -70.0
RELATIVE_LU = -10.0


def integrated_lufs(blocks: Iterable[float]) -> float | None:
    """The integrated loudness in LUFS of gating blocks of 400 ms that overlap by 75 %, each given by its loudness.

    Blocks under -70 LUFS are left out, then those more than 10 LU under the mean of the rest (BS.1770-4 annex 1, parts
    of equations 5 to 7). None where nothing is left: silence.
    """
    loud = [b for b in blocks if b > ABSOLUTE_LUFS]
    if not loud:
        return None
    gate = _mean(loud) + RELATIVE_LU
    return _mean([b for b in loud if b > gate])


def _mean(blocks: list[float]) -> float:
    """The loudness of the blocks' mean power."""
    return 10 * log10(sum(10 ** (b / 10) for b in blocks) / len(blocks))
