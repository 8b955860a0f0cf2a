"""What a title is built from: renditions and text whose objects are stored, and the facts about the whole. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from media.colour import Colour
from media.tracks import Track
from values.title import (
    Artwork,
    Chapter,
    ChunkRecord,
    Loudness,
    Quality,
    Segment,
    StoredFile,
    Thumbnails,
    TrickTrack,
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A rendition whose segments are stored: `track` is what its init segment says.

    Segment `start` is the first sample's decode time (tfdt) and `duration` the sum of its samples', in ticks. The other
    fields are as in `values.title.Rendition`. Drafts of one sound track follow one another, its stereo first.
    """

    id: str
    track: Track
    init: StoredFile
    segments: tuple[Segment, ...]
    language: str = "und"
    max_bps: int = 0
    buffer_bits: int = 0
    quality: Quality | None = None
    name: str = ""
    role: str = "main"
    default: bool = False
    loudness: Loudness | None = None

    @property
    def video_range(self) -> str:
        """SDR, PQ or HLG, by the transfer that the init segment says."""
        return Colour(*self.track.colour).video_range


@dataclass(frozen=True, slots=True)
class TextDraft:
    """A text track whose files are stored; the fields are as in `values.title.TextTrack`."""

    id: str
    language: str
    name: str
    role: str
    forced: bool
    default: bool
    whole: StoredFile
    segments: tuple[Segment, ...]
    cues: int
    source: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What a title record says besides its renditions and texts; see `values.title.Title`."""

    id: str
    name: str
    created: str
    master_fingerprint: str
    master_name: str
    rate: Fraction
    frames: int
    segment_frames: int
    chunks: tuple[ChunkRecord, ...]
    poster: StoredFile | None = None
    notes: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    grid: tuple[int, ...] = ()
    trick: tuple[TrickTrack, ...] = ()
    thumbnails: Thumbnails | None = None
    artwork: tuple[Artwork, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    chapters_file: StoredFile | None = None
    treatment: Mapping[str, Any] = field(default_factory=dict)
    checks: Mapping[str, Any] = field(default_factory=dict)

    @property
    def duration(self) -> Fraction:
        """Seconds of video."""
        return self.frames / self.rate
