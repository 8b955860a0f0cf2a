"""A window of a CEA-708 service, its text and its place on the picture (CTA-708-E section 8). Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction

from subtitles.markup import PLAIN, Run
from subtitles.shows import Block
from subtitles.webvtt_settings import LINE_HEIGHT

_SAFE, _SAFE_SIZE = Fraction(10), Fraction(80)
_GRID_ROWS, _GRID_COLUMNS = 75, 210  # of a 16:9 picture
_CENTRED_STYLES = (3, 6)
_JUSTIFIED = ("left", "right", "center", "left")


@dataclass(slots=True)
class Window:
    """One of eight windows. `anchor` counts 0 to 8, from the upper left to the lower right, row by row; its place is
    in percent of the picture. `cells` hold a character and its style."""

    rows: int
    columns: int
    anchor: int
    x: Fraction
    y: Fraction
    visible: bool
    justify: str = "left"
    style: Run = PLAIN
    row: int = 0
    column: int = 0
    cells: dict[tuple[int, int], Run] = field(default_factory=dict)

    def write(self, character: str) -> None:
        if self.row < self.rows and self.column < self.columns:
            self.cells[self.row, self.column] = replace(self.style, text=character)
        self.column = min(self.column + 1, self.columns)

    def back(self) -> None:
        self.column = max(0, self.column - 1)
        self.cells.pop((self.row, self.column), None)

    def clear(self) -> None:
        self.cells.clear()

    def home(self) -> None:
        self.row = self.column = 0

    def next_row(self) -> None:
        """Down by a row; at the last one everything moves up."""
        self.column = 0
        if self.row + 1 < self.rows:
            self.row += 1
        else:
            self.cells = {(row - 1, column): cell for (row, column), cell in self.cells.items() if row}

    def clear_row(self) -> None:
        self.column = 0
        self.cells = {at: cell for at, cell in self.cells.items() if at[0] != self.row}

    def block(self) -> Block | None:
        """What the window shows; None if nothing can be read."""
        lines = {row: line for row in range(self.rows) if (line := self._line(row))}
        if not lines:
            return None
        first, last = min(lines), max(lines)
        runs = tuple(
            run for row in range(first, last + 1) for run in ((Run("\n"),) if row > first else ()) + lines.get(row, ())
        )
        line_height = min(LINE_HEIGHT, Fraction(80, max(self.rows, 1)))
        top = self.y - line_height * self.rows * Fraction(self.anchor // 3, 2) + first * line_height
        return Block(self.justify, self._edge(), max(top, Fraction(0)), runs)

    def _line(self, row: int) -> tuple[Run, ...]:
        columns = [c for c in range(self.columns) if (row, c) in self.cells]
        if not columns:
            return ()
        return tuple(self.cells.get((row, c), Run(" ")) for c in range(columns[0], columns[-1] + 1))

    def _edge(self) -> Fraction:
        """Where the text is set from: the window's left edge, centre or right edge, as it is justified."""
        width = min(_SAFE_SIZE * self.columns / 42, _SAFE_SIZE)  # 42 columns fill a wide picture
        left = self.x - width * Fraction(self.anchor % 3, 2)
        edge = {"left": left, "right": left + width, "center": left + width / 2}[self.justify]
        return min(max(edge, Fraction(0)), Fraction(100))


def define(data: bytes, before: Window | None) -> Window:
    """The window that six parameters of DefineWindow (section 8.10.5.2) ask for; its text stays if it was there."""
    visible, relative = bool(data[0] & 0x20), bool(data[1] & 0x80)
    vertical, horizontal = data[1] & 0x7F, data[2]
    x = Fraction(horizontal if relative else Fraction(100 * horizontal, _GRID_COLUMNS))
    y = Fraction(vertical if relative else Fraction(100 * vertical, _GRID_ROWS))
    style = data[5] >> 3 & 7
    window = Window(
        rows=(data[3] & 0xF) + 1,
        columns=(data[4] & 0x3F) + 1,
        anchor=min(data[3] >> 4, 8),
        x=_SAFE + min(x, Fraction(100)) * _SAFE_SIZE / 100,
        y=_SAFE + min(y, Fraction(100)) * _SAFE_SIZE / 100,
        visible=visible,
        justify="center" if style in _CENTRED_STYLES else "left",
    )
    if before is None:
        return window
    kept = window if style else replace(window, justify=before.justify)
    return replace(kept, style=before.style, row=before.row, column=before.column, cells=before.cells)


def justified(code: int) -> str:
    """The justification of SetWindowAttributes."""
    return _JUSTIFIED[code & 3]
