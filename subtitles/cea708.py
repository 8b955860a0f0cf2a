"""A CEA-708 decoder: packets from a picture's data, services from packets, screens from services (CTA-708-E). Pure.

Windows with their place, justification and visibility, pens with colour, italics and underline. Fonts, sizes, borders,
effects, and delays that a service asks for are passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from subtitles.cea708_codes import g0, g1, g2, g3, length
from subtitles.cea708_window import Window, define, justified
from subtitles.colours import WHITE
from subtitles.shows import Recorder, Screen, Show

_LEVELS = (0, 85, 170, 255)
_LONGEST = 128


@dataclass(frozen=True, slots=True)
class Piece:
    """Two bytes of the caption channel, whether they begin a packet, and when they came."""

    at_ms: int
    begins: bool
    first: int
    second: int


def decode_708(pieces: Iterable[Piece], *, stop_ms: int) -> dict[int, list[Show]]:
    """What each service showed, by number (1 is the main one), only those with text.

    `pieces` are in order of time; what is on screen at the end stays until `stop_ms`.
    """
    services: dict[int, _Service] = {}
    for at_ms, packet in _packets(pieces):
        for number, block in _blocks(packet):
            services.setdefault(number, _Service()).feed(at_ms, block)
    for service in services.values():
        service.recorder.cut(stop_ms)
    return {n: s.recorder.shows for n, s in sorted(services.items()) if s.recorder.shows}


def _packets(pieces: Iterable[Piece]) -> Iterator[tuple[int, bytes]]:
    """Whole packets without their header (section 5), each with the time of its last bytes."""
    packet = bytearray()
    size = 0
    for piece in pieces:
        if piece.begins:
            packet = bytearray()
            size = (piece.first & 0x3F) * 2 or _LONGEST
        elif not size:
            continue  # a packet whose beginning was lost
        packet += bytes((piece.first, piece.second))
        if len(packet) >= size:
            yield piece.at_ms, bytes(packet[1:size])
            size = 0


def _blocks(packet: bytes) -> Iterator[tuple[int, bytes]]:
    """The service blocks of a packet (section 6.2): service number and data."""
    at = 0
    while at < len(packet):
        number, size = packet[at] >> 5, packet[at] & 0x1F
        at += 1
        if number == 7 and at < len(packet):
            number = packet[at] & 0x3F
            at += 1
        if number == 0 or size == 0:
            return
        yield number, packet[at : at + size]
        at += size


class _Service:
    """The windows of one service, and what is left of a code that its block cut."""

    def __init__(self) -> None:
        self.windows: dict[int, Window] = {}
        self.current = 0
        self.rest = b""
        self.recorder = Recorder(self._screen)

    def feed(self, now: int, block: bytes) -> None:
        data = self.rest + block
        at = 0
        while at < len(data):
            size = length(data, at)
            if at + size > len(data):
                break
            self._code(now, data[at : at + size])
            at += size
        self.rest = data[at:]

    def _screen(self) -> Screen:
        blocks = (w.block() for _, w in sorted(self.windows.items()) if w.visible)
        return tuple(b for b in blocks if b)

    def _code(self, now: int, code: bytes) -> None:
        first = code[0]
        if first == 0x10:
            self._extended(now, code)
        elif first == 0x18:
            self._write(now, chr(code[1] << 8 | code[2]))
        elif first < 0x20:
            self._control(now, first)
        elif first < 0x80:
            self._write(now, g0(first))
        elif first < 0x88:
            self.current = first - 0x80
        elif first < 0x90:
            self._windows(now, code)
        elif first >= 0xA0:
            self._write(now, g1(first))
        elif first >= 0x98:
            self._define(now, first - 0x98, code[1:])
        else:
            self._attributes(now, code)

    def _extended(self, now: int, code: bytes) -> None:
        if 0x20 <= code[1] < 0x80:
            self._write(now, g2(code[1]))
        elif code[1] >= 0xA0:
            self._write(now, g3(code[1]))

    def _write(self, now: int, character: str) -> None:
        window = self.windows.get(self.current)
        if window is None or "\ud800" <= character <= "\udfff":
            return
        if window.visible:
            self.recorder.typed(now)
        window.write(character)

    def _control(self, now: int, code: int) -> None:
        window = self.windows.get(self.current)
        if window is None or code not in (0x08, 0x0C, 0x0D, 0x0E):
            return
        if window.visible:
            (self.recorder.typed if code == 0x08 else self.recorder.cut)(now)
        if code == 0x08:
            window.back()
        elif code == 0x0C:
            window.clear()
            window.home()
        elif code == 0x0D:
            window.next_row()
        else:
            window.clear_row()

    def _windows(self, now: int, code: bytes) -> None:
        """Clear, show, hide, toggle or delete several windows (section 8.10.5)."""
        kind = code[0]
        if kind == 0x8F:  # reset
            self.recorder.cut(now)
            self.windows.clear()
        if kind > 0x8C:  # delays
            return
        self.recorder.cut(now)
        for number, window in list(self.windows.items()):
            if not code[1] >> number & 1:
                continue
            if kind == 0x88:
                window.clear()
            elif kind == 0x8C:
                del self.windows[number]
            else:
                window.visible = {0x89: True, 0x8A: False}.get(kind, not window.visible)

    def _define(self, now: int, number: int, data: bytes) -> None:
        before = self.windows.get(number)
        window = define(data, before)
        if before != window:
            self.recorder.cut(now)
        self.windows[number] = window
        self.current = number

    def _attributes(self, now: int, code: bytes) -> None:
        window = self.windows.get(self.current)
        if window is None:
            return
        if code[0] == 0x90:  # pen
            window.style = replace(window.style, italic=bool(code[2] & 0x80), underline=bool(code[2] & 0x40))
        elif code[0] == 0x91:  # pen colour
            colour = _colour(code[1])
            window.style = replace(window.style, colour="" if colour == WHITE else colour)
        elif code[0] == 0x92:  # pen location
            window.row, window.column = code[1] & 0xF, code[2] & 0x3F
        elif code[0] == 0x97:
            if window.visible and window.justify != justified(code[3]):
                self.recorder.cut(now)
            window.justify = justified(code[3])


def _colour(byte: int) -> str:
    return "#" + "".join(f"{_LEVELS[byte >> shift & 3]:02x}" for shift in (4, 2, 0))
