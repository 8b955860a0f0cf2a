"""H.264 by libx264."""

from __future__ import annotations

from coders.coder import PRESETS, Coder, Coding
from coders.levels import h264_held_frames, h264_level

_REFERENCES = dict(zip(PRESETS, (1, 1, 1, 2, 2, 3, 5, 8, 16), strict=True))
_PYRAMID = 4  # pictures that a decoder must hold where B-frames form a pyramid: at all presets but the fastest
_BASELINE = ("ultrafast",)  # presets that use no tool of High profile: libx264 declares Constrained Baseline


def _options(coding: Coding) -> dict[str, str]:
    # stitchable=1 keeps frame-dependent choices out of the parameter sets, so that all chunks share one init segment.
    # forced-idr: a forced key frame must be an IDR, where decoding may start, and not a plain I picture.
    high = coding.preset not in _BASELINE
    level = h264_level(coding.shape, _PYRAMID if high else 1, high=high)
    # More references than the level holds would raise it, to one that many devices don't play: 5 for 1080p at `slow`.
    references = min(_REFERENCES[coding.preset], h264_held_frames(coding.shape, level))
    options = {
        "c:v": "libx264",
        "preset:v": coding.preset,
        "crf:v": f"{coding.crf:g}",
        "level:v": level,
        "refs:v": str(references),
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
    pixel_format="yuv420p",
    max_crf=51,
    halving_crf=6,
    efficiency=1.0,
    slowness=1.0,
    strict_vbv=True,
    passes=1,
    options=_options,
)
