"""Auditing the AdaptationSets of sound in an MPD: what a viewer chooses a language or a commentary by. Pure.

Roles of ISO/IEC 23009-1 section 5.8.5.5; accessibility as DVB-DASH (ETSI TS 103 285) has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from langcodes import standardize_tag

from packager.audit_dash_times import NS
from packager.audit_facts import RenditionFacts

_ROLES = "urn:mpeg:dash:role:2011"
AUDIO_PURPOSE = "urn:tva:metadata:cs:AudioPurposeCS:2007"
_MPEG = "urn:mpeg:dash:23003:3:audio_channel_configuration:2011"
_DOLBY = (
    "tag:dolby.com,2014:dash:audio_channel_configuration:2011",
    "urn:dolby:dash:audio_channel_configuration:2011",
)
_SPEAKERS = (1, 1, 1, 1, 1, 2, 2, 1, 1, 2, 2, 2, 1, 2, 1, 1)
"""Speakers behind each bit of Dolby's mask, from the highest: L, C, R, Ls, Rs, Lc/Rc, Lrs/Rrs … LFE2, LFE."""


def channels_of(group: Element, element: Element) -> int | None:
    """The channels that a Representation's one AudioChannelConfiguration means; None where there is not one to read."""
    found = [c for e in (element, group) for c in e.findall(f"{NS}AudioChannelConfiguration")]
    if len(found) != 1:
        return None
    scheme, value = found[0].get("schemeIdUri"), found[0].get("value", "")
    if scheme == _MPEG:
        return {12: 8, 7: 8}.get(int(value), int(value))
    if scheme in _DOLBY and len(value) == 4:
        mask = f"{int(value, 16):016b}"
        return sum(count for bit, count in zip(mask, _SPEAKERS, strict=True) if bit == "1")
    return None


def roles_of(group: Element) -> set[str]:
    return {e.get("value", "") for e in group.findall(f"{NS}Role") if e.get("schemeIdUri") == _ROLES}


def purposes_of(group: Element) -> set[str]:
    """The values of the set's Accessibility by TV-Anytime's audio purposes."""
    return {e.get("value", "") for e in group.findall(f"{NS}Accessibility") if e.get("schemeIdUri") == AUDIO_PURPOSE}


def language_fault(group: Element, recorded: str, name: str) -> Iterator[str]:
    """@lang must be the canonical tag of the record's language, and be absent where that is unknown."""
    try:
        due: str | None = standardize_tag(recorded.strip().replace("_", "-"))
    except ValueError:
        due = None
    due = None if due == "und" else due
    if group.get("lang") != due:
        yield f"says lang {group.get('lang')} for {name}, whose language is {due}"


def audit_sound(root: Element, found: Sequence[RenditionFacts]) -> Iterator[str]:
    """What is wrong with the sets of sound, in sentences that go on from the MPD's name. Raises ValueError."""
    by_id = {f.rendition.id: f for f in found if f.rendition.kind == "audio"}
    mains: set[tuple[str, str, str]] = set()
    priorities: dict[bool, list[int]] = {True: [], False: []}
    sets = 0
    for group in root.iter(f"{NS}AdaptationSet"):
        ids = [e.get("id", "") for e in group.findall(f"{NS}Representation")]
        members = [by_id[name].rendition for name in ids if name in by_id]
        if not members:
            continue
        sets += 1
        tracks = {(r.language, r.role, r.name) for r in members}
        if len(tracks) > 1 or len({r.channels for r in members}) > 1:
            yield f"mixes tracks in the adaptation set {group.get('id')}: {', '.join(ids)}"
        yield from language_fault(group, members[0].language, members[0].id)
        yield from _role(group, members[0].role, members[0].id)
        if group.find(f"{NS}Label") is None:
            yield f"has no Label for {members[0].id}"
        main = "main" in roles_of(group)
        mains |= tracks if main else set()
        priorities[main].append(int(group.get("selectionPriority", "1")))
    if sets and len(mains) != 1:
        yield f"says the role main for {len(mains)} tracks of sound"
    elif sets > 1 and max(priorities[False], default=0) >= max(priorities[True]):
        yield f"prefers other sound ({max(priorities[False])}) to the default track ({max(priorities[True])})"


def _role(group: Element, recorded: str, name: str) -> Iterator[str]:
    roles, described = roles_of(group), "1" in purposes_of(group)
    if recorded in ("commentary", "description"):
        if recorded not in roles:
            yield f"says the roles {', '.join(sorted(roles))} for {name}, whose role is {recorded}"
    elif not roles & {"main", "alternate"} or roles & {"commentary", "description"}:
        yield f"says the roles {', '.join(sorted(roles))} for {name}, whose role is {recorded}"
    if described != (recorded == "description"):
        yield f"{'says' if described else 'does not say'} that {name} describes pictures, whose role is {recorded}"
