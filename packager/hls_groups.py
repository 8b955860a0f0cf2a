"""The renditions that HLS variants refer to: groups of sound, one a layout, and the group of subtitles. Pure.

RFC 8216bis section 4.4.6.1. A player takes one group and plays one of its renditions, so every group offers every
track: a track that lacks the group's layout is there in stereo. The same NAME stands for the same track in all groups.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import m3u8

from packager.languages import tag
from packager.names import relative
from packager.tracks import Layout, SoundTrack, layout_of, text_names
from values.title import Rendition, TextTrack

AUDIO_GROUP = "audio"
TEXT_GROUP = "subs"

_DESCRIBES_VIDEO = "public.accessibility.describes-video"
_CAPTIONS = "public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound"


@dataclass(frozen=True, slots=True)
class SoundGroup:
    """An audio group: a rendition for each track."""

    id: str
    members: tuple[tuple[SoundTrack, Rendition], ...]

    @property
    def renditions(self) -> tuple[Rendition, ...]:
        return tuple(rendition for _, rendition in self.members)


def sound_groups(tracks: Sequence[SoundTrack]) -> tuple[SoundGroup, ...]:
    """The audio groups, that of stereo first; () where there is no sound that HLS players take."""
    bases = [(track, base) for track in tracks if (base := track.base)]
    if not bases:
        return ()
    layouts = dict.fromkeys(layout_of(r) for track, base in bases for r in track.hls if r != base)
    groups = [SoundGroup(AUDIO_GROUP, tuple(bases))]
    for layout in layouts:
        members = [(t, next((r for r in t.hls if layout_of(r) == layout and r != base), base)) for t, base in bases]
        groups.append(SoundGroup(_group_id(layout), tuple(members)))
    return tuple(groups)


def audio_media(title_id: str, group: SoundGroup) -> Iterator[m3u8.Media]:
    """An EXT-X-MEDIA for each member. One is the default; a player picks another by itself only where nothing but its
    language, or what it describes, sets it apart (section 4.4.6.1.1)."""
    seen: set[tuple[str, str]] = set()
    for track, rendition in sorted(group.members, key=lambda m: not m[0].default):
        described = rendition.role == "description"
        kind = (tag(rendition.language), _DESCRIBES_VIDEO if described else "")
        automatic = track.default or (rendition.role != "commentary" and kind not in seen)
        seen |= {kind} if automatic else set()
        yield m3u8.Media(
            uri=relative(title_id, rendition.playlist.key),
            type="AUDIO",
            group_id=group.id,
            language=_language(rendition.language),
            name=track.name,
            default="YES" if track.default else "NO",
            autoselect="YES" if automatic else "NO",
            characteristics=kind[1] or None,
            channels=str(rendition.channels),
        )


def text_media(title_id: str, texts: Sequence[TextTrack]) -> Iterator[m3u8.Media]:
    """An EXT-X-MEDIA for each text track; at most the first that is marked as default is one."""
    names = text_names(texts)
    default = next((t.id for t in texts if t.default), None)
    seen: set[tuple[str, str, bool]] = set()
    for text in sorted(texts, key=lambda t: t.id != default):
        kind = (tag(text.language), _CAPTIONS if text.role == "captions" else "", text.forced)
        automatic = kind not in seen
        seen.add(kind)
        yield m3u8.Media(
            uri=relative(title_id, text.playlist.key),
            type="SUBTITLES",
            group_id=TEXT_GROUP,
            language=_language(text.language),
            name=names[text.id],
            default="YES" if text.id == default else "NO",
            autoselect="YES" if automatic else "NO",
            forced="YES" if text.forced else "NO",
            characteristics=kind[1] or None,
        )


def _group_id(layout: Layout) -> str:
    """``audio-51`` for AAC in 5.1, ``audio-ec3`` for Dolby Digital Plus in 5.1, ``audio-ec3-20`` for it in stereo."""
    entry, channels = layout
    codec = "" if entry == "mp4a" else f"-{entry.replace('-', '')}"
    spread = {6: "51", 8: "71"}.get(channels, f"{channels}0")
    return AUDIO_GROUP + codec + ("" if codec and channels == 6 else f"-{spread}")


def _language(language: str) -> str | None:
    found = tag(language)
    return None if found == "und" else found
