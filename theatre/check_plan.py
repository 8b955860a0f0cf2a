"""What a player would fetch, read from HLS playlists and an MPD as served. Pure: text in, addresses and times out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

import m3u8
from defusedxml import ElementTree

_NS = "{urn:mpeg:dash:schema:mpd:2011}"
_EXTINF = re.compile(r"^#EXTINF:([0-9]+(?:\.[0-9]+)?)", re.MULTILINE)
_DIGEST = re.compile(r"(-[0-9a-f]{16})?\.m3u8$")
_ISO_TIME = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")


@dataclass(frozen=True, slots=True)
class TrackPlan:
    """One rendition as a manifest tells it: absolute URLs, and each segment's duration in seconds as declared.

    `starts` are the segments' presentation times in seconds, where the manifest says them (DASH). `kind` is
    ``'video'``, ``'audio'`` or empty.
    """

    protocol: str
    rendition: str
    kind: str
    init: str
    segments: tuple[tuple[str, Fraction], ...]
    total: Fraction
    starts: tuple[Fraction, ...] = ()


def hls_playlists(text: str, url: str) -> tuple[tuple[str, str, str], ...]:
    """Name, kind and URL of each media playlist of a multivariant playlist (RFC 8216 section 4.3.4)."""
    playlist = m3u8.loads(text, uri=url)
    refs = {p.uri: "video" for p in playlist.playlists} | {m.uri: m.type.lower() for m in playlist.media if m.uri}
    return tuple((_DIGEST.sub("", ref.rsplit("/", 1)[-1]), kind, urljoin(url, ref)) for ref, kind in refs.items())


def hls_track(name: str, kind: str, text: str, url: str) -> TrackPlan:
    """A media playlist's segments (RFC 8216 section 4.3.3). Raises ValueError when it has no init or no end."""
    playlist = m3u8.loads(text, uri=url)
    durations = [Fraction(d) for d in _EXTINF.findall(text)]
    maps = {s.init_section.uri for s in playlist.segments if s.init_section}
    if len(maps) != 1:
        raise ValueError(f"{len(maps)} init segments, expected 1")
    if not playlist.is_endlist:
        raise ValueError("no EXT-X-ENDLIST: the playlist does not end")
    segments = tuple(
        (urljoin(url, segment.uri), duration) for segment, duration in zip(playlist.segments, durations, strict=True)
    )
    return TrackPlan("HLS", name, kind, urljoin(url, maps.pop()), segments, sum(durations, Fraction(0)))


def dash_tracks(text: str, url: str) -> tuple[TrackPlan, ...]:
    """Every Representation of a static MPD with SegmentTemplate and SegmentTimeline (ISO/IEC 23009-1 section 5.3.9)."""
    root = ElementTree.fromstring(text)
    total = iso_seconds(root.get("mediaPresentationDuration") or "")
    tracks = []
    for group in root.iter(f"{_NS}AdaptationSet"):
        for representation in group.findall(f"{_NS}Representation"):
            template = representation.find(f"{_NS}SegmentTemplate")
            if template is None:
                template = group.find(f"{_NS}SegmentTemplate")
            name = representation.get("id") or "?"
            if template is None:
                raise ValueError(f"Representation {name} has no SegmentTemplate")
            mime = representation.get("mimeType") or group.get("mimeType") or ""
            kind = group.get("contentType") or mime.split("/")[0]
            tracks.append(_dash_track(template, name, kind, url, total))
    if not tracks:
        raise ValueError("the MPD has no Representation")
    return tuple(tracks)


def iso_seconds(text: str) -> Fraction:
    """Seconds of an ISO 8601 duration like ``PT9M56.458S``. Raises ValueError."""
    found = _ISO_TIME.fullmatch(text)
    if not found or not any(found.groups()):
        raise ValueError(f"{text!r} is no duration")
    hours, minutes, seconds = (Fraction(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds


def _dash_track(template: Element, name: str, kind: str, url: str, total: Fraction) -> TrackPlan:
    timescale = int(template.get("timescale") or 1)
    if timescale < 1:
        raise ValueError(f"Representation {name} has the timescale {timescale}")
    offset = int(template.get("presentationTimeOffset") or 0)
    timeline = tuple(_timeline(template))
    start_number = int(template.get("startNumber") or 1)
    media, init = template.get("media") or "", template.get("initialization") or ""
    segments = tuple(
        (urljoin(url, _fill(media, name, start_number + i, time)), Fraction(duration, timescale))
        for i, (time, duration) in enumerate(timeline)
    )
    starts = tuple(Fraction(time - offset, timescale) for time, _ in timeline)
    return TrackPlan("DASH", name, kind, urljoin(url, _fill(init, name, 0, 0)), segments, total, starts)


def _timeline(template: Element) -> Iterator[tuple[int, int]]:
    at = 0
    for entry in template.iter(f"{_NS}S"):
        at = int(entry.get("t") or at)
        for _ in range(int(entry.get("r") or 0) + 1):
            yield at, int(entry.get("d") or 0)
            at += int(entry.get("d") or 0)


def _fill(pattern: str, name: str, number: int, time: int) -> str:
    def value(found: re.Match[str]) -> str:
        known: dict[str, str | int] = {"RepresentationID": name, "Number": number, "Time": time}
        return (found[2] or "%s") % known[found[1]]

    return re.sub(r"\$(RepresentationID|Number|Time)(%0\d+d)?\$", value, pattern).replace("$$", "$")
