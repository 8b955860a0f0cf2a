"""Flat patches of known colours, as masters of any kind, and the arithmetic of what they should become.

The arithmetic is written from the standards, apart from the code: ITU-R BT.709, BT.601, BT.2020, BT.1886 and SMPTE RP
177 for the primaries.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from media.ffmpeg import ffmpeg_path, run

SIDE = 32
"""Pixels of a patch, of which the middle half is looked at."""

COLUMNS = 8
PRIMARIES = {
    1: ((0.64, 0.33), (0.3, 0.6), (0.15, 0.06)), 5: ((0.64, 0.33), (0.29, 0.6), (0.15, 0.06)),
    6: ((0.63, 0.34), (0.31, 0.595), (0.155, 0.07)), 9: ((0.708, 0.292), (0.17, 0.797), (0.131, 0.046)),
    12: ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06)),
}  # fmt: skip
_WHITE = (0.3127, 0.329)
_WEIGHTS = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}

Values = np.ndarray[Any, np.dtype[np.float64]]

BARS: Values = np.array(
    [[r, g, b] for level in (0.75, 1.0) for r in (0, level) for g in (0, level) for b in (0, level)]
    + [[v, v, v] for v in (0.02, 0.1, 0.25, 0.4, 0.5, 0.6, 0.85, 0.95)]
    + [[0.8, 0.6, 0.5], [0.2, 0.35, 0.15], [0.3, 0.45, 0.7], [0.9, 0.7, 0.2], [0.5, 0.2, 0.3], [0.1, 0.1, 0.3],
       [0.6, 0.65, 0.7], [0.35, 0.2, 0.1]],
    dtype=float,
)  # fmt: skip
"""R'G'B' of colour bars at 75 and 100 %, greys, skin, leaves, sky and others."""

SIZE = (COLUMNS * SIDE, -(-len(BARS) // COLUMNS) * SIDE)


def coded(rgb: Values, matrix: int, *, full: bool = False, bits: int = 8) -> Values:
    """Y'CbCr code values, not rounded, of R'G'B' between 0 and 1. Matrix 0 is the same three, in full range."""
    if matrix == 0:
        return rgb * (2**bits - 1)
    red, blue = _WEIGHTS[matrix]
    y = rgb @ [red, 1 - red - blue, blue]
    cb, cr = (rgb[:, 2] - y) / (2 - 2 * blue), (rgb[:, 0] - y) / (2 - 2 * red)
    if full:
        return np.stack([y * (2**bits - 1), *((c * (2**bits - 1) + 2 ** (bits - 1)) for c in (cb, cr))], -1)
    unit = 2 ** (bits - 8)
    return np.stack([(16 + 219 * y) * unit, *((128 + 224 * c) * unit for c in (cb, cr))], -1)


def decoded(codes: Values, matrix: int, *, full: bool = False, bits: int = 8) -> Values:
    """The R'G'B' of code values: what `coded` takes."""
    if matrix == 0:
        return codes / (2**bits - 1)
    red, blue = _WEIGHTS[matrix]
    unit, most = 2 ** (bits - 8), 2**bits - 1
    y = codes[:, 0] / most if full else (codes[:, 0] / unit - 16) / 219
    cb, cr = (
        (codes[:, i] - 2 ** (bits - 1)) / most if full else (codes[:, i] / unit - 128) / 224
        for i in (1, 2)
    )  # fmt: skip
    r, b = y + (2 - 2 * red) * cr, y + (2 - 2 * blue) * cb
    return np.stack([r, (y - red * r - blue * b) / (1 - red - blue), b], -1)


def in_primaries(rgb: Values, source: int, target: int) -> Values:
    """R'G'B' of the same light in other primaries, as a display of BT.1886 shows it; light below black, which colours
    outside of the triangle would need, is none."""
    if source == target:
        return rgb
    light = np.maximum(rgb, 0) ** 2.4
    moved = light @ (np.linalg.inv(_to_xyz(target)) @ _to_xyz(source)).T
    return np.asarray(np.maximum(moved, 0) ** (1 / 2.4))


def _to_xyz(primaries: int) -> Values:
    columns = np.array([[x / y, 1, (1 - x - y) / y] for x, y in PRIMARIES[primaries]]).T
    white = np.array([_WHITE[0] / _WHITE[1], 1, (1 - sum(_WHITE)) / _WHITE[1]])
    return np.asarray(columns * np.linalg.solve(columns, white))


def write_master(
    path: Path, codes: Values, pixel_format: str, args: Sequence[str], *, frames: int = 2, rate: int = 24
) -> Path:
    """A file whose pictures are patches of these code values, encoded as ffmpeg's `args` say.

    `pixel_format` is what is handed to ffmpeg: planar without subsampling, of 8 bits or little-endian words. Planes of
    RGB are ordered green, blue, red.
    """
    planes = codes[:, [1, 2, 0]] if pixel_format.startswith("gbr") else codes
    grid = np.zeros((SIZE[1] // SIDE * COLUMNS, 3))
    grid[: len(planes)] = np.round(planes)
    deep = pixel_format.endswith("le")
    picture = b"".join(
        np.repeat(np.repeat(grid[:, i].reshape(-1, COLUMNS), SIDE, 0), SIDE, 1)
        .astype("<u2" if deep else "u1")
        .tobytes()
        for i in range(3)
    )
    raw = path.with_suffix(".raw")
    raw.write_bytes(picture * frames)
    source = ["-f", "rawvideo", "-pix_fmt", pixel_format, "-s", f"{SIZE[0]}x{SIZE[1]}", "-r", str(rate), "-i", str(raw)]
    run([ffmpeg_path(), "-v", "error", "-y", *source, *args, str(path)], where=path.name)
    raw.unlink()
    return path


def seen_patches(path: Path, count: int, *, bits: int = 8, width: int = SIZE[0], height: int = SIZE[1]) -> Values:
    """The code values of a rendition's patches, as 4:2:0 has them: the mean of each one's middle, in all frames."""
    raw = path.with_suffix(".yuv")
    pixel_format = "yuv420p" if bits == 8 else "yuv420p10le"
    run(
        [ffmpeg_path(), "-v", "error", "-y", "-i", str(path), "-f", "rawvideo", "-pix_fmt", pixel_format, str(raw)],
        where=path.name,
    )
    data = np.frombuffer(raw.read_bytes(), "u1" if bits == 8 else "<u2").astype(float)
    raw.unlink()
    frames = data.reshape(-1, width * height * 3 // 2)
    out = np.zeros((count, 3))
    starts = (0, width * height, width * height * 5 // 4)
    for plane, start in enumerate(starts):
        half = 1 if plane == 0 else 2
        w, h, side = width // half, height // half, SIDE // half
        picture = frames[:, start : start + w * h].reshape(-1, h, w)
        for n in range(count):
            x, y = n % COLUMNS * side, n // COLUMNS * side
            middle = picture[:, y + side // 4 : y + side - side // 4, x + side // 4 : x + side - side // 4]
            out[n, plane] = middle.mean()
    return out
