"""What samples of the pictures showed, whatever the stream says of itself. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Box:
    """Part of a picture in pixels: columns ``[left, right)``, rows ``[top, bottom)``."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Steps:
    """Mean differences of luma between fields: of one frame, and from frame to frame in either field order."""

    within: float
    top_first: float
    bottom_first: float


@dataclass(frozen=True, slots=True)
class Sample:
    """A few frames in a row, from `at` (seconds on the container's clock) on.

    A letter a frame, as ffmpeg's idet sees it: `alone` by the frame itself and `among` by its neighbours too are t or b
    (interlaced, top or bottom field first), p (progressive) or u (can't be told); `repeats` is t or b where that field
    repeats the frame before's, else n. `flagged` counts frames that are flagged as interlaced. `lit` is what is not
    black of each frame that is not black altogether.

    `steps` are looked at where frames seem interlaced: how far, in luma, a frame's two fields are apart, and how far
    its second one is from the next frame's first, if the top field is first, and if the bottom field is. True fields
    are as far apart in both places, in their own order; of progressive pictures those between frames are further.
    """

    at: Fraction
    frames: int
    flagged: int = 0
    alone: str = ""
    among: str = ""
    repeats: str = ""
    lit: tuple[Box, ...] = ()
    steps: Steps | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """The samples, in the film's order. Those without letters were too large a picture to be interlaced."""

    samples: tuple[Sample, ...] = ()

    @property
    def frames(self) -> int:
        return sum(s.frames for s in self.samples)

    @property
    def flagged(self) -> int:
        return sum(s.flagged for s in self.samples)

    def among(self) -> Counter[str]:
        """How many frames are t, b, p and u."""
        return Counter(letter for s in self.samples for letter in s.among)

    def repeats(self) -> Counter[str]:
        """How many frames repeat their top (t) or bottom (b) field, or neither (n)."""
        return Counter(letter for s in self.samples for letter in s.repeats)

    @property
    def woven(self) -> bool:
        """Whether enough frames seem interlaced to look at their fields' steps."""
        seen = self.among()
        return 8 * (seen["t"] + seen["b"]) >= max(1, seen["t"] + seen["b"] + seen["p"])

    @property
    def steps(self) -> Steps | None:
        """The steps of all samples together; None where they were not looked at, or nothing moves."""
        looked = [(s.frames, s.steps) for s in self.samples if s.steps]
        frames = sum(n for n, _ in looked)
        if not frames:
            return None
        mean = Steps(
            sum(n * s.within for n, s in looked) / frames,
            sum(n * s.top_first for n, s in looked) / frames,
            sum(n * s.bottom_first for n, s in looked) / frames,
        )
        return mean if mean.within > 0 else None

    def lit(self) -> Iterator[Box]:
        for sample in self.samples:
            yield from sample.lit
