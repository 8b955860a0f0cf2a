"""What a player would fetch, read from HLS playlists and an MPD as served. Pure: text in, addresses and times out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

import m3u8
from defusedxml import ElementTree

_NS = "{urn:mpeg:dash:schema:mpd:2011}"
_HLS_KINDS = {"SUBTITLES": "text"}
_TRICK_MODE = "http://dashif.org/guidelines/trickmode"
_EXTINF = re.compile(r"^#EXTINF:([0-9]+(?:\.[0-9]+)?)", re.MULTILINE)
_DIGEST = re.compile(r"(-[0-9a-f]{16})?\.m3u8$")
_ISO_TIME = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")


@dataclass(frozen=True, slots=True)
class TrackPlan:
    """One rendition as a manifest tells it: absolute URLs, and each segment's duration in seconds as declared.

    `starts` are the segments' presentation times in seconds, where the manifest says them (DASH). `kind` is
    ``'video'`` or ``'audio'``; ``'text'``, ``'image'`` (sheets of thumbnails) or ``'key frames'``, which not both of
    HLS and DASH need to have; or empty. `init` is empty where there is none. `ranges` are the bytes of each segment
    that a playlist of key frames names; `sheet` is the size of a sheet of thumbnails in pixels, where it is told.
    """

    protocol: str
    rendition: str
    kind: str
    init: str
    segments: tuple[tuple[str, Fraction], ...]
    total: Fraction
    starts: tuple[Fraction, ...] = ()
    ranges: tuple[tuple[int, int], ...] = ()
    sheet: tuple[int, int] | None = None
    codecs: str = ""

    @property
    def files(self) -> tuple[str, ...]:
        return (*((self.init,) if self.init else ()), *(url for url, _ in self.segments))

    @property
    def shared(self) -> bool:
        """Whether HLS and DASH both must name its files. Opus is for DASH alone."""
        return self.kind in ("video", "audio", "") and not self.codecs.startswith("opus")


def hls_playlists(text: str, url: str) -> tuple[tuple[str, str, str], ...]:
    """Name, kind and URL of each media playlist of a multivariant playlist (RFC 8216bis section 4.4.6)."""
    playlist = m3u8.loads(text, uri=url)
    refs = {p.uri: "video" for p in playlist.playlists}
    refs |= {m.uri: _HLS_KINDS.get(m.type, m.type.lower()) for m in playlist.media if m.uri}
    refs |= {p.uri: "key frames" for p in playlist.iframe_playlists}
    refs |= {p.uri: "image" for p in playlist.image_playlists}
    return tuple((_DIGEST.sub("", ref.rsplit("/", 1)[-1]), kind, urljoin(url, ref)) for ref, kind in refs.items())


def hls_track(name: str, kind: str, text: str, url: str) -> TrackPlan:
    """A media playlist's segments (RFC 8216bis section 4.4.4). Raises ValueError when it has no end, or no init where
    its segments need one."""
    playlist = m3u8.loads(text, uri=url)
    durations = [Fraction(d) for d in _EXTINF.findall(text)]
    maps = {s.init_section.uri for s in playlist.segments if s.init_section}
    wanted = 0 if kind in ("text", "image") else 1
    if len(maps) != wanted:
        raise ValueError(f"{len(maps)} init segments, expected {wanted}")
    if not playlist.is_endlist:
        raise ValueError("no EXT-X-ENDLIST: the playlist does not end")
    segments = tuple(
        (urljoin(url, segment.uri), duration) for segment, duration in zip(playlist.segments, durations, strict=True)
    )
    return TrackPlan(
        "HLS",
        name,
        kind,
        urljoin(url, maps.pop()) if maps else "",
        segments,
        sum(durations, Fraction(0)),
        ranges=tuple(_byte_range(s.byterange) for s in playlist.segments) if kind == "key frames" else (),
    )


def _byte_range(text: str | None) -> tuple[int, int]:
    """Half-open, of ``LENGTH@START``; every one of ours names its start."""
    found = re.fullmatch(r"(\d+)@(\d+)", text or "")
    if not found:
        raise ValueError(f"a key frame has the byte range {text!r}")
    length, start = int(found[1]), int(found[2])
    return start, start + length


def dash_tracks(text: str, url: str) -> tuple[TrackPlan, ...]:
    """Every Representation of a static MPD: with SegmentTemplate and SegmentTimeline (ISO/IEC 23009-1 section 5.3.9),
    sheets of thumbnails of one duration (DASH-IF IOP 4.3 section 6.2.6), or text in one file (section 6.4)."""
    root = ElementTree.fromstring(text)
    total = iso_seconds(root.get("mediaPresentationDuration") or "")
    tracks = []
    for group in root.iter(f"{_NS}AdaptationSet"):
        for representation in group.findall(f"{_NS}Representation"):
            mime = representation.get("mimeType") or group.get("mimeType") or ""
            kind = group.get("contentType") or mime.split("/")[0]
            if _is_trick(group):
                kind = "key frames"
            tracks.append(_dash_representation(group, representation, kind, url, total))
    if not tracks:
        raise ValueError("the MPD has no Representation")
    return tuple(tracks)


def _is_trick(group: Element) -> bool:
    return any(e.get("schemeIdUri") == _TRICK_MODE for e in group.findall(f"{_NS}EssentialProperty"))


def _dash_representation(group: Element, element: Element, kind: str, url: str, total: Fraction) -> TrackPlan:
    name = element.get("id") or "?"
    base = element.findtext(f"{_NS}BaseURL")
    if kind == "text" and base:
        return TrackPlan("DASH", name, kind, "", ((urljoin(url, base), total),), total)
    template = element.find(f"{_NS}SegmentTemplate")
    if template is None:
        template = group.find(f"{_NS}SegmentTemplate")
    if template is None:
        raise ValueError(f"Representation {name} has no SegmentTemplate")
    if kind == "image":
        return _dash_sheets(element, template, url, total)
    plan = _dash_track(template, name, kind, url, total)
    return replace(plan, codecs=element.get("codecs") or group.get("codecs") or "")


def _dash_sheets(element: Element, template: Element, url: str, total: Fraction) -> TrackPlan:
    """As many sheets of @duration as the film's length asks for; the last one is shown to its end."""
    name = element.get("id") or "?"
    step = Fraction(int(template.get("duration") or 0), int(template.get("timescale") or 1))
    if step <= 0:
        raise ValueError(f"Representation {name} has sheets without a duration")
    first = int(template.get("startNumber") or 1)
    count = -(-total // step)
    segments = tuple(
        (urljoin(url, _fill(template.get("media") or "", name, first + n, 0)), min(step, total - n * step))
        for n in range(count)
    )
    sheet = (int(element.get("width") or 0), int(element.get("height") or 0))
    return TrackPlan("DASH", name, "image", "", segments, total, sheet=sheet)


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
