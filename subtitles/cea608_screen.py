"""The memory of a CEA-608 decoder, 15 rows of 32 cells, and what it looks like on the picture. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from subtitles.markup import Run
from subtitles.shows import Block, Screen

ROWS, COLUMNS = 15, 32
_SAFE = Fraction(10)  # percent: rows and columns divide the 80 % of the picture that every screen shows
_ROW_HEIGHT = Fraction(80, ROWS)
_COLUMN_WIDTH = Fraction(80, COLUMNS)


@dataclass(frozen=True, slots=True)
class Cell:
    """A character and its style (a run without text)."""

    character: str
    style: Run


class Memory:
    """Cells by row and column; None is transparent."""

    def __init__(self) -> None:
        self.rows: list[list[Cell | None]] = [[None] * COLUMNS for _ in range(ROWS)]

    def put(self, row: int, column: int, cell: Cell | None) -> None:
        self.rows[row][column] = cell

    def moved(self, base: int, to: int, depth: int) -> Memory:
        """Only the `depth` rows that end at `base`, now ending at `to`."""
        out = Memory()
        for n in range(min(depth, base + 1, to + 1)):
            out.rows[to - n] = list(self.rows[base - n])
        return out

    def rolled(self, base: int, depth: int) -> Memory:
        """The rows above `base` moved up by one, `depth` rows in all, the last one empty."""
        out = Memory()
        for n in range(1, min(depth, base + 1)):
            out.rows[base - n] = list(self.rows[base - n + 1])
        return out


@dataclass(frozen=True, slots=True)
class _Line:
    """A row with text: its first and last column that show something."""

    row: int
    left: int
    right: int
    runs: tuple[Run, ...]

    @property
    def twice_centre(self) -> int:
        return self.left + self.right + 1


def screen_of(memory: Memory) -> Screen:
    """The lines of a memory as blocks: lines one below the other belong together if they begin in one column or have
    one centre."""
    groups: list[list[_Line]] = []
    for line in filter(None, (_line(n, cells) for n, cells in enumerate(memory.rows))):
        if (
            groups
            and groups[-1][-1].row == line.row - 1
            and (_left([*groups[-1], line]) or _centred([*groups[-1], line]))
        ):
            groups[-1].append(line)
        else:
            groups.append([line])
    return tuple(_block(group) for group in groups)


def _line(row: int, cells: list[Cell | None]) -> _Line | None:
    filled = [n for n, c in enumerate(cells) if c and c.character.strip(" \u00a0")]
    if not filled:
        return None
    runs: list[Run] = []
    for cell in cells[filled[0] : filled[-1] + 1]:
        style, character = (cell.style, cell.character) if cell else (Run(""), " ")
        if runs and (replace(runs[-1], text="") == style or (character == " " and not runs[-1].underline)):
            runs[-1] = replace(runs[-1], text=runs[-1].text + character)
        else:
            runs.append(replace(style, text=character))
    return _Line(row, filled[0], filled[-1], tuple(runs))


def _left(lines: list[_Line]) -> bool:
    return max(x.left for x in lines) - min(x.left for x in lines) <= 1


def _centred(lines: list[_Line]) -> bool:
    return max(x.twice_centre for x in lines) - min(x.twice_centre for x in lines) <= 2


def _block(lines: list[_Line]) -> Block:
    """Lines that are centred in the picture are centred; other ones begin where they did."""
    runs = tuple(run for n, line in enumerate(lines) for run in ((Run("\n"),) if n else ()) + line.runs)
    top = _SAFE + lines[0].row * _ROW_HEIGHT
    middle = abs(lines[0].twice_centre - COLUMNS) <= 2
    if _centred(lines) and (middle or not _left(lines)):
        x = Fraction(50) if middle else _SAFE + Fraction(lines[0].twice_centre, 2) * _COLUMN_WIDTH
        return Block("center", x, top, runs)
    return Block("left", _SAFE + min(x.left for x in lines) * _COLUMN_WIDTH, top, runs)
