"""The title record, `title.json`: everything a title consists of, with sizes and checksums. Pure.

All times are integers: frames at `rate`, or ticks at a track's `timescale`. Keys are store keys.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from values.errors import TitleError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One object of the title: its store key, size, and xxh3-128 as 32 hex digits."""

    key: str
    size_bytes: int
    xxh3: str


@dataclass(frozen=True, slots=True)
class Segment:
    """One CMAF segment: `start` and `duration` in ticks of the rendition's timescale; `samples` counts coded frames."""

    file: StoredFile
    start: int
    duration: int
    samples: int


@dataclass(frozen=True, slots=True)
class Quality:
    """The measured picture quality of a rendition: VMAF (0 to 100) against the film at `width` x `height`.

    `model` is libvmaf's; every `every`th frame was measured, `frames` in all. `p1` and `p5` are percentiles over
    frames; `worst_ten_s` is the lowest mean of any ten seconds, which start at `worst_at_s`. `scores` holds the single
    frames' scores (see `quality.scores`).
    """

    model: str
    width: int
    height: int
    every: int
    frames: int
    mean: float
    harmonic_mean: float
    p1: float
    p5: float
    worst_ten_s: float
    worst_at_s: float
    scores: StoredFile


@dataclass(frozen=True, slots=True)
class Rendition:
    """One track of the presentation: a video rung or an audio track, cut into segments.

    `codec` is the RFC 6381 string read from the sample entry. `peak_bps` and `average_bps` are measured over the
    stored segments (RFC 8216 section 4.3.4.2). `max_bps` and `buffer_bits` are the declared peak: a leaky bucket that
    drains at `max_bps` never holds more than `buffer_bits` (0 where none is declared). `priming` counts the encoder's
    leading samples that the init segment's edit list hides (audio), 0 for video. `width`, `height` are 0 for audio,
    `channels` and `sample_rate_hz` 0 for video.
    """

    id: str
    kind: str  # "video" or "audio"
    codec: str
    timescale: int
    init: StoredFile
    segments: tuple[Segment, ...]
    playlist: StoredFile
    peak_bps: int
    average_bps: int
    width: int = 0
    height: int = 0
    channels: int = 0
    sample_rate_hz: int = 0
    priming: int = 0
    language: str = "und"
    max_bps: int = 0
    buffer_bits: int = 0
    quality: Quality | None = None

    @property
    def duration_ticks(self) -> int:
        return sum(s.duration for s in self.segments)


@dataclass(frozen=True, slots=True)
class ChunkRecord:
    """One chunk of the film: output frames ``[start, stop)`` and the digest of the recipe that made it."""

    index: int
    start: int
    stop: int
    recipe: str


@dataclass(frozen=True, slots=True)
class Title:
    """A published title. `rate` is frames per second; `frames` counts output frames; `segment_frames` the grid step.

    `grid` holds the start frames of the segments where they are not every `segment_frames` frames (then the target);
    it is empty for a regular grid.
    `created` is ISO 8601 in UTC. `hls` is the multivariant playlist and `dash` the MPD: both immutable objects, so
    that replacing `title.json` alone switches the title from one generation to the next.
    """

    id: str
    name: str
    created: str
    master_fingerprint: str
    master_name: str
    rate: Fraction
    frames: int
    segment_frames: int
    chunks: tuple[ChunkRecord, ...]
    renditions: tuple[Rendition, ...]
    hls: StoredFile
    dash: StoredFile
    poster: StoredFile | None = None
    notes: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict, hash=False)
    grid: tuple[int, ...] = ()

    @property
    def duration(self) -> Fraction:
        """Seconds of video."""
        return self.frames / self.rate

    @property
    def video(self) -> tuple[Rendition, ...]:
        return tuple(r for r in self.renditions if r.kind == "video")

    @property
    def audio(self) -> tuple[Rendition, ...]:
        return tuple(r for r in self.renditions if r.kind == "audio")

    def files(self) -> tuple[StoredFile, ...]:
        """Every object the title consists of, except `title.json` itself."""
        out = [self.hls, self.dash]
        for r in self.renditions:
            out += [r.playlist, r.init, *(s.file for s in r.segments)]
            out += [r.quality.scores] if r.quality else []
        if self.poster:
            out.append(self.poster)
        return tuple(out)


def dump_title(title: Title) -> bytes:
    """`title.json` as UTF-8 text."""
    value = {"format": FORMAT, **dataclasses.asdict(title), "rate": str(title.rate)}
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()


def load_title(data: bytes, *, where: str) -> Title:
    """Parse `title.json`. Raises TitleError naming `where` if it is damaged or of a newer format."""
    try:
        raw = json.loads(data)
        version = raw.pop("format")
        if version != FORMAT:
            raise TitleError(
                f"the record has format {version}, this matinee reads {FORMAT}",
                where=where,
                hint="Use a newer matinee, or onboard the title again.",
            )
        return Title(
            **{
                **raw,
                "rate": Fraction(raw["rate"]),
                "chunks": tuple(ChunkRecord(**c) for c in raw["chunks"]),
                "renditions": tuple(_rendition(r) for r in raw["renditions"]),
                "hls": StoredFile(**raw["hls"]),
                "dash": StoredFile(**raw["dash"]),
                "poster": StoredFile(**raw["poster"]) if raw["poster"] else None,
                "notes": tuple(raw["notes"]),
                "grid": tuple(int(n) for n in raw.get("grid", ())),  # records of regular grids once had none
            }
        )
    except (ValueError, KeyError, TypeError, AttributeError, ZeroDivisionError) as error:
        raise TitleError(
            f"the title record is damaged ({error})", where=where, hint="Onboard the master again to write it anew."
        ) from error


def _rendition(raw: dict[str, Any]) -> Rendition:
    return Rendition(
        **{
            **raw,
            "init": StoredFile(**raw["init"]),
            "playlist": StoredFile(**raw["playlist"]),
            "segments": tuple(Segment(**{**s, "file": StoredFile(**s["file"])}) for s in raw["segments"]),
            "quality": _quality(raw["quality"]) if raw.get("quality") else None,
        }
    )


def _quality(raw: dict[str, Any]) -> Quality:
    return Quality(**{**raw, "scores": StoredFile(**raw["scores"])})
