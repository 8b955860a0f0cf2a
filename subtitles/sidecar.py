"""A subtitle file beside the master, as the user names it: ``FILE:LANGUAGE[:ROLE]``. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from subtitles.language import language_tag
from values.errors import UsageError, nearest

ROLES = {"subtitles": "subtitles", "sdh": "captions", "captions": "captions", "forced": "subtitles"}
"""What a user may write, and the role in the title (see `values.title.TextTrack`)."""

DEFAULT = "default"

_WHERE = "--subtitle"
_HINT = "Write it like film.en.srt:en, film.de.srt:de:sdh or signs.vtt:pt-BR:forced."


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A file to be read. `language` is a BCP 47 tag; `role` as in `values.title.TextTrack`; `default` asks that players
    show it unasked."""

    path: str
    language: str
    role: str = "subtitles"
    forced: bool = False
    default: bool = False


def parse_sidecar(text: str) -> Sidecar:
    """The file, language and role in ``FILE:LANGUAGE[:ROLE]``; ``+default`` behind a role makes it the default one.

    A file's name may hold colons. Raises UsageError.
    """
    path, language, words = _parts(text)
    tag = language_tag(language)
    if not path or not language or language.lower() in ROLES:
        raise UsageError(f"{text!r} does not say the language", where=_WHERE, hint=_HINT)
    if tag is None:
        raise UsageError(
            f"{language!r} is no language tag",
            where=_WHERE,
            hint="Use BCP 47 tags, like en, de, pt-BR or zh-Hant; und where it is not known.",
        )
    for word in words:
        if word not in ROLES and word != DEFAULT:
            raise UsageError(
                f"subtitles can't have the role {word!r}", where=_WHERE, hint=nearest(word, [*ROLES, DEFAULT])
            )
    kinds = [w for w in words if w != DEFAULT] or ["subtitles"]
    if len(kinds) > 1:
        raise UsageError(f"{'+'.join(kinds)} are two roles", where=_WHERE, hint="Give the file one role.")
    return Sidecar(path, tag, ROLES[kinds[0]], kinds[0] == "forced", DEFAULT in words)


def _parts(text: str) -> tuple[str, str, list[str]]:
    """The path, the language and the words of the role. The last part is a role if its words are some, or if the part
    before it may be a language."""
    front, _, last = text.rpartition(":")
    words = last.lower().split("+")
    path, _, language = front.rpartition(":")
    if path and (language_tag(language) or all(w in ROLES or w == DEFAULT for w in words)):
        return path, language, words
    return front, last, []
