"""VP9 samples: frames of a superframe and the start of their headers. Pure.

VP9 bitstream and decoding process specification sections 6.2, 7.2 and annex B; VP codec ISO media file format binding.
"""

from __future__ import annotations

from dataclasses import dataclass

from media.bits import Bits
from media.boxes import Buffer, damaged

_SYNC_CODE = 0x498342
_RGB = 7


@dataclass(frozen=True, slots=True)
class FrameHeader:
    """The start of a frame's header. `bit_depth`, `width` and `height` are 0 in all but key frames."""

    profile: int
    key: bool
    shown: bool
    bit_depth: int = 0
    width: int = 0
    height: int = 0


def inspect_frames(data: Buffer, start: int, stop: int) -> tuple[FrameHeader, ...]:
    """The headers of a sample's frames, in decoding order; exactly one is shown. Raises DamagedMedia."""
    headers = tuple(frame_header(data, a, b) for a, b in _frames(data, start, stop))
    shown = sum(h.shown for h in headers)
    if shown != 1:
        raise damaged(f"a sample shows {shown} VP9 frames instead of one", start)
    return headers


def frame_header(data: Buffer, start: int, stop: int) -> FrameHeader:
    """uncompressed_header up to the frame's size (section 6.2)."""
    bits = Bits(data, start, stop)
    if bits.number(2) != 2:
        raise damaged("a VP9 frame has no frame marker", start)
    profile = bits.number(1) | bits.number(1) << 1
    if profile == 3:
        bits.number(1)
    if bits.flag():  # show_existing_frame
        return FrameHeader(profile, key=False, shown=True)
    key, shown = not bits.flag(), bits.flag()
    bits.number(1)
    if not key:
        return FrameHeader(profile, key=False, shown=shown)
    if bits.number(24) != _SYNC_CODE:
        raise damaged("a VP9 key frame has no sync code", start)
    depth = (12 if bits.flag() else 10) if profile >= 2 else 8
    if bits.number(3) != _RGB:
        bits.number(1)  # color_range
        bits.number(3 if profile & 1 else 0)
    else:
        bits.number(1 if profile & 1 else 0)
    return FrameHeader(profile, True, shown, depth, bits.number(16) + 1, bits.number(16) + 1)


def _frames(data: Buffer, start: int, stop: int) -> list[tuple[int, int]]:
    """Where the frames of a sample lie: one, or those that a superframe index at its end counts (annex B)."""
    if start >= stop:
        raise damaged("a sample holds no VP9 frame", start)
    marker = data[stop - 1]
    count, width = (marker & 7) + 1, (marker >> 3 & 3) + 1
    index = stop - 2 - count * width
    if marker & 0xE0 != 0xC0 or index < start or data[index] != marker:
        return [(start, stop)]
    sizes = [int.from_bytes(data[index + 1 + n * width : index + 1 + (n + 1) * width], "little") for n in range(count)]
    if start + sum(sizes) != index:
        raise damaged(f"a superframe says {sum(sizes)} bytes of frames and has {index - start}", start)
    frames: list[tuple[int, int]] = []
    for size in sizes:
        frames.append((start, start + size))
        start += size
    return frames
