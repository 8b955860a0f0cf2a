"""HEVC by libx265."""

from __future__ import annotations

from coders.coder import PRESETS, Coder, Coding, Light
from coders.levels import hevc_level

# What a preset word means for libx265: one that costs at most six times libx264 at that word (`benchmarks.codecs`).
# `fast` is its slow without rectangular partitions: three quarters of the time for nearly all of the gain.
_PRESET = dict(
    zip(PRESETS, ("ultrafast", "superfast", "fast", "fast", "slow", "slow", "slow", "slower", "veryslow"), strict=True)
)
_WITHOUT_RECT = ("fast",)


def _options(coding: Coding) -> dict[str, str]:
    # repeat-headers=0 with hvc1: parameter sets only in the init segment (ISO/IEC 14496-15 section 8.4.1.1.1).
    # info=0: no SEI that spells out the settings. opt-qp-pps and opt-ref-list-length-pps would fit the PPS to the
    # pictures, and chunks would differ in it. frame-threads=1: the same bytes whatever else the machine does.
    # high-tier=0: the levels are of the Main tier; without a cap x265 would claim the High tier from level 4 on.
    params = [
        "open-gop=0", "repeat-headers=0", "info=0", "opt-qp-pps=0", "opt-ref-list-length-pps=0", "high-tier=0",
        f"pools={coding.threads}", "frame-threads=1", f"level-idc={hevc_level(coding.shape)}", "log-level=error",
    ]  # fmt: skip
    if coding.preset in _WITHOUT_RECT:
        params.append("rect=0")
    if coding.light:
        params += _light(coding.light)
    options = {
        "c:v": "libx265",
        "preset:v": _PRESET[coding.preset],
        "crf:v": f"{coding.crf:g}",
        "g:v": str(coding.keyint),
        "forced-idr:v": "1",
        "tag:v": "hvc1",
    }
    if coding.max_bps:
        options |= {"maxrate:v": str(coding.max_bps), "bufsize:v": str(coding.buffer_bits)}
        params.append(f"vbv-init={coding.initial_bits / coding.buffer_bits:.4f}")
    if coding.light and (coding.light.volume or coding.light.levels):
        # x265 writes the light's SEI beside parameter sets or not at all. In hvc1 the muxer keeps those out of samples.
        params[params.index("repeat-headers=0")] = "repeat-headers=1"
    return {**options, "x265-params:v": ":".join(params)}


def _light(light: Light) -> list[str]:
    """SEI of the mastering display and the content's light (x265 counts chromaticity in 0.00002 and luminance in
    0.0001 cd/m²), and for PQ the quantization that ITU-T H-series Supplement 15 recommends."""
    params = ["hdr10-opt=1"] if light.pq else []
    if light.volume:
        red, green, blue, white = ([round(v * 50_000) for v in light.volume[i : i + 2]] for i in (0, 2, 4, 6))
        low, high = (round(v * 10_000) for v in light.volume[8:])
        places = "".join(
            f"{name}({x},{y})" for name, (x, y) in zip(("G", "B", "R", "WP"), (green, blue, red, white), strict=True)
        )
        params.append(f"master-display={places}L({high},{low})")
    if light.levels:
        params.append("max-cll={},{}".format(*light.levels))
    return params


HEVC = Coder(
    name="hevc",
    label="HEVC",
    encoder="libx265",
    entry="hvc1",
    pixel_format="yuv420p",
    max_crf=51,
    halving_crf=6,
    efficiency=1.6,
    slowness=4.4,
    strict_vbv=True,
    passes=1,
    options=_options,
    deep_format="yuv420p10le",
)
