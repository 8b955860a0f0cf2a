"""What a caption decoder's screen showed, and when: from a screen that changes to still ones. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from subtitles.cue import Cue
from subtitles.markup import Run, payload
from subtitles.webvtt_settings import LINE_HEIGHT, percent

PAUSE_MS = 500
"""Text that is typed on the visible screen is one state until the typing pauses this long."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of text at a place: `left` edge, `centre` or `right` edge at `x`, upper edge at `top`, percent of the
    picture's width and height. `align` is left, center or right."""

    align: str
    x: Fraction
    top: Fraction
    runs: tuple[Run, ...]


Screen = tuple[Block, ...]
"""Everything that can be read at one time; empty if nothing."""


@dataclass(frozen=True, slots=True)
class Show:
    """A screen shown during ``[start_ms, stop_ms)``."""

    start_ms: int
    stop_ms: int
    screen: Screen


class Recorder:
    """Notes what a screen shows. A decoder calls it *before* each change that can be seen."""

    def __init__(self, screen: Callable[[], Screen]) -> None:
        self.shows: list[Show] = []
        self._screen = screen
        self._since = 0
        self._typed_at = 0
        self._fresh = True

    def typed(self, now_ms: int) -> None:
        """A character is about to be written where it can be seen."""
        if now_ms - self._typed_at >= PAUSE_MS:
            self.cut(now_ms)
        if self._fresh and not self._screen():
            self._since = now_ms
        self._fresh = False
        self._typed_at = now_ms

    def cut(self, now_ms: int) -> None:
        """The screen is about to become another one: text comes, goes or moves at once."""
        screen = self._screen() if now_ms > self._since else ()
        if screen:
            last = self.shows[-1] if self.shows else None
            if last and last.screen == screen and last.stop_ms == self._since:
                self.shows[-1] = replace(last, stop_ms=now_ms)
            else:
                self.shows.append(Show(self._since, now_ms, screen))
        self._since = self._typed_at = now_ms
        self._fresh = True


def show_cues(shows: list[Show]) -> list[Cue]:
    """A cue for each block of each screen; blocks that stay where they are while others come and go last on."""
    open_cues: dict[tuple[str, str], Cue] = {}
    out: list[Cue] = []
    for show in shows:
        found: dict[tuple[str, str], Cue] = {}
        for block in show.screen:
            text = payload(block.runs)
            key = (text, _settings(block))
            before = open_cues.get(key)
            start = before.start_ms if before and before.stop_ms == show.start_ms else show.start_ms
            if text:
                found[key] = Cue(start, show.stop_ms, *key)
        out += [c for key, c in open_cues.items() if key not in found or found[key].start_ms != c.start_ms]
        open_cues = found
    out += open_cues.values()
    return sorted(out, key=lambda c: c.start_ms)


def _settings(block: Block) -> str:
    position = f"position:{percent(block.x)}" if block.align != "center" or block.x != 50 else ""
    top = min(block.top, 100 - LINE_HEIGHT)
    return " ".join(word for word in (f"line:{percent(top)}", position, f"align:{block.align}") if word)
