"""From ladders to the rungs and cuts of one film: as they are, or found for it. Yields events; runs on the workers."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.inspect import Inspection
from ladders.check import check_against
from ladders.rung import FittedRung, Ladder, fit_all
from onboarding.film import Cuts, plan_cuts
from onboarding.search import Search, Trials, search, segment_frames
from onboarding.settings import OnboardSettings
from onboarding.workers import Workers
from values.events import Event, Noted


@dataclass(frozen=True, slots=True)
class Tailored:
    """The rungs and cuts of one film, what was searched for them, and notes for the record."""

    rungs: tuple[FittedRung, ...]
    cuts: Cuts
    searches: tuple[Search, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def search_cpu_s(self) -> float:
        return sum(s.cost.spent_s for s in self.searches)

    def record(self) -> dict[str, Any]:
        """What the title record says of the search, {} where there was none."""
        return {"search": [s.record() for s in self.searches]} if self.searches else {}


def tailor(
    settings: OnboardSettings,
    ladders: Sequence[Ladder],
    inspection: Inspection,
    location: str,
    *,
    name: str,
    work_dir: str,
    workers: Workers,
) -> Generator[Event, None, Tailored]:
    """Decide rungs and cuts. Raises UsageError for ladders that the film can't meet, EncodeError for a search that gave
    too little."""
    shown = inspection.video.display_size
    notes = tuple(n for ladder in ladders for n in check_against(ladder, shown))
    for note in notes:
        yield Noted(note)
    trials = Trials(
        inspection, location, name, settings.preset, segment_frames(settings, inspection.timing.rate), work_dir,
        settings.threads,
    )  # fmt: skip
    fixed: list[Ladder] = []
    searches: list[Search] = []
    for ladder in ladders:
        if ladder.policy:
            found = yield from search(settings, ladder, trials, workers)
            searches.append(found)
            fixed.append(found.ladder)
        else:
            fixed.append(ladder)
    rungs = fit_all(fixed, shown)
    return Tailored(rungs, plan_cuts(settings, inspection.timing), tuple(searches), notes)
