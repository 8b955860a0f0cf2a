"""What a ladder must be beyond its shape: in order, free of contradictions, within a source and an ffmpeg. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from coders.table import CODERS
from ladders.rung import Ladder, Policy, Rung, box_scale, check_met, fit_boxes
from values.errors import UsageError

_LEAST_BUFFER_S = 0.5
_LONGEST_BUFFER_S = 20
_WATCHABLE = 20
"""VMAF 20 is "bad", the lowest grade of the opinion scale its scores were fitted to."""


def check_sound(ladder: Ladder, where: str) -> None:
    """Nothing if the ladder is in order and its caps can be kept together. Raises UsageError."""
    if ladder.policy:
        _check_policy(ladder.policy, f"{where}, per_title")
    below: dict[str, Rung] = {}
    for i, rung in enumerate(ladder.rungs):
        place = f"{where}, rung {i + 1}"
        _check_buffer(rung, place)
        if rung.codec in below:
            _check_order(below[rung.codec], rung, place)
        below[rung.codec] = rung
    names = [rung.name for rung in ladder.rungs]
    twice = next((n for n in names if names.count(n) > 1), None)
    if twice:
        raise UsageError(f"two rungs are called {twice!r}", where=where, hint="Give each rung a name of its own.")


def check_against(ladder: Ladder, display_size: tuple[int, int]) -> tuple[str, ...]:
    """Notes on what a source of `display_size` (width, height in square pixels) leaves of a ladder.

    Raises UsageError where it leaves nothing, as `ladders.rung.fit` does.
    """
    check_met(ladder, display_size)
    if ladder.policy:
        boxes = ladder.policy.boxes
        return _notes("box", [f"{width}x{height}" for width, height in boxes], boxes, display_size)
    notes: list[str] = []
    for codec in ladder.codecs:
        rungs = ladder.of(codec)
        notes += _notes("rung", [r.name for r in rungs], [(r.width, r.height) for r in rungs], display_size)
    return tuple(notes)


def require_encoders(ladder: Ladder, available: frozenset[str]) -> None:
    """Raise UsageError if ffmpeg, whose encoders are `available`, lacks one that the ladder needs."""
    for codec in ladder.codecs:
        coder = CODERS[codec]
        if coder.encoder not in available:
            usable = ", ".join(c.name for c in CODERS.values() if c.encoder in available) or "none of them"
            raise UsageError(
                f"this ffmpeg has no encoder {coder.encoder}, which the rungs of {coder.label} need",
                where=f"ladder {ladder.name}",
                hint=f"Take a ladder without {codec} (of matinee's codecs this ffmpeg encodes: {usable}), or name an "
                f"ffmpeg built with {coder.encoder} in IMAGEIO_FFMPEG_EXE.",
            )


def _notes(
    kind: str, names: Sequence[str], boxes: Sequence[tuple[int, int]], display_size: tuple[int, int]
) -> tuple[str, ...]:
    sizes = fit_boxes(boxes, display_size)
    source = "x".join(map(str, display_size))
    last = len(sizes) - 1
    left_out = names[len(sizes) :]
    notes = []
    if box_scale(boxes[last], display_size) > 1:
        width, height = sizes[last]
        notes.append(f"{kind} {names[last]} becomes {width}x{height}: nothing is made larger than the source, {source}")
    if left_out:
        several = {"rung": "rungs", "box": "boxes"}[kind]
        which = f"{kind} {left_out[0]} is" if len(left_out) == 1 else f"{several} {', '.join(left_out)} are"
        notes.append(f"{which} left out: the source is {source}")
    return tuple(notes)


def _check_buffer(rung: Rung, where: str) -> None:
    least, most = rung.max_kbps * _LEAST_BUFFER_S, rung.max_kbps * _LONGEST_BUFFER_S
    if not least <= rung.buffer_kbit <= most:
        side = "less than half a second" if rung.buffer_kbit < least else f"more than {_LONGEST_BUFFER_S} seconds"
        raise UsageError(
            f"buffer_kbit {rung.buffer_kbit} is {side} of max_kbps {rung.max_kbps}",
            where=where,
            hint=f"Use {least:.0f} to {most:.0f}, or leave it out for {rung.max_kbps * 2}.",
        )


def _check_order(low: Rung, high: Rung, where: str) -> None:
    """The rungs of a codec ascend: no side shrinks, each cap is higher, and the same size is not made to look worse."""
    hint = "List the rungs of a codec from the lowest to the highest."
    if _sides(high) < _sides(low) or min(_sides(high)) < min(_sides(low)):
        what = f"in size: {high.width}x{high.height} after {low.width}x{low.height}"
    elif high.max_kbps <= low.max_kbps:
        what = f"in bitrate: max_kbps {high.max_kbps} after {low.max_kbps}"
    elif _sides(high) == _sides(low) and high.crf > low.crf:
        what = f"in quality: crf {high.crf:g} after {low.crf:g} at the same size"
        hint = "A higher CRF looks worse. Give the higher rung the same or a lower one."
    else:
        return
    raise UsageError(f"rung {high.name} does not come after {low.name} {what}", where=where, hint=hint)


def _sides(rung: Rung) -> tuple[int, int]:
    """The box's longer and shorter side: boxes are turned to lie as the source does."""
    return max(rung.width, rung.height), min(rung.width, rung.height)


def _check_policy(policy: Policy, where: str) -> None:
    if policy.floor_kbps >= policy.ceiling_kbps:
        raise UsageError(
            f"floor_kbps {policy.floor_kbps} is not below ceiling_kbps {policy.ceiling_kbps}",
            where=where,
            hint="Lower the floor or raise the ceiling: all rungs' average bit rates lie between them.",
        )
    if policy.max_rungs > 1 and policy.top - policy.step < _WATCHABLE:
        raise UsageError(
            f"step {policy.step:g} puts the second rung at VMAF {policy.top - policy.step:g} or less",
            where=where,
            hint=f"Use a step of at most {policy.top - _WATCHABLE:g}, or max_rungs: 1. Usual are 3 to 12.",
        )
    for i, (low, high) in enumerate(itertools.pairwise(policy.boxes)):
        if max(high) < max(low) or min(high) < min(low) or sorted(high) == sorted(low):
            raise UsageError(
                f"box {i + 2} ({high[0]}x{high[1]}) is not larger than the one before it ({low[0]}x{low[1]})",
                where=where,
                hint="List boxes from the smallest to the largest, each once.",
            )
