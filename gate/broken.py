"""What does not decode. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from gate.facts import Facts
from gate.finding import Finding
from gate.limits import Limits
from gate.marks import missing_marks
from gate.measures import Damage, Measures
from gate.runs import gather, runs

_WITHIN_S = Fraction(2)  # damage nearer than this is one finding
_COPY = "Copy the master again, or go on with what there is: --allow-damaged."


def find_damage(measures: Measures, facts: Facts, limits: Limits) -> Iterator[Finding]:
    """What inspection found, then each stretch of packets and pictures that are broken, stream by stream."""
    for sentence in facts.damage:
        yield Finding("damage", "error", Fraction(0), facts.duration, f"The file is damaged: {sentence}. {_COPY}")
    lost = [facts.span(a, b) for a, b in runs(missing_marks(measures.picture))]
    yield from _stretches([d for d in measures.damage if d.stream == facts.video.index], lost, facts, -1)
    for track in facts.audio:
        found = [d for d in measures.damage if d.stream == track.index]
        yield from _stretches(found, [], facts, track.index)


def _stretches(
    damage: Sequence[Damage], lost: Sequence[tuple[Fraction, Fraction]], facts: Facts, track: int
) -> Iterator[Finding]:
    places = [(max(d.start, Fraction(0)), max(d.stop, d.start, Fraction(0)), d) for d in damage]
    every = sorted([*places, *((a, b, None) for a, b in lost)], key=lambda p: p[:2])
    for first, last in gather([(a, b) for a, b, _ in every], _WITHIN_S):
        group = every[first:last]
        start, stop = group[0][0], max(b for _, b, _ in group)
        said = [d for _, _, d in group if d]
        gone = sum((b - a for a, b, d in group if d is None), Fraction(0))
        numbers: dict[str, float | int | str] = {"packets": len(said)}
        byte = next((d.byte for d in said if d.byte is not None), None)
        numbers |= {"byte": byte} if byte is not None else {}
        numbers |= {"missing_s": round(float(gone), 3)} if gone else {}
        yield Finding("damage", "error", start, stop, _sentence(said, gone, byte, track), numbers, track)


def _sentence(said: Sequence[Damage], gone: Fraction, byte: int | None, track: int) -> str:
    what = "sound" if track >= 0 else "picture"
    place = f", first in the packet at byte {byte:,}" if byte is not None else ""
    words = next((d.text for d in said if d.byte is not None), said[0].text if said else "")
    heard = f" ({words})" if words else ""
    if gone:
        return f"{float(gone):.3g} s of {what} can't be decoded{place}{heard}. {_COPY}"
    return f"The {what} is damaged{place}{heard}. {_COPY}"
