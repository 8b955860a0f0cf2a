"""VP9 by libvpx."""

from __future__ import annotations

from coders.coder import PRESETS, Coder, Coding

# What a preset word means for libvpx: one that costs at most six times libx264 at that word (`benchmarks.codecs`).
_CPU_USED = dict(zip(PRESETS, (8, 7, 6, 5, 4, 3, 2, 1, 0), strict=True))


def _options(coding: Coding) -> dict[str, str]:
    # b:v 0 is plain constant quality: the cap is kept by the task, which measures what came out and asks again. With a
    # bit rate beside the CRF, libvpx takes it for an average and spends even more of a low one on key frames.
    return {
        "c:v": "libvpx-vp9",
        "deadline:v": "good",
        "cpu-used:v": str(_CPU_USED[coding.preset]),
        "crf:v": f"{coding.crf:.0f}",
        "b:v": "0",
        "g:v": str(coding.keyint),
        "threads:v": str(coding.threads),
        "auto-alt-ref:v": "1",  # hidden reference frames: what the first of two passes is for
        "lag-in-frames:v": "25",
        "row-mt:v": "0",  # one task, one core: row threads would only change the bytes with the machine
    }


VP9 = Coder(
    name="vp9",
    label="VP9",
    encoder="libvpx-vp9",
    entry="vp09",
    pixel_format="yuv420p",
    max_crf=63,
    halving_crf=10,
    efficiency=1.5,
    slowness=4.5,
    strict_vbv=False,
    passes=2,
    options=_options,
)
