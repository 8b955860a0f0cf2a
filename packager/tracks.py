"""Sound and text as a viewer chooses among them: tracks, their names, and in which layouts each can be had. Pure.

A sound track of the master may be there several times, in other codecs or with more channels. The renditions of one
track have the same language, role and name, and follow one another in the title.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from packager.languages import label, tag
from values.title import Rendition, TextTrack

_DASH_ONLY = ("opus",)
"""Codecs that Apple's players don't take in HLS (HLS authoring specification, section 2)."""

_ROLES = {"commentary": "Commentary", "description": "Audio description"}


@dataclass(frozen=True, slots=True)
class SoundTrack:
    """One sound track: its renditions, and the name by which all of them are offered."""

    name: str
    renditions: tuple[Rendition, ...]
    default: bool

    @property
    def first(self) -> Rendition:
        return self.renditions[0]

    @property
    def hls(self) -> tuple[Rendition, ...]:
        return tuple(r for r in self.renditions if entry_of(r) not in _DASH_ONLY)

    @property
    def base(self) -> Rendition | None:
        """What every HLS player can play of it: AAC in at most two channels, else what comes first."""
        plain = (r for r in self.hls if entry_of(r) == "mp4a" and r.channels <= 2)
        return next(plain, next(iter(self.hls), None))


Layout = tuple[str, int]
"""Sample entry and channels of a rendition."""


def entry_of(rendition: Rendition) -> str:
    return rendition.codec.partition(".")[0]


def layout_of(rendition: Rendition) -> Layout:
    return entry_of(rendition), rendition.channels


def sound_tracks(renditions: Sequence[Rendition]) -> tuple[SoundTrack, ...]:
    """The sound tracks among `renditions`, in order. One is the default: the first that is marked, else the first main.

    A rendition belongs to the last track of its language, role and name that does not have its layout yet.
    """
    groups: list[list[Rendition]] = []
    for rendition in (r for r in renditions if r.kind == "audio"):
        lacking = [g for g in groups if _same(g[0], rendition) and layout_of(rendition) not in map(layout_of, g)]
        if lacking:
            lacking[-1].append(rendition)
        else:
            groups.append([rendition])
    ranked = sorted(groups, key=lambda g: (not any(r.default for r in g), g[0].role != "main"))
    names = distinct([_sound_name(g[0]) for g in groups])
    return tuple(SoundTrack(name, tuple(g), g is ranked[0]) for name, g in zip(names, groups, strict=True))


def text_names(texts: Sequence[TextTrack]) -> dict[str, str]:
    """The name in menus of each text track, by id."""
    return dict(zip((t.id for t in texts), distinct([_text_name(t) for t in texts]), strict=True))


def distinct(names: Sequence[str]) -> list[str]:
    """`names` with a number behind each that came before: ``English``, ``English 2``."""
    out: list[str] = []
    for name in names:
        number, free = 1, name
        while free in out:
            number += 1
            free = f"{name} {number}"
        out.append(free)
    return out


def plain(text: str) -> str:
    """`text` as a playlist's quoted string may hold it: in NFC, no control characters, no double quotes (RFC 8216
    section 4.2)."""
    spaced = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    return " ".join(unicodedata.normalize("NFC", spaced).replace('"', "'").split())


def _same(one: Rendition, other: Rendition) -> bool:
    return (tag(one.language), one.role, one.name) == (tag(other.language), other.role, other.name)


def _sound_name(rendition: Rendition) -> str:
    language, own = label(rendition.language), plain(rendition.name)
    if own:
        return _with_language(language, own)
    role = _ROLES.get(rendition.role)
    return f"{language} ({role})" if role else language


def _text_name(text: TextTrack) -> str:
    language = "Subtitles" if tag(text.language) == "und" else label(text.language)
    own = plain(text.name)
    name = _with_language(language, own) if own else language
    kinds = ["SDH"] if text.role == "captions" else []
    kinds += ["Forced"] if text.forced else []
    missing = [kind for kind in kinds if kind.casefold() not in name.casefold()]
    return f"{name} ({', '.join(missing)})" if missing else name


def _with_language(language: str, own: str) -> str:
    """A track's own name, which often leaves out its language: ``Deutsch – Regiekommentar``."""
    return own if language == "Audio" or language.casefold() in own.casefold() else f"{language} – {own}"
