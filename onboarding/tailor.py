"""From a ladder to the rungs and cuts of one film: as they are, or found for it. Yields events; runs on the workers."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from ingest.inspect import Inspection
from ladders.check import check_against
from ladders.rung import Ladder, fit_all
from onboarding.film import plan_cuts
from onboarding.search import Keeper, Search, Trials, search, segment_frames
from onboarding.settings import OnboardSettings
from onboarding.shots import plan_shots
from onboarding.tailored import Tailored
from onboarding.workers import Workers
from quality.settings import measure_settings
from values.events import Event, Noted

_LADDERS_PART = 0.4
"""Of what a search may cost, the part for finding rungs where shots are judged too: there is much more of these."""


def tailor(
    settings: OnboardSettings,
    ladder: Ladder,
    inspection: Inspection,
    location: str,
    *,
    name: str,
    work_dir: str,
    workers: Workers,
    keeper: Keeper | None = None,
    all_metrics: bool = False,
) -> Generator[Event, None, Tailored]:
    """Decide one ladder's rungs and cuts; `all_metrics` measures PSNR and XPSNR too.

    Trials that are a whole film are kept by the `keeper`: at the CRF that is picked they are the final work.

    Raises UsageError for ladders that the film can't meet, EncodeError for a search that gave too little.
    """
    shown, timing = inspection.display_size, inspection.timing
    notes = check_against(ladder, shown)
    for note in notes:
        yield Noted(note)
    cuts = plan_cuts(settings, timing)
    trials = Trials(
        inspection,
        location,
        name,
        settings.preset,
        segment_frames(settings, timing.rate),
        work_dir,
        settings.threads,
        settings.allow_damaged,
        keeper if len(cuts.chunks) == 1 else None,
        settings.wishes,
    )
    share = settings.search_share * (_LADDERS_PART if settings.shots else 1)
    purpose = " for the rungs, the rest for shots" if settings.shots else ""
    found: Search | None = None
    if ladder.policy:
        found = yield from search(ladder, trials, workers, share=share, purpose=purpose, all_metrics=all_metrics)
    fixed = found.ladder if found else ladder
    rungs = fit_all([fixed], shown)
    spent_s = found.cost.spent_s if found else 0.0
    record: dict[str, Any] = {"search": found.record()} if found else {}
    searches = (found,) if found else ()
    if not settings.shots:
        ready = {r.name: key for r in rungs if found and (key := found.whole_trial(r, timing.frames, keeper))}
        return Tailored(fixed, rungs, cuts, notes, spent_s, record, ready, searches)
    prices = found.prices if found else trials.prices(measure_settings(shown))
    final_s = prices.final_s(timing.frames, [(r.codec, (r.width, r.height)) for r in rungs])
    shots = yield from plan_shots(
        rungs, trials, workers, target_s=settings.segment_s, prices=prices,
        budget_s=settings.search_share * final_s - spent_s,
    )  # fmt: skip
    spent_s += shots.detect_s + shots.trials_s
    share = spent_s / final_s if final_s else 0.0
    yield Noted(
        f"{len(shots.found)} cuts; all searching cost {share:.0%} of the final encode's CPU time "
        f"({settings.search_share:.0%} were allowed)"
    )
    record |= {"shots": shots.record()}
    return Tailored(fixed, rungs, shots.cuts, (*notes, *shots.notes), spent_s, record, {}, searches)
