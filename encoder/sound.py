"""An encoded sound track, cut into segments beside the picture. Pure.

ffmpeg gives every access unit of the codec ("frame"); here they are grouped so that each edge is the frame nearest to
the video's edge, and written as one fragment a segment. The encoder's priming stays in the stream and is hidden by an
edit list (ISO/IEC 14496-12 section 8.6.6), so that the first audible sample is the film's first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from encoder.cut import CutSegment
from encoder.sound_codecs import SoundCodec
from media.boxes import Buffer, init_size
from media.codecs import opus_pre_skip
from media.fragments import parse_fragments, write_audio_segment
from media.tracks import Track, parse_init, patch_edit_list
from values.errors import EncodeError


@dataclass(frozen=True, slots=True)
class Sound:
    """A cut track: the init segment with its edit list; where each frame lies in `media`, as (offset, size); the frame
    with which each segment starts; and how many samples a frame and the priming have."""

    init: bytes
    media: Buffer
    frames: tuple[tuple[int, int], ...]
    cuts: tuple[int, ...]
    frame: int
    priming: int

    def segments(self) -> Iterator[CutSegment]:
        """The media segments in order, one at a time: a long film's sound is large."""
        for number, (a, b) in enumerate(zip(self.cuts, [*self.cuts[1:], len(self.frames)], strict=True)):
            frames = [bytes(self.media[at : at + size]) for at, size in self.frames[a:b]]
            body = write_audio_segment(
                frames, sequence=number + 1, decode_time=a * self.frame, frame_ticks=self.frame
            )  # fmt: skip
            yield CutSegment((body,), a * self.frame, (b - a) * self.frame, tuple(len(f) for f in frames))


def cut_sound(data: Buffer, codec: SoundCodec, edges: Sequence[Fraction], samples: int, *, where: str) -> Sound:
    """Cut ffmpeg's fragmented audio file at `edges`: the times in seconds at which the video's segments start.

    Segments tile the track: the first starts at tick 0, each other at the frame nearest to its edge on the
    presentation's timeline. Decode times count from the start of the priming. The track ends with the frame that holds
    the last of the film's `samples`. Raises EncodeError if there are fewer, or the priming is not the codec's.
    """
    start = init_size(data)
    init, media = bytes(data[:start]), memoryview(data)[start:]
    track = parse_init(init)
    _check(track, codec, where)
    needed = -(-(samples + codec.priming) // codec.frame)
    found = [(s.offset, s.size) for f in parse_fragments(media, track) for s in f.samples]
    if len(found) < needed:
        raise EncodeError(
            f"the audio encoder gave {len(found)} frames of {needed}",
            where=where,
            hint="Check the master's sound track; if it plays well, the ffmpeg build is at fault.",
        )
    cuts = {0, *(min(_nearest_frame(edge, track.timescale, codec), needed - 1) for edge in edges[1:])}
    return Sound(
        patch_edit_list(init, codec.priming), media, tuple(found[:needed]), tuple(sorted(cuts)), codec.frame,
        codec.priming,
    )  # fmt: skip


def _nearest_frame(edge: Fraction, timescale: int, codec: SoundCodec) -> int:
    """The index of the frame whose first audible sample is nearest to `edge` seconds."""
    return int((edge * timescale + codec.priming) / codec.frame + Fraction(1, 2))


def _check(track: Track, codec: SoundCodec, where: str) -> None:
    said = opus_pre_skip(track.config) if track.entry == "Opus" else codec.priming
    if said != codec.priming:
        raise EncodeError(
            f"the encoder puts {said} samples before the sound, expected {codec.priming}",
            where=where,
            hint="This build of libopus is not known: use the ffmpeg of the package imageio-ffmpeg.",
        )
