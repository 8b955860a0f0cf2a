"""Where words go in a plot: beside what they name, over nothing that matters. In pixels. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with sides along the axes; y goes up."""

    left: float
    bottom: float
    right: float
    top: float

    def overlap(self, other: Box) -> float:
        """The area that both cover."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.top, other.top) - max(self.bottom, other.bottom)
        return width * height if width > 0 and height > 0 else 0.0

    def outside(self, frame: Box) -> float:
        """The area of it that `frame` does not cover."""
        return (self.right - self.left) * (self.top - self.bottom) - self.overlap(frame)


@dataclass(slots=True)
class Labels:
    """The room for labels: a frame to stay in, what is taken, and lines that are better not covered."""

    frame: Box
    taken: list[Box] = field(default_factory=list)
    soft: list[Box] = field(default_factory=list)

    def keep(self, places: Iterable[tuple[float, float]], radius: float) -> None:
        """Let no label cover these places, as far as that can be."""
        self.taken += [Box(x - radius, y - radius, x + radius, y + radius) for x, y in places]

    def avoid(self, places: Iterable[tuple[float, float]], radius: float) -> None:
        """Cover these places where there is nothing better."""
        self.soft += [Box(x - radius, y - radius, x + radius, y + radius) for x, y in places]

    def place(self, candidates: Sequence[Box]) -> Box:
        """The first of `candidates` that costs least, which from now on is taken."""
        best = min(candidates, key=self._cost)
        self.taken.append(best)
        return best

    def _cost(self, box: Box) -> float:
        hard = sum(box.overlap(b) for b in self.taken) + box.outside(self.frame)
        return round(20 * hard + sum(box.overlap(b) for b in self.soft), 3)


def around(x: float, y: float, width: float, height: float, *, sides: str, away: float = 9) -> list[Box]:
    """Boxes of `width` by `height` beside the point (x, y), in the order of `sides`, then the same further off.

    Sides are hours on a clock, with two diagonals: ``"10.5 9 11"`` is all above and all to the left, to the left, above
    and a little to the left.
    """
    boxes = []
    for further in (0.0, 12.0, 26.0, 42.0, 60.0):
        for hour in sides.split():
            dx, dy = _HOURS[hour]
            reach = away + further
            left = x + dx * reach - width * (1 - dx) / 2
            bottom = y + dy * reach - height * (1 - dy) / 2
            boxes.append(Box(left, bottom, left + width, bottom + height))
    return boxes


_HOURS = {
    "12": (0.0, 1.0), "1": (0.5, 1.0), "2": (1.0, 0.5), "3": (1.0, 0.0), "4": (1.0, -0.5), "5": (0.5, -1.0),
    "6": (0.0, -1.0), "7": (-0.5, -1.0), "8": (-1.0, -0.5), "9": (-1.0, 0.0), "10": (-1.0, 0.5), "11": (-0.5, 1.0),
    "10.5": (-1.0, 1.0), "4.5": (1.0, -1.0),
}  # fmt: skip
