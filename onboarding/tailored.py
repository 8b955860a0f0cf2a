"""The rungs and cuts of one film, and keeping them in the store: what a search found, the next run must find again.

A search measures CPU time as it goes, so a second one could end elsewhere, and nothing that was encoded would fit.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from chunker.grid import Timing
from chunker.plan import Chunk, Span
from ingest.fetch import Master
from ladders.rung import FittedRung, Ladder
from onboarding.film import Cuts, plan_cuts
from onboarding.search import Search
from onboarding.settings import OnboardSettings
from storage import Store
from values.digest import digest_value
from values.errors import NotFoundError
from values.keys import work_key

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Tailored:
    """The rungs and cuts of one film, and what the title record says of how they were found.

    `ready` maps a rung's name to the store key of a trial encode that is its final work. `searches` are there only in
    the run that made them.
    """

    rungs: tuple[FittedRung, ...]
    cuts: Cuts
    notes: tuple[str, ...] = ()
    search_cpu_s: float = 0.0
    record: dict[str, Any] = field(default_factory=dict)
    ready: Mapping[str, str] = field(default_factory=dict)
    searches: tuple[Search, ...] = ()


def tailored_key(
    settings: OnboardSettings, ladders: Sequence[Ladder], master: Master, title_id: str, encoder_version: str
) -> str:
    """Where the outcome is kept of tailoring these ladders to this master, with these settings."""
    return work_key(title_id, digest_value({
        "format": FORMAT, "encoder": encoder_version, "master": master.fingerprint, "preset": settings.preset,
        "ladders": [asdict(ladder) for ladder in ladders], "segment": str(settings.segment_s),
        "chunk": str(settings.chunk_s), "share": settings.search_share, "shots": settings.shots,
        "threads": settings.threads, "tolerant": settings.allow_damaged,
    }))  # fmt: skip


def keep_tailored(store: Store, key: str, tailored: Tailored) -> None:
    """Store what was found. Cuts on the regular grid are planned anew by each run, for its own number of workers."""
    cuts = tailored.cuts
    value = {
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
            tuple(FittedRung(**r) for r in raw["rungs"]),
            cuts,
            tuple(raw["notes"]),
            float(raw["search_cpu_s"]),
            dict(raw["record"]),
            dict(raw["ready"]),
        )
    except (NotFoundError, ValueError, KeyError, TypeError):
        return None


def _cuts(raw: Mapping[str, Any], frames: int) -> Cuts:
    starts = raw["segments"]
    segments = tuple(Span(i, a, b) for i, (a, b) in enumerate(zip(starts, [*starts[1:], frames], strict=True)))
    borders = [*raw["chunks"], frames]
    chunks = tuple(
        Chunk(i, a, b, tuple(s for s in segments if a <= s.start < b))
        for i, (a, b) in enumerate(itertools.pairwise(borders))
    )
    return Cuts(segments, chunks, True, {name: tuple(row) for name, row in raw["crfs"].items()})
