"""HLS playlists (RFC 8216bis) of a title, through the m3u8 package's objects. Pure.

Which variant comes first matters: players start with it before they know their bandwidth. Ours is of the most widely
played codec (the order of `coders.table`), the largest whose BANDWIDTH is at most 2 Mbit/s (Apple's HLS authoring
specification names 2000 kbit/s as the default variant), else the smallest; the others follow codec by codec from small
to large. Each has a SCORE, by which players choose among codecs that they can decode (`packager.scores`).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import m3u8

from coders.table import CODERS, coder_of
from packager.languages import label, tag
from packager.measure import presented
from packager.names import relative
from packager.scores import scores
from values.clock import seconds_text
from values.title import Rendition, Segment, StoredFile

VERSION = 7
"""EXT-X-MAP without I-FRAMES-ONLY needs 6; 7 is what fMP4 playlists commonly say and all players accept."""

START_BPS = 2_000_000
AUDIO_GROUP = "audio"


def media_playlist(
    title_id: str, init: StoredFile, segments: Sequence[Segment], *, timescale: int, priming: int, target_s: int
) -> bytes:
    """The media playlist of one rendition. EXTINF are differences of rounded edges, so their sum never drifts."""
    playlist = m3u8.M3U8()
    playlist.version = VERSION
    playlist.playlist_type = "vod"
    playlist.is_independent_segments = True
    playlist.is_endlist = True
    playlist.target_duration = target_s
    section = {"uri": relative(title_id, init.key)}
    for segment, (start, stop) in zip(segments, presented(segments, timescale, priming), strict=True):
        duration = Decimal(seconds_text(stop)) - Decimal(seconds_text(start))
        uri = relative(title_id, segment.file.key)
        playlist.add_segment(m3u8.Segment(uri=uri, duration=duration, init_section=section))
    return str(playlist.dumps(infspec="microseconds")).encode()


def multivariant_playlist(title_id: str, renditions: Sequence[Rendition], rate: Fraction) -> bytes:
    """The multivariant playlist: each video rendition with the audio group, or alone where there is no audio."""
    video = [r for r in renditions if r.kind == "video"]
    audio = [r for r in renditions if r.kind == "audio"]
    playlist = m3u8.M3U8()
    playlist.version = VERSION
    playlist.is_independent_segments = True
    playlist.is_variant = True
    for media in _audio_media(title_id, audio):
        playlist.add_media(media)
    score = scores(video)
    for rendition in start_first(video, audio):
        playlist.add_playlist(_variant(title_id, rendition, audio, playlist.media, rate, score[rendition.id]))
    return str(playlist.dumps()).encode()


def start_first(video: Sequence[Rendition], audio: Sequence[Rendition]) -> list[Rendition]:
    """Video renditions in the order of the playlist; see the module's docstring."""
    ordered = sorted(video, key=lambda r: (codec_rank(r), bandwidth(r, audio), r.width * r.height, r.id))
    widest = [r for r in ordered if codec_rank(r) == codec_rank(ordered[0])]
    fitting = [r for r in widest if bandwidth(r, audio) <= START_BPS]
    first = (fitting or widest)[-1 if fitting else 0]
    return [first, *(r for r in ordered if r.id != first.id)]


def codec_rank(rendition: Rendition) -> tuple[int, str]:
    """Sorts renditions by how widely their codec plays; those of one codec are equal, unknown codecs come last."""
    coder = coder_of(rendition.codec)
    entry = rendition.codec.partition(".")[0]
    return (list(CODERS).index(coder.name), "") if coder else (len(CODERS), entry)


def bandwidth(video: Rendition, audio: Sequence[Rendition]) -> int:
    """BANDWIDTH of a variant: its video's peak and the largest peak of the audio group (section 4.4.6.2)."""
    return video.peak_bps + max((a.peak_bps for a in audio), default=0)


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


def _variant(
    title_id: str, video: Rendition, audio: Sequence[Rendition], media: m3u8.MediaList, rate: Fraction, score: Decimal
) -> m3u8.Playlist:
    info: dict[str, object] = {
        "bandwidth": bandwidth(video, audio),
        "average_bandwidth": video.average_bps + max((a.average_bps for a in audio), default=0),
        "resolution": f"{video.width}x{video.height}",
        "frame_rate": frame_rate_text(rate),
        "codecs": ",".join(dict.fromkeys([video.codec, *(a.codec for a in audio)])),
        "video_range": "SDR",
        "closed_captions": "NONE",
    }
    if audio:
        info["audio"] = AUDIO_GROUP
    return _ScoredVariant(relative(title_id, video.playlist.key), info, media, score)


def _audio_media(title_id: str, audio: Sequence[Rendition]) -> list[m3u8.Media]:
    found: list[m3u8.Media] = []
    used: set[str] = set()
    for index, rendition in enumerate(audio):
        name = label(rendition.language)
        name = name if name not in used else f"{name} ({rendition.id})"
        used.add(name)
        media = m3u8.Media(
            uri=relative(title_id, rendition.playlist.key),
            type="AUDIO",
            group_id=AUDIO_GROUP,
            language=None if rendition.language == "und" else tag(rendition.language),
            name=name,
            default="NO" if index else "YES",
            autoselect="YES",
            channels=str(rendition.channels),
        )
        found.append(media)
    return found
