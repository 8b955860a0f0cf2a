"""Onboardings for tests."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from onboarding.pipeline import onboard
from onboarding.settings import OnboardSettings
from storage import Store, open_store
from tests.parts import SAMPLE
from values.events import Completed, Event


@dataclass
class Run:
    """An onboarding that ended: the store's folder, all events, and the summary."""

    folder: Path
    events: list[Event]
    summary: dict[str, Any]

    @property
    def store(self) -> Store:
        return open_store(f"file:{self.folder}")

    def bytes_of(self, prefix: str) -> dict[str, bytes]:
        """All objects under `prefix`, whole."""
        return {info.key: self.store.get(info.key) for info in self.store.list(prefix)}


def settings_for(folder: Path, master: Path = SAMPLE, **changes: Any) -> OnboardSettings:
    """Small and fast: the mobile ladder, no gate, no quality measured, segments of two seconds, chunks of four, two
    workers."""
    values: dict[str, Any] = {
        "master": str(master), "store_url": f"file:{folder}", "title_id": "sample", "ladder": "mobile",
        "preset": "ultrafast", "quality": "off", "qc": "off", "segment_s": Fraction(2), "chunk_s": Fraction(4),
        "workers": 2,
    }  # fmt: skip
    return OnboardSettings(**{**values, **changes})


def onboard_sample(folder: Path, master: Path = SAMPLE, **changes: Any) -> Run:
    events = list(onboard(settings_for(folder, master, **changes)))
    last = events[-1]
    assert isinstance(last, Completed)
    return Run(folder, events, last.summary)
