"""Auditing a DASH MPD against what was read from the media (ISO/IEC 23009-1). Pure.

The MPD is parsed with defusedxml; nothing is taken from the code that wrote it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from packager.audit_dash_extras import TRICK_MODE, audit_image_set, audit_text_set, audit_trick_set, essential
from packager.audit_dash_sets import audit_sets
from packager.audit_dash_sound import audit_sound, channels_of
from packager.audit_dash_times import parse_duration, template_faults
from packager.audit_facts import Fault, RenditionFacts, peak_rate
from packager.audit_text import TextFacts
from packager.audit_trick import TrickFacts
from values.title import Title

_NS = "{urn:mpeg:dash:schema:mpd:2011}"
_NANOSECOND = Fraction(1, 1_000_000_000)


def audit_dash(
    title: Title,
    found: Sequence[RenditionFacts],
    data: bytes,
    texts: Sequence[TextFacts] = (),
    trick: Sequence[TrickFacts] = (),
) -> list[Fault]:
    """The MPD `data`, stored under the title's dash key."""
    auditor = _Auditor(title, found, texts, trick, title.dash.key)
    try:
        root = fromstring(data)
    except (ParseError, DefusedXmlException, ValueError) as error:
        return [Fault(title.dash.key, f"is not well-formed XML ({error})")]
    try:
        auditor.presentation(root)
    except (ValueError, ZeroDivisionError) as error:  # a number that is none
        auditor.say(f"holds a value that can't be read ({error})")
    return auditor.faults


@dataclass(slots=True)
class _Auditor:
    title: Title
    found: Sequence[RenditionFacts]
    texts: Sequence[TextFacts]
    trick: Sequence[TrickFacts]
    key: str
    faults: list[Fault] = field(default_factory=list)

    def say(self, what: str) -> None:
        self.faults.append(Fault(self.key, what))

    def presentation(self, root: Element) -> None:
        if root.tag != f"{_NS}MPD":
            self.say(f"has the root {root.tag}, not an MPD")
            return
        if root.get("type", "static") != "static":
            self.say(f"says type {root.get('type')}, players would wait for more")
        self._total(root)
        longest = max((d for f in self.found for _, d in f.seconds()), default=Fraction(0))
        if "minBufferTime" not in root.attrib or parse_duration(root.get("minBufferTime", "")) < longest:
            self.say(f"says minBufferTime {root.get('minBufferTime')} and a segment lasts {float(longest):.6f} s")
        if "maxSegmentDuration" in root.attrib and parse_duration(root.get("maxSegmentDuration", "")) < longest:
            self.say(f"says maxSegmentDuration {root.get('maxSegmentDuration')}; one lasts {float(longest):.6f} s")
        self._representations(root)

    def _total(self, root: Element) -> None:
        video = [f for f in self.found if f.rendition.kind == "video" and f.readable and f.track]
        for facts in video:
            lasting = sum((d for _, d in facts.seconds()), Fraction(0))
            spans = [root.get("mediaPresentationDuration"), *(p.get("duration") for p in root.iter(f"{_NS}Period"))]
            for text in (t for t in spans if t is not None):
                if abs(parse_duration(text) - lasting) > _NANOSECOND:
                    self.say(f"says the duration {text} and {facts.rendition.id} lasts {float(lasting):.6f} s")
        if root.get("mediaPresentationDuration") is None:
            self.say("lacks mediaPresentationDuration")

    def _representations(self, root: Element) -> None:
        named: list[str] = []
        images = 0
        for group in root.iter(f"{_NS}AdaptationSet"):
            members = group.findall(f"{_NS}Representation")
            named += [element.get("id", "") for element in members]
            kind = group.get("contentType") or group.get("mimeType", "").partition("/")[0]
            if not members:
                self.say(f"has no representation in the adaptation set {group.get('id')}")
            elif kind == "image":
                images += 1
                self._all(audit_image_set(self.title, self.key, group))
            elif kind == "text":
                self._all(audit_text_set(self.title, self.key, group, self.texts))
            elif essential(group, TRICK_MODE):
                self._all(audit_trick_set(root, self.key, group, self.trick))
            else:
                self._played(group, members)
        known = (
            [f.rendition.id for f in self.found] + [t.text.id for t in self.texts] + [t.trick.id for t in self.trick]
        )
        for name in known:
            if named.count(name) != 1:
                self.say(f"has {named.count(name)} representations of {name}")
        if images != (1 if self.title.thumbnails else 0):
            self.say(f"has {images} sets of images")
        self._all(audit_sets(root, self.found))
        self._all(audit_sound(root, self.found))

    def _all(self, sentences: Iterable[str]) -> None:
        for what in sentences:
            self.say(what)

    def _played(self, group: Element, members: Sequence[Element]) -> None:
        for element in members:
            facts = next((f for f in self.found if f.rendition.id == element.get("id", "")), None)
            if facts is None:
                self.say(f"has the representation {element.get('id', '')!r}, which is no rendition of this title")
            else:
                self._representation(group, element, facts)

    def _representation(self, group: Element, element: Element, facts: RenditionFacts) -> None:
        track, name = facts.track, facts.rendition.id
        if track is None:
            return
        said = {**group.attrib, **element.attrib}
        wanted = {"mimeType": f"{facts.rendition.kind}/mp4", "codecs": track.codec}
        if facts.rendition.kind == "video":
            wanted |= {"width": str(track.width), "height": str(track.height)}
            if Fraction(said.get("frameRate", "0")) != self.title.rate:
                self.say(f"says frameRate {said.get('frameRate')} for {name}, which has {self.title.rate}")
        else:
            wanted["audioSamplingRate"] = str(track.sample_rate_hz)
            if (said_channels := channels_of(group, element)) != track.channels:
                self.say(f"says the channels {said_channels} for {name}, which has {track.channels}")
        for attribute, value in wanted.items():
            if said.get(attribute) != value:
                self.say(f"says {attribute} {said.get(attribute)} for {name}, which has {value}")
        target_s = max([1, *(int(d + Fraction(1, 2)) for f in self.found for _, d in f.seconds())])
        peak = peak_rate(facts.seconds(), target_s)
        if facts.readable and int(said.get("bandwidth", "0")) < peak:
            self.say(f"says bandwidth {said.get('bandwidth')} for {name}, whose peak is {peak}")
        spans = [(s.start, s.stop) if s else None for s in facts.segments]
        stored = (facts.rendition.init.key, [s.file.key for s in facts.rendition.segments])
        self._all(template_faults(self.key, group, element, name, track.timescale, stored, spans))
