"""Auditing a title record against its plan and against what was read from its media. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from packager.audit_facts import Fault, RenditionFacts
from values.keys import title_key, title_prefix
from values.title import Title

_SOUND_ROLES = ("main", "commentary", "description")
_TEXT_ROLES = ("subtitles", "captions")


def audit_record(title: Title, title_id: str) -> list[Fault]:
    """The record by itself: its own id, chunks that tile the film, names that are this title's, nothing twice."""
    key = title_key(title_id)
    faults: list[Fault] = []
    if title.id != title_id:
        faults.append(Fault(key, f"is the record of title {title.id!r}"))
    at = 0
    for index, chunk in enumerate(title.chunks):
        if chunk.index != index or chunk.start != at or chunk.stop <= chunk.start:
            faults.append(Fault(key, f"has chunk {chunk.index} of frames [{chunk.start}, {chunk.stop}) at frame {at}"))
        at = chunk.stop
    if at != title.frames:
        faults.append(Fault(key, f"has chunks that end at frame {at} of {title.frames}"))
    if not title.video:
        faults.append(Fault(key, "has no video rendition"))
    names = [r.id for r in title.renditions] + [t.id for t in title.texts] + [t.id for t in title.trick]
    faults += [Fault(key, f"has the track {name!r} twice") for name in sorted(set(names)) if names.count(name) > 1]
    roles = [(r.id, r.role, _SOUND_ROLES) for r in title.renditions] + [
        (t.id, t.role, _TEXT_ROLES) for t in title.texts
    ]
    faults += [Fault(key, f"has the role {role!r} for {name}") for name, role, known in roles if role not in known]
    if title.rate <= 0 or title.frames <= 0 or title.segment_frames <= 0:
        faults.append(
            Fault(key, f"has the rate {title.rate}, {title.frames} frames and segments of {title.segment_frames}")
        )
    faults += _bad_grid(title, key)
    declared = _declared(title)
    for r in title.renditions:
        peak = (r.max_bps, r.buffer_bits)
        if min(peak) < 0 or declared.get(r.id, peak) != peak:
            asked = " over ".join(map(str, declared.get(r.id, (0, 0))))
            faults.append(Fault(key, f"declares a peak of {peak[0]} over {peak[1]} for {r.id}, made for {asked}"))
    faults += [Fault(key, f"has rendition {r.id!r} of timescale 0") for r in title.renditions if r.timescale <= 0]
    faults += [
        Fault(file.key, "lies outside the title")
        for file in title.files()
        if not file.key.startswith(title_prefix(title_id))
    ]
    return faults


def _declared(title: Title) -> dict[str, tuple[int, int]]:
    """The peak (bits per second, buffer in bits) of each rung that the record's settings name."""
    encodes = title.settings.get("encodes", [])
    rungs = [r for e in encodes if isinstance(e, dict) for r in e.get("rungs", ()) if isinstance(r, dict)]
    return {str(r.get("name")): (int(r.get("max_bps", 0)), int(r.get("buffer_bits", 0))) for r in rungs}


def audit_plan(title: Title, found: Sequence[RenditionFacts]) -> list[Fault]:
    """The media against the plan: frame totals, segments on the grid, the same boundaries in every video rendition.

    A regular grid allows a segment at each of its steps, and one longer than a step; a listed grid asks for exactly
    its own.
    """
    faults: list[Fault] = []
    reference: tuple[str, list[Fraction]] | None = None
    for facts in found:
        if facts.rendition.kind != "video" or facts.track is None or not facts.readable:
            continue
        where = facts.rendition.playlist.key
        frames = sum(s.samples for s in facts.segments if s)
        if frames != title.frames:
            faults.append(Fault(where, f"lists {frames} frames and the film has {title.frames}"))
        starts = [Fraction(s.start, facts.track.timescale) for s in facts.segments if s]
        faults += _off_grid(title, facts, starts)
        if reference is None:
            reference = (facts.rendition.id, starts)
        elif starts != reference[1]:
            at = next((i for i, (a, b) in enumerate(zip(starts, reference[1], strict=False)) if a != b), None)
            place = f"from segment {at + 1} on" if at is not None else f"{len(starts)} against {len(reference[1])}"
            faults.append(Fault(where, f"has other segment boundaries than {reference[0]} ({place})"))
    return faults


def _bad_grid(title: Title, key: str) -> list[Fault]:
    """A listed grid by itself: it starts with the film, rises, ends inside it, and holds every chunk's start."""
    if not title.grid:
        return []
    faults: list[Fault] = []
    if title.grid[0] != 0:
        faults.append(Fault(key, f"has a grid that starts at frame {title.grid[0]}"))
    faults += [Fault(key, f"has a grid with frame {b} after frame {a}") for a, b in pairwise(title.grid) if b <= a]
    if title.grid[-1] >= title.frames:
        faults.append(Fault(key, f"has a grid with frame {title.grid[-1]} of a film of {title.frames}"))
    known = set(title.grid)
    faults += [
        Fault(key, f"has chunk {c.index} at frame {c.start}, which its grid lacks")
        for c in title.chunks
        if c.start not in known
    ]
    return faults


def _off_grid(title: Title, facts: RenditionFacts, starts: Sequence[Fraction]) -> list[Fault]:
    where = facts.rendition.playlist.key
    listed = set(title.grid)
    step = title.segment_frames
    grid = "listed grid" if listed else f"grid of {step}"
    faults: list[Fault] = []
    for segment, start in zip((s for s in facts.segments if s), starts, strict=True):
        frame = start * title.rate
        if frame not in listed if listed else frame % step:
            faults.append(Fault(segment.key, f"starts at frame {frame}, off the {grid}"))
    present = {start * title.rate for start in starts}
    faults += [Fault(where, f"has no segment at frame {n} of the grid") for n in sorted(listed - present)]
    chunk_starts = {Fraction(c.start) / title.rate for c in title.chunks}
    for start in sorted(chunk_starts - set(starts)):
        faults.append(Fault(where, f"has no segment where a chunk starts, at {start} s"))
    return faults
