"""Auditing the AdaptationSets of an MPD: what a player chooses a codec and a Representation by. Pure.

ISO/IEC 23009-1 sections 5.3.3.2 (selectionPriority), 5.3.5.2 (qualityRanking) and 5.3.7.2 (codecs).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from coders.table import coder_of
from packager.audit_facts import RenditionFacts, is_better, measured_alike

_NS = "{urn:mpeg:dash:schema:mpd:2011}"
_CICP = "urn:mpeg:mpegB:cicp"
_HDR = (16, 18)
_SWITCHING = "urn:mpeg:dash:adaptation-set-switching:2016"


@dataclass(frozen=True, slots=True)
class _Member:
    """A Representation of a set, and the rendition that it names."""

    element: Element
    facts: RenditionFacts
    entry: str


def audit_sets(root: Element, found: Sequence[RenditionFacts]) -> Iterator[str]:
    """What is wrong with the sets of an MPD, in sentences that go on from its name. Raises ValueError."""
    by_id = {f.rendition.id: f for f in found}
    sets: list[tuple[Element, list[_Member]]] = []
    for group in root.iter(f"{_NS}AdaptationSet"):
        members = [
            _Member(element, facts, facts.track.entry)
            for element in group.findall(f"{_NS}Representation")
            if (facts := by_id.get(element.get("id", ""))) and facts.track
        ]
        if members:
            yield from _codecs(group, members)
        if members and members[0].facts.rendition.kind == "video":
            sets.append((group, members))
            yield from _ranking(group, members, by_vmaf=measured_alike([m.facts for m in members]))
            yield from _colour(group, members, by_id.values())
    yield from _priorities(sets)


def _codecs(group: Element, members: Sequence[_Member]) -> Iterator[str]:
    entries = sorted({m.entry for m in members})
    if len(entries) > 1:
        yield f"mixes {' and '.join(entries)} in the adaptation set {group.get('id')}"
    common = group.get("codecs")
    held = sorted({m.facts.track.codec for m in members if m.facts.track})
    if common is not None and held != [common]:
        yield f"says codecs {common} for the adaptation set {group.get('id')}, which holds {', '.join(held)}"


def _colour(group: Element, members: Sequence[_Member], found: Iterable[RenditionFacts]) -> Iterator[str]:
    """A set has one dynamic range. What is HDR must say so (DASH-IF IOP 4.3 section 6.2.5.1), beside SDR in a way that
    a player can't pass over, and what is said must be what the inits say."""
    spare = any(f.track and f.track.handler == "vide" and f.track.colour[1] not in _HDR for f in found)
    colours = {m.facts.track.colour for m in members if m.facts.track}
    transfers = {colour[1] for colour in colours}
    if len(transfers) > 1 and transfers & set(_HDR):
        yield f"mixes the transfers {', '.join(map(str, sorted(transfers)))} in the adaptation set {group.get('id')}"
    names = ("ColourPrimaries", "TransferCharacteristics", "MatrixCoefficients")
    for index, name in enumerate(names):
        said_by = {
            kind: {e.get("value") for e in group.findall(f"{_NS}{kind}") if e.get("schemeIdUri") == f"{_CICP}:{name}"}
            for kind in ("EssentialProperty", "SupplementalProperty")
        }
        said = said_by["EssentialProperty"] | said_by["SupplementalProperty"]
        held = {str(colour[index]) for colour in colours}
        if said - held:
            yield f"says {name} {', '.join(map(str, said))} for the set {group.get('id')}, which has {', '.join(held)}"
        kind = "EssentialProperty" if spare else "SupplementalProperty"
        if transfers & set(_HDR) and name != "MatrixCoefficients" and said_by[kind] != held:
            yield f"has no {kind} with {name} for the set {group.get('id')}, which is HDR"


def _ranking(group: Element, members: Sequence[_Member], *, by_vmaf: bool) -> Iterator[str]:
    """A qualityRanking for all or none, each its own, and no lower number for a worse rendition."""
    said = [m.element.get("qualityRanking") for m in members]
    if all(text is None for text in said):
        return
    if None in said or len(set(said)) < len(said):
        yield f"ranks the adaptation set {group.get('id')} by {', '.join(str(text) for text in said)}"
        return
    ranks = [(int(text or 0), member.facts) for text, member in zip(said, members, strict=True)]
    for rank, facts in ranks:
        for before, worse in ranks:
            if before < rank and facts.readable and worse.readable and is_better(facts, worse, by_vmaf=by_vmaf):
                yield f"ranks {worse.rendition.id} {before} and {facts.rendition.id}, which is better, {rank}"


def _priorities(sets: Sequence[tuple[Element, list[_Member]]]) -> Iterator[str]:
    """A player that has the choice must be led to the more efficient codec, and never across codecs in mid-play."""
    entries = {group.get("id"): members[0].entry for group, members in sets}
    for group, members in sets:
        mine, coder = int(group.get("selectionPriority", "1")), coder_of(members[0].entry)
        for other, others in sets:
            theirs, better = int(other.get("selectionPriority", "1")), coder_of(others[0].entry)
            if coder and better and better.efficiency > coder.efficiency and theirs <= mine:
                yield f"prefers {members[0].entry} ({mine}) to {others[0].entry} ({theirs}), which is more efficient"
        for switch in [*group.findall(f"{_NS}SupplementalProperty"), *group.findall(f"{_NS}EssentialProperty")]:
            targets = switch.get("value", "").split(",") if switch.get("schemeIdUri") == _SWITCHING else []
            for target in targets:
                if entries.get(target, members[0].entry) != members[0].entry:
                    yield f"lets players switch from {members[0].entry} to {entries[target]} in mid-play"
