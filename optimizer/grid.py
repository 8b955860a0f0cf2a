"""Which sizes and CRFs are tried: those that can be on the hull. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from math import log

from coders.table import coder

Size = tuple[int, int]
Grid = tuple[tuple[Size, tuple[float, ...]], ...]
"""The CRFs of each size, sizes from large to small."""

_BEST = {"h264": 19, "hevc": 20, "vp9": 24, "av1": 24}
"""CRFs that are all but transparent at display size (VMAF of about 97). They are as far from one another on each
codec's scale as its encoder's default is."""

# In H.264's CRFs above the best, at display size and at a sixteenth of its pixels or fewer. Better than a small picture
# at a low CRF is a larger one at a higher, and worse than a large picture at a high CRF is a smaller one.
_LARGEST = (0, 16)
_SMALLEST = (5, 24)


def plan_grid(sizes: Sequence[Size], display: Size, codec: str, *, crfs: int = 4) -> Grid:
    """`crfs` whole CRFs for each size, evenly spread over what can be on the hull there, lowest first.

    A codec whose `halving_crf` is larger has them as much farther apart, up to its `max_crf`.
    """
    if crfs < 2:
        raise ValueError("a curve needs at least two CRFs")
    entry = coder(codec)
    stretch = entry.halving_crf / coder("h264").halving_crf
    rows = []
    for width, height in sorted(set(sizes), key=lambda s: s[0] * s[1], reverse=True):
        share = min(max(log(display[0] * display[1] / (width * height)) / log(16), 0.0), 1.0)
        low, high = (
            min(_BEST[codec] + stretch * (large + share * (small - large)), entry.max_crf)
            for large, small in zip(_LARGEST, _SMALLEST, strict=True)
        )
        row = tuple(float(round(low + (high - low) * i / (crfs - 1))) for i in range(crfs))
        rows.append(((width, height), row))
    return tuple(rows)
