"""Interlacing: what frames are flagged as against what their lines show. Pure."""

from __future__ import annotations

from collections.abc import Iterator
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
    looks: list[str] = []
    for start in range(0, count, _WINDOW):
        looks.append(_look([v for v in picture.scan[start : start + _WINDOW] if v != UNSURE], limits))
    if not any(looks):
        look = _look([v for v in picture.scan if v != UNSURE], limits, least=1)
        return [Stretch(0, count, look)] if look else []
    looks = _filled(looks)
    out: list[Stretch] = []
    at = 0
    for look, group in groupby(looks):
        stop = min(count, at + _WINDOW * len(list(group)))
        whole = "telecine" if look == "mixed" and _telecined(list(picture.scan[at:stop])) else look
        out.append(Stretch(at, stop, whole))
        at = stop
    return out


def _look(lines: list[int], limits: Limits, least: int = _SURE) -> str:
    if len(lines) < least:
        return ""
    # Motion up or down may pass for combing, with either order in turn: what is combed keeps to one.
    combed = abs(lines.count(TOP_FIRST) - lines.count(BOTTOM_FIRST)) / len(lines)
    return "combed" if combed >= limits.combed else "clean" if combed <= limits.clean else "mixed"


def _filled(looks: list[str]) -> list[str]:
    """Windows that show nothing look like the one before, the first ones like the first that shows something. One
    mixed window at a change belongs to what follows."""
    last = next(look for look in looks if look)
    out = []
    for look in looks:
        last = look or last
        out.append(last)
    for i in range(1, len(out) - 1):
        if out[i] == "mixed" != out[i - 1] and out[i + 1] != "mixed":
            out[i] = out[i + 1]
    return out


def _telecined(scan: list[int]) -> bool:
    """Whether combed frames come in pairs every five: with any phase, most of the clear frames must agree."""
    clear = [(i, v != PROGRESSIVE) for i, v in enumerate(scan) if v != UNSURE]
    if len(clear) < 4 * _CYCLE:
        return False
    best = 0
    for phase in range(_CYCLE):
        best = max(best, sum(((i + phase) % _CYCLE < 2) == combed for i, combed in clear))
    return best >= 0.85 * len(clear)
