"""Which frames of a chunk are kept as thumbnails, and which of them shows a finding. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from gate.facts import Facts
from gate.finding import Finding
from gate.limits import Limits
from gate.marks import black_marks, level_marks, missing_marks, still_marks
from gate.measures import PROGRESSIVE, UNSURE, PictureMeasures
from gate.runs import IN, OUT, runs

EVERY_S = Fraction(4)
"""Time between the frames that are kept whatever they show."""

_MOST = 6  # of each kind that are kept of a chunk
_WHOLE = Fraction(9, 10)  # of the film: what is said of all of it


def worth_showing(picture: PictureMeasures, times: Sequence[Fraction], limits: Limits) -> set[int]:
    """The film's numbers of the frames to keep: at steady times, and the middle of each run of what may be wrong.

    `times` are those of the frames, in seconds of the film.
    """
    seen = [i for i, s in enumerate(picture.seen) if s]
    kept = {i for i in seen if i == seen[0] or times[i] // EVERY_S != times[i - 1] // EVERY_S} | set(seen[-1:])
    black = black_marks(picture, limits)
    combed = [IN if s not in (PROGRESSIVE, UNSURE) else OUT for s in picture.scan]
    for marks in (
        black,
        still_marks(picture, black, limits),
        level_marks(picture, limits),
        combed,
        missing_marks(picture),
    ):
        for start, stop in list(runs(marks, bridge=2))[:_MOST]:
            kept |= {(start + stop) // 2, max(0, start - 1)}
    return {picture.start + i for i in kept}


def illustrated(findings: Sequence[Finding], facts: Facts, thumbnails: Mapping[int, bytes]) -> tuple[Finding, ...]:
    """The findings with the thumbnail nearest to their middles, inside them if there is one; what is said of
    nearly all of the film, with the one that shows most."""
    frames = sorted(thumbnails)
    times = [facts.time(n) for n in frames]
    if not frames:
        return tuple(findings)
    out = []
    for f in findings:
        if f.duration >= _WHOLE * facts.duration:
            out.append(replace(f, thumbnail=max(thumbnails.values(), key=len)))  # the one with the most to see
            continue
        middle = (f.start + f.stop) / 2
        best = min(range(len(frames)), key=lambda i: (not f.start <= times[i] < f.stop, abs(times[i] - middle)))
        out.append(replace(f, thumbnail=thumbnails[frames[best]]))
    return tuple(out)
