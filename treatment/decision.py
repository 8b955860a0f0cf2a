"""One rule's decision about a master, in words: what the tables, the notes and the title record show of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Decision:
    """What was found, what becomes of it, and why. `rule` is a short name, such as ``rate``; `noted` says that the
    user should be told without asking: what the film shows is not simply what the file holds."""

    rule: str
    detected: str
    decided: str
    why: str
    noted: bool = False

    @property
    def sentence(self) -> str:
        """``'rate: constant, 25 fps → 50 fps, 500 frames (each field of 25 fps becomes a picture)'``."""
        return f"{self.rule}: {self.detected} → {self.decided}" + (f" ({self.why})" if self.why else "")


def decisions_json(decisions: Iterable[Decision]) -> dict[str, dict[str, str]]:
    """Decisions as the title record and `--json` have them, by rule."""
    return {d.rule: {"detected": d.detected, "decided": d.decided, "why": d.why} for d in decisions}
