"""From measured renditions to a title record with its playlists and MPD. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from media.tracks import Track
from packager.dash import mpd
from packager.hls import media_playlist, multivariant_playlist
from packager.measure import measure, presented, target_duration
from packager.names import media_playlist_key, mpd_key, multivariant_key
from values.digest import digest_bytes
from values.title import ChunkRecord, Loudness, Quality, Rendition, Segment, StoredFile, Title

HLS_TYPE = "application/vnd.apple.mpegurl"
DASH_TYPE = "application/dash+xml"


@dataclass(frozen=True, slots=True)
class Draft:
    """A rendition whose segments are stored: `track` is what its init segment says.

    Segment `start` is the first sample's decode time (tfdt) and `duration` the sum of its samples', in ticks. The
    declared peak and `quality` are as in `values.title.Rendition`.
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


@dataclass(frozen=True, slots=True)
class Facts:
    """What a title record says besides its renditions; see `values.title.Title`."""

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


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """A playlist or MPD to store under `key`."""

    key: str
    data: bytes
    media_type: str

    @property
    def stored(self) -> StoredFile:
        return StoredFile(self.key, len(self.data), digest_bytes(self.data))


@dataclass(frozen=True, slots=True)
class Presentation:
    """A title and the manifests that must be stored before it is published."""

    title: Title
    files: tuple[ManifestFile, ...]


def build_title(facts: Facts, drafts: Sequence[Draft]) -> Presentation:
    """The title of these renditions, in their order, with its playlists and MPD; equal input gives equal bytes."""
    target_s = target_duration(b - a for d in drafts for a, b in _presented(d))
    pairs = [_rendition(facts.id, draft, target_s) for draft in drafts]
    renditions = tuple(rendition for rendition, _ in pairs)
    duration = facts.frames / facts.rate
    hls_data = multivariant_playlist(facts.id, renditions, facts.rate)
    hls = ManifestFile(multivariant_key(facts.id, hls_data), hls_data, HLS_TYPE)
    dash_data = mpd(facts.id, facts.name, renditions, rate=facts.rate, duration=duration)
    dash = ManifestFile(mpd_key(facts.id, dash_data), dash_data, DASH_TYPE)
    title = Title(
        id=facts.id,
        name=facts.name,
        created=facts.created,
        master_fingerprint=facts.master_fingerprint,
        master_name=facts.master_name,
        rate=facts.rate,
        frames=facts.frames,
        segment_frames=facts.segment_frames,
        chunks=facts.chunks,
        renditions=renditions,
        hls=hls.stored,
        dash=dash.stored,
        poster=facts.poster,
        notes=facts.notes,
        settings=dict(facts.settings),
        grid=facts.grid,
    )
    return Presentation(title, (*(file for _, file in pairs), hls, dash))


def _presented(draft: Draft) -> list[tuple[Fraction, Fraction]]:
    return presented(draft.segments, draft.track.timescale, _priming(draft.track))


def _priming(track: Track) -> int:
    """A video edit list only takes back the delay of reordered pictures: segment times are right without it."""
    return track.media_time if track.handler == "soun" else 0


def _rendition(title_id: str, draft: Draft, target_s: int) -> tuple[Rendition, ManifestFile]:
    track = draft.track
    data = media_playlist(
        title_id,
        draft.init,
        draft.segments,
        timescale=track.timescale,
        priming=_priming(track),
        target_s=target_s,
    )
    file = ManifestFile(media_playlist_key(title_id, draft.id, data), data, HLS_TYPE)
    sizes = [(s.file.size_bytes, b - a) for s, (a, b) in zip(draft.segments, _presented(draft), strict=True)]
    measured = measure(sizes, target_s)
    rendition = Rendition(
        id=draft.id,
        kind="video" if track.handler == "vide" else "audio",
        codec=track.codec,
        timescale=track.timescale,
        init=draft.init,
        segments=draft.segments,
        playlist=file.stored,
        peak_bps=measured.peak_bps,
        average_bps=measured.average_bps,
        priming=_priming(track),
        language=draft.language,
        max_bps=draft.max_bps,
        buffer_bits=draft.buffer_bits,
        quality=draft.quality,
        name=draft.name,
        role=draft.role,
        default=draft.default,
        loudness=draft.loudness,
    )
    if rendition.kind == "video":
        return replace(rendition, width=track.width, height=track.height), file
    return replace(rendition, channels=track.channels, sample_rate_hz=track.sample_rate_hz), file
