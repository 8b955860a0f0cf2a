"""HLS media playlists (RFC 8216bis), through the m3u8 package's objects: segments, key frames, text, images. Pure.

EXTINF are differences of rounded edges, so their sum never drifts from the media. Those of sound count all of a
segment's samples, also the priming that the init's edit list hides: Shaka Player takes the sum of EXTINF for the decode
time at which a segment begins, and would move the sound by what differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import m3u8

from packager.measure import presented, target_duration
from packager.names import relative
from values.clock import seconds_text
from values.title import Segment, StoredFile, Thumbnails

VERSION = 7
"""EXT-X-MAP without I-FRAMES-ONLY needs 6; 7 is what fMP4 playlists commonly say and all players accept."""

TEXT_TIMESCALE = 1000


def media_playlist(
    title_id: str, init: StoredFile, segments: Sequence[Segment], *, timescale: int, target_s: int
) -> bytes:
    """The media playlist of one rendition."""
    playlist = _vod(target_s)
    playlist.is_independent_segments = True
    section = {"uri": relative(title_id, init.key)}
    for segment, duration in zip(segments, _durations(presented(segments, timescale, 0)), strict=True):
        uri = relative(title_id, segment.file.key)
        playlist.add_segment(m3u8.Segment(uri=uri, duration=duration, init_section=section))
    return _bytes(playlist)


def iframe_playlist(
    title_id: str, init: StoredFile, segments: Sequence[Segment], *, timescale: int, target_s: int
) -> bytes:
    """The key frames that open a video rendition's segments, as byte ranges of these (section 4.4.3.6).

    A range is the segment's head with its first sample, whose duration is the time to the next one's key frame. The
    boxes in it promise more samples, which players know to leave out.
    """
    playlist = _vod(target_s)
    playlist.is_independent_segments = True
    playlist.is_i_frames_only = True
    section = {"uri": relative(title_id, init.key)}
    for segment, duration in zip(segments, _durations(presented(segments, timescale, 0)), strict=True):
        playlist.add_segment(
            m3u8.Segment(
                uri=relative(title_id, segment.file.key),
                duration=duration,
                byterange=f"{segment.key_bytes}@0",
                init_section=section,
            )
        )
    return _bytes(playlist)


def text_playlist(title_id: str, segments: Sequence[Segment], *, target_s: int) -> bytes:
    """The media playlist of a text track; its target may be longer than `target_s`, which section 6.2.4 allows it."""
    spans = presented(segments, TEXT_TIMESCALE, 0)
    playlist = _vod(max(target_s, target_duration(stop - start for start, stop in spans)))
    for segment, duration in zip(segments, _durations(spans), strict=True):
        playlist.add_segment(m3u8.Segment(uri=relative(title_id, segment.file.key), duration=duration))
    return _bytes(playlist)


def image_playlist(title_id: str, images: Thumbnails, film: Fraction) -> bytes:
    """The sheets of thumbnails of a film of `film` seconds, as Roku and Shaka Player read them (Image Media Playlist
    0.4); others ignore such a playlist."""
    spans = sheet_spans(images, film)
    playlist = _vod(target_duration(stop - start for start, stop in spans))
    playlist.is_images_only = True
    tile = m3u8.model.Tiles(
        resolution=f"{images.width}x{images.height}",
        layout=f"{images.columns}x{images.rows}",
        duration=seconds_text(Fraction(images.every_ms, 1000), 3),
    )
    for sheet, duration in zip(images.sheets, _durations(spans), strict=True):
        playlist.add_segment(_Sheet(tile, uri=relative(title_id, sheet.key), duration=duration))
    return _bytes(playlist)


def sheet_spans(images: Thumbnails, film: Fraction) -> list[tuple[Fraction, Fraction]]:
    """The part of the film that each sheet shows, in seconds; the last ends with the film."""
    step = Fraction(images.every_ms * images.columns * images.rows, 1000)
    return [(n * step, min((n + 1) * step, film)) for n in range(len(images.sheets))]


class _Sheet(m3u8.Segment):  # type: ignore[misc]  # m3u8 has no types
    """An image segment with its EXT-X-TILES, which the m3u8 package reads and does not write."""

    def __init__(self, tiles: m3u8.model.Tiles, **fields: object) -> None:
        super().__init__(**fields)
        self.tiles = tiles

    def dumps(self, last_segment: object, timespec: str = "milliseconds", infspec: str = "auto") -> str:
        *head, uri = str(super().dumps(last_segment, timespec, infspec)).split("\n")
        return "\n".join([*head, str(self.tiles), uri])


def _vod(target_s: int) -> m3u8.M3U8:
    playlist = m3u8.M3U8()
    playlist.version = VERSION
    playlist.playlist_type = "vod"
    playlist.is_endlist = True
    playlist.target_duration = target_s
    return playlist


def _durations(spans: Sequence[tuple[Fraction, Fraction]]) -> list[Decimal]:
    return [Decimal(seconds_text(stop)) - Decimal(seconds_text(start)) for start, stop in spans]


def _bytes(playlist: m3u8.M3U8) -> bytes:
    return str(playlist.dumps(infspec="microseconds")).encode()
