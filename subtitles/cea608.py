"""A CEA-608 decoder for the two caption channels of one field (CTA-608-E). Pure: bytes in, screens out.

Pop-on, roll-up and paint-on captions with their place, colours, italics and underline. Text mode, XDS and background
colours are passed over. It differs from a television in one thing: what is typed in view appears when typing begins.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from subtitles.cea608_codes import COLOURS, extended, pac_row, special, standard
from subtitles.cea608_screen import COLUMNS, ROWS, Cell, Memory, screen_of
from subtitles.markup import PLAIN
from subtitles.shows import Recorder, Show

_ROLL_ROWS = {0x25: 2, 0x26: 3, 0x27: 4}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two bytes of one field, with parity, and when they came."""

    at_ms: int
    first: int
    second: int


def decode_608(pairs: Iterable[Pair], *, field: int, stop_ms: int) -> dict[int, list[Show]]:
    """What the channels of `field` (1 or 2) showed: CC1 and CC2, or CC3 and CC4, by number, only those with text.

    `pairs` are in order of time; what is on screen at the end stays until `stop_ms`.
    """
    channels = {1: _Channel(), 2: _Channel()}
    current: _Channel | None = None
    last: tuple[int, int] | None = None
    xds = False
    for pair in pairs:
        first, second = _checked(pair.first), _checked(pair.second)
        if not first:  # padding, or a broken byte
            continue
        if first >= 0x20:
            last = None
            if current and not xds:
                current.write(pair.at_ms, standard(first))
                if second is not None and second >= 0x20:
                    current.write(pair.at_ms, standard(second))
        elif first >= 0x10:
            if second is None or second < 0x20:
                continue
            xds = False
            if last == (first, second):  # sent twice for safety
                last = None
                continue
            last = (first, second)
            current = channels[2 if first & 8 else 1]
            current.control(pair.at_ms, first & 0x17, second)
        elif field == 2:
            xds = first != 0x0F
    base = 2 * (field - 1)
    for channel in channels.values():
        channel.recorder.cut(stop_ms)
    return {base + n: c.recorder.shows for n, c in channels.items() if c.recorder.shows}


def _checked(byte: int) -> int | None:
    """The seven bits of a byte; None where its parity is even, which is wrong."""
    return byte & 0x7F if byte.bit_count() & 1 or byte == 0 else None


class _Channel:
    """The two memories of one channel, and where it writes."""

    def __init__(self) -> None:
        self.shown = Memory()
        self.hidden = Memory()
        self.recorder = Recorder(lambda: screen_of(self.shown))
        self.mode = ""  # "pop", "roll", "paint", "text", or '' before the first command
        self.depth = 3
        self.row, self.column = ROWS - 1, 0
        self.style = PLAIN

    def write(self, now: int, character: str) -> None:
        if self.mode in ("", "text"):
            return
        if self.mode != "pop":
            self.recorder.typed(now)
        self._active.put(self.row, self.column, Cell(character, self.style))
        self.column = min(self.column + 1, COLUMNS - 1)

    def control(self, now: int, first: int, second: int) -> None:
        if second >= 0x40:
            self._preamble(now, first, second)
        elif first == 0x11 and second < 0x30:
            self._mid_row(now, second)
        elif first == 0x11:
            self.write(now, special(second))
        elif first in (0x12, 0x13):
            self._back(now)
            self.write(now, extended(first, second))
        elif first in (0x14, 0x15) and second < 0x30:
            self._command(now, second)
        elif first == 0x17 and 0x21 <= second <= 0x23:
            self.column = min(self.column + second - 0x20, COLUMNS - 1)

    @property
    def _active(self) -> Memory:
        return self.hidden if self.mode == "pop" else self.shown

    def _preamble(self, now: int, first: int, second: int) -> None:
        row = pac_row(first, second)
        if row is None or self.mode in ("", "text"):
            return
        if self.mode == "roll" and row != self.row:
            self.recorder.cut(now)
            row = max(row, self.depth - 1)
            self.shown = self.shown.moved(self.row, row, self.depth)
        attribute = second >> 1 & 0xF
        self.row = row
        self.column = 4 * (attribute - 8) if attribute >= 8 else 0
        self.style = replace(
            PLAIN,
            italic=attribute == 7,
            colour=COLOURS[attribute] if attribute < 7 else "",
            underline=bool(second & 1),
        )

    def _mid_row(self, now: int, second: int) -> None:
        attribute = second >> 1 & 7
        underline = bool(second & 1)
        if attribute == 7:  # italics keep the colour
            self.style = replace(self.style, italic=True, underline=underline)
        else:
            self.style = replace(PLAIN, colour=COLOURS[attribute], underline=underline)
        self.write(now, " ")

    def _back(self, now: int) -> None:
        if self.mode in ("", "text") or self.column == 0:
            return
        if self.mode != "pop":
            self.recorder.typed(now)
        full = self.column == COLUMNS - 1 and self._active.rows[self.row][self.column] is not None
        self.column -= 0 if full else 1
        self._active.put(self.row, self.column, None)

    def _command(self, now: int, code: int) -> None:
        if code == 0x20:  # RCL: pop-on
            self.mode = "pop"
        elif code in _ROLL_ROWS:
            self._roll_up(now, _ROLL_ROWS[code])
        elif code == 0x29:  # RDC: paint-on
            self.mode = "paint"
        elif code in (0x2A, 0x2B):  # text mode
            self.mode = "text"
        elif code == 0x2C:  # EDM
            self.recorder.cut(now)
            self.shown = Memory()
        elif code == 0x2E:  # ENM
            self.hidden = Memory()
        elif code == 0x2F:  # EOC: what was written is shown
            self.recorder.cut(now)
            self.shown, self.hidden = self.hidden, self.shown
            self.mode = "pop"
        elif code == 0x21:
            self._back(now)
        elif code == 0x24 and self.mode not in ("", "text"):  # DER: the rest of the row
            if self.mode != "pop":
                self.recorder.cut(now)
            for column in range(self.column, COLUMNS):
                self._active.put(self.row, column, None)
        elif code == 0x2D and self.mode == "roll":
            self.recorder.cut(now)
            self.shown = self.shown.rolled(self.row, self.depth)
            self.column = 0

    def _roll_up(self, now: int, depth: int) -> None:
        if self.mode != "roll":
            self.recorder.cut(now)
            self.shown, self.hidden = Memory(), Memory()
            self.row, self.column = ROWS - 1, 0
            self.style = PLAIN
        elif depth < self.depth:
            self.recorder.cut(now)
            self.shown = self.shown.moved(self.row, self.row, depth)
        self.mode, self.depth = "roll", depth
