"""SubRip (SRT): files as they really come, and their tags. Pure.

There is no standard. Numbers may be wrong or missing, tags are those of HTML and, from some programs, of ASS.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field, replace
from fractions import Fraction

from subtitles.ass_place import alignment_settings
from subtitles.colours import WHITE, css_colour
from subtitles.cue import BadSubtitles, Cue, Subtitles, check_count
from subtitles.markup import PLAIN, Run, colour_styles, payload, switched

_TIME = r"(-?)\s*(?:(\d{1,3})\s*:)?\s*(\d{1,3})\s*:\s*(\d{1,2})(?:\s*[,.:]\s*(\d{1,6}))?"
_TIMING = re.compile(rf"\s*{_TIME}\s*--?>\s*{_TIME}(?:\s.*)?\s*")
_TAG = re.compile(
    r"<(/?)\s*(i|b|u|s|em|strong|font|span|br)\b([^<>]*)>|\{[^{}]*\}|&(?:amp|lt|gt|nbsp|lrm|rlm);", re.IGNORECASE
)
_BRACES = re.compile(r"\{\s*(?:\\[^{}]*|/?[ibu]|[yY]:[^{}]*|[cC]:[^{}]*)\}")
_COLOUR = re.compile(r"color\s*[=:]\s*[\"']?\s*([^\"'\s;>]+)", re.IGNORECASE)
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&nbsp;": "\u00a0", "&lrm;": "\u200e", "&rlm;": "\u200f"}
_SAME = {"em": "i", "strong": "b"}
_HINT = "Times are written like 00:01:02,500 --> 00:01:04,000. Correct the line."


def read_srt(text: str, *, where: str) -> Subtitles:
    """Parse an SRT file. Raises BadSubtitles with the line of what is no time, or where there is nothing to read."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    marks: list[tuple[int, int, int]] = []
    for number, line in enumerate(lines):
        if "->" in line and (found := _TIMING.fullmatch(line)):
            marks.append((number, _ms(found.groups()[:5]), _ms(found.groups()[5:])))
            check_count(len(marks), where)
        elif "-->" in line:
            raise BadSubtitles(f"{line.strip()[:60]!r} are no times", where=f"{where}, line {number + 1}", hint=_HINT)
    if not marks:
        raise BadSubtitles("there is no line with times", where=f"{where}, line 1", hint=_HINT)
    cues = []
    end = (len(lines), 0, 0)
    for (at, start, stop), (after, _, _) in itertools.pairwise([*marks, end]):
        body = lines[at + 1 : after]
        if after < len(lines) and body and body[-1].strip().isdigit():  # the next cue's number
            body.pop()
        cues.append(Cue(start, stop, *srt_text("\n".join(body))))
    return Subtitles(tuple(cues), colour_styles(c.text for c in cues))


def srt_text(text: str) -> tuple[str, str]:
    """One cue's text with SRT's tags, as WebVTT cue text and settings."""
    if not ("<" in text or "{" in text or "&" in text):
        return payload([Run(text)]), ""
    runs: list[Run] = []
    style = _Style()
    at = 0
    settings = ""
    for found in _TAG.finditer(text):
        token = found[0]
        if token[0] == "{" and not _BRACES.fullmatch(token):
            continue  # plain braces
        runs.append(replace(style.run, text=text[at : found.start()]))
        at = found.end()
        if token[0] == "&":
            runs.append(replace(style.run, text=_ENTITIES[token.lower()]))
        elif token[0] == "{":
            settings = style.brace(token) or settings
        elif found[2].lower() == "br":
            runs.append(replace(style.run, text="\n"))
        else:
            style.tag(_SAME.get(found[2].lower(), found[2].lower()), not found[1], found[3])
    runs.append(replace(style.run, text=text[at:]))
    return payload(runs), settings


def _ms(parts: tuple[str | None, ...]) -> int:
    sign, hours, minutes, seconds, fraction = parts
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    part = Fraction(int(fraction), 10 ** len(fraction)) if fraction else Fraction(0)
    return int((whole + part) * 1000) * (-1 if sign else 1)


@dataclass(slots=True)
class _Style:
    """The style at one place of a cue's text; changed as its tags go by. `outer` are the colours around it."""

    run: Run = PLAIN
    outer: list[str] = field(default_factory=list)

    def tag(self, name: str, on: bool, attributes: str) -> None:
        if name in "ibu":
            self.run = switched(self.run, name, on)
        elif name in ("font", "span") and on:
            found = _COLOUR.search(attributes)
            given = css_colour(found[1]) if found else self.run.colour
            self.outer.append(self.run.colour)
            self.run = replace(self.run, colour="" if given == WHITE else given)
        elif self.outer:
            self.run = replace(self.run, colour=self.outer.pop())

    def brace(self, token: str) -> str:
        """Take over an ASS tag; the settings that it asks for."""
        settings = ""
        for word in token[1:-1].strip().lower().split("\\"):
            if found := re.fullmatch(r"/?([ibu])([01]?)", word):
                on = found[2] != "0" and "/" not in word
                self.run = switched(self.run, found[1], on)
            elif found := re.fullmatch(r"an([1-9])", word):
                settings = alignment_settings(int(found[1]), 1)
        return settings
