"""From measured renditions to a title record with its playlists and MPD. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from media.tracks import Track
from packager.chapters import hls_chapters
from packager.dash import mpd
from packager.drafts import Draft, Facts, TextDraft
from packager.hls import multivariant_playlist
from packager.hls_media import iframe_playlist, image_playlist, media_playlist, text_playlist
from packager.measure import measure, presented, target_duration
from packager.names import (
    hls_chapters_key,
    iframe_playlist_key,
    image_playlist_key,
    media_playlist_key,
    mpd_key,
    multivariant_key,
)
from values.digest import digest_bytes
from values.title import Rendition, StoredFile, TextTrack, Thumbnails, Title

__all__ = ["Draft", "Facts", "ManifestFile", "Presentation", "TextDraft", "build_title"]

HLS_TYPE = "application/vnd.apple.mpegurl"
DASH_TYPE = "application/dash+xml"
JSON_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """A playlist, MPD or list of chapters to store under `key`."""

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


def build_title(facts: Facts, drafts: Sequence[Draft], texts: Sequence[TextDraft] = ()) -> Presentation:
    """The title of these renditions and texts, in their order, with its playlists and MPD; equal input gives equal
    bytes. A video rendition gets a playlist of key frames where all its segments know their `key_bytes`."""
    target_s = target_duration(Fraction(s.duration, d.track.timescale) for d in drafts for s in d.segments)
    files: list[ManifestFile] = []
    renditions = tuple(_rendition(facts.id, draft, target_s, files) for draft in drafts)
    tracks = tuple(_text(facts.id, text, target_s, files) for text in texts)
    thumbnails = _thumbnails(facts, files) if facts.thumbnails else None
    chapters = _chapters(facts, files) if facts.chapters else None
    hls_data = multivariant_playlist(
        facts.id, renditions, facts.rate, texts=tracks, images=thumbnails, chapters=chapters
    )
    hls = ManifestFile(multivariant_key(facts.id, hls_data), hls_data, HLS_TYPE)
    dash_data = mpd(
        facts.id, facts.name, renditions, rate=facts.rate, duration=facts.duration, texts=tracks, trick=facts.trick,
        images=thumbnails,
    )  # fmt: skip
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
        texts=tracks,
        trick=facts.trick,
        thumbnails=thumbnails,
        artwork=facts.artwork,
        chapters=facts.chapters,
        chapters_file=facts.chapters_file,
        treatment=dict(facts.treatment),
        checks=dict(facts.checks),
        hls_chapters=chapters,
    )
    return Presentation(title, (*files, hls, dash))


def _presented(draft: Draft) -> list[tuple[Fraction, Fraction]]:
    return presented(draft.segments, draft.track.timescale, _priming(draft.track))


def _priming(track: Track) -> int:
    """A video edit list only takes back the delay of reordered pictures: segment times are right without it."""
    return track.media_time if track.handler == "soun" else 0


def _rendition(title_id: str, draft: Draft, target_s: int, files: list[ManifestFile]) -> Rendition:
    track = draft.track
    data = media_playlist(
        title_id,
        draft.init,
        draft.segments,
        timescale=track.timescale,
        target_s=target_s,
    )
    file = ManifestFile(media_playlist_key(title_id, draft.id, data), data, HLS_TYPE)
    files.append(file)
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
    if rendition.kind == "audio":
        return replace(rendition, channels=track.channels, sample_rate_hz=track.sample_rate_hz)
    return replace(
        rendition,
        width=track.width,
        height=track.height,
        video_range=draft.video_range,
        colour=track.colour,
        iframes=_iframes(title_id, draft, target_s, files),
    )


def _iframes(title_id: str, draft: Draft, target_s: int, files: list[ManifestFile]) -> StoredFile | None:
    if not all(s.key_bytes for s in draft.segments):
        return None
    data = iframe_playlist(title_id, draft.init, draft.segments, timescale=draft.track.timescale, target_s=target_s)
    files.append(ManifestFile(iframe_playlist_key(title_id, draft.id, data), data, HLS_TYPE))
    return files[-1].stored


def _text(title_id: str, text: TextDraft, target_s: int, files: list[ManifestFile]) -> TextTrack:
    data = text_playlist(title_id, text.segments, target_s=target_s)
    files.append(ManifestFile(media_playlist_key(title_id, text.id, data), data, HLS_TYPE))
    return TextTrack(
        id=text.id,
        language=text.language,
        name=text.name,
        role=text.role,
        forced=text.forced,
        default=text.default,
        whole=text.whole,
        segments=text.segments,
        playlist=files[-1].stored,
        cues=text.cues,
        source=text.source,
    )


def _thumbnails(facts: Facts, files: list[ManifestFile]) -> Thumbnails:
    assert facts.thumbnails is not None
    data = image_playlist(facts.id, facts.thumbnails, facts.duration)
    files.append(ManifestFile(image_playlist_key(facts.id, data), data, HLS_TYPE))
    return replace(facts.thumbnails, playlist=files[-1].stored)


def _chapters(facts: Facts, files: list[ManifestFile]) -> StoredFile:
    data = hls_chapters(facts.chapters)
    files.append(ManifestFile(hls_chapters_key(facts.id, data), data, JSON_TYPE))
    return files[-1].stored
