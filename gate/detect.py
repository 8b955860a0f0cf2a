"""From measures to findings: the decision over the whole film, every check once. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gate.bars import find_bars
from gate.black import find_black, find_freeze
from gate.broken import find_damage
from gate.cadence import find_gaps, find_repeats
from gate.facts import Facts
from gate.finding import KINDS, Finding, at_most, ordered
from gate.levels import find_levels
from gate.limits import LIMITS, Limits
from gate.measures import Measures
from gate.scan import find_scan
from gate.sound import find_clipping, find_loudness, find_silence
from gate.sync import find_sync
from gate.tags import find_tags

Check = Callable[[Measures, Facts, Limits], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    find_damage, find_black, find_freeze, find_gaps, find_repeats, find_scan, find_levels, find_tags, find_bars,
    find_sync, find_silence, find_clipping, find_loudness,
)  # fmt: skip


def detect(measures: Measures, facts: Facts, limits: Limits = LIMITS) -> tuple[Finding, ...]:
    """All findings of a film, the worst first; those of one kind in order of time, and no more than a report can list.

    `measures` are of the whole film: join its parts first.
    """
    if measures.picture.start or measures.picture.stop != facts.frames:
        raise ValueError("findings are of the whole film: join its parts first")
    found = [f for check in CHECKS for f in check(measures, facts, limits)]
    kept: list[Finding] = []
    for kind in KINDS:
        kept += at_most(sorted((f for f in found if f.kind == kind), key=lambda f: (f.start, f.stop, f.track)))
    return ordered(kept)
