"""H.264 by libx264."""

from __future__ import annotations

from coders.coder import PRESETS, Coder, Coding
from coders.levels import h264_level

# Pictures that libx264 keeps at each preset: its references, and no fewer than four where B-frames form a pyramid.
_HELD_FRAMES = dict(zip(PRESETS, (1, 4, 4, 4, 4, 4, 5, 8, 16), strict=True))
_BASELINE = ("ultrafast",)  # presets that use no tool of High profile: libx264 declares Constrained Baseline


def _options(coding: Coding) -> dict[str, str]:
    # stitchable=1 keeps frame-dependent choices out of the parameter sets, so that all chunks share one init segment.
    # forced-idr: a forced key frame must be an IDR, where decoding may start, and not a plain I picture.
    options = {
        "c:v": "libx264",
        "preset:v": coding.preset,
        "crf:v": f"{coding.crf:g}",
        "level:v": h264_level(coding.shape, _HELD_FRAMES[coding.preset], high=coding.preset not in _BASELINE),
        "g:v": str(coding.keyint),
        "forced-idr:v": "1",
        "threads:v": str(coding.threads),
        "x264-params:v": "stitchable=1:open-gop=0",
    }
    if coding.max_bps:
        options |= {
            "maxrate:v": str(coding.max_bps),
            "bufsize:v": str(coding.buffer_bits),
            "rc_init_occupancy:v": str(coding.initial_bits),
        }
    return options


H264 = Coder(
    name="h264",
    label="H.264",
    encoder="libx264",
    entry="avc1",
    brand="",
    pixel_format="yuv420p",
    max_crf=51,
    halving_crf=6,
    efficiency=1.0,
    slowness=1.0,
    strict_vbv=True,
    passes=1,
    options=_options,
)
