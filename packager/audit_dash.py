"""Auditing a DASH MPD against what was read from the media (ISO/IEC 23009-1). Pure.

The MPD is parsed with defusedxml; nothing is taken from the code that wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from packager.audit_dash_sets import audit_sets
from packager.audit_facts import Fault, RenditionFacts, peak_rate
from packager.audit_hls import resolve
from values.title import Title

_NS = "{urn:mpeg:dash:schema:mpd:2011}"
_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")
_NANOSECOND = Fraction(1, 1_000_000_000)


def audit_dash(title: Title, found: Sequence[RenditionFacts], data: bytes) -> list[Fault]:
    """The MPD `data`, stored under the title's dash key."""
    auditor = _Auditor(title, found, title.dash.key)
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
        for group in root.iter(f"{_NS}AdaptationSet"):
            for element in group.findall(f"{_NS}Representation"):
                name = element.get("id", "")
                named.append(name)
                facts = next((f for f in self.found if f.rendition.id == name), None)
                if facts is None:
                    self.say(f"has the representation {name!r}, which is no rendition of this title")
                else:
                    self._representation(group, element, facts)
        for facts in self.found:
            if named.count(facts.rendition.id) != 1:
                self.say(f"has {named.count(facts.rendition.id)} representations of {facts.rendition.id}")
        for what in audit_sets(root, self.found):
            self.say(what)

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
            self._channels(group, element, name, track.channels)
        for attribute, value in wanted.items():
            if said.get(attribute) != value:
                self.say(f"says {attribute} {said.get(attribute)} for {name}, which has {value}")
        target_s = max([1, *(int(d + Fraction(1, 2)) for f in self.found for _, d in f.seconds())])
        peak = peak_rate(facts.seconds(), target_s)
        if facts.readable and int(said.get("bandwidth", "0")) < peak:
            self.say(f"says bandwidth {said.get('bandwidth')} for {name}, whose peak is {peak}")
        templates = [t for e in (element, group) for t in e.findall(f"{_NS}SegmentTemplate")]
        if len(templates) != 1:
            self.say(f"has {len(templates)} segment templates for {name}")
        else:
            self._template(templates[0], facts)

    def _channels(self, group: Element, element: Element, name: str, channels: int) -> None:
        said = [c.get("value") for e in (element, group) for c in e.findall(f"{_NS}AudioChannelConfiguration")]
        if said != [str(12 if channels == 8 else channels)]:
            self.say(f"says the channels {said} for {name}, which has {channels}")

    def _template(self, template: Element, facts: RenditionFacts) -> None:
        name, rendition = facts.rendition.id, facts.rendition
        init = resolve(self.key, template.get("initialization"))
        if init != rendition.init.key:
            self.say(f"names the init {init} for {name} instead of {rendition.init.key}")
        spans = _timeline(template)
        first = int(template.get("startNumber", "1"))
        media = template.get("media", "")
        listed = [resolve(self.key, _fill(media, first + n, start, name)) for n, (start, _) in enumerate(spans)]
        stored = [s.file.key for s in rendition.segments]
        if listed != stored:
            odd = next((a for a, b in zip(listed, stored, strict=False) if a != b), None)
            self.say(f"lists {len(listed)} segments of {name} and the record {len(stored)}" if odd is None
                     else f"lists {odd}, which is not the record's segment of {name} there")  # fmt: skip
        if facts.track and int(template.get("timescale", "1")) != facts.track.timescale:
            self.say(f"says timescale {template.get('timescale')} for {name}, which has {facts.track.timescale}")
            return
        offset = int(template.get("presentationTimeOffset", "0"))
        for segment, (start, stop) in zip(facts.segments, spans, strict=False):
            if segment and (start - offset, stop - offset) != (segment.start, segment.stop):
                self.say(
                    f"puts {segment.key} at [{start}, {stop}) and its media is at [{segment.start}, {segment.stop})"
                )


def parse_duration(text: str) -> Fraction:
    """Seconds of an xs:duration of hours, minutes and seconds. Raises ValueError."""
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()):
        raise ValueError(f"{text!r} is not a duration")
    hours, minutes, seconds = (Fraction(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds


def _timeline(template: Element) -> list[tuple[int, int]]:
    """The S elements of a SegmentTimeline as [start, stop) in ticks, offset included (section 5.3.9.6)."""
    spans: list[tuple[int, int]] = []
    at = 0
    for element in template.iterfind(f"{_NS}SegmentTimeline/{_NS}S"):
        at = int(element.get("t", at))
        duration = int(element.get("d", "0"))
        repeats = int(element.get("r", "0"))
        if duration <= 0 or not 0 <= repeats < 1_000_000:
            raise ValueError(f"S with d={duration} and r={repeats}")
        for _ in range(repeats + 1):
            spans.append((at, at + duration))
            at += duration
    return spans


def _fill(template: str, number: int, time: int, representation: str) -> str:
    values = {"$Number$": str(number), "$Time$": str(time), "$RepresentationID$": representation, "$$": "$"}
    return re.sub(r"\$(?:Number|Time|RepresentationID)?\$", lambda m: values[m.group()], template)
