"""The rungs and cuts of one film, and keeping them in the store: what a search found, the next run must find again.

A search measures CPU time as it goes, so a second one could end elsewhere, and nothing that was encoded would fit.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from chunker.grid import Timing
from chunker.plan import Chunk, Span
from ingest.fetch import Master
from ladders.rung import FittedRung, Ladder, Rung, fit_all
from onboarding.film import Cuts, plan_cuts
from onboarding.search import Search
from onboarding.settings import OnboardSettings
from storage import Store
from values.digest import digest_value
from values.errors import NotFoundError
from values.keys import tailored_key

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Tailored:
    """One ladder's rungs and cuts for one film, and what the title record says of how they were found.

    `ladder` has the rungs, `rungs` are those fitted to the film. `ready` maps a rung's name to the store key of a trial
    encode that is its final work. `searches` are there only in the run that made them.
    """

    ladder: Ladder
    rungs: tuple[FittedRung, ...]
    cuts: Cuts
    notes: tuple[str, ...] = ()
    search_cpu_s: float = 0.0
    record: dict[str, Any] = field(default_factory=dict)
    ready: Mapping[str, str] = field(default_factory=dict)
    searches: tuple[Search, ...] = ()


@dataclass(frozen=True, slots=True)
class Together:
    """The rungs of all ladders of a title, whose names are unique over all, with the cuts that they share."""

    rungs: tuple[FittedRung, ...]
    cuts: Cuts
    notes: tuple[str, ...]
    search_cpu_s: float
    record: dict[str, Any]
    ready: dict[str, str]


def put_together(parts: Sequence[Tailored], display_size: tuple[int, int]) -> Together:
    """One title of several ladders: rungs that lose their names to another ladder's keep their CRFs and trials."""
    rungs = fit_all([p.ladder for p in parts], display_size)
    crfs: dict[str, tuple[float, ...]] = {}
    ready: dict[str, str] = {}
    own = [(part, rung) for part in parts for rung in part.rungs]
    for (part, rung), named in zip(own, rungs, strict=True):
        if rung.name in part.cuts.crfs:
            crfs[named.name] = part.cuts.crfs[rung.name]
        if rung.name in part.ready:
            ready[named.name] = part.ready[rung.name]
    records = [p.record for p in parts if p.record]
    return Together(
        rungs,
        replace(parts[0].cuts, crfs=crfs),
        tuple(dict.fromkeys(n for p in parts for n in p.notes)),
        sum(p.search_cpu_s for p in parts),
        {"tailored": records} if records else {},
        ready,
    )


def kept_key(settings: OnboardSettings, ladder: Ladder, master: Master, title_id: str, encoder_version: str) -> str:
    """Where the outcome is kept of tailoring this ladder to this master, with these settings."""
    return tailored_key(title_id, digest_value({
        "format": FORMAT, "encoder": encoder_version, "master": master.fingerprint, "preset": settings.preset,
        "ladder": asdict(ladder), "segment": str(settings.segment_s),
        "chunk": str(settings.chunk_s), "share": settings.search_share, "shots": settings.shots,
        "threads": settings.threads, "tolerant": settings.allow_damaged,
        "wishes": {name: str(wish) for name, wish in asdict(settings.wishes).items()},
    }))  # fmt: skip


def keep_tailored(store: Store, key: str, tailored: Tailored) -> None:
    """Store what was found. Cuts on the regular grid are planned anew by each run, for its own number of workers."""
    cuts = tailored.cuts
    value = {
        "ladder": asdict(tailored.ladder),
        "rungs": [asdict(r) for r in tailored.rungs],
        "notes": tailored.notes,
        "search_cpu_s": tailored.search_cpu_s,
        "record": tailored.record,
        "ready": dict(tailored.ready),
        "segments": [s.start for s in cuts.segments] if cuts.irregular else [],
        "chunks": [c.start for c in cuts.chunks] if cuts.irregular else [],
        "crfs": dict(cuts.crfs),
    }
    store.put(key, json.dumps(value).encode(), media_type="application/json")


def known_tailored(store: Store, key: str, settings: OnboardSettings, timing: Timing) -> Tailored | None:
    """What an earlier run found; None where there is nothing, or nothing that can be read."""
    try:
        raw = json.loads(store.get(key))
        cuts = _cuts(raw, timing.frames) if raw["segments"] else plan_cuts(settings, timing)
        return Tailored(
            _ladder(raw["ladder"]),
            tuple(FittedRung(**r) for r in raw["rungs"]),
            cuts,
            tuple(raw["notes"]),
            float(raw["search_cpu_s"]),
            dict(raw["record"]),
            dict(raw["ready"]),
        )
    except (NotFoundError, ValueError, KeyError, TypeError):
        return None


def _ladder(raw: Mapping[str, Any]) -> Ladder:
    """A ladder of rungs, as it was kept: one that was found has no policy any more."""
    return Ladder(**{**raw, "rungs": tuple(Rung(**r) for r in raw["rungs"]), "policy": None})


def _cuts(raw: Mapping[str, Any], frames: int) -> Cuts:
    starts = raw["segments"]
    segments = tuple(Span(i, a, b) for i, (a, b) in enumerate(zip(starts, [*starts[1:], frames], strict=True)))
    borders = [*raw["chunks"], frames]
    chunks = tuple(
        Chunk(i, a, b, tuple(s for s in segments if a <= s.start < b))
        for i, (a, b) in enumerate(itertools.pairwise(borders))
    )
    return Cuts(segments, chunks, True, {name: tuple(row) for name, row in raw["crfs"].items()})
