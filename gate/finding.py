"""What the gate says of a master: findings with kind, severity, time, words and numbers. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from values.clock import clock_text

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
"""From worst to least: an error is seen or heard by everyone who watches, a warning wants a look, the rest is told."""

KINDS: Mapping[str, str] = {
    "damage": "Damage",
    "black": "Black",
    "freeze": "Freeze",
    "gap": "Dropped frames",
    "repeat": "Repeated frames",
    "scan": "Interlacing",
    "levels": "Levels",
    "colour": "Colour tags",
    "bars": "Bars",
    "sync": "Sound and picture",
    "silence": "Silence",
    "clipping": "Clipping",
    "loudness": "Loudness",
}
"""Every kind of finding, in the order in which a report shows them, and its name."""

_LISTED = 40


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found at ``[start, stop)``, exact seconds on the film's timeline (0 is its first picture).

    `text` says what it is and what to do about it. `measured` holds the numbers behind it, units in their names.
    `track` is the container's index of the sound track it concerns, -1 for none. `thumbnail` is a small JPEG of the
    picture there, empty where there is none.
    """

    kind: str
    severity: Severity
    start: Fraction
    stop: Fraction
    text: str
    measured: Mapping[str, float | int | str] = field(default_factory=dict, hash=False)
    track: int = -1
    thumbnail: bytes = field(default=b"", repr=False, compare=False)

    @property
    def duration(self) -> Fraction:
        """Seconds."""
        return self.stop - self.start

    @property
    def span(self) -> str:
        """The time range as people write it."""
        return f"{clock_text(self.start)} to {clock_text(self.stop)}"

    def record(self) -> dict[str, Any]:
        """It as a JSON object without its thumbnail; times as exact fractions in text and as plain seconds."""
        return {
            "kind": self.kind,
            "severity": self.severity,
            "start": str(self.start),
            "stop": str(self.stop),
            "start_s": round(float(self.start), 6),
            "stop_s": round(float(self.stop), 6),
            "text": self.text,
            "measured": dict(self.measured),
            **({"track": self.track} if self.track >= 0 else {}),
        }


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """From the worst to the least, and by time among equals."""
    kinds = list(KINDS)
    return tuple(
        sorted(
            findings,
            key=lambda f: (SEVERITIES.index(f.severity), f.start, f.stop, kinds.index(f.kind), f.track, f.text),
        )
    )


def counted(findings: Iterable[Finding]) -> dict[str, int]:
    """How many there are of each severity, the worst first; all three are named."""
    found = Counter(f.severity for f in findings)
    return {s: found[s] for s in SEVERITIES}


def at_most(findings: Sequence[Finding], listed: int = _LISTED) -> tuple[Finding, ...]:
    """The findings of one kind, in order of time; what is more than `listed` is told as one, of the worst severity."""
    if len(findings) <= listed:
        return tuple(findings)
    rest = findings[listed:]
    worst = min((f.severity for f in rest), key=SEVERITIES.index)
    text = f"{len(rest)} more like the {listed} before, up to {clock_text(rest[-1].stop)}."
    more = Finding(rest[0].kind, worst, rest[0].start, rest[-1].stop, text, {"more": len(rest)}, rest[0].track)
    return (*findings[:listed], more)


def seconds(length: Fraction) -> str:
    """A length as people say it: ``'1.5 s'``, ``'6 min 3 s'``."""
    if length < 60:
        return f"{float(length):.3g} s"
    minutes, rest = divmod(round(length), 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"
