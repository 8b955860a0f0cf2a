"""The HLS multivariant playlist (RFC 8216bis section 4.4.6) of a title, through the m3u8 package's objects. Pure.

Which variant comes first matters: players start with it before they know their bandwidth. Ours is of the most widely
played codec (the order of `coders.table`), the largest whose BANDWIDTH is at most 2 Mbit/s (Apple's HLS authoring
specification names 2000 kbit/s as the default variant), else the smallest; the others follow codec by codec from small
to large. Each has a SCORE, by which players choose among codecs that they can decode (`packager.scores`). All are
listed again for each further group of sound (`packager.hls_groups`). What a player shows while it winds is in playlists
of key frames, and in one of images for those who know it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import m3u8

from coders.table import CODERS, coder_of
from packager.chapters import HLS_CHAPTERS
from packager.hls_groups import TEXT_GROUP, SoundGroup, audio_media, sound_groups, text_media
from packager.hls_media import TEXT_TIMESCALE, VERSION, sheet_spans
from packager.measure import Bandwidth, measure, presented, target_duration
from packager.names import relative
from packager.scores import scores
from packager.tracks import sound_tracks
from values.clock import seconds_text
from values.title import Rendition, StoredFile, TextTrack, Thumbnails

START_BPS = 2_000_000


def multivariant_playlist(
    title_id: str,
    renditions: Sequence[Rendition],
    rate: Fraction,
    *,
    texts: Sequence[TextTrack] = (),
    images: Thumbnails | None = None,
    chapters: StoredFile | None = None,
) -> bytes:
    """The multivariant playlist: each video rendition with each group of sound, or alone where there is no sound.

    `images` are listed where they have a playlist; `chapters` is the JSON of `packager.chapters`.
    """
    video = [r for r in renditions if r.kind == "video"]
    groups = sound_groups(sound_tracks(renditions))
    playlist = m3u8.M3U8()
    playlist.version = VERSION
    playlist.is_independent_segments = True
    playlist.is_variant = True
    for media in (*(m for g in groups for m in audio_media(title_id, g)), *text_media(title_id, texts)):
        playlist.add_media(media)
    score = scores(video)
    ordered = start_first(video, groups[0].renditions if groups else ())
    text = _text_bandwidth(texts)
    for group in groups or (None,):
        for rendition in ordered:
            info = _variant(rendition, group, rate, text)
            uri = relative(title_id, rendition.playlist.key)
            playlist.add_playlist(_ScoredVariant(uri, info, playlist.media, score[rendition.id]))
    for iframes in _iframes(title_id, ordered, renditions, score):
        playlist.add_iframe_playlist(iframes)
    if images and images.playlist:
        film = max(stop for r in video for _, stop in presented(r.segments, r.timescale, 0))
        playlist.add_image_playlist(_images(title_id, images, images.playlist, film))
    if chapters:
        playlist.session_data.append(m3u8.model.SessionData(HLS_CHAPTERS, uri=relative(title_id, chapters.key)))
    return str(playlist.dumps()).encode()


def start_first(video: Sequence[Rendition], audio: Sequence[Rendition]) -> list[Rendition]:
    """Video renditions in the order of the playlist; see the module's docstring."""
    ordered = sorted(video, key=lambda r: (codec_rank(r), bandwidth(r, audio), r.width * r.height, r.id))
    widest = [r for r in ordered if codec_rank(r) == codec_rank(ordered[0])]
    fitting = [r for r in widest if bandwidth(r, audio) <= START_BPS]
    first = (fitting or widest)[-1 if fitting else 0]
    return [first, *(r for r in ordered if r.id != first.id)]


def codec_rank(rendition: Rendition) -> tuple[bool, int, str]:
    """Sorts renditions by how widely they play: SDR before HDR, then by codec; unknown codecs come last. Those of one
    codec and range are equal."""
    coder = coder_of(rendition.codec)
    entry = rendition.codec.partition(".")[0]
    known = (list(CODERS).index(coder.name), "") if coder else (len(CODERS), entry)
    return (rendition.video_range != "SDR", *known)


def bandwidth(video: Rendition, audio: Iterable[Rendition], text_bps: int = 0) -> int:
    """BANDWIDTH of a variant: its video's peak and the largest peaks of its groups of sound and text (section
    4.4.6.2)."""
    return video.peak_bps + max((a.peak_bps for a in audio), default=0) + text_bps


def frame_rate_text(rate: Fraction) -> str:
    """FRAME-RATE, rounded to three decimals: ``'23.976'``."""
    return seconds_text(rate, 3)


class _ScoredVariant(m3u8.Playlist):  # type: ignore[misc]  # m3u8 has no types
    """A variant with SCORE (section 4.4.6.2), which the m3u8 package reads past and does not write."""

    def __init__(self, uri: str, info: dict[str, object], media: m3u8.MediaList, score: Decimal) -> None:
        super().__init__(uri, info, media, None)
        self.score = score

    def __str__(self) -> str:
        tag_line, uri = str(super().__str__()).split("\n")
        return f"{tag_line},SCORE={self.score}\n{uri}"


class _ScoredIFrames(m3u8.IFramePlaylist):  # type: ignore[misc]  # m3u8 has no types
    """An I-frame playlist with SCORE, which all variants have or none (section 4.4.6.2)."""

    def __init__(self, uri: str, info: dict[str, object], score: Decimal) -> None:
        super().__init__(None, uri, info)
        self.score = score

    def __str__(self) -> str:
        return f"{super().__str__()},SCORE={self.score}"


def _variant(video: Rendition, group: SoundGroup | None, rate: Fraction, text: Bandwidth | None) -> dict[str, object]:
    audio = group.renditions if group else ()
    average = video.average_bps + max((a.average_bps for a in audio), default=0)
    info: dict[str, object] = {
        "bandwidth": bandwidth(video, audio, text.peak_bps if text else 0),
        "average_bandwidth": average + (text.average_bps if text else 0),
        "resolution": f"{video.width}x{video.height}",
        "frame_rate": frame_rate_text(rate),
        "codecs": ",".join(dict.fromkeys([video.codec, *(a.codec for a in audio)])),
        "video_range": video.video_range,
        "closed_captions": "NONE",
    }
    info |= {"audio": group.id} if group else {}
    return info | ({"subtitles": TEXT_GROUP} if text else {})


def _text_bandwidth(texts: Sequence[TextTrack]) -> Bandwidth | None:
    """The most that a text track takes, at its peak and on average; None without any."""
    found = []
    for text in texts:
        spans = presented(text.segments, TEXT_TIMESCALE, 0)
        sizes = [(s.file.size_bytes, b - a) for s, (a, b) in zip(text.segments, spans, strict=True)]
        found.append(measure(sizes, target_duration(d for _, d in sizes)))
    return Bandwidth(max(b.peak_bps for b in found), max(b.average_bps for b in found)) if found else None


def _iframes(
    title_id: str, video: Sequence[Rendition], renditions: Sequence[Rendition], score: Mapping[str, Decimal]
) -> Iterable[m3u8.IFramePlaylist]:
    target_s = target_duration(Fraction(s.duration, r.timescale) for r in renditions for s in r.segments)
    for rendition in video:
        if rendition.iframes:
            measured = key_frame_bandwidth(rendition, target_s)
            info = {
                "bandwidth": measured.peak_bps,
                "average_bandwidth": measured.average_bps,
                "resolution": f"{rendition.width}x{rendition.height}",
                "codecs": rendition.codec,
                "video_range": rendition.video_range,
            }
            yield _ScoredIFrames(relative(title_id, rendition.iframes.key), info, score[rendition.id])


def key_frame_bandwidth(video: Rendition, target_s: int) -> Bandwidth:
    """What it takes to show the key frames of a rendition at the film's own speed."""
    spans = presented(video.segments, video.timescale, 0)
    return measure([(s.key_bytes, b - a) for s, (a, b) in zip(video.segments, spans, strict=True)], target_s)


def _images(title_id: str, images: Thumbnails, playlist: StoredFile, film: Fraction) -> m3u8.ImagePlaylist:
    durations = [stop - start for start, stop in sheet_spans(images, film)]
    sizes = [(s.size_bytes, d) for s, d in zip(images.sheets, durations, strict=True)]
    info = {
        "bandwidth": measure(sizes, target_duration(durations)).peak_bps,
        "resolution": f"{images.width}x{images.height}",
        "codecs": "jpeg",
    }
    return m3u8.ImagePlaylist(None, relative(title_id, playlist.key), info)
