"""Interlacing: what frames are flagged as against what their lines show. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from gate.facts import Facts
from gate.finding import Finding, Severity
from gate.limits import Limits
from gate.measures import BOTTOM_FIRST, PROGRESSIVE, TOP_FIRST, UNSURE, Measures, PictureMeasures

_WINDOW = 25  # frames that are judged together
_SURE = 5  # of them that must be clear
_LEAST = 12  # clear frames behind a finding
_CYCLE = 5  # frames of 3:2 pulldown: two of them are made of two pictures' fields
_PULLED = 0.7  # of a pattern's repeated fields that must be there, and of those there that must belong to it

_NAMES = {TOP_FIRST: "top field first", BOTTOM_FIRST: "bottom field first"}


@dataclass(frozen=True, slots=True)
class Stretch:
    """Frames ``[start, stop)`` whose lines look alike: ``combed``, ``clean``, ``telecine`` or ``mixed``."""

    start: int
    stop: int
    look: str


def find_scan(measures: Measures, facts: Facts, limits: Limits) -> Iterator[Finding]:
    """Each stretch in which flags and lines disagree, or that needs deinterlacing."""
    picture = measures.picture
    for s in stretches(picture, limits):
        part = slice(s.start, s.stop)
        lines = [v for v in picture.scan[part] if v != UNSURE]
        flags = [f for f, seen in zip(picture.flag[part], picture.seen[part], strict=True) if seen]
        combed = sum(v != PROGRESSIVE for v in lines)
        if len(lines) < min(_LEAST, facts.frames) or not flags or (s.look == "mixed" and combed < _LEAST):
            continue
        judged = _judged(s.look, lines, flags)
        if judged:
            numbers = {
                "combed_percent": round(100 * combed / len(lines), 1), "clear_frames": len(lines),
                "flagged_percent": round(100 * sum(f != PROGRESSIVE for f in flags) / len(flags), 1),
            }  # fmt: skip
            yield Finding("scan", judged[0], *facts.span(s.start, s.stop), judged[1], numbers)


def _judged(look: str, lines: list[int], flags: list[int]) -> tuple[Severity, str] | None:
    flagged = 2 * sum(f != PROGRESSIVE for f in flags) > len(flags)
    if look == "telecine":
        return "warning", (
            "Two of every five pictures are combed: film at 24 pictures a second in 30 (3:2 pulldown). Restore it "
            "with --deinterlace telecine."
        )
    if look == "clean":
        return (
            (
                "warning",
                "The picture is flagged as interlaced and its lines are not: deinterlacing would soften it. "
                "Onboard with --deinterlace off.",
            )
            if flagged
            else None
        )
    order, most = _order(lines)
    if not flagged:
        part = "is" if look == "combed" else "is in part"
        return "warning", (
            f"The picture {part} interlaced ({_NAMES[order]}) and flagged as progressive: onboard with "
            "--deinterlace field."
        )
    said, _ = _order(flags)
    if said != order and most >= 0.8:
        return "error", (
            f"The fields are flagged as {_NAMES[said]} and are {_NAMES[order]}: motion jerks back and forth. "
            "Export the master with the right field order."
        )
    return "info", f"The picture is interlaced ({_NAMES[order]})."


def _order(values: list[int]) -> tuple[int, float]:
    """Which field of the interlaced ones comes first, and in what share of them."""
    top, bottom = values.count(TOP_FIRST), values.count(BOTTOM_FIRST)
    order = TOP_FIRST if top >= bottom else BOTTOM_FIRST
    return order, max(top, bottom) / max(1, top + bottom)


def stretches(picture: PictureMeasures, limits: Limits) -> list[Stretch]:
    """The film as stretches that look alike, in windows of a second or so.

    A window that shows nothing (little detail, little motion) goes with its neighbours. A film without any clear
    window is judged as one.
    """
    count = len(picture.scan)
    windows = [range(start, min(count, start + _WINDOW)) for start in range(0, count, _WINDOW)]
    looks = [_look(picture, window, limits) for window in windows]
    if not any(looks):
        look = _look(picture, range(count), limits, least=1)
        return [Stretch(0, count, look)] if look else []
    out: list[Stretch] = []
    at = 0
    for look, group in groupby(_filled(looks)):
        stop = min(count, at + _WINDOW * len(list(group)))
        out.append(Stretch(at, stop, look))
        at = stop
    return out


def _look(picture: PictureMeasures, frames: range, limits: Limits, least: int = _SURE) -> str:
    lines = [v for v in picture.scan[frames.start : frames.stop] if v != UNSURE]
    if len(lines) < least:
        return ""
    # Motion up or down may pass for combing, with either order in turn: what is combed keeps to one.
    combed = abs(lines.count(TOP_FIRST) - lines.count(BOTTOM_FIRST)) / len(lines)
    if combed <= limits.clean:
        return "clean"
    if _telecined(picture.again[frames.start : frames.stop]):
        return "telecine"
    return "combed" if combed >= limits.combed else "mixed"


def _filled(looks: list[str]) -> list[str]:
    """Windows that show nothing look like the one before, the first ones like the first that shows something. One
    window that is unlike both of its neighbours, which are alike, is like them; a mixed one at a change is like the
    next."""
    last = next(look for look in looks if look)
    out = []
    for look in looks:
        last = look or last
        out.append(last)
    for i in range(1, len(out) - 1):
        if out[i - 1] == out[i + 1] or (out[i] == "mixed" != out[i + 1]):
            out[i] = out[i + 1]
    return out


def _telecined(again: Sequence[int]) -> bool:
    """Whether fields are shown again as 3:2 pulldown does: of every five frames one repeats its top field, and one two
    or three frames later its bottom field."""
    repeats = len(again) - again.count(0)
    cycles = len(again) / _CYCLE
    if cycles < 2:
        return False
    hits = 0
    for phase in range(_CYCLE):
        top = sum(again[i] == 1 for i in range(phase, len(again), _CYCLE))
        for step in (2, 3):
            bottom = sum(again[i] == 2 for i in range((phase + step) % _CYCLE, len(again), _CYCLE))
            hits = max(hits, top + bottom)
    return hits >= _PULLED * 2 * cycles and hits >= _PULLED * repeats
