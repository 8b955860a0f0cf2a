"""The gate as a stage of onboarding: what it found is kept with the title, and refuses a master that is asked to be
without errors. Does I/O."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from fractions import Fraction
from typing import Any

from gate.limits import LIMITS
from gate.report import GateReport, refuse_record
from ingest.fetch import Master
from ingest.inspect import Inspection
from onboarding.gate import run_gate
from onboarding.settings import OnboardSettings
from onboarding.workers import Workers
from storage import Store
from values.clock import clock_text
from values.digest import digest_value
from values.errors import NotFoundError
from values.events import Event, Noted
from values.keys import tailored_key

FORMAT = 1
"""Raised whenever the gate would say something else of the same master."""

_TOLD = 6
"""Findings told as notes; the record has all."""


def gated(
    settings: OnboardSettings,
    master: Master,
    found: Inspection,
    title_id: str,
    store: Store,
    work_dir: str,
    workers: Workers,
) -> Generator[Event, None, dict[str, Any]]:
    """What the gate finds in a master, as the title keeps it; what an earlier run found is taken up. {} if it is off.

    Raises MasterRefused for errors where the settings are strict.
    """
    if settings.qc == "off":
        return {}
    key = _key(settings, master, title_id, found)
    known = None if settings.force else _known(store, key)
    if known:
        if settings.qc == "strict":
            refuse_record(known, where=settings.master)
        yield from _told(known)
        return known
    report: GateReport = yield from run_gate(
        found, store.locate(master.key), name=master.name, work_dir=work_dir, workers=workers
    )
    record = _decided(report.record(), found)
    store.put(key, json.dumps(record).encode(), media_type="application/json")
    if settings.qc == "strict":
        refuse_record(record, where=settings.master)
    yield from _told(record)
    return record


def _decided(record: dict[str, Any], found: Inspection) -> dict[str, Any]:
    """The record of a master of which it is decided what becomes of it: what a rule sees to is no warning any more."""
    for finding in record["findings"]:
        if finding["kind"] == "scan" and finding["severity"] == "warning":
            finding["severity"] = "info"
            finding["text"] = f"{finding['text'].split('. ')[0].split(': ')[0]}: {found.scan.decision.decided}."
        if finding["kind"] == "loudness" and found.wishes.loudness_lufs is None:
            finding["text"] = finding["text"].replace(": onboarding brings it there", "; it stays as it is")
    severities = [f["severity"] for f in record["findings"]]
    return {**record, "counts": {name: severities.count(name) for name in record["counts"]}}


def _key(settings: OnboardSettings, master: Master, title_id: str, found: Inspection) -> str:
    limits = {name: str(value) for name, value in asdict(LIMITS).items()}
    asked = [FORMAT, master.fingerprint, limits, settings.allow_damaged, str(found.colour.reading), str(found.wishes)]
    return tailored_key(title_id, digest_value(["qc", asked]))


def _known(store: Store, key: str) -> dict[str, Any] | None:
    with suppress(NotFoundError, ValueError):
        record = json.loads(store.get(key))
        if isinstance(record, dict) and isinstance(record.get("counts"), dict) and "findings" in record:
            return record
    return None


def _told(record: Mapping[str, Any]) -> Iterator[Event]:
    """The findings that a user should read, the worst first."""
    worth = [f for f in record["findings"] if f["severity"] != "info"]
    for finding in worth[:_TOLD]:
        start, stop = (clock_text(Fraction(finding[edge])) for edge in ("start", "stop"))
        yield Noted(f"{finding['severity']}, {start} to {stop}: {finding['text']}")
    if len(worth) > _TOLD:
        yield Noted(f"{len(worth) - _TOLD} more findings: see `matinee qc` or the title's record")
