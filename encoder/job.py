"""What a task is given and what it gives back: plain frozen values that pickle. Pure."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from fractions import Fraction

from chunker.grid import Timing
from chunker.plan import Chunk
from ladders.rung import FittedRung
from values.title import Segment, StoredFile


@dataclass(frozen=True, slots=True)
class Picture:
    """How decoded frames become the film's frames before scaling, decided once for the whole title.

    `stream` is the index of the video stream in the container. `deinterlace` runs bwdif at frame rate, `tone_map`
    brings PQ or HLG to BT.709. `closing_frames` are repeated after the last source frame to fill the grid.
    """

    stream: int
    deinterlace: bool = False
    tone_map: bool = False
    closing_frames: int = 0


@dataclass(frozen=True, slots=True)
class VideoSettings:
    """The encoder settings that all chunks of a title share. `preset` is x264's; `threads` per encoder."""

    preset: str
    rungs: tuple[FittedRung, ...]
    rate: Fraction
    segment_frames: int
    threads: int = 1


@dataclass(frozen=True, slots=True)
class ChunkJob:
    """One task: encode output frames ``[chunk.start, chunk.stop)`` into every rung.

    `seek` is the source time in ticks of the keyframe at which decoding starts, None for the start of the file;
    `fallbacks` are earlier ones, tried in turn when a seek lands too late. `expected` holds, for each output frame,
    the source time in ticks of the frame it shows; a `tolerant` job takes others (damaged masters). `recipe` is the
    digest of all that determines the result; the result's record is stored under `record_key`, init segments under
    `init_keys` (one a rung) and media segments under `segment_keys` (a tuple a rung).
    """

    title_id: str
    master_name: str
    location: str
    store_url: str
    chunk: Chunk
    timing: Timing
    picture: Picture
    settings: VideoSettings
    seek: int | None
    fallbacks: tuple[int | None, ...]
    expected: array[int] = field(repr=False)
    tolerant: bool
    recipe: str
    record_key: str
    init_keys: tuple[str, ...]
    segment_keys: tuple[tuple[str, ...], ...]
    work_dir: str

    @property
    def where(self) -> str:
        """The chunk's name in messages: ``'chunk 17 of talk.mp4 (frames 4080 to 4320)'``."""
        c = self.chunk
        return f"chunk {c.index} of {self.master_name} (frames {c.start} to {c.stop})"

    @property
    def cost(self) -> float:
        """Frames to encode: what orders the work."""
        return float(self.chunk.frames)


@dataclass(frozen=True, slots=True)
class TrackPart:
    """What one task made of one rendition: the init segment, and its media segments in order."""

    rendition: str
    init: StoredFile
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """A finished chunk: one part per rung, frames counted in and out, and what it cost (CPU seconds, bytes)."""

    index: int
    recipe: str
    parts: tuple[TrackPart, ...]
    frames_in: int
    frames_out: int
    cpu_s: float
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class AudioJob:
    """The task of one sound track. `start` is the time in seconds, on the container's clock, of the film's first
    frame, `duration` the film's length, `edges` the starts of the video segments in seconds of the film."""

    title_id: str
    master_name: str
    location: str
    store_url: str
    stream: int
    rendition: str
    start: Fraction
    duration: Fraction
    edges: tuple[Fraction, ...]
    bps: int
    recipe: str
    record_key: str
    init_key: str
    segment_keys: tuple[str, ...]
    work_dir: str

    @property
    def where(self) -> str:
        return f"audio track {self.stream} of {self.master_name}"

    @property
    def cost(self) -> float:
        """The longest task that can't be divided goes first."""
        return float("inf")


@dataclass(frozen=True, slots=True)
class AudioResult:
    """A finished sound track; `priming` in samples, `cpu_s` in seconds."""

    recipe: str
    part: TrackPart
    priming: int
    cpu_s: float
