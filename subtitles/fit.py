"""Cues as they were found, fitted to a film: moved, cut at its ends, sorted, and only those that can be read. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from subtitles.cue import Cue
from subtitles.markup import shifted

_TAGS = re.compile(r"<[^>]*>")
_HOUR_MS = 3_600_000


def fit(cues: Iterable[Cue], *, duration_ms: int, shift_ms: int = 0) -> tuple[tuple[Cue, ...], tuple[str, ...]]:
    """The cues that are seen in a film of `duration_ms`, each moved by `shift_ms`, by time; and notes on the others.

    Cues of one time keep their order. The result is valid WebVTT: ``0 <= start_ms < stop_ms <= duration_ms``.
    """
    kept: dict[Cue, None] = {}
    empty = backwards = outside = cut = 0
    for cue in cues:
        start, stop = cue.start_ms + shift_ms, cue.stop_ms + shift_ms
        if not readable(cue.text):
            empty += 1
        elif start >= stop:
            backwards += 1
        elif stop <= 0 or start >= duration_ms:
            outside += 1
        else:
            inside = (max(0, start), min(duration_ms, stop))
            cut += inside != (start, stop)
            kept[replace(cue, start_ms=inside[0], stop_ms=inside[1], text=shifted(cue.text, shift_ms, *inside))] = None
    notes = [
        (backwards, "left out: over before it begins, or at once"),
        (outside, "left out: outside the film"),
        (cut, "cut where the film begins or ends"),
    ]
    ordered = tuple(sorted(kept, key=lambda c: (c.start_ms, c.stop_ms)))
    return ordered, tuple(f"{count} cue{'s' if count > 1 else ''} {what}" for count, what in notes if count)


def readable(text: str) -> bool:
    """Whether anything is left of cue text without its tags."""
    return bool((_TAGS.sub("", text) if "<" in text else text).strip())


def hours_ahead(cues: Sequence[Cue], duration_ms: int) -> int:
    """Milliseconds by which cues that count from a tape's time code run ahead of the film: whole hours, mostly 1 or 10.

    0 unless all cues begin after the film's end and would lie within it.
    """
    first = min((c.start_ms for c in cues), default=0)
    hours = first // _HOUR_MS * _HOUR_MS
    return hours if hours and first >= duration_ms and first - hours < duration_ms else 0
