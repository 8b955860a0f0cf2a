"""What a published title offers over HTTP: its names, sizes, tags, media types and how long they stay. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from origin.paths import TitlePath
from storage.protocol import ObjectInfo
from values.digest import digest_bytes
from values.title import Rendition, StoredFile, TextTrack, Title

Kind = Literal["manifest", "playlist", "media", "text", "image"]

HLS = "application/vnd.apple.mpegurl"
DASH = "application/dash+xml"
_TYPES = {
    ".m3u8": HLS,
    ".mpd": DASH,
    ".mp4": "video/mp4",
    ".m4s": "video/mp4",
    ".m4v": "video/mp4",
    ".m4a": "audio/mp4",
    ".vtt": "text/vtt; charset=utf-8",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}
_OTHER = "application/json"
"""What else a record may name: measured scores. Beside the record, no such file is served."""
_DIGEST_NAME = re.compile(r"[^/]+-[0-9a-f]{8,64}\.[a-z0-9]+")
_ETAG = re.compile(r"[\x21\x23-\x7e]+")


@dataclass(frozen=True, slots=True)
class Item:
    """One representation: the bytes under `key` and what HTTP says of them. `etag` is without quotes."""

    key: str
    size_bytes: int
    etag: str
    modified: datetime | None
    media_type: str
    kind: Kind
    immutable: bool


@dataclass(frozen=True, slots=True)
class Shelf:
    """A published title as one state of its record. `etag` and `modified` are the record's in the store."""

    etag: str
    modified: datetime
    files: Mapping[str, tuple[int, str, str, Kind]]
    aliases: Mapping[str, str]
    audio: frozenset[str]
    summary: Mapping[str, Any]

    def item(self, path: TitlePath) -> Item | None:
        """What this generation of the title has under `path`, or None."""
        key = self.aliases.get(path.rest)
        immutable = key is None
        found = self.files.get(key or path.key)
        if found is None:
            return None
        size, etag, media_type, kind = found
        return Item(key or path.key, size, etag, self.modified, media_type, kind, immutable)

    def is_moving(self, path: TitlePath) -> bool:
        """Whether `path` names something else after the next publication: a manifest's public name."""
        return path.rest in self.aliases

    def immutable_items(self) -> Iterator[Item]:
        """Everything under the name that it keeps for ever."""
        for key, (size, etag, media_type, kind) in self.files.items():
            yield Item(key, size, etag, self.modified, media_type, kind, True)

    def older_item(self, path: TitlePath, info: ObjectInfo) -> Item:
        """An object of an earlier generation, which players that began before a re-publication still ask for."""
        parts = path.rest.split("/")
        media_type = media_type_of(path.rest, audio=len(parts) > 2 and parts[1] in self.audio) or ""
        kind: Kind = "media" if parts[0] == "media" else "playlist"
        return Item(info.key, info.size_bytes, clean_etag(info.etag), _seconds(info.modified), media_type, kind, True)


def may_be_older(path: TitlePath) -> bool:
    """Whether a path outside the current record can belong to an earlier generation: media, or a digest's name."""
    if media_type_of(path.rest, audio=False) is None:
        return False
    return path.rest.startswith("media/") or _DIGEST_NAME.fullmatch(path.rest) is not None


def build_shelf(title: Title, info: ObjectInfo) -> Shelf:
    """The shelf of a title whose record is stored as `info`."""
    files: dict[str, tuple[int, str, str, Kind]] = {}

    def put(file: StoredFile, kind: Kind, *, audio: bool = False) -> None:
        media_type = media_type_of(file.key, audio=audio) or _OTHER
        files[file.key] = (file.size_bytes, file.xxh3, media_type, kind)

    put(title.hls, "manifest")
    put(title.dash, "manifest")
    for rendition in title.renditions:
        audio = rendition.kind == "audio"
        put(rendition.playlist, "playlist")
        put(rendition.init, "media", audio=audio)
        for segment in rendition.segments:
            put(segment.file, "media", audio=audio)
    for file in title.files():
        if file.key not in files:
            put(file, _kind_of(file))
    return Shelf(
        etag=info.etag,
        modified=_seconds(info.modified),
        files=files,
        aliases={"master.m3u8": title.hls.key, "manifest.mpd": title.dash.key},
        audio=frozenset(r.id for r in title.audio),
        summary=summary_of(title),
    )


def _kind_of(file: StoredFile) -> Kind:
    """What a file is that belongs to no rendition, or to one beside its segments: by its name."""
    match file.key[file.key.rfind(".") :]:
        case ".m3u8":
            return "playlist"
        case ".vtt" | ".json":
            return "text"
        case ".jpg" | ".png" | ".webp":
            return "image"
        case _:
            return "media"


def summary_of(title: Title) -> dict[str, Any]:
    """One entry of ``/titles``. URLs are absolute paths; `duration` is in seconds. What is to be read
    or looked at lies in WebVTT files: thumbnails by time, chapters by name."""
    return {
        "id": title.id,
        "name": title.name,
        "created": title.created,
        "duration": round(float(title.duration), 6),
        "frame_rate": str(title.rate),
        "hls": f"/titles/{title.id}/master.m3u8",
        "dash": f"/titles/{title.id}/manifest.mpd",
        "poster": _url(title.poster),
        "artwork": [_url(a.file) for a in title.artwork],
        "thumbnails": _url(title.thumbnails.index) if title.thumbnails else None,
        "chapters": _url(title.chapters_file),
        "texts": [_text_summary(t) for t in title.texts],
        "renditions": [_rendition_summary(r) for r in title.renditions],
    }


def _url(file: StoredFile | None) -> str | None:
    return f"/{file.key}" if file else None


def _text_summary(text: TextTrack) -> dict[str, Any]:
    """`url` is the whole track as WebVTT."""
    return {
        "id": text.id,
        "language": text.language,
        "name": text.name,
        "role": text.role,
        "forced": text.forced,
        "default": text.default,
        "url": _url(text.whole),
    }


def _rendition_summary(rendition: Rendition) -> dict[str, Any]:
    out: dict[str, Any] = {
        "id": rendition.id,
        "kind": rendition.kind,
        "codec": rendition.codec,
        "peak_bps": rendition.peak_bps,
        "average_bps": rendition.average_bps,
    }
    if rendition.kind == "video":
        return {**out, "width": rendition.width, "height": rendition.height, "video_range": rendition.video_range}
    return {
        **out,
        "channels": rendition.channels,
        "sample_rate_hz": rendition.sample_rate_hz,
        "language": rendition.language,
        "name": rendition.name,
        "role": rendition.role,
        "default": rendition.default,
    }


def media_type_of(name: str, *, audio: bool) -> str | None:
    """The media type of a file by its extension, and for MP4 by what it holds; None for what is not served."""
    media_type = _TYPES.get(name[name.rfind(".") :]) if "." in name else None
    return "audio/mp4" if audio and media_type == "video/mp4" else media_type


def clean_etag(etag: str) -> str:
    """`etag` if it can be an entity tag as it stands, else a digest of it (RFC 9110 section 8.8.3)."""
    return etag if _ETAG.fullmatch(etag) else digest_bytes(etag.encode())


def _seconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
