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
from onboarding.shots import ShotPlan, plan_shots
from onboarding.workers import Workers
from quality.settings import measure_settings
from values.events import Event, Noted

_LADDERS_PART = 0.4
"""Of what a search may cost, the part for finding rungs where shots are judged too: there is much more of these."""


@dataclass(frozen=True, slots=True)
class Tailored:
    """The rungs and cuts of one film, what was searched for them, and notes for the record."""

    rungs: tuple[FittedRung, ...]
    cuts: Cuts
    searches: tuple[Search, ...] = ()
    shots: ShotPlan | None = None
    notes: tuple[str, ...] = ()

    @property
    def search_cpu_s(self) -> float:
        found = sum(s.cost.spent_s for s in self.searches)
        return found + (self.shots.detect_s + self.shots.trials_s if self.shots else 0.0)

    def record(self) -> dict[str, Any]:
        """What the title record says of the search, {} where there was none."""
        found: dict[str, Any] = {"search": [s.record() for s in self.searches]} if self.searches else {}
        return found | ({"shots": self.shots.record()} if self.shots else {})


def tailor(
    settings: OnboardSettings,
    ladders: Sequence[Ladder],
    inspection: Inspection,
    location: str,
    *,
    name: str,
    work_dir: str,
    workers: Workers,
    all_metrics: bool = False,
) -> Generator[Event, None, Tailored]:
    """Decide rungs and cuts; `all_metrics` measures PSNR and XPSNR too.

    Raises UsageError for ladders that the film can't meet, EncodeError for a search that gave too little.
    """
    shown = inspection.video.display_size
    notes = tuple(n for ladder in ladders for n in check_against(ladder, shown))
    for note in notes:
        yield Noted(note)
    trials = Trials(
        inspection, location, name, settings.preset, segment_frames(settings, inspection.timing.rate), work_dir,
        settings.threads, settings.allow_damaged,
    )  # fmt: skip
    with_shots = settings.shots or any(ladder.policy and ladder.policy.shots for ladder in ladders)
    share = settings.search_share * (_LADDERS_PART if with_shots else 1)
    fixed: list[Ladder] = []
    searches: list[Search] = []
    for ladder in ladders:
        if ladder.policy:
            found = yield from search(ladder, trials, workers, share=share, all_metrics=all_metrics)
            searches.append(found)
            fixed.append(found.ladder)
        else:
            fixed.append(ladder)
    rungs = fit_all(fixed, shown)
    if not with_shots:
        return Tailored(rungs, plan_cuts(settings, inspection.timing), tuple(searches), notes=notes)
    prices = searches[0].prices if searches else trials.prices(measure_settings(shown))
    final_s = prices.final_s(inspection.timing.frames, [(r.codec, (r.width, r.height)) for r in rungs])
    budget_s = settings.search_share * final_s - sum(s.cost.spent_s for s in searches)
    shots = yield from plan_shots(rungs, trials, workers, target_s=settings.segment_s, prices=prices, budget_s=budget_s)
    return Tailored(rungs, shots.cuts, tuple(searches), shots, (*notes, *shots.notes))
