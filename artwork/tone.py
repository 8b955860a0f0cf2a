"""From PQ and HLG to what an SDR screen shows: the same curve as the renditions' tone mapping, on pictures. Pure.

Stills are decoded in this process, where ffmpeg's zscale is not at hand; the sums are those of its filters: signal to
linear light (100 cd/m² is 1), BT.2020 to BT.709 primaries, Hable's curve at the content's peak, BT.709 signal.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from media.colour import PQ, Colour

Floats: TypeAlias = NDArray[np.float32]

_WHITE_NITS = 100.0
_HLG_PEAK_NITS = 1000.0
_BT2020 = 9
_TO_BT709 = np.array(
    [[1.660491, -0.587641, -0.072850], [-0.124550, 1.132900, -0.008349], [-0.018151, -0.100579, 1.118730]], np.float32
)
"""Linear BT.2020 to linear BT.709 (ITU-R BT.2087-0, annex 2 inverted)."""
_LUMA_BT2020 = np.array([0.2627, 0.6780, 0.0593], np.float32)


def tone_map(signal: Floats, colour: Colour) -> Floats:
    """R'G'B' of 0 to 1 in the last axis, from `colour`'s transfer and primaries to BT.709."""
    linear = (_pq_light(signal) if colour.transfer == PQ else _hlg_light(signal)) / _WHITE_NITS
    if colour.primaries == _BT2020:
        linear = np.maximum(linear @ _TO_BT709.T, 0)
    peak = _peak_nits(colour) / _WHITE_NITS
    brightest = np.maximum(linear.max(axis=-1, keepdims=True), 1e-6)
    return _bt709_signal(linear * (_hable(brightest) / _hable(np.float32(peak)) / brightest))


def _peak_nits(colour: Colour) -> float:
    """How bright the content gets, in cd/m²: as declared, else 1000, which most masters are graded at."""
    if colour.transfer != PQ:
        return _HLG_PEAK_NITS
    declared = colour.light.max_cll if colour.light else 0
    mastered = float(colour.mastering.max_nits) if colour.mastering else 0.0
    return max(_WHITE_NITS, declared or mastered or 1000.0)


def _pq_light(signal: Floats) -> Floats:
    """cd/m² (SMPTE ST 2084, equation 4.1)."""
    root = np.power(np.clip(signal, 0, 1), 1 / 78.84375)
    part = np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)
    return _f32(10_000 * np.power(part, 1 / 0.1593017578125))


def _hlg_light(signal: Floats) -> Floats:
    """cd/m² on a display of 1000 cd/m² (ITU-R BT.2100-2, table 5: inverse OETF, then OOTF with gamma 1.2)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    signal = np.clip(signal, 0, 1)
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
    luma = np.maximum((scene * _LUMA_BT2020).sum(axis=-1, keepdims=True), 1e-6)
    return _f32(_HLG_PEAK_NITS * luma**0.2 * scene)


def _hable(x: Floats | np.float32) -> Floats:
    """The filmic curve of ffmpeg's tonemap filter (J. Hable, "Uncharted 2: HDR Lighting", GDC 2010)."""
    a, b, c, d, e, f = 0.15, 0.50, 0.10, 0.20, 0.02, 0.30
    return _f32((x * (x * a + b * c) + d * e) / (x * (x * a + b) + d * f) - e / f)


def _bt709_signal(linear: Floats) -> Floats:
    """What a BT.709 display turns back into this light (ITU-R BT.1886, black at 0)."""
    return _f32(np.power(np.clip(linear, 0, 1), 1 / 2.4))


def _f32(values: object) -> Floats:
    return np.asarray(values, np.float32)
