"""What a task is given and what it gives back: plain frozen values that pickle. Pure."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from fractions import Fraction

from chunker.grid import Timing
from chunker.plan import Chunk
from coders.table import CODERS
from ladders.rung import FittedRung
from quality.settings import MeasureSettings
from treatment.picture import SDR, Look, Picture
from values.title import Segment, StoredFile


@dataclass(frozen=True, slots=True)
class VideoSettings:
    """The settings that all chunks of one codec of a title share.

    `preset` is a word of `coders.coder.PRESETS`; `keyint` the longest GOP in frames, more than any segment has;
    `threads` what each encoder uses; `look` the colour and depth that all rungs of the codec are coded in.
    """

    codec: str
    preset: str
    rungs: tuple[FittedRung, ...]
    rate: Fraction
    keyint: int
    threads: int = 1
    look: Look = SDR


@dataclass(frozen=True, slots=True)
class ChunkJob:
    """One task: encode output frames ``[chunk.start, chunk.stop)`` into every rung of one codec.

    `crfs` is the CRF of each rung in this chunk. `ready` has, for each rung, the store key of a trial encode of the
    same frames at the same CRF, '' for none; it is taken if it keeps to the rung's peak. With `measuring` the result's
    quality is measured too; `measure_seeks` are source times in ticks of keyframes at or before the first frame this
    needs, None for the start of the file.

    `seek` is the source time in ticks of the keyframe at which decoding starts, None for the start of the file;
    `fallbacks` are earlier ones, tried in turn when a seek lands too late. `expected` holds, for each output frame,
    the source time in ticks of the frame it shows, `others`, if it is not empty, another that it may show instead (a
    pulldown is taken back by what pictures show); a `tolerant` job takes any (damaged masters). `recipe` is the
    digest of all that determines the result; the result's record is stored under `record_key`, init segments under
    `init_keys` (one a rung) and media segments under `segment_keys` (a tuple a rung). `decoded_size` is the source's
    width and height in pixels.
    """

    title_id: str
    master_name: str
    location: str
    store_url: str
    chunk: Chunk
    timing: Timing
    picture: Picture
    settings: VideoSettings
    crfs: tuple[float, ...]
    seek: int | None
    fallbacks: tuple[int | None, ...]
    expected: array[int] = field(repr=False)
    tolerant: bool
    recipe: str
    record_key: str
    init_keys: tuple[str, ...]
    segment_keys: tuple[tuple[str, ...], ...]
    work_dir: str
    measuring: MeasureSettings | None = None
    measure_seeks: tuple[int | None, ...] = ()
    ready: tuple[str, ...] = ()
    others: array[int] = field(default_factory=lambda: array("q"), repr=False)
    decoded_size: tuple[int, int] = (0, 0)

    @property
    def where(self) -> str:
        """The chunk's name in messages: ``'chunk 17 of talk.mp4 (frames 4080 to 4320)'``."""
        c = self.chunk
        return f"chunk {c.index} of {self.master_name} (frames {c.start} to {c.stop})"

    @property
    def cost(self) -> float:
        """About what the encode costs, on a scale of its own: what orders the work."""
        pixels = sum(r.width * r.height for r in self.settings.rungs)
        return self.chunk.frames * pixels * CODERS[self.settings.codec].slowness

    @property
    def alone(self) -> bool:
        """Whether this chunk is the whole film."""
        return self.chunk.start == 0 and self.last

    @property
    def last(self) -> bool:
        return self.chunk.stop == self.timing.frames


@dataclass(frozen=True, slots=True)
class TrackPart:
    """What one task made of one rendition: the init segment, and its media segments in order.

    `crf` is the one that kept to the declared peak, found in `tries` encodes (0 and 1 for sound). `scores` are the
    VMAF of the measured frames, in order; () where quality was not measured or the part has no frame to measure.
    """

    rendition: str
    init: StoredFile
    segments: tuple[Segment, ...]
    crf: float = 0.0
    tries: int = 1
    scores: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """A finished chunk: one part per rung, frames counted in and out, and what it cost: CPU seconds of encoding and of
    measuring quality, and peak memory in bytes. Each `every`th frame of the film was measured, 0 is none. `replaced`
    frames show another picture, because their own did not decode (damaged masters)."""

    index: int
    recipe: str
    parts: tuple[TrackPart, ...]
    frames_in: int
    frames_out: int
    cpu_s: float
    peak_bytes: int
    measure_cpu_s: float = 0.0
    every: int = 0
    replaced: int = 0


@dataclass(frozen=True, slots=True)
class MeasureJob:
    """The task of measuring a chunk that was encoded before, as `chunk_job.measuring` says."""

    chunk_job: ChunkJob
    result: ChunkResult

    @property
    def where(self) -> str:
        return f"quality of {self.chunk_job.where}"

    @property
    def cost(self) -> float:
        return self.chunk_job.cost
