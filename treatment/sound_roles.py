"""What a sound track is for, by its container's flags and its own words. Pure."""

from __future__ import annotations

import re
from typing import Literal

from media.probe import AudioStream

Role = Literal["main", "commentary", "description"]

_DESCRIPTION_FLAGS = ("visual_impaired", "descriptions")
_COMMENTARY_FLAGS = ("comment",)

_DESCRIPTION = re.compile(
    r"audio[\s_-]*de[sk][ck]ri|de[sk][ck]ri(bed|ptive|ption|pción|pcion|zione)[\s_-]*(video|audio|service)?\b"
    r"|video[\s_-]*descri|\bDVS\b|visually[\s_-]*impaired|hörfilm|hoerfilm|bildbeschreib"
    r"|\bsynstolk|\bsyntolk|\bkuvailutulk|\baudiodeskr|\baudiodeskryp|^\(?AD\)?$|[\[(]AD[\])]|\bAD$",
    re.IGNORECASE,
)
_COMMENTARY = re.compile(
    r"\bcomm?ent(ary|aries|aire|aires|ario|arios|o|i)\b|kommentar|\bcommentaar|\bkomentarz|\bkomentář|\bcomentário"
    r"|комментари|解説|评论|評論",
    re.IGNORECASE,
)
_ROLES: tuple[tuple[Role, tuple[str, ...], re.Pattern[str]], ...] = (
    ("description", _DESCRIPTION_FLAGS, _DESCRIPTION),
    ("commentary", _COMMENTARY_FLAGS, _COMMENTARY),
)


def role_of(stream: AudioStream) -> tuple[Role, tuple[str, ...]]:
    """A track's role, and why if it is not the main sound. A container's flags count before words."""
    for role, flags, _ in _ROLES:
        for flag in flags:
            if flag in stream.dispositions:
                return role, (f"{role}: the container says {flag}",)
    for role, _, words in _ROLES:
        for text in (stream.title, stream.handler):
            if words.search(text):
                return role, (f"{role}: it is called {text!r}",)
    return "main", ()


def name_of(stream: AudioStream) -> str:
    """A track's own name; its handler's where that is what tells its role, for else it names a program."""
    telling = any(words.search(stream.handler) for _, _, words in _ROLES)
    return stream.title or (stream.handler if telling else "")
