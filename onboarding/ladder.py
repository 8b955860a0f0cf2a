"""`matinee ladder`: the rungs that suit one master, found by trials and not encoded yet. Does I/O."""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from encoder.cluster import check_address
from ingest.inspect import Inspection
from ingest.source import open_source
from ladders.check import require_encoders
from ladders.load import load_ladder
from ladders.rung import Ladder, Policy
from media.encoders import available_encoders, require_filters
from onboarding.pipeline import bring_in
from onboarding.probing import probe_master
from onboarding.search import Search
from onboarding.settings import OnboardSettings
from onboarding.tailor import tailor
from onboarding.workers import Workers
from storage.open import open_store
from values.errors import UsageError
from values.events import Event, StageStarted


@dataclass(frozen=True, slots=True)
class FoundLadder:
    """What was found for the master called `name`."""

    name: str
    inspection: Inspection
    search: Search


def find_ladder(settings: OnboardSettings, codecs: tuple[str, ...] = ()) -> Generator[Event, None, FoundLadder]:
    """Search the rungs of `settings.master` by the policy of `settings.ladder`, in these `codecs` or the policy's own.

    A local file is read where it lies; any other master, and any that a cluster's machines must read, is brought into
    the store first, where `matinee onboard` finds it again. Raises MatineeError for anything the user can act on.
    """
    ladder = _policy_ladder(settings.ladder, codecs)
    stem = PurePath(open_source(settings.master).name).stem
    ladder = replace(ladder, name=stem)
    require_encoders(ladder, available_encoders())
    require_filters(("libvmaf", "xpsnr"), hint="A search needs it: use a build that has it.")
    check_address(settings.ray_address)
    source = open_source(settings.master)
    workers = Workers(count=settings.worker_count, address=settings.ray_address, attempts=settings.attempts)
    with tempfile.TemporaryDirectory(prefix="matinee-") as work_dir, workers:
        if "://" in settings.master or settings.ray_address:
            store = open_store(settings.store_url)
            store.check()
            master, found = yield from bring_in(source, store, settings)
            location = store.locate(master.key)
        else:
            yield StageStarted("inspect")
            found = probe_master(settings.master, allow_damaged=settings.allow_damaged, wishes=settings.wishes)
            location = str(Path(settings.master).absolute())
        tailored = yield from tailor(
            replace(settings, shots=False), ladder, found, location, name=source.name, work_dir=work_dir,
            workers=workers, all_metrics=True,
        )  # fmt: skip
    return FoundLadder(source.name, found, tailored.searches[0])


def _policy_ladder(name: str, codecs: tuple[str, ...]) -> Ladder:
    ladder = load_ladder(name)
    if ladder.policy is None:
        raise UsageError(
            "it has rungs of its own, there is nothing to search",
            where=f"ladder {ladder.name}",
            hint="Take per-title, or a ladder file with per_title: and codecs:.",
        )
    policy: Policy = replace(ladder.policy, codecs=codecs or ladder.policy.codecs, shots=False)
    return replace(ladder, policy=policy)
