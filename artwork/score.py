"""How good a picture advertises a film: sharp, contrasty, colourful, neither dark, washed out nor flat. Pure.

All measures are of a picture as it is shown (RGB, 8 bits) and lie between 0 and 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.uint8]

_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
_LEVELS = 64
_SKETCH = (16, 9)
_FLAT = 0.35
_WASTED = 0.95


@dataclass(frozen=True, slots=True)
class Marks:
    """What was measured of one picture.

    `light` is 0 for black and for white, 1 in the middle; `contrast` from the spread of luma; `detail` from the entropy
    of its histogram; `colour` from colourfulness; `sharpness` from edges, which differ between sizes of a picture:
    compare pictures of one size. `flat` is the share of the most frequent levels: titles and credits on one colour.
    """

    light: float
    contrast: float
    detail: float
    colour: float
    sharpness: float
    flat: float

    @property
    def score(self) -> float:
        """The whole in one number: what is dark or flat can't be saved by being sharp."""
        worth = 0.35 * self.sharpness + 0.25 * self.contrast + 0.2 * self.detail + 0.2 * self.colour
        fill = 1.0 - max(0.0, self.flat - _FLAT) / (_WASTED - _FLAT)
        return self.light * min(1.0, max(0.0, fill)) * worth


def mark(pixels: Pixels) -> Marks:
    """The marks of an RGB picture."""
    rgb = pixels.astype(np.float32)
    luma = rgb @ _LUMA
    counts = np.bincount((luma.ravel() * (_LEVELS / 256)).astype(np.int64), minlength=_LEVELS)
    shares = counts / counts.sum()
    used = shares[shares > 0]
    low, high = np.percentile(luma, (2, 98)) / 255
    return Marks(
        light=_light(float(luma.mean()) / 255),
        contrast=float(high - low),
        detail=float(-(used * np.log2(used)).sum() / np.log2(_LEVELS)),
        colour=min(1.0, _colourfulness(rgb) / 100),
        sharpness=_sharpness(luma),
        flat=float(np.convolve(shares, (1, 1, 1)).max()),
    )


def sketch(pixels: Pixels) -> bytes:
    """The picture as 16 x 9 patches of its mean colours (RGB): what two pictures of one scene have in common."""
    columns, rows = _SKETCH
    height, width, _ = pixels.shape
    whole = np.repeat(np.repeat(pixels, -(-rows // height), axis=0), -(-columns // width), axis=1)
    bands = (band.mean(axis=0) for band in np.array_split(whole.astype(np.float32), rows))
    means = [[patch.mean(axis=0) for patch in np.array_split(band, columns)] for band in bands]
    return np.rint(np.array(means)).astype(np.uint8).tobytes()


def distance(one: bytes, other: bytes) -> float:
    """How different two sketches are, 0 to 1: the mean difference of patches in place, and of all their colours
    wherever they lie, half each: a camera that pans and a figure that walks stay in one scene."""
    a, b = (np.frombuffer(s, np.uint8).reshape(-1, 3).astype(np.float32) for s in (one, other))
    placed = np.abs(a - b).mean()
    anywhere = np.abs(np.sort(a, axis=0) - np.sort(b, axis=0)).mean()
    return float(0.5 * placed + 0.5 * anywhere) / 255


def _light(mean: float) -> float:
    """1 for a mean luma between a fifth and two thirds; falls to 0 towards black and white."""
    return float(min(1.0, max(0.0, (mean - 0.03) / 0.17), max(0.0, (0.97 - mean) / 0.3)))


def _colourfulness(rgb: NDArray[np.float32]) -> float:
    """Hasler and Süsstrunk, "Measuring colourfulness in natural images" (2003), equation 3: about 0 to 110."""
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    rg, yb = red - green, (red + green) / 2 - blue
    return float(np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean()))


def _sharpness(luma: NDArray[np.float32]) -> float:
    """From the variance of the Laplacian, on a scale of logarithms: 1 is as sharp as natural pictures get."""
    if min(luma.shape) < 3:
        return 0.0
    inner = luma[1:-1, 1:-1]
    edges = luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:] - 4 * inner
    return float(min(1.0, np.log1p(edges.var()) / np.log(4000)))
