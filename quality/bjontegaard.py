"""Bjøntegaard deltas: how two curves of quality over bit rate differ on average. Pure.

A curve is at least two encodes of one film, each a bit rate (in any unit, the same for both curves) and its quality
(VMAF, dB). Rates are compared by their logarithm, over the range that both curves cover. Points are joined in one of
two ways:

- ``pchip``: piecewise cubic Hermite, monotone between the points, as in the spreadsheet of the HEVC and VVC common test
  conditions (JCTVC-L1100; ISO/IEC TR 23002-8 and ITU-T HSTP-VID-WPOM section 6). The default.
- ``cubic``: one polynomial of third order for each curve, as first proposed (VCEG-M33).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.polynomial import Polynomial

from values.errors import MatineeError

Curve = Sequence[tuple[float, float]]
"""Points (bit rate, quality), in any order."""

Method = Literal["pchip", "cubic"]

_FEWEST = {"pchip": 2, "cubic": 4}


class CurveError(MatineeError):
    """Two curves can't be compared: too few points, none in common, or quality that falls as the rate rises."""


def bd_rate(anchor: Curve, test: Curve, *, method: Method = "pchip") -> float:
    """How many percent more bits `test` takes than `anchor` at equal quality, on average; negative where it saves.

    Raises CurveError.
    """
    a, b = _checked(anchor, "anchor", method), _checked(test, "test", method)
    more = _mean_difference(_turned(a), _turned(b), "quality", method)
    return (math.exp(more) - 1) * 100


def bd_quality(anchor: Curve, test: Curve, *, method: Method = "pchip") -> float:
    """How much better `test` is than `anchor` at equal bit rate, on average, in the unit of quality (BD-PSNR, BD-VMAF).

    Raises CurveError.
    """
    a, b = _checked(anchor, "anchor", method), _checked(test, "test", method)
    return _mean_difference(a, b, "bit rate", method)


_Points = list[tuple[float, float]]


def _checked(curve: Curve, name: str, method: Method) -> _Points:
    """The curve as (log bit rate, quality), ascending. Raises CurveError where it is no curve."""
    fewest = _FEWEST[method]
    if len(curve) < fewest:
        raise CurveError(
            f"the {name} curve has {len(curve)} points, the {method} method needs {fewest}",
            hint="Encode the film at more bit rates.",
        )
    ordered = sorted(curve)
    if not all(math.isfinite(rate) and math.isfinite(quality) and rate > 0 for rate, quality in ordered):
        raise CurveError(f"the {name} curve has a bit rate or quality that is no positive, finite number")
    for (rate, quality), (more, better) in pairwise(ordered):
        if not (more > rate and better > quality):
            raise CurveError(
                f"the {name} curve is not monotone: quality goes from {quality:g} to {better:g} "
                f"as the bit rate goes from {rate:g} to {more:g}",
                hint="Leave out the encode that costs more and is no better.",
            )
    return [(math.log(rate), quality) for rate, quality in ordered]


def _turned(points: _Points) -> _Points:
    return [(y, x) for x, y in points]


def _mean_difference(anchor: _Points, test: _Points, axis: str, method: Method) -> float:
    """The mean of test minus anchor over the range of x that both have."""
    low = max(anchor[0][0], test[0][0])
    high = min(anchor[-1][0], test[-1][0])
    if not high > low:
        raise CurveError(
            f"the curves have no range of {axis} in common", hint="Encode both at rates whose results overlap."
        )
    integral = _pchip_integral if method == "pchip" else _cubic_integral
    return (integral(test, low, high) - integral(anchor, low, high)) / (high - low)


def _cubic_integral(points: _Points, low: float, high: float) -> float:
    x, y = np.array(points).T
    whole = Polynomial.fit(x, y, 3).integ()
    return float(whole(high) - whole(low))


def _pchip_integral(points: _Points, low: float, high: float) -> float:
    x, y = np.array(points).T
    slopes = _pchip_slopes(np.diff(x), np.diff(y) / np.diff(x))
    total = 0.0
    for i, h in enumerate(np.diff(x)):
        start, stop = max(low, x[i]) - x[i], min(high, x[i + 1]) - x[i]
        if stop > start:
            rise = (y[i + 1] - y[i]) / h
            square = (3 * rise - 2 * slopes[i] - slopes[i + 1]) / h
            cube = (slopes[i] + slopes[i + 1] - 2 * rise) / h**2
            piece = Polynomial([y[i], slopes[i], square, cube]).integ()
            total += float(piece(stop) - piece(start))
    return total


def _pchip_slopes(h: np.ndarray, rise: np.ndarray) -> list[float]:
    """The slope at each point: a weighted harmonic mean of its neighbours' rises (Fritsch and Butland 1984)."""
    if len(rise) == 1:
        return [float(rise[0])] * 2
    inner = [
        float(3 * (h[i - 1] + h[i]) / ((2 * h[i] + h[i - 1]) / rise[i - 1] + (h[i] + 2 * h[i - 1]) / rise[i]))
        for i in range(1, len(rise))
    ]
    return [_end_slope(h[0], h[1], rise[0], rise[1]), *inner, _end_slope(h[-1], h[-2], rise[-1], rise[-2])]


def _end_slope(h0: float, h1: float, rise0: float, rise1: float) -> float:
    """Three-point slope at an end, kept within what leaves the curve monotone."""
    slope = ((2 * h0 + h1) * rise0 - h0 * rise1) / (h0 + h1)
    return float(max(0.0, slope))
