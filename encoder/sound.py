"""An encoded sound track, cut into segments beside the picture. Pure.

ffmpeg gives every AAC frame; here they are grouped so that each edge is the frame nearest to the video's edge, and
written as one fragment a segment. The encoder's priming stays in the stream and is hidden by an edit list (ISO/IEC
14496-12 section 8.6.6), so that the first audible sample is the film's first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from encoder.cut import CutSegment
from media.boxes import split_init
from media.fragments import parse_fragments, write_audio_segment
from media.tracks import parse_init, patch_edit_list
from values.errors import EncodeError

FRAME = 1024
"""Samples in an AAC-LC frame (ISO/IEC 14496-3)."""

PRIMING = 1024
"""Samples that ffmpeg's AAC encoder puts before the first of the sound (AVCodecContext.initial_padding)."""


@dataclass(frozen=True, slots=True)
class Sound:
    """The init segment with its edit list, the media segments, and the priming in samples."""

    init: bytes
    segments: tuple[CutSegment, ...]
    priming: int


def cut_sound(data: bytes, edges: Sequence[Fraction], *, where: str) -> Sound:
    """Cut ffmpeg's fragmented audio file at `edges`: the times in seconds at which the video's segments start.

    Segments tile the track: the first starts at tick 0, each other at the AAC frame nearest to its edge on the
    presentation's timeline. Decode times count from the start of the priming.
    """
    init, media = split_init(data)
    track = parse_init(init)
    frames = [
        bytes(media[s.offset : s.offset + s.size]) for f in parse_fragments(media, track) for s in f.samples
    ]  # fmt: skip
    if len(frames) < 2:
        raise EncodeError("the audio encoder gave no sound", where=where, hint="Check the master's sound track.")
    cuts = [0] + [_nearest_frame(edge, track.timescale) for edge in edges[1:]]
    cuts = sorted({min(c, len(frames)) for c in cuts})
    if cuts[-1] == len(frames):
        cuts.pop()
    segments = []
    for number, (a, b) in enumerate(zip(cuts, [*cuts[1:], len(frames)], strict=True)):
        body = write_audio_segment(frames[a:b], sequence=number + 1, decode_time=a * FRAME, frame_ticks=FRAME)
        sizes = tuple(len(f) for f in frames[a:b])
        segments.append(CutSegment((body,), a * FRAME, (b - a) * FRAME, sizes))
    return Sound(patch_edit_list(init, PRIMING), tuple(segments), PRIMING)


def _nearest_frame(edge: Fraction, timescale: int) -> int:
    """The index of the AAC frame whose first audible sample is nearest to `edge` seconds."""
    return int((edge * timescale + PRIMING) / FRAME + Fraction(1, 2))
