"""Frames that were dropped or are shown twice: gaps between time stamps, and equal pictures within motion. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from statistics import median

from gate.facts import Facts
from gate.finding import Finding, Severity, seconds
from gate.limits import Limits
from gate.marks import black_marks, still_marks
from gate.measures import Measures
from gate.runs import IN, gather, runs

_PERIODS = (2, 3, 4, 5, 6)
_TURNS = 5  # periods for which a pattern holds at least, and half a second
_WITHIN_S = Fraction(5)  # single repeats nearer than this are one finding
_NEAR_S = Fraction(1, 4)  # so are gaps
_TOLD = 3  # repeats without a jump: one or two are nothing
_ALONE = 3  # repeats in a row that are still a slip and not a hold

_MOVES, _REPEATS, _RESTS = 0, 1, 2


def find_gaps(measures: Measures, facts: Facts, limits: Limits) -> Iterator[Finding]:
    """Pictures that stay longer than others because the next ones are missing."""
    usual = facts.frame_ticks
    steps = [b - a for a, b in pairwise(facts.pts)]
    if not facts.constant:
        yield _variable(facts, steps)
        long = [i for i, s in enumerate(steps) if s * facts.time_base >= limits.gap_long_s]
    else:
        long = [i for i, s in enumerate(steps) if s >= limits.gap_frames * usual]
    spans = [facts.span(i, i + 1) for i in long]
    for first, last in gather(spans, _NEAR_S):
        start, stop = spans[first][0], spans[last - 1][1]
        worst = max(steps[i] for i in long[first:last]) * facts.time_base
        missing = sum(round(Fraction(steps[i], usual)) - 1 for i in long[first:last])
        grave: Severity = "error" if worst >= limits.gap_error_s and facts.constant else "warning"
        lost = f"{missing} picture{'s are' if missing != 1 else ' is'} missing here"
        text = f"{lost} (one stays for {seconds(worst)}). Compare with the source."
        numbers: dict[str, float | int | str] = {"longest_s": round(float(worst), 4)}
        if facts.constant:
            numbers["missing_frames"] = missing
        else:
            text = f"A picture stays for {seconds(worst)}: check that motion was not lost here."
        yield Finding("gap", grave, start, stop, text, numbers)


def _variable(facts: Facts, steps: Sequence[int]) -> Finding:
    low, high = min(steps, default=0) * facts.time_base, max(steps, default=0) * facts.time_base
    text = (
        f"The frame rate varies: pictures stay for {float(low) * 1000:.0f} to {float(high) * 1000:.0f} ms. They are "
        "placed on a regular grid."
    )
    numbers = {"shortest_s": round(float(low), 4), "longest_s": round(float(high), 4)}
    return Finding("gap", "info", Fraction(0), facts.duration, text, numbers)


@dataclass(frozen=True, slots=True)
class Pattern:
    """Frames ``[start, stop)`` in which `repeats` of every `period` equal the one before."""

    start: int
    stop: int
    period: int
    repeats: int


def find_repeats(measures: Measures, facts: Facts, limits: Limits) -> Iterator[Finding]:
    """Patterns of equal pictures (a film at another rate than its own), then single ones.

    Only in a film that keeps a rate: elsewhere pictures stay as long as they should.
    """
    if not facts.constant:
        return
    states = _states(measures, facts, limits)
    patterns = find_patterns(states, max(1, round(facts.rate)))
    for p in patterns:
        yield _pattern_finding(p, facts)
    for p in patterns:
        states[p.start : p.stop] = [_RESTS] * (p.stop - p.start)
    slips = [(a, b) for a, b in runs([IN if s == _REPEATS else 0 for s in states]) if b - a <= _ALONE]
    moving = [(a, b) for a, b in slips if a > 0 and b < len(states) and states[a - 1] == states[b] == _MOVES]
    jumps = [_jumps(measures.picture.change, a, b, limits) for a, b in moving]
    for jump in (True, False):
        yield from _slip_findings(
            [s for s, j in zip(moving, jumps, strict=True) if j == jump], facts, limits, jump=jump
        )


def _states(measures: Measures, facts: Facts, limits: Limits) -> list[int]:
    """Whether each frame moves, repeats the one before, or neither (black, frozen for long, hardly moving)."""
    picture = measures.picture
    black = black_marks(picture, limits)
    mean, moving = round(limits.repeat_mean * 100), round(limits.moving_mean * 100)
    states = []
    for at, (seen, change, spot) in enumerate(zip(picture.seen, picture.change, picture.spot, strict=True)):
        if at == 0 or not seen or black[at] == IN:
            states.append(_RESTS)
        elif spot <= limits.repeat_spot and change <= max(mean, limits.repeat_share * _around(picture.change, at)):
            states.append(_REPEATS)
        else:
            states.append(_MOVES if change >= moving else _RESTS)
    for a, b in runs(still_marks(picture, black, limits), bridge=1):
        if facts.time(b) - facts.time(a) >= limits.freeze_s:
            states[a:b] = [_RESTS] * (b - a)
    return states


def _around(change: Sequence[int], at: int) -> int:
    """How much the frames on both sides change: what coding leaves of a repeat is little beside it."""
    before, after = change[max(1, at - 2) : at], change[at + 1 : at + 3]
    return min(max(before, default=0), max(after, default=0))


def find_patterns(states: Sequence[int], second: int) -> list[Pattern]:
    """Where moving and repeating frames alternate regularly for half a second at least, the shortest period first.

    A second has `second` frames. Stretches of one pattern that are less than two seconds apart are one.
    """
    taken = [False] * len(states)
    found: list[Pattern] = []
    for period in _PERIODS:
        equal = [
            IN if a == b != _RESTS and not t else 0 for a, b, t in zip(states, states[period:], taken, strict=False)
        ]
        for start, end in runs(equal):
            stop = end + period
            repeats = sum(states[start : start + period])
            if (
                stop - start >= max(second // 2, _TURNS * period)
                and 0 < repeats < period
                and not any(taken[start:stop])
            ):
                taken[start:stop] = [True] * (stop - start)
                found.append(Pattern(start, stop, period, repeats))
    out: list[Pattern] = []
    for p in sorted(found, key=lambda p: p.start):
        if out and (out[-1].period, out[-1].repeats) == (p.period, p.repeats) and p.start - out[-1].stop < 2 * second:
            p = Pattern(out.pop().start, p.stop, p.period, p.repeats)
        out.append(p)
    return out


def _pattern_finding(p: Pattern, facts: Facts) -> Finding:
    moves = facts.rate * (p.period - p.repeats) / p.period
    each = {(2, 1): "every second picture repeats", (3, 1): "every third picture repeats"}.get(
        (p.period, p.repeats), f"{p.repeats} of every {p.period} pictures repeat"
    )
    halved = p.period == 2
    text = (
        f"Here {each} the one before: motion has {float(moves):.4g} pictures a second in a film of "
        f"{float(facts.rate):.4g}. "
    )
    text += "This is usual for animation, or a master of twice the rate." if halved else "Ask for it at its own rate."
    numbers = {"period": p.period, "repeats": p.repeats, "motion_fps": round(float(moves), 3)}
    return Finding("repeat", "info" if halved else "warning", *facts.span(p.start, p.stop), text, numbers)


def _jumps(change: Sequence[int], start: int, stop: int, limits: Limits) -> bool:
    """Whether motion makes up for the repeat with a jump: then a picture was lost, not one added.
    What changes more than motion can is a cut."""
    around = (*change[max(1, start - 4) : start], *change[stop + 1 : stop + 5])
    near = [c for c in around if c >= limits.moving_mean * 100]
    return bool(near) and limits.repeat_jump <= change[stop] / median(near) <= limits.repeat_cut


def _slip_findings(slips: Sequence[tuple[int, int]], facts: Facts, limits: Limits, *, jump: bool) -> Iterator[Finding]:
    spans = [facts.span(a, b) for a, b in slips]
    for first, last in gather(spans, _WITHIN_S):
        count = sum(b - a for a, b in slips[first:last])
        among = slips[last - 1][1] - slips[first][0] + 1
        pictures = f"{count} picture{'s repeat' if count > 1 else ' repeats'} the one before"
        severity: Severity = "warning"
        if count >= _TURNS and count >= limits.judder_share * among:
            moves = facts.rate * (among - count) / among
            text = (
                f"{pictures}, unevenly: motion has about {float(moves):.0f} pictures a second in a film of "
                f"{float(facts.rate):.4g} and judders. Ask for it at its own rate."
            )
        elif jump:
            text = f"{pictures} and motion jumps after it: frames were dropped. Compare with the source."
        elif count < _TOLD:
            continue
        else:
            severity = "info"
            text = f"{pictures} amid motion: a hold, or frames added to change the rate."
        yield Finding("repeat", severity, spans[first][0], spans[last - 1][1], text, {"repeated_frames": count})
