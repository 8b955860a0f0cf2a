"""Which frames of the film are tried: few short windows spread over all of it, and in which order. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from chunker.plan import Span

MIN_FRAMES = 24
"""A window this short still has several of each kind of frame; a shorter one says little beyond its key frame."""

_WANTED = 12  # windows: more content counts for more than longer runs of it, up to about here


@dataclass(frozen=True, slots=True)
class Window:
    """Output frames ``[start, stop)`` that are tried. `weight` counts the film's frames that they stand for."""

    index: int
    start: int
    stop: int
    weight: int

    @property
    def frames(self) -> int:
        return self.stop - self.start


def plan_windows(places: Sequence[Span], affordable: int, *, longest: int | None = None) -> tuple[Window, ...]:
    """Windows of at most `affordable` frames in all, in the film's order; () if not one of them is affordable.

    `places` are the segments or the shots, which tile the film. A window starts where a place does, stays in it, and
    has at most `longest` frames (a segment's, where places are shots). As many as twelve are as short as MIN_FRAMES;
    what is affordable beyond that makes them longer, up to whole places, and then more. The film is cut into as many
    even parts as there are windows, and each part's window is in the place nearest to the part's middle. Each frame
    counts for the window nearest to it.
    """
    frames = places[-1].stop
    longest = min(longest or frames, max(p.frames for p in places))
    even = affordable // min(_WANTED, len(places))
    length = longest if affordable >= frames else min(max(even, MIN_FRAMES), longest)
    chosen = _spread(places, min(affordable // length, len(places)), length) if affordable < frames else places
    return weighted([Window(i, p.start, min(p.start + length, p.stop), 0) for i, p in enumerate(chosen)], frames)


def weighted(windows: Sequence[Window], frames: int) -> tuple[Window, ...]:
    """The windows, in the film's order, each with the number of the film's `frames` frames nearest to it.

    Use it on those that were measured, when a search ends before its last wave.
    """
    if not windows:
        return ()
    ordered = sorted(windows, key=lambda w: w.start)
    borders = [0, *((a.stop + b.start) // 2 for a, b in pairwise(ordered)), frames]
    return tuple(replace(w, weight=stop - start) for w, (start, stop) in zip(ordered, pairwise(borders), strict=True))


def waves(windows: Sequence[Window]) -> tuple[tuple[Window, ...], ...]:
    """The windows in waves that each spread over the film: a quarter, another quarter, the other half.

    They are ordered by their place's bits in reverse (van der Corput's sequence): any first few are far apart.
    """
    bits = max(1, (len(windows) - 1).bit_length())
    order = sorted(range(len(windows)), key=lambda i: int(f"{i:0{bits}b}"[::-1], 2))
    cuts = sorted({0, -(-len(windows) // 4), -(-len(windows) // 2), len(windows)})
    return tuple(tuple(windows[i] for i in order[a:b]) for a, b in pairwise(cuts))


def _spread(places: Sequence[Span], count: int, length: int) -> list[Span]:
    """At most `count` places for windows of `length` frames, one in each even part of the film.

    A place is in the part where its middle is. Those count that have room for a whole window; if none has, the longest.
    """
    frames = places[-1].stop
    chosen: list[Span] = []
    for part in range(count):
        # Twice the middles, so that they are whole.
        start, stop = 2 * frames * part // count, 2 * frames * (part + 1) // count
        inside = [p for p in places if start <= p.start + p.stop < stop]
        room = [p for p in inside if p.frames >= length] or sorted(inside, key=lambda p: -p.frames)[:1]
        if room:
            chosen.append(min(room, key=lambda p: (abs(2 * (p.start + p.stop) - start - stop), p.start)))
    return chosen
