"""Black and frozen pictures. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from gate.facts import Facts
from gate.finding import Finding, Severity, seconds
from gate.limits import Limits
from gate.marks import black_marks, still_marks
from gate.measures import Measures
from gate.quiet import is_silent
from gate.runs import runs

_BRIDGE = 12  # frames that are nearly black within a black run: noise, grain


def find_black(measures: Measures, facts: Facts, limits: Limits) -> Iterator[Finding]:
    """One finding a run: at the edges, in mid-film by its length, or as a dropout between two cuts."""
    for first, last in runs(black_marks(measures.picture, limits), bridge=_BRIDGE):
        start, stop = facts.span(first, last)
        judged = _judged_black(measures, facts, limits, first, last)
        if judged:
            numbers = {
                "seconds": round(float(stop - start), 3), "frames": last - first,
                "luma": round(sum(measures.picture.mean[first:last]) / (last - first) / 100, 1),
            }  # fmt: skip
            yield Finding("black", judged[0], start, stop, judged[1], numbers)


def _judged_black(
    measures: Measures, facts: Facts, limits: Limits, first: int, last: int
) -> tuple[Severity, str] | None:
    start, stop = facts.span(first, last)
    length, words = stop - start, seconds(stop - start)
    if length >= limits.whole * facts.duration and last - first > 1:
        return "error", "The picture is black throughout. Check that the right file was delivered."
    if first == 0 or last == facts.frames:
        edge = "begins" if first == 0 else "ends"
        if length > limits.black_edge_s:
            return "warning", f"The film {edge} with {words} of black: cut it, unless it is meant."
        return "info", f"The film {edge} with {words} of black."
    if length < limits.dropout_s and _abrupt(measures, limits, first, last):
        count = f"{last - first} picture{'s are' if last - first > 1 else ' is'}"
        return "warning", f"{count} black between two that are not, without a fade: this looks like a dropout."
    if length >= limits.black_missing_s and is_silent(measures, start, stop, limits):
        return "error", f"{words} of black without sound: programme seems to be missing here. Compare with the source."
    if length >= limits.black_long_s:
        return "warning", f"{words} of black within the film: check that nothing is missing."
    return ("info", f"{words} of black within the film.") if length >= limits.black_told_s else None


def _abrupt(measures: Measures, limits: Limits, first: int, last: int) -> bool:
    """Whether the picture goes and comes back at once: a fade has dark pictures beside the black."""
    mean = measures.picture.mean
    dark = max(mean[first:last]) + limits.dropout_step * 100
    return mean[first - 1] >= dark and mean[last] >= dark


def find_freeze(measures: Measures, facts: Facts, limits: Limits) -> Iterator[Finding]:
    """One finding a run of equal pictures that are not black."""
    picture = measures.picture
    marks = still_marks(picture, black_marks(picture, limits), limits)
    for after, last in runs(marks, bridge=1):
        first = after - 1  # the picture that stays
        start, stop = facts.span(first, last)
        length, words = stop - start, seconds(stop - start)
        numbers = {
            "seconds": round(float(length), 3), "frames": last - first,
            "mean_change": round(sum(picture.change[after:last]) / (last - after) / 100, 3),
        }  # fmt: skip
        edge = first <= 1 or last == facts.frames
        if length < limits.freeze_s:
            continue
        if length >= limits.whole * facts.duration:
            text = "The picture does not move throughout. Check that the right file was delivered."
            yield Finding(
                "freeze", "error" if length >= limits.freeze_error_s else "warning", start, stop, text, numbers
            )
        elif edge and length <= limits.freeze_edge_s:
            where = "begins" if first <= 1 else "ends"
            yield Finding("freeze", "info", start, stop, f"The film {where} with a still of {words}.", numbers)
        elif length >= limits.freeze_error_s:
            text = f"The picture stands still for {words}. Compare with the source, unless a still is meant."
            yield Finding("freeze", "error", start, stop, text, numbers)
        else:
            text = f"The picture stands still for {words}: check that a still or a title is meant."
            yield Finding("freeze", "warning", start, stop, text, numbers)
