"""Which sizes and CRFs are tried: those that can be on the hull. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from math import log

from values.errors import UsageError, nearest

Size = tuple[int, int]
Grid = tuple[tuple[Size, tuple[float, ...]], ...]
"""The CRFs of each size, sizes from large to small."""

_RANGES = {
    "h264": ((19, 35), (24, 43)),
    "hevc": ((20, 36), (25, 44)),
    "vp9": ((24, 51), (32, 63)),
    "av1": ((24, 58), (32, 63)),
}
"""The CRFs that can be on the hull, at display size and at a sixteenth of its pixels or fewer.

At display size they give a VMAF from about 97 down to the seventies. Better than a small picture at a low CRF is a
larger one at a higher, and better than a large picture at a high CRF is a smaller one.
"""


def plan_grid(sizes: Sequence[Size], display: Size, codec: str, *, crfs: int = 4) -> Grid:
    """`crfs` whole CRFs for each size, evenly spread over what can be on the hull there, lowest first."""
    if crfs < 2:
        raise ValueError("a curve needs at least two CRFs")
    if codec not in _RANGES:
        raise UsageError(f"codec {codec!r} is not known", hint=nearest(codec, _RANGES))
    rows = []
    for width, height in sorted(set(sizes), key=lambda s: s[0] * s[1], reverse=True):
        share = min(max(log(display[0] * display[1] / (width * height)) / log(16), 0.0), 1.0)
        low, high = (large + share * (small - large) for large, small in zip(*_RANGES[codec], strict=True))
        row = tuple(float(round(low + (high - low) * i / (crfs - 1))) for i in range(crfs))
        rows.append(((width, height), row))
    return tuple(rows)
