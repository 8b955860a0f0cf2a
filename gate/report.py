"""What the gate says at its end: findings, what they rest on, and refusing a master. Pure."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from gate.facts import Facts
from gate.finding import Finding, counted
from gate.measures import FLOOR, Measures
from gate.sound import track_lufs
from values.errors import MasterRefused

_POINTS = 600
_TOLD = 3


@dataclass(frozen=True, slots=True)
class Curve:
    """Values over the film at steps of `step` seconds from its start; None where there is none."""

    step: Fraction
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class TrackSummary:
    """A sound track: the stream's index, loudness in LUFS (None: silence), the highest true peak in dBTP, and the
    momentary loudness over the film in LUFS."""

    track: int
    language: str
    lufs: float | None
    true_peak_dbtp: float | None
    loudness: Curve


@dataclass(frozen=True, slots=True)
class GateReport:
    """The master called `name`: its findings, the worst first, and the curves they lie on.

    `duration` is the picture's in seconds, `luma` its average over the film in codes of 8 bit limited range. The master
    was measured in `chunks` that took `cpu_s` CPU seconds in all.
    """

    name: str
    duration: Fraction
    frames: int
    rate: Fraction
    findings: tuple[Finding, ...]
    luma: Curve
    sounds: tuple[TrackSummary, ...] = ()
    chunks: int = 1
    cpu_s: float = 0.0

    @property
    def counts(self) -> dict[str, int]:
        """Findings by severity."""
        return counted(self.findings)

    def record(self) -> dict[str, Any]:
        """It as a JSON object, without thumbnails and curves: what a title keeps of it."""
        return {
            "counts": self.counts,
            "findings": [f.record() for f in self.findings],
            "measured": {
                "frames": self.frames,
                "duration_s": round(float(self.duration), 6),
                "chunks": self.chunks,
                "cpu_s": round(self.cpu_s, 3),
                "sound": [
                    {
                        "track": s.track,
                        "integrated_lufs": _rounded(s.lufs),
                        "true_peak_dbtp": _rounded(s.true_peak_dbtp),
                    }
                    for s in self.sounds
                ],
            },
        }


def report(
    name: str, facts: Facts, measures: Measures, findings: Sequence[Finding], *, chunks: int, cpu_s: float
) -> GateReport:
    """The report on a film of these `measures` and `findings`."""
    sounds = []
    for sound in measures.sounds:
        language = next((t.language for t in facts.audio if t.index == sound.track), "und")
        peak = max(sound.true_peak, default=FLOOR)
        values = [None if m <= FLOOR else m / 100 for m in sound.momentary]
        curve = thinned(values, Fraction(1, 10))
        sounds.append(
            TrackSummary(sound.track, language, track_lufs(sound), peak / 100 if peak > FLOOR else None, curve)
        )
    return GateReport(
        name, facts.duration, facts.frames, facts.rate, tuple(findings), luma_curve(facts, measures),
        tuple(sounds), chunks, cpu_s,
    )  # fmt: skip


def luma_curve(facts: Facts, measures: Measures, points: int = _POINTS) -> Curve:
    """Average luma in at most `points` equal spans of the film's time; a span without a picture of its own has none."""
    count = min(points, facts.frames)
    sums, counts = [0.0] * count, [0] * count
    for frame, (mean, seen) in enumerate(zip(measures.picture.mean, measures.picture.seen, strict=True)):
        at = min(int(facts.time(frame) / facts.duration * count), count - 1)
        sums[at] += mean / 100 * seen
        counts[at] += seen
    values = tuple(round(s / n, 2) if n else None for s, n in zip(sums, counts, strict=True))
    return Curve(facts.duration / count, values)


def thinned(values: Sequence[float | None], step: Fraction, points: int = _POINTS) -> Curve:
    """A curve of at most `points` averages of `values` that are `step` seconds apart."""
    width = max(1, -(-len(values) // points))
    out: list[float | None] = []
    for at in range(0, len(values), width):
        part = [v for v in values[at : at + width] if v is not None]
        out.append(round(sum(part) / len(part), 2) if part else None)
    return Curve(step * width, tuple(out))


def report_json(found: GateReport) -> dict[str, Any]:
    """All of a report as a JSON object: its record, thumbnails as JPEG in base64, and the curves."""
    record = found.record()
    for entry, finding in zip(record["findings"], found.findings, strict=True):
        if finding.thumbnail:
            entry["thumbnail_jpeg_base64"] = base64.b64encode(finding.thumbnail).decode()
    curves = {"luma": _curve_json(found.luma)}
    curves |= {f"loudness_{s.track}": _curve_json(s.loudness) for s in found.sounds}
    return {"name": found.name, **record, "curves": curves}


def refuse_if_strict(found: GateReport, *, where: str = "") -> None:
    """Raise MasterRefused if there is any error: the message names the worst ones, when, and what to do."""
    _refuse([f for f in found.findings if f.severity == "error"], where or found.name)


def refuse_record(record: Mapping[str, Any], *, where: str) -> None:
    """The same of what was kept of a report (`GateReport.record`)."""
    errors = [f for f in record["findings"] if f["severity"] == "error"]
    made = (Finding(f["kind"], "error", Fraction(f["start"]), Fraction(f["stop"]), f["text"]) for f in errors)
    _refuse(list(made), where)


def _refuse(errors: Sequence[Finding], where: str) -> None:
    if not errors:
        return
    worst = sorted(errors, key=lambda f: (-f.duration, f.start))[:_TOLD]
    lines = [f"{f.span}  {f.text}" for f in sorted(worst, key=lambda f: f.start)]
    more = f"\n  and {len(errors) - len(worst)} more" if len(errors) > len(worst) else ""
    raise MasterRefused(
        f"the quality gate found {len(errors)} error{'s' if len(errors) > 1 else ''} in it",
        where=where,
        hint="  " + "\n  ".join(lines) + f"{more}\nSee them all with: matinee qc MASTER --html qc.html. "
        "Onboard it all the same with --qc warn.",
    )


def _curve_json(curve: Curve) -> dict[str, Any]:
    return {"step_s": round(float(curve.step), 6), "values": curve.values}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
