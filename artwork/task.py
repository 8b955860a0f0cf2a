"""What a worker does for pictures: a run of tiles, looked at and judged; one still in full size. Does I/O."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from artwork.frames import BORDER, open_reader
from artwork.look import picture_of
from artwork.pick import Candidate
from artwork.plan import Moment, View
from artwork.score import Pixels, mark, sketch
from artwork.sheet import still_jpeg


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile of a sheet: its RGB rows, and the picture as a candidate for artwork."""

    rows: bytes = field(repr=False)
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class Tiles:
    """The tiles of a run in order, None where nothing decodes, and the CPU seconds they took."""

    tiles: tuple[Tile | None, ...]
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Still:
    """One picture as JPEG, `width` x `height` pixels, as a candidate; and the CPU seconds it took."""

    candidate: Candidate
    width: int
    height: int
    jpeg: bytes = field(repr=False)
    cpu_s: float


@dataclass(frozen=True, slots=True)
class ThumbJob:
    """The task of some tiles that follow one another: these moments of the master at `location`, as `view` shows."""

    master_name: str
    location: str
    moments: tuple[Moment, ...] = field(repr=False)
    view: View

    @property
    def where(self) -> str:
        first, last = self.moments[0].at_ms, self.moments[-1].at_ms
        return f"thumbnails of {self.master_name} ({first // 1000} to {last // 1000} s)"

    @property
    def cost(self) -> float:
        return float(len(self.moments))

    def run(self) -> Tiles:
        """Decode, look and judge. Raises MasterRefused where the master can't be opened."""
        begun = time.process_time()
        tiles = tuple(
            Tile(pixels.tobytes(), Candidate(moment.at_ms, mark(pixels).score, sketch(pixels)))
            if pixels is not None
            else None
            for moment, pixels in _pictures(self.location, self.moments, self.view, self.where)
        )
        return Tiles(tiles, time.process_time() - begun)


@dataclass(frozen=True, slots=True)
class StillJob:
    """The task of one still: the best of these moments, which lie close together."""

    master_name: str
    location: str
    moments: tuple[Moment, ...] = field(repr=False)
    view: View

    @property
    def where(self) -> str:
        return f"artwork of {self.master_name} ({self.moments[0].at_ms // 1000} s)"

    @property
    def cost(self) -> float:
        return float(len(self.moments))

    def run(self) -> Still | None:
        """The still, None where nothing decodes. Raises MasterRefused where the master can't be opened."""
        begun = time.process_time()
        best: tuple[Candidate, Pixels] | None = None
        for moment, pixels in _pictures(self.location, self.moments, self.view, self.where):
            if pixels is None:
                continue
            score = mark(pixels).score
            if best is None or score > best[0].score:
                best = Candidate(moment.at_ms, score, sketch(pixels)), pixels
        if best is None:
            return None
        candidate, pixels = best
        height, width, _ = pixels.shape
        return Still(candidate, width, height, still_jpeg(pixels), time.process_time() - begun)


def _pictures(
    location: str, moments: Sequence[Moment], view: View, where: str
) -> Iterator[tuple[Moment, Pixels | None]]:
    border = 0 if view.picture.scan == "progressive" else BORDER
    with open_reader(location, view.picture.stream, where=where) as reader:
        for moment in moments:
            found = reader.find(moment, border=border)
            yield moment, picture_of(found.around, found.frame, view) if found else None
