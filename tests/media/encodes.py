"""Tiny encodes in fragments, as the encoder's commands make them, for tests of the four video codecs."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from coders.coder import Coding
from coders.levels import Shape
from coders.table import CODERS
from encoder.argv import FRAGMENTS
from media.boxes import split_init
from media.ffmpeg import ffmpeg_path, run
from media.fragments import Fragment, Sample, parse_fragments
from media.tracks import Track, parse_init

CODING = Coding(
    preset="ultrafast", crf=45, max_bps=0, buffer_bits=0, initial_bits=0, keyint=12, threads=1,
    shape=Shape(64, 36, Fraction(24), 0, 0),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Encode:
    """A fragmented file taken apart: its init, its track, and the media bytes that the fragments' offsets count in."""

    init: bytes
    media: bytes
    track: Track
    fragments: tuple[Fragment, ...]

    @property
    def samples(self) -> list[Sample]:
        return [s for f in self.fragments for s in f.samples]

    def bytes_of(self, number: int) -> bytes:
        """Sample `number`'s bytes, counted over all fragments."""
        sample = self.samples[number]
        return self.media[sample.offset : sample.offset + sample.size]


def coder_args(name: str, coding: Coding = CODING) -> list[str]:
    """ffmpeg's options for a codec of the table."""
    coder = CODERS[name]
    options = [word for key, value in coder.options(coding).items() for word in (f"-{key}", value)]
    return [*options, "-pix_fmt", coder.pixel_format]


def encode(
    path: Path, args: list[str], *, size: str = "64x36", frames: int = 24, every: int = 12, flags: str = ""
) -> Encode:
    """`frames` of a moving test picture at 24 Hz with a key frame forced at every `every`th. `flags` are movflags
    besides the encoder's own."""
    source = ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate=24,format=yuv420p"]
    out = [
        "-frames:v", str(frames), "-force_key_frames", f"expr:eq(mod(n,{every}),0)", "-video_track_timescale", "24000",
        "-movflags", FRAGMENTS + flags, "-use_editlist", "0", "-map_metadata", "-1", "-f", "mp4", str(path),
    ]  # fmt: skip
    run([ffmpeg_path(), "-y", "-v", "error", *source, *args, *out], where=path.name)
    return taken_apart(path.read_bytes())


def taken_apart(data: bytes) -> Encode:
    init, media = split_init(data)
    track = parse_init(init)
    return Encode(init, media, track, parse_fragments(media, track))
