"""Picked rungs as a ladder, and a ladder as the text of a ladder file. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from types import MappingProxyType

import yaml

from ladders.rung import Ladder, Rung, fit
from optimizer.pick import Choice
from values.errors import UsageError

_NO_REASONS: Mapping[str, str] = MappingProxyType({})


def to_ladder(
    choices: Sequence[Choice], *, name: str, description: str, audio_kbps: int, display: tuple[int, int]
) -> Ladder:
    """The ladder of `choices` (each codec's together, lowest first) for a film of `display` size in square pixels.

    Fitting it to a film of that size gives each rung its choice's size.
    """
    rungs = []
    for rung_name, choice in zip(rung_names(choices), choices, strict=True):
        point = choice.point
        box = _box(point.size, display)
        rungs.append(
            Rung(rung_name, *box, point.crf, choice.max_bps // 1000, choice.buffer_bits // 1000, codec=point.codec)
        )
    return Ladder(name, description, tuple(rungs), audio_kbps)


def rung_names(choices: Sequence[Choice]) -> tuple[str, ...]:
    """A name for each choice: ``720p``, below it at the same size ``720p-low`` and ``720p-low2``, ``hevc-720p``."""
    if [k for k, _ in groupby(c.point.codec for c in choices)] != list(dict.fromkeys(c.point.codec for c in choices)):
        raise ValueError("choices of one codec stand together")
    names: list[str] = []
    for choice in reversed(choices):
        point = choice.point
        plain = ("" if point.codec == "h264" else f"{point.codec}-") + f"{min(point.size)}p"
        lower = [plain, f"{plain}-low", *(f"{plain}-low{n}" for n in range(2, len(choices) + 1))]
        names.append(next(n for n in lower if n not in names))
    return tuple(reversed(names))


def ladder_yaml(ladder: Ladder, reasons: Mapping[str, str] = _NO_REASONS) -> str:
    """A ladder file of `ladder` that `ladders.load` reads back as it is. `reasons`, by rung name, become comments."""
    if ladder.policy:
        raise UsageError(
            "a ladder without rungs has no file of rungs",
            where=f"ladder {ladder.name}",
            hint="Find its rungs for a title first: matinee ladder MASTER.",
        )
    top = {"name": ladder.name, "description": ladder.description, "audio_kbps": ladder.audio_kbps}
    if len(ladder.codecs) == 1:
        top["codec"] = ladder.codecs[0]
    lines = [yaml.safe_dump(top, sort_keys=False, allow_unicode=True, width=1_000_000), "rungs:\n"]
    for rung in ladder.rungs:
        if rung.name in reasons:
            lines.append(f"  # {' '.join(reasons[rung.name].split())}\n")
        codec = f", codec: {rung.codec}" if len(ladder.codecs) > 1 else ""
        lines.append(
            f"  - {{name: {rung.name}, width: {rung.width}, height: {rung.height}, crf: {rung.crf:g}, "
            f"max_kbps: {rung.max_kbps}, buffer_kbit: {rung.buffer_kbit}{codec}}}\n"
        )
    return "".join(lines)


def _box(size: tuple[int, int], display: tuple[int, int]) -> tuple[int, int]:
    """The box, landscape as boxes are, into which a film of `display` size fits at exactly `size`.

    That is nearly always `size` itself. Where an even side was rounded down, the exact picture is a little larger than
    `size`, and the box has to be; where an odd display was rounded up, smaller.
    """
    nudges = sorted(((dw, dh) for dw in range(-1, 3) for dh in range(-1, 3)), key=lambda d: (abs(d[0]) + abs(d[1]), d))
    for dw, dh in nudges:
        width, height = size[0] + dw, size[1] + dh
        if width > display[0] or height > display[1]:
            continue
        box = (width, height) if display[0] >= display[1] else (height, width)
        rung = Rung("probe", *box, crf=0, max_kbps=1, buffer_kbit=1)
        fitted = fit(Ladder("", "", (rung,), 0), display)[0]
        if (fitted.width, fitted.height) == size:
            return box
    raise UsageError(
        f"no box gives a film of {display[0]}x{display[1]} the size {size[0]}x{size[1]}",
        hint="Sizes of trial encodes keep the film's shape: see ladders.rung.fit.",
    )
