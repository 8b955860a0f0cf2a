"""ASS and SSA (Advanced SubStation Alpha): scripts, and the events of streams. Pure.

WebVTT can carry italics, bold, underline, colours, alignment and a fixed position. Fonts, sizes, outlines, motion,
rotation, karaoke timing and drawings are lost. Source: the tag reference of Aegisub and libass.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from subtitles.ass_place import CANVAS, Canvas, alignment_settings, position_settings
from subtitles.colours import WHITE, ass_colour
from subtitles.cue import BadSubtitles, Cue, Subtitles, check_count
from subtitles.markup import PLAIN, Run, colour_styles, payload, switched

_TIME = re.compile(r"\s*(-?)(\d{1,4}):(\d{1,2}):(\d{1,2})(?:[.,:](\d{1,3}))?\s*")
_BLOCK = re.compile(r"\{([^{}]*)\}")
_WORD = re.compile(
    r"\\(an\d|a\d{1,2}|pos\([^()]*\)|move\([^()]*\)|1?c(?:&?H?[0-9a-fA-F]{1,8}&?)?|p\d+|r[^\\]*|[ibu]\d{0,3})(?=[\\\s)]|$)"
)
_SSA_ALIGNMENT = {1: 1, 2: 2, 3: 3, 5: 7, 6: 8, 7: 9, 9: 4, 10: 5, 11: 6}
_STREAM_FORMAT = ("readorder", "layer", "style", "name", "marginl", "marginr", "marginv", "effect", "text")
_STYLE_FORMAT = (
    "name", "fontname", "fontsize", "primarycolour", "secondarycolour", "outlinecolour", "backcolour", "bold",
    "italic", "underline", "strikeout", "scalex", "scaley", "spacing", "angle", "borderstyle", "outline", "shadow",
    "alignment", "marginl", "marginr", "marginv", "encoding",
)  # fmt: skip
_EVENT_FORMAT = ("layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text")
_HINT = "A dialogue line is written like Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,Text. Correct the line."


@dataclass(frozen=True, slots=True)
class Style:
    """One style of a script. Margins in units of the script's canvas."""

    run: Run = PLAIN
    alignment: int = 2
    margin_left: int = 10
    margin_right: int = 10


@dataclass(frozen=True, slots=True)
class Script:
    """What a script says before its events."""

    canvas: Canvas = CANVAS
    styles: Mapping[str, Style] = field(default_factory=dict)

    def style(self, name: str) -> Style:
        found = self.styles.get(name.strip().lstrip("*").casefold())
        return found or self.styles.get("default") or Style()


def read_ass(text: str, *, where: str) -> Subtitles:
    """Parse a script with its events. Raises BadSubtitles with the line of a broken event."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    script = read_script(lines)
    cues: list[Cue] = []
    columns: Sequence[str] = _EVENT_FORMAT
    section = ""
    drawings = 0
    for number, line in enumerate(lines, 1):
        key, colon, rest = line.partition(":")
        if line.startswith("["):
            section = line.strip().lower()
        elif not colon or section != "[events]":
            continue
        elif key.strip().lower() == "format":
            columns = _columns(rest)
        elif key.strip().lower() == "dialogue":
            row = _row(columns, rest)
            start, stop = _ms(row.get("start", "")), _ms(row.get("end", ""))
            if start is None or stop is None or "text" not in row:
                raise BadSubtitles(f"{line[:60]!r} is no event", where=f"{where}, line {number}", hint=_HINT)
            cue, drawn = _event(script, row, start, stop)
            drawings += drawn
            cues.append(cue)
            check_count(len(cues), where)
    if not cues and "[events]" not in text.lower():
        raise BadSubtitles("the script has no [Events]", where=f"{where}, line {len(lines)}", hint=_HINT)
    return Subtitles(tuple(cues), colour_styles(c.text for c in cues), _notes(drawings))


def read_ass_stream(header: str, events: Iterable[tuple[int, int, str]], *, where: str) -> Subtitles:
    """The events of a stream: start and stop in ms and the packet's text, as Matroska stores it; `header` the script
    without events."""
    script = read_script(header.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    cues, drawings = [], 0
    for start, stop, text in events:
        row = _row(_STREAM_FORMAT, text)
        if "text" not in row:
            raise BadSubtitles(
                f"{text[:60]!r} is no event", where=where, hint="The track is damaged. Give it as a file instead."
            )
        cue, drawn = _event(script, row, start, stop)
        drawings += drawn
        cues.append(cue)
        check_count(len(cues), where)
    return Subtitles(tuple(cues), colour_styles(c.text for c in cues), _notes(drawings))


def read_script(lines: Iterable[str]) -> Script:
    """The canvas and the styles of a script; what is damaged is left at its default."""
    size = {"playresx": 0, "playresy": 0}
    styles: dict[str, Style] = {}
    columns: Sequence[str] = _STYLE_FORMAT
    section = ""
    for line in lines:
        key, colon, rest = line.partition(":")
        name = key.strip().lower()
        if line.startswith("["):
            section = line.strip().lower()
        elif section == "[script info]" and name in size and rest.strip().isdigit():
            size[name] = int(rest)
        elif "styles]" in section and name == "format":
            columns = _columns(rest)
        elif "styles]" in section and name == "style" and colon:
            row = _row(columns, rest)
            styles[row.get("name", "").strip().lstrip("*").casefold()] = _style(row, old="v4+" not in section)
    width, height = size["playresx"], size["playresy"]
    canvas = Canvas(width or (height * 4 // 3) or 384, height or (width * 3 // 4) or 288)
    return Script(canvas, styles)


def _columns(text: str) -> tuple[str, ...]:
    return tuple(c.strip().lower() for c in text.split(","))


def _row(columns: Sequence[str], text: str) -> dict[str, str]:
    return dict(zip(columns, text.split(",", len(columns) - 1), strict=False))


def _style(row: Mapping[str, str], *, old: bool) -> Style:
    alignment = _int(row.get("alignment"), 2)
    alignment = _SSA_ALIGNMENT.get(alignment, 2) if old else alignment
    run = Run(
        "",
        italic=_int(row.get("italic"), 0) != 0,
        bold=_int(row.get("bold"), 0) != 0,
        underline=_int(row.get("underline"), 0) != 0,
        colour=_shown(ass_colour(row.get("primarycolour", ""))),
    )
    margins = _int(row.get("marginl"), 10), _int(row.get("marginr"), 10)
    return Style(run, alignment if 1 <= alignment <= 9 else 2, *margins)


def _int(text: str | None, default: int) -> int:
    word = (text or "").strip()
    return int(word) if re.fullmatch(r"-?\d{1,9}", word) else default


def _shown(colour: str) -> str:
    return "" if colour == WHITE else colour


def _ms(text: str) -> int | None:
    found = _TIME.fullmatch(text)
    if not found:
        return None
    whole = int(found[2]) * 3600 + int(found[3]) * 60 + int(found[4])
    part = Fraction(int(found[5]), 10 ** len(found[5])) if found[5] else Fraction(0)
    return int((whole + part) * 1000) * (-1 if found[1] else 1)


def _event(script: Script, row: Mapping[str, str], start: int, stop: int) -> tuple[Cue, bool]:
    """An event as a cue; and whether it holds a drawing, which is left out."""
    style = script.style(row.get("style", ""))
    text = _Text(script, style)
    at = 0
    source = row["text"]
    for found in _BLOCK.finditer(source):
        text.add(source[at : found.start()])
        text.override(found[1])
        at = found.end()
    text.add(source[at:])
    shown = payload(text.runs)
    lines = shown.count("\n") + 1
    if text.position:
        settings = position_settings(text.alignment, lines, *text.position, script.canvas)
    else:
        left = _int(row.get("marginl"), 0) or style.margin_left
        right = _int(row.get("marginr"), 0) or style.margin_right
        width = script.canvas.width
        settings = alignment_settings(
            text.alignment, lines, left=Fraction(100 * left, width), right=Fraction(100 * right, width)
        )
    return Cue(start, stop, shown, settings), text.drawn


class _Text:
    """An event's text as it is read: runs so far, and the state that override tags have left."""

    def __init__(self, script: Script, style: Style) -> None:
        self.script = script
        self.style = style
        self.run = style.run
        self.alignment = style.alignment
        self.aligned = False
        self.position: tuple[Fraction, Fraction] | None = None
        self.drawing = False
        self.drawn = False
        self.runs: list[Run] = []

    def add(self, text: str) -> None:
        if self.drawing:
            self.drawn = self.drawn or bool(text.strip())
        elif text:
            plain = text.replace("\\N", "\n").replace("\\n", " ").replace("\\h", "\u00a0")
            self.runs.append(replace(self.run, text=plain))

    def override(self, tags: str) -> None:
        outside = re.sub(r"\\t\((?:[^()]|\([^()]*\))*\)", "", tags)  # what is animated starts from what it was
        for found in _WORD.finditer(outside):
            self._word(found[1])

    def _word(self, word: str) -> None:
        name, value = word[:1], word[1:]
        if word.startswith("an"):
            self._align(int(word[2:]))
        elif word.startswith(("pos", "move")):
            self.position = self.position or _point(word)
        elif name == "a":
            self._align(_SSA_ALIGNMENT.get(int(value), 0))
        elif name == "p":
            self.drawing = value.strip("0") != ""
        elif name == "r":
            self.run = self.script.style(value).run if value.strip() else self.style.run
        elif name in "ibu":
            default = {"i": self.style.run.italic, "b": self.style.run.bold, "u": self.style.run.underline}[name]
            on = _on(name, value) if value else default
            self.run = switched(self.run, name, on)
        else:
            code = word.removeprefix("1")[1:]
            self.run = replace(self.run, colour=_shown(ass_colour(code)) if code else self.style.run.colour)

    def _align(self, alignment: int) -> None:
        if not self.aligned and 1 <= alignment <= 9:  # the first one of an event counts
            self.alignment, self.aligned = alignment, True


def _on(name: str, value: str) -> bool:
    """Bold may be a weight: from 600 on it is bold."""
    return int(value) >= 600 if name == "b" and int(value) > 1 else int(value) != 0


def _point(word: str) -> tuple[Fraction, Fraction] | None:
    numbers = re.findall(r"-?\d{1,6}(?:\.\d{1,6})?", word)
    return (Fraction(numbers[0]), Fraction(numbers[1])) if len(numbers) >= 2 else None


def _notes(drawings: int) -> tuple[str, ...]:
    return (f"{drawings} drawing{'s' if drawings > 1 else ''} left out",) if drawings else ()
