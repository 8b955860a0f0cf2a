"""Where a film's shots begin, from measured differences between its frames. Pure.

A cut is a frame that differs from the one before by far more than its neighbours do (as in PySceneDetect's
AdaptiveDetector), and whose difference lasts: all pairs of frames that straddle it differ. So neither motion, however
fast, nor a flash of one or two frames is a cut. A fade through black has no cut; a shot begins where the picture
returns. A dissolve from picture to picture is not found: its frames differ no more than those of a moving shot.

The limits below were set on contact sheets of the Blender Foundation's "Big Buck Bunny": of the 131 starts of shots
found in its 14,315 frames two are none, a body that passes close before the lens and an iris that closes; no cut was
seen to be missed. They were checked on its trailer and on hand-held natural clips, which have no cuts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

ACROSS = 3
"""The distance, in frames, of the second difference: flashes shorter than this are seen through."""

WINDOW = 6
"""Frames on each side against which a difference is held; also the least length of a shot: of two cuts nearer than
this only one counts."""

_FLOOR = 4_000  # of the range: what a cut must change, however calm its neighbours are; cuts in BBB change 9.7 % up
_CALM = 3  # times its neighbours' (fades, pans and hands before the lens reach 2.1)
_STRONG_FLOOR = 15_000  # a cut inside fast motion must change more (there, motion alone reached 13.6 %) ...
_STRONG = 1.5  # ... to count at less times its neighbours'
_NOISE = 400  # added to the neighbours', so that a still picture's nothing is no measure
_BLACK, _PICTURE = 98, 90  # percent of black pixels from which a frame is black, and below which the picture is back
_BLACK_STRENGTH = 20_000  # what a typical cut changes: a fade through black parts shots as surely


@dataclass(frozen=True, slots=True)
class FrameScores:
    """The differences of the film's frames ``[start, stop)``, in thousandths of a percent of the full range.

    `step` is each frame's difference from the frame before, `across` from the frame ACROSS before (0 where the film
    has none); `black` is the share of black pixels in percent.
    """

    start: int
    step: tuple[int, ...]
    across: tuple[int, ...]
    black: tuple[int, ...]

    def __post_init__(self) -> None:
        if not len(self.step) == len(self.across) == len(self.black):
            raise ValueError("scores are of as many frames each")

    @property
    def stop(self) -> int:
        return self.start + len(self.step)


@dataclass(frozen=True, slots=True)
class Cut:
    """The first frame of a shot, and by how much the picture changes there, in thousandths of a percent."""

    frame: int
    strength: int


def join_scores(parts: Sequence[FrameScores]) -> FrameScores:
    """The scores of parts of a film, in any order, as those of the whole. Raises ValueError unless they tile it."""
    ordered = sorted(parts, key=lambda p: p.start)
    at = 0
    for part in ordered:
        if part.start != at:
            raise ValueError(f"there are scores from frame {part.start} on where those before end at {at}")
        at = part.stop
    return FrameScores(
        0,
        tuple(v for p in ordered for v in p.step),
        tuple(v for p in ordered for v in p.across),
        tuple(v for p in ordered for v in p.black),
    )


def find_cuts(scores: FrameScores) -> tuple[int, ...]:
    """The frames of the film at which a shot begins, ascending; the film's first frame is not among them."""
    return tuple(cut.frame for cut in rate_cuts(scores))


def rate_cuts(scores: FrameScores) -> tuple[Cut, ...]:
    """The cuts with their strengths, ascending. `scores` are those of the whole film."""
    if scores.start:
        raise ValueError("cuts are found in the scores of the whole film: join its parts first")
    found = dict.fromkeys(_returns_from_black(scores.black), _BLACK_STRENGTH)
    for frame in range(1, len(scores.step)):
        strength = _lasting(scores, frame)
        if strength >= _FLOOR and _stands_out(scores.step, frame, strength):
            found[frame] = max(strength, found.get(frame, 0))
    return _apart([Cut(frame, found[frame]) for frame in sorted(found)])


def _lasting(scores: FrameScores, frame: int) -> int:
    """The least difference of all measured pairs that have this cut between them."""
    straddling = scores.across[max(frame, ACROSS) : frame + ACROSS]
    return min(scores.step[frame], *straddling) if straddling else scores.step[frame]


def _stands_out(step: Sequence[int], frame: int, strength: int) -> bool:
    """Whether the change is far above the second largest near it. The largest may be another cut or a flash."""
    near = sorted((*step[max(1, frame - WINDOW) : frame], *step[frame + 1 : frame + 1 + WINDOW]))
    usual = (near[-2] if len(near) > 1 else 0) + _NOISE
    return strength >= _CALM * usual or (strength >= _STRONG_FLOOR and strength >= _STRONG * usual)


def _returns_from_black(black: Sequence[int]) -> list[int]:
    """Where the picture comes back after black frames. One shorter than ACROSS is seen through, as a flash is."""
    found: list[int] = []
    run = 0
    for frame, share in enumerate(black):
        if share >= _BLACK or (run and share >= _PICTURE):
            run += 1
            continue
        if run >= ACROSS:
            found.append(frame)
        run = 0
    return found


def _apart(cuts: Sequence[Cut]) -> tuple[Cut, ...]:
    """One cut of each group within WINDOW frames: the last that is at least half as strong as the strongest.

    A fast zoom or one foreign frame before a cut is the tail of the old shot: the new one begins at the last change.
    """
    kept: list[Cut] = []
    at = 0
    while at < len(cuts):
        group = [c for c in cuts[at : at + WINDOW] if c.frame < cuts[at].frame + WINDOW]
        strongest = max(c.strength for c in group)
        kept.append([c for c in group if 2 * c.strength >= strongest][-1])
        at += len(group)
    return tuple(kept)
