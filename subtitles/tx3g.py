"""3GPP timed text, which MP4 calls tx3g and ffmpeg mov_text (3GPP TS 26.245 section 5). Pure.

Styles come as ranges of characters. Boxes, scrolling, highlights, karaoke and links are lost.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from subtitles.colours import WHITE
from subtitles.cue import Cue, Subtitles, check_count
from subtitles.markup import Run, colour_styles, payload
from subtitles.webvtt_settings import placed

_ENTRY_BYTES = 30  # display flags, justification, background, default box, default style
_STYLE = struct.Struct(">HHHBB3Bx")
_BOLD, _ITALIC, _UNDERLINE = 1, 2, 4
_LEFT, _RIGHT = 0, -1
_EDGE = Fraction(5)
_ALL_FORCED = 0x80000000


@dataclass(frozen=True, slots=True)
class _Styled:
    """A style for characters ``[start, stop)``."""

    start: int
    stop: int
    run: Run


def read_tx3g(entry: bytes, samples: Iterable[tuple[int, int, bytes]], *, where: str) -> Subtitles:
    """The cues of a track. `entry` is what the sample entry says (ffmpeg's extradata), a sample has start and stop in
    ms and bytes; one without text is a pause. Styles that don't fit their text are left out."""
    default, settings = _entry(entry)
    cues = []
    for start, stop, data in samples:
        text = payload(_runs(data, default))
        if text:
            cues.append(Cue(start, stop, text, settings))
            check_count(len(cues), where)
    return Subtitles(tuple(cues), colour_styles(c.text for c in cues))


def all_forced(entry: bytes) -> bool:
    """Whether the sample entry says that all samples are to be shown to everyone (a QuickTime display flag)."""
    return len(entry) >= 4 and bool(int.from_bytes(entry[:4], "big") & _ALL_FORCED)


def _entry(entry: bytes) -> tuple[Run, str]:
    """The default style, and the settings that the justification asks for."""
    if len(entry) < _ENTRY_BYTES:
        return Run(""), ""
    justification = struct.unpack_from("b", entry, 4)[0]
    settings = {_LEFT: placed("left", x=_EDGE), _RIGHT: placed("right", x=100 - _EDGE)}.get(justification, "")
    if settings.startswith("position:5%") and not any(entry[10:18]):
        settings = ""  # an empty box: the entry was filled with zeros, not meant for the left
    return _style(entry, 18).run, settings


def _style(data: bytes, at: int) -> _Styled:
    start, stop, _, face, _, *colour = _STYLE.unpack_from(data, at)
    code = "#" + "".join(f"{c:02x}" for c in colour)
    run = Run("", bool(face & _ITALIC), bool(face & _BOLD), bool(face & _UNDERLINE), "" if code == WHITE else code)
    return _Styled(start, stop, run)


def _runs(data: bytes, default: Run) -> Iterator[Run]:
    """A sample's text in its styles."""
    length = int.from_bytes(data[:2], "big")
    raw = data[2 : 2 + length]
    if raw[:2] in (b"\xfe\xff", b"\xff\xfe"):
        text = raw.decode("utf-16", errors="replace")
    else:
        text = raw.decode("utf-8", errors="replace")
    at = 0
    for styled in sorted(_styles(data[2 + length :]), key=lambda s: s.start):
        if at <= styled.start < styled.stop <= len(text):
            yield replace(default, text=text[at : styled.start])
            yield replace(styled.run, text=text[styled.start : styled.stop])
            at = styled.stop
    yield replace(default, text=text[at:])


def _styles(boxes: bytes) -> Iterator[_Styled]:
    """The records of all style boxes behind a sample's text; damaged boxes end the walk."""
    at = 0
    while at + 10 <= len(boxes):
        size, kind = int.from_bytes(boxes[at : at + 4], "big"), boxes[at + 4 : at + 8]
        if size < 8 or at + size > len(boxes):
            return
        if kind == b"styl":
            count = int.from_bytes(boxes[at + 8 : at + 10], "big")
            for n in range(min(count, (size - 10) // _STYLE.size)):
                yield _style(boxes, at + 10 + n * _STYLE.size)
        at += size
