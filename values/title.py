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
    """One CMAF segment: `start` and `duration` in ticks of the rendition's timescale; `samples` counts coded frames.

    The first `key_bytes` bytes hold all up to the end of its first sample, which is a key frame: what a player that
    shows key frames alone needs of it. 0 where that is not known, and for sound and text.
    """

    file: StoredFile
    start: int
    duration: int
    samples: int
    key_bytes: int = 0


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
class Loudness:
    """Loudness of a sound track over the whole title (EBU R 128, ITU-R BS.1770), of the channels as they are delivered.

    `measured_lufs` and `measured_peak_dbtp` are integrated loudness and true peak before `gain_db`, which is the same
    for every sample; `lufs` and `peak_dbtp` those after it. A value of silence is None. `target_lufs` None is no
    target.
    """

    measured_lufs: float | None
    measured_peak_dbtp: float | None
    gain_db: float
    lufs: float | None
    peak_dbtp: float | None
    target_lufs: float | None


@dataclass(frozen=True, slots=True)
class Rendition:
    """One track of the presentation: a video rung or an audio track, cut into segments.

    `codec` is the RFC 6381 string read from the sample entry. `peak_bps` and `average_bps` are measured over the
    stored segments (RFC 8216 section 4.3.4.2). `max_bps` and `buffer_bits` are the declared peak: a leaky bucket that
    drains at `max_bps` never holds more than `buffer_bits` (0 where none is declared). `priming` counts the encoder's
    leading samples that the init segment's edit list hides (audio), 0 for video. `width`, `height` are 0 for audio,
    `channels` and `sample_rate_hz` 0 for video.

    `video_range` is SDR, PQ or HLG and `colour` primaries, transfer and matrix (ITU-T H.273), of video alone. Of sound
    alone: `name` is the track's own name where it has one, `role` is main, commentary or description (described video),
    `default` marks the one to play unasked, `loudness` is what was measured. `iframes` is the HLS playlist of key
    frames alone.
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
    video_range: str = "SDR"
    colour: tuple[int, int, int] = (2, 2, 2)
    name: str = ""
    role: str = "main"
    default: bool = False
    loudness: Loudness | None = None
    iframes: StoredFile | None = None

    @property
    def duration_ticks(self) -> int:
        return sum(s.duration for s in self.segments)


@dataclass(frozen=True, slots=True)
class TextTrack:
    """A track of timed text in WebVTT.

    `role` is subtitles or captions (which describe sounds too: SDH); `forced` holds only what must be read by everyone.
    `whole` is the track as one file (for DASH and downloads); `segments` are the same cues cut for HLS: `start` and
    `duration` in milliseconds, `samples` counting cues. `source` says where it came from.
    """

    id: str
    language: str
    name: str
    role: str
    forced: bool
    default: bool
    whole: StoredFile
    segments: tuple[Segment, ...]
    playlist: StoredFile
    cues: int
    source: str


@dataclass(frozen=True, slots=True)
class TrickTrack:
    """Key frames of the video rendition `of`, one a segment, each shown until the next: for DASH's trick modes.

    `segments` are as a rendition's, with its `init`; `peak_bps` is measured over them.
    """

    id: str
    of: str
    codec: str
    timescale: int
    init: StoredFile
    segments: tuple[Segment, ...]
    width: int
    height: int
    peak_bps: int


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """Small pictures for seeking: `sheets` of `columns` x `rows` tiles of `width` x `height` pixels, row by row.

    Tile n shows the film at n * `every_ms` milliseconds; there are `count`. `index` is their WebVTT index, whose
    addresses are relative to itself. Sheets are numbered from 1: ``…/1.jpg``. `playlist` lists the sheets for HLS.
    """

    sheets: tuple[StoredFile, ...]
    index: StoredFile
    columns: int
    rows: int
    width: int
    height: int
    every_ms: int
    count: int
    playlist: StoredFile | None = None


@dataclass(frozen=True, slots=True)
class Artwork:
    """A still that may advertise the title: the film at `at_ms`, `width` x `height`, and its `score` (0 to 1)."""

    file: StoredFile
    at_ms: int
    width: int
    height: int
    score: float


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter: ``[start_ms, stop_ms)`` on the film's timeline, and its name."""

    start_ms: int
    stop_ms: int
    name: str


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
    `treatment` says what was detected in the master and what was decided (see the room of that name), `checks` what the
    quality gate found. `chapters_file` is the chapters as a WebVTT track, `hls_chapters` as JSON for HLS players.
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
    texts: tuple[TextTrack, ...] = ()
    trick: tuple[TrickTrack, ...] = ()
    thumbnails: Thumbnails | None = None
    artwork: tuple[Artwork, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    chapters_file: StoredFile | None = None
    treatment: dict[str, Any] = field(default_factory=dict, hash=False)
    checks: dict[str, Any] = field(default_factory=dict, hash=False)
    hls_chapters: StoredFile | None = None

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
            out += [r.iframes] if r.iframes else []
        for text in self.texts:
            out += [text.whole, text.playlist, *(s.file for s in text.segments)]
        for trick in self.trick:
            out += [trick.init, *(s.file for s in trick.segments)]
        if self.thumbnails:
            out += [*self.thumbnails.sheets, self.thumbnails.index]
            out += [self.thumbnails.playlist] if self.thumbnails.playlist else []
        out += [a.file for a in self.artwork]
        out += [f for f in (self.poster, self.chapters_file, self.hls_chapters) if f]
        return tuple(dict.fromkeys(out))


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
                "texts": tuple(_text(t) for t in raw.get("texts", ())),
                "trick": tuple(_trick(t) for t in raw.get("trick", ())),
                "thumbnails": _thumbnails(raw["thumbnails"]) if raw.get("thumbnails") else None,
                "artwork": tuple(Artwork(**{**a, "file": StoredFile(**a["file"])}) for a in raw.get("artwork", ())),
                "chapters": tuple(Chapter(**c) for c in raw.get("chapters", ())),
                "chapters_file": StoredFile(**raw["chapters_file"]) if raw.get("chapters_file") else None,
                "hls_chapters": StoredFile(**raw["hls_chapters"]) if raw.get("hls_chapters") else None,
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
            "segments": _segments(raw["segments"]),
            "quality": _quality(raw["quality"]) if raw.get("quality") else None,
            "colour": tuple(raw.get("colour", (2, 2, 2))),
            "loudness": Loudness(**raw["loudness"]) if raw.get("loudness") else None,
            "iframes": StoredFile(**raw["iframes"]) if raw.get("iframes") else None,
        }
    )


def _segments(raw: list[dict[str, Any]]) -> tuple[Segment, ...]:
    return tuple(Segment(**{**s, "file": StoredFile(**s["file"])}) for s in raw)


def _text(raw: dict[str, Any]) -> TextTrack:
    whole, playlist = StoredFile(**raw["whole"]), StoredFile(**raw["playlist"])
    return TextTrack(**{**raw, "whole": whole, "playlist": playlist, "segments": _segments(raw["segments"])})


def _trick(raw: dict[str, Any]) -> TrickTrack:
    return TrickTrack(**{**raw, "init": StoredFile(**raw["init"]), "segments": _segments(raw["segments"])})


def _thumbnails(raw: dict[str, Any]) -> Thumbnails:
    sheets = tuple(StoredFile(**s) for s in raw["sheets"])
    playlist = StoredFile(**raw["playlist"]) if raw.get("playlist") else None
    return Thumbnails(**{**raw, "sheets": sheets, "index": StoredFile(**raw["index"]), "playlist": playlist})


def _quality(raw: dict[str, Any]) -> Quality:
    return Quality(**{**raw, "scores": StoredFile(**raw["scores"])})
