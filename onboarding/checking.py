"""`matinee qc`: a master inspected and put through the quality gate, and no title made. Does I/O."""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from pathlib import Path

from encoder.cluster import check_address
from gate.limits import LIMITS, Limits
from gate.report import GateReport
from ingest.inspect import Inspection
from ingest.source import Source, open_source
from onboarding.gate import run_gate
from onboarding.pipeline import bring_in
from onboarding.probing import local_copy, probe_master
from onboarding.settings import OnboardSettings
from onboarding.workers import Workers
from storage.open import open_store
from values.events import Event, StageStarted


def check_master(settings: OnboardSettings, limits: Limits = LIMITS) -> Generator[Event, None, GateReport]:
    """Look at all of `settings.master`, and say what is wrong with it.

    A local file is read where it lies; any other is copied to a temporary one. What a cluster's machines must read is
    brought into the store first, where `matinee onboard` finds it again. Raises MasterRefused for what can't be
    looked at.
    """
    check_address(settings.ray_address)
    source = open_source(settings.master)
    workers = Workers(count=settings.worker_count, address=settings.ray_address, attempts=settings.attempts)
    with tempfile.TemporaryDirectory(prefix="matinee-") as work_dir, workers:
        location, found = yield from _bring(source, settings, Path(work_dir))
        return (
            yield from run_gate(found, location, name=source.name, work_dir=work_dir, workers=workers, limits=limits)
        )


def _bring(source: Source, settings: OnboardSettings, folder: Path) -> Generator[Event, None, tuple[str, Inspection]]:
    """Where the workers find the master, and what it is."""
    if settings.ray_address:
        store = open_store(settings.store_url)
        store.check()
        master, found = yield from bring_in(source, store, settings)
        return store.locate(master.key), found
    path = Path(settings.master)
    if "://" in settings.master:
        yield StageStarted("ingest", source.place)
        path = local_copy(source, folder)
    yield StageStarted("inspect")
    return str(path.absolute()), probe_master(str(path), allow_damaged=settings.allow_damaged)
