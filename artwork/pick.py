"""Which of a film's pictures are worth showing: good ones, of scenes that differ. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from artwork.score import distance

_DISTINCT = 0.12
"""A distance of sketches from which two pictures count as of different scenes."""
_SAME = 0.02
"""One below which they count as the same picture."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A picture at `at_ms` of the film, how good it is (0 to 1), and its sketch (see `artwork.score`)."""

    at_ms: int
    score: float
    sketch: bytes = field(repr=False)


def pick(candidates: Sequence[Candidate], count: int) -> tuple[Candidate, ...]:
    """Up to `count` candidates, best first.

    Each next one is the best by its score, less what it resembles those already taken; one that is the same picture as
    another is never taken, so a film of one scene may give fewer. A picture of score 0 (black, blank) is taken only
    where there is no other: then one.
    """
    if not candidates:
        return ()
    good = [c for c in candidates if c.score > 0]
    if not good:
        return (candidates[len(candidates) // 2],)
    taken: list[Candidate] = []
    nearest = [1.0] * len(good)
    while len(taken) < count:
        worth = [
            c.score * min(1.0, near / _DISTINCT) if near >= _SAME else 0.0
            for c, near in zip(good, nearest, strict=True)
        ]
        best = max(range(len(good)), key=lambda i: (worth[i], -i))
        if worth[best] <= 0:
            break
        taken.append(good[best])
        nearest = [min(near, distance(c.sketch, good[best].sketch)) for c, near in zip(good, nearest, strict=True)]
    return tuple(taken)
