"""Auditing EXT-X-MEDIA: what each says of its track, and that groups offer the same tracks. Pure.

RFC 8216bis section 4.4.6.1 and Apple's HLS authoring specification.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import m3u8
from langcodes import standardize_tag

from packager.audit_facts import RenditionFacts
from packager.audit_playlist import resolve
from packager.audit_text import TextFacts

_DESCRIBES = "public.accessibility.describes-video"
_CAPTIONS = ("public.accessibility.transcribes-spoken-dialog", "public.accessibility.describes-music-and-sound")
_UNPLAYABLE = ("opus",)


def playable(facts: RenditionFacts) -> bool:
    """Whether HLS players take a rendition's codec."""
    return facts.rendition.codec.partition(".")[0] not in _UNPLAYABLE


def audit_groups(
    key: str, playlist: m3u8.M3U8, sound: Mapping[str, RenditionFacts], text: Mapping[str, TextFacts]
) -> Iterator[str]:
    """What is wrong with the renditions that a multivariant playlist names, in sentences that go on from its name."""
    for entry in playlist.media:
        target = resolve(key, entry.uri)
        if facts := sound.get(target):
            yield from _sound(entry, facts)
        elif track := text.get(target):
            yield from _text(entry, track)
    groups: dict[tuple[str, str], list[m3u8.Media]] = {}
    for entry in playlist.media:
        groups.setdefault((entry.type, entry.group_id), []).append(entry)
    for (kind, group), members in groups.items():
        yield from _group(kind, group, members)
    for kind in ("AUDIO", "SUBTITLES"):
        offers = {g: {_identity(m) for m in members} for (k, g), members in groups.items() if k == kind}
        first = next(iter(offers.values()), set())
        for group, offered in offers.items():
            if offered != first:
                yield f"offers other renditions in the group {group!r} than in {next(iter(offers))!r}"
    if len({group for _, group in groups}) != len(groups):
        yield "has a group of sound and one of text by the same name"


def _group(kind: str, group: str, members: Sequence[m3u8.Media]) -> Iterator[str]:
    names = [m.name for m in members]
    for name in sorted({n for n in names if names.count(n) > 1}, key=str):
        yield f"has the NAME {name!r} twice in the group {group!r}"
    defaults = [m for m in members if m.default == "YES"]
    if len(defaults) > 1 or (kind == "AUDIO" and not defaults):
        yield f"has {len(defaults)} renditions in the group {group!r} with DEFAULT=YES"
    automatic = [(m.language, m.forced, m.characteristics) for m in members if m.autoselect == "YES"]
    if len(set(automatic)) != len(automatic):
        yield f"lets players choose by themselves among renditions in the group {group!r} that only names tell apart"
    for member in members:
        if member.default == "YES" and member.autoselect not in (None, "YES"):
            yield f"says DEFAULT=YES and AUTOSELECT={member.autoselect} of {member.name!r} in {group!r}"


def _identity(entry: m3u8.Media) -> tuple[str | None, ...]:
    return entry.name, entry.language, entry.characteristics, entry.default, entry.autoselect


def _sound(entry: m3u8.Media, facts: RenditionFacts) -> Iterator[str]:
    if entry.type != "AUDIO":
        yield f"says TYPE {entry.type} for {entry.uri}, which is sound"
    if facts.track and entry.channels != str(facts.track.channels):
        yield f"says CHANNELS {entry.channels} for {entry.uri}, which has {facts.track.channels}"
    yield from _language(entry, facts.rendition.language)
    described = _DESCRIBES in _characteristics(entry)
    if described != (facts.rendition.role == "description"):
        yield f"says CHARACTERISTICS {entry.characteristics} for {entry.uri}, whose role is {facts.rendition.role}"
    if facts.rendition.role == "commentary" and entry.autoselect == "YES" and entry.default != "YES":
        yield f"lets players choose {entry.uri} by themselves, which is a commentary"
    if entry.forced:
        yield f"says FORCED for {entry.uri}, which is sound"


def _text(entry: m3u8.Media, facts: TextFacts) -> Iterator[str]:
    text = facts.text
    if entry.type != "SUBTITLES":
        yield f"says TYPE {entry.type} for {entry.uri}, which is text"
    yield from _language(entry, text.language)
    if (entry.forced == "YES") != text.forced:
        yield f"says FORCED {entry.forced} for {entry.uri}, which is {'' if text.forced else 'not '}forced"
    if text.role == "captions" and not set(_CAPTIONS) <= set(_characteristics(entry)):
        yield f"says CHARACTERISTICS {entry.characteristics} for {entry.uri}, whose role is captions"
    if text.role != "captions" and entry.characteristics:
        yield f"says CHARACTERISTICS {entry.characteristics} for {entry.uri}, whose role is {text.role}"


def _language(entry: m3u8.Media, recorded: str) -> Iterator[str]:
    """A canonical BCP 47 tag of the language in the record, and none where that is unknown."""
    try:
        due: str | None = standardize_tag(recorded.strip().replace("_", "-"))
    except ValueError:
        due = None
    due = None if due == "und" else due
    if entry.language != due:
        yield f"says LANGUAGE {entry.language} for {entry.uri}, whose language is {due}"


def _characteristics(entry: m3u8.Media) -> list[str]:
    return [part.strip() for part in (entry.characteristics or "").split(",") if part.strip()]
