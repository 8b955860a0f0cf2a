"""Which moments of a film are looked at, and how large: tiles of thumbnail sheets, and stills. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from treatment.picture import Picture

EVERY_MS = 10_000
FEWEST_TILES = 10
FEWEST_LOOKS = 48
"""Artwork is chosen among so many pictures or more, where the film is long enough."""
_NEAREST_LOOKS_MS = 500
COLUMNS = ROWS = 10
TILE_BOX = (256, 108)
"""Width and height in pixels that no tile exceeds: 192 x 108 at 16:9."""
STILL_BOX = (1280, 1280)
LOOKS_A_JOB = 20

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Moment:
    """The film at `at_ms` is the source frame at `source` ticks. `seeks` are source times at which decoding may start
    for it, to be tried in turn: keyframes at or before it, ever earlier; None is the start of the file."""

    at_ms: int
    source: int
    seeks: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class View:
    """How source frames become pictures to look at: the film's `picture`, mirrored left to right where `mirrored`, then
    turned by `turn` degrees counter-clockwise (a multiple of 90), and brought to `size`, width and height in square
    pixels after turning."""

    picture: Picture
    turn: int
    size: Size
    mirrored: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """How tiles lie on sheets: `columns` x `rows` tiles of `width` x `height` pixels, row by row; `count` in all."""

    columns: int
    rows: int
    width: int
    height: int
    count: int

    @property
    def per_sheet(self) -> int:
        return self.columns * self.rows

    @property
    def sheets(self) -> int:
        return -(-self.count // self.per_sheet)

    def place(self, tile: int) -> tuple[int, int, int]:
        """The sheet of tile `tile`, from 0, and the tile's left upper corner on it in pixels."""
        sheet, rest = divmod(tile, self.per_sheet)
        row, column = divmod(rest, self.columns)
        return sheet, column * self.width, row * self.height


def every_ms(duration: Fraction, wanted_ms: int = EVERY_MS) -> int:
    """The step between tiles of a film of `duration` seconds: `wanted_ms`, and for a short film whole seconds that
    give it `FEWEST_TILES` or more, but not less than one second."""
    fair_ms = int(duration / FEWEST_TILES) * 1000
    return max(1000, min(wanted_ms, fair_ms))


def looks_per_tile(duration: Fraction, step_ms: int) -> int:
    """How often a film with a tile every `step_ms` is looked at for each: more than once in a short one."""
    tiles = len(moments_ms(duration, step_ms))
    wanted = min(-(-FEWEST_LOOKS // tiles), step_ms // _NEAREST_LOOKS_MS)
    return next(n for n in range(max(1, wanted), 0, -1) if step_ms % n == 0)


def moments_ms(duration: Fraction, step_ms: int) -> tuple[int, ...]:
    """Times on the film's timeline: each `step_ms` from 0, before its end."""
    count = max(1, -(-int(duration * 1000) // step_ms))
    return tuple(n * step_ms for n in range(count))


def fit(size: Size, box: Size) -> Size:
    """The largest size of `size`'s shape in `box`, both sides even and at least 2; never larger than `size`."""
    width, height = size
    scale = min(Fraction(box[0], width), Fraction(box[1], height), Fraction(1))
    return _even(width * scale), _even(height * scale)


def grid_of(count: int, tile: Size) -> Grid:
    """Sheets for `count` tiles: full ones, or a single one that is no larger than they need."""
    columns = min(COLUMNS, count)
    return Grid(columns, min(ROWS, -(-count // columns)), *tile, count)


def _even(length: Fraction) -> int:
    return max(2, round(length / 2) * 2)
