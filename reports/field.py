"""One codec's part of a search, as its plot and its tables need it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from onboarding.search import Search
from optimizer.curves import Curve
from optimizer.pick import Choice
from optimizer.points import Point
from reports.fixed import Rival
from reports.svg import series_colours


@dataclass(frozen=True, slots=True)
class Field:
    """What one codec's plot shows: its named rungs, and the fixed ladders to compare."""

    search: Search
    codec: str
    rivals: tuple[Rival, ...] = ()

    @property
    def curves(self) -> list[Curve]:
        return [c for c in self.search.curves if c.codec == self.codec]

    @property
    def points(self) -> list[Point]:
        return [p for p in self.search.points if p.codec == self.codec]

    @property
    def rungs(self) -> list[tuple[str, Choice]]:
        """Names and choices, lowest first."""
        both = zip(self.search.ladder.rungs, self.search.choices, strict=True)
        return [(rung.name, choice) for rung, choice in both if choice.point.codec == self.codec]

    def short(self, name: str) -> str:
        """A rung's name without the codec before it, which the plot says already."""
        return name.removeprefix(f"{self.codec}-")

    @property
    def hull(self) -> tuple[Point, ...]:
        return self.search.hull(self.codec)

    @property
    def landmarks(self) -> list[Point]:
        """What no plot may leave out: the rungs, the fixed ones, and where each size's curve ends at its best."""
        fixed = [p for r in self.rivals for p in r.points]
        return [*(c.point for _, c in self.rungs), *fixed, *(c.at(c.low) for c in self.curves)]

    @property
    def colours(self) -> dict[tuple[int, int], str]:
        """A colour for each size that was tried, warm for the smallest."""
        sizes = [c.size for c in sorted(self.curves, key=lambda c: c.width * c.height)]
        return dict(zip(sizes, series_colours(len(sizes)), strict=True))
