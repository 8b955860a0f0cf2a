"""AV1 by SVT-AV1."""

from __future__ import annotations

from coders.coder import PRESETS, Coder, Coding, Light

# What a preset word means for SVT-AV1: one that costs at most six times libx264 at that word (`benchmarks.codecs`).
_PRESET = dict(zip(PRESETS, (10, 9, 8, 7, 6, 5, 4, 3, 2), strict=True))


def _options(coding: Coding) -> dict[str, str]:
    # irefresh-type=2: key frames close their GOP; the default lets later frames refer across them.
    # crf stands here because ffmpeg's own option rounds it to a whole number, and SVT-AV1 takes quarters.
    # lp counts threads. With maxrate the CRF is capped, on average: the task checks and asks again.
    params = f"crf={coding.crf:g}:lp={coding.threads}:irefresh-type=2"
    options = {
        "c:v": "libsvtav1",
        "preset:v": str(_PRESET[coding.preset]),
        "g:v": str(coding.keyint),
        "svtav1-params:v": params + (_light(coding.light) if coding.light else ""),
    }
    if coding.max_bps:
        options |= {"maxrate:v": str(coding.max_bps), "bufsize:v": str(coding.buffer_bits)}
    return options


def _light(light: Light) -> str:
    """Metadata OBUs of the mastering display and the content's light."""
    params = ""
    if light.volume:
        x = [f"{float(v):.5g}" for v in light.volume]
        params += (
            f":mastering-display=G({x[2]},{x[3]})B({x[4]},{x[5]})R({x[0]},{x[1]})WP({x[6]},{x[7]})L({x[9]},{x[8]})"
        )
    if light.levels:
        params += ":content-light={},{}".format(*light.levels)
    return params


AV1 = Coder(
    name="av1",
    label="AV1",
    encoder="libsvtav1",
    entry="av01",
    pixel_format="yuv420p",
    max_crf=63,
    halving_crf=9,
    efficiency=2.2,
    slowness=2.3,
    strict_vbv=False,
    passes=1,
    options=_options,
    deep_format="yuv420p10le",
)
