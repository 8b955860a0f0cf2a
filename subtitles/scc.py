"""Scenarist closed captions (SCC): a text file of CEA-608 pairs with time codes. Pure.

Each pair takes one frame, so a line's last pairs act later than its time code says. Time codes count 29.97 frames a
second: with drop frames where a semicolon says so.
"""

from __future__ import annotations

import re
from fractions import Fraction

from subtitles.cea608 import Pair, decode_608
from subtitles.cue import BadSubtitles, Cue, Subtitles, to_ms
from subtitles.markup import colour_styles
from subtitles.shows import show_cues
from subtitles.ttml_time import Clock, read_time

_RATE = Fraction(30_000, 1001)
_LINE = re.compile(r"(\d{2}:\d{2}:\d{2})([:;.,])(\d{2})\s+((?:[0-9a-fA-F]{4}\s*)+)")
_CLOCK = Clock(30, Fraction(1000, 1001), smpte=True)
_DROP = Clock(30, Fraction(1000, 1001), smpte=True, drop=True)
_LAST_MS = 5000  # what is on screen at the end stays so long


def read_scc(text: str, *, where: str) -> Subtitles:
    """The captions of channel CC1. Raises BadSubtitles with the line that is none."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    pairs: list[Pair] = []
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        found = _LINE.fullmatch(line.strip())
        if not found:
            raise BadSubtitles(
                f"{line.strip()[:60]!r} is no caption line",
                where=f"{where}, line {number}",
                hint="Lines are a time code and groups of four hex digits: 00:00:01:00 9420 9420.",
            )
        start = read_time(f"{found[1]}:{found[3]}", _DROP if found[2] in ";," else _CLOCK)
        for n, word in enumerate(found[4].split()):
            pairs.append(Pair(to_ms(start + n / _RATE), int(word[:2], 16), int(word[2:], 16)))
    pairs.sort(key=lambda p: p.at_ms)
    end = pairs[-1].at_ms + _LAST_MS if pairs else 0
    cues: list[Cue] = show_cues(decode_608(pairs, field=1, stop_ms=end).get(1, []))
    return Subtitles(tuple(cues), colour_styles(c.text for c in cues))
