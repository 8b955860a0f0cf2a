"""Auditing stored text: the whole file, the segments cut from it, and chapters. Reads a store."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction

from packager.audit_facts import Fault
from packager.audit_media import fetch
from packager.audit_vtt import Vtt, VttCue, markup_fault, read_vtt
from storage.protocol import Store
from values.title import Segment, StoredFile, TextTrack, Title

_MOST_FAULTS = 20
"""Of one file: what is wrong with all cues of a film is said once for some of them."""


@dataclass(frozen=True, slots=True)
class TextFacts:
    """A text track whose files were read: `segments` are the sizes in bytes and durations in seconds of those that are
    there; `whole_bytes` is the size of its one file."""

    text: TextTrack
    segments: tuple[tuple[int, Fraction], ...]
    whole_bytes: int


def audit_text(store: Store, text: TextTrack, film: Fraction, faults: list[Fault]) -> TextFacts:
    """Read the whole and all segments; `film` is the film's duration in seconds."""
    whole = read_file(store, text.whole, faults)
    if whole:
        faults += _whole(text, whole, film)
    sizes: list[tuple[int, Fraction]] = []
    at = 0
    for segment in text.segments:
        if segment.start != at:
            faults.append(Fault(segment.file.key, f"starts at {segment.start} ms and the one before ends at {at} ms"))
        at = segment.start + segment.duration
        found = read_file(store, segment.file, faults)
        sizes.append((segment.file.size_bytes, Fraction(segment.duration, 1000)))
        if found:
            faults += _segment(text, segment, found, whole)
    if abs(at - film * 1000) > 1:
        faults.append(Fault(text.playlist.key, f"ends at {at} ms and the film at {float(film * 1000):.3f} ms"))
    return TextFacts(text, tuple(sizes), text.whole.size_bytes)


def read_file(store: Store, file: StoredFile, faults: list[Fault]) -> Vtt | None:
    """The WebVTT file, held against its recorded digest; None, with a fault, where it can't be read."""
    data = fetch(store, file, faults)
    try:
        return None if data is None else read_vtt(data)
    except ValueError as error:  # and UnicodeDecodeError
        faults.append(Fault(file.key, f"is not WebVTT: {error}"))
        return None


def audit_chapters(store: Store, title: Title, faults: list[Fault]) -> None:
    """The chapters by themselves, as a WebVTT track, and as JSON for HLS players."""
    key = title.chapters_file.key if title.chapters_file else title.hls.key
    at, end = 0, title.duration * 1000
    for number, chapter in enumerate(title.chapters, 1):
        if chapter.start_ms < at or chapter.stop_ms <= chapter.start_ms or chapter.stop_ms > end + 1:
            span = f"[{chapter.start_ms}, {chapter.stop_ms}) ms"
            faults.append(Fault(key, f"has chapter {number} at {span}, after {at} ms of {float(end):.3f} ms"))
        at = chapter.stop_ms
    listed = [(c.start_ms, c.stop_ms) for c in title.chapters]
    if title.chapters_file and (vtt := read_file(store, title.chapters_file, faults)):
        _same_chapters(title.chapters_file.key, listed, [(c.start, c.stop) for c in vtt.cues], faults)
        if any(not cue.text.strip() for cue in vtt.cues):
            faults.append(Fault(title.chapters_file.key, "has a chapter without a name"))
    if title.hls_chapters and (data := fetch(store, title.hls_chapters, faults)):
        try:
            found = [(round(c["start-time"] * 1000), c["duration"] * 1000, c["titles"][0]) for c in json.loads(data)]
            spans = [(start, start + round(lasting)) for start, lasting, title in found if title["title"]]
        except (ValueError, KeyError, TypeError, IndexError) as error:
            faults.append(Fault(title.hls_chapters.key, f"is no list of chapters ({error!r})"))
        else:
            _same_chapters(title.hls_chapters.key, listed, spans, faults)


def _same_chapters(
    key: str, listed: list[tuple[int, int]], found: list[tuple[int, int]], faults: list[Fault]
) -> None:  # fmt: skip
    if listed != found:
        at = next((i for i, (a, b) in enumerate(zip(listed, found, strict=False)) if a != b), None)
        what = f"{len(found)} chapters" if at is None else f"chapter {at + 1} at [{found[at][0]}, {found[at][1]}) ms"
        said = f"{len(listed)}" if at is None else f"[{listed[at][0]}, {listed[at][1]})"
        faults.append(Fault(key, f"has {what} and the record says {said}"))


def _whole(text: TextTrack, whole: Vtt, film: Fraction) -> list[Fault]:
    key = text.whole.key
    faults: list[Fault] = []
    if len(whole.cues) != text.cues:
        faults.append(Fault(key, f"has {len(whole.cues)} cues and the record says {text.cues}"))
    if whole.shift:
        faults.append(Fault(key, f"shifts its cues by {whole.shift} ticks of 1/90000 s"))
    late = [c for c in whole.cues if c.start >= film * 1000]
    faults += [Fault(key, f"has a cue {_say(c)} after the film's end") for c in late[:_MOST_FAULTS]]
    for before, cue in zip(whole.cues, whole.cues[1:], strict=False):
        if cue.start < before.start:
            faults.append(Fault(key, f"has a cue {_say(cue)} after one {_say(before)}"))
            break
    for cue in whole.cues:
        if what := markup_fault(cue.text):
            faults.append(Fault(key, f"has a cue {_say(cue)} with {what}"))
            break
    return faults


def _segment(text: TextTrack, segment: Segment, found: Vtt, whole: Vtt | None) -> list[Fault]:
    """A segment's cues must be those of the whole that are to be seen in it, at the same times of the film."""
    key = segment.file.key
    if found.shift is None:
        return [Fault(key, "lacks X-TIMESTAMP-MAP: players would place its cues by guess")]
    if found.shift % (1 << 33):
        return [
            Fault(key, f"maps its cues {found.shift} ticks of 1/90000 s away from the media, whose time starts at 0")
        ]
    faults: list[Fault] = []
    if len(found.cues) != segment.samples:
        faults.append(Fault(key, f"has {len(found.cues)} cues and the record says {segment.samples}"))
    start, stop = segment.start, segment.start + segment.duration
    outside = [c for c in found.cues if c.stop <= start or c.start >= stop]
    faults += [Fault(key, f"has a cue {_say(c)}, outside of [{start}, {stop}) ms") for c in outside[:_MOST_FAULTS]]
    if whole is None:
        return faults
    due = [c for c in whole.cues if c.start < stop and c.stop > start]
    missing, extra = set(due) - set(found.cues), set(found.cues) - set(due) - set(outside)
    faults += [Fault(key, f"lacks the cue {_say(c)} of {text.whole.key}") for c in sorted(missing, key=_start)][:1]
    faults += [Fault(key, f"has a cue {_say(c)} that {text.whole.key} lacks") for c in sorted(extra, key=_start)][:1]
    if not missing and not extra and not outside and list(found.cues) != due:
        faults.append(Fault(key, "has its cues in another order or number than the whole track"))
    if found.cues and found.blocks != whole.blocks:
        faults.append(Fault(key, "has other STYLE or REGION blocks than the whole track"))
    return faults


def _start(cue: VttCue) -> int:
    return cue.start


def _say(cue: VttCue) -> str:
    return f"of [{cue.start}, {cue.stop}) ms"
