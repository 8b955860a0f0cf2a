"""Cues and tracks of timed text, and what is said of text that can't be read. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from values.errors import UsageError

MOST_CUES = 200_000
"""More cues than any film has: a file that holds more is refused rather than worked on for hours."""


class BadSubtitles(UsageError):
    """A subtitle file or track can't be read; `where` names it with the line or time at which it breaks."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue shown during ``[start_ms, stop_ms)``.

    `text` is WebVTT cue text, escaped and with balanced tags (see `subtitles.markup`), without empty lines; `settings`
    is what WebVTT writes behind the times (W3C WebVTT sections 4.3 and 4.4).
    """

    start_ms: int
    stop_ms: int
    text: str
    settings: str = ""


@dataclass(frozen=True, slots=True)
class Subtitles:
    """What a file or a stream of timed text holds.

    `cues` are as they were found: not sorted and not yet fitted to a film. `blocks` are STYLE and REGION blocks that
    the cues refer to. `notes` say what was left out. `language` is what the text says of itself, '' where nothing.
    `mpegts` is the shift in seconds from cue times to an MPEG-TS clock (``X-TIMESTAMP-MAP``).
    """

    cues: tuple[Cue, ...]
    blocks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    language: str = ""
    mpegts: Fraction | None = None


def to_ms(seconds: Fraction) -> int:
    """Seconds as whole milliseconds, halves up."""
    return int((seconds * 2000 + 1) // 2)


def check_count(count: int, where: str) -> None:
    """Raises BadSubtitles if `count` cues are more than a film can have."""
    if count > MOST_CUES:
        raise BadSubtitles(
            f"there are more than {MOST_CUES} cues", where=where, hint="This is no subtitle track of one film."
        )
