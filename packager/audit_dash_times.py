"""Durations, SegmentTimelines and segment addresses of an MPD, as a player would read them. Pure.

ISO/IEC 23009-1 sections 5.3.9.4 (SegmentTemplate) and 5.3.9.6 (SegmentTimeline).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from xml.etree.ElementTree import Element

from packager.audit_playlist import resolve

NS = "{urn:mpeg:dash:schema:mpd:2011}"
_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")


def template_faults(
    key: str,
    group: Element,
    element: Element,
    name: str,
    timescale: int,
    stored: tuple[str, Sequence[str]],
    spans: Sequence[tuple[int, int] | None],
) -> Iterator[str]:
    """What is wrong with the SegmentTemplate of the Representation `element`, called `name`, in the MPD under `key`.

    `stored` are the keys of its init and its segments, `spans` the presentation times of these in ticks of `timescale`,
    None where not known. Raises ValueError.
    """
    templates = [t for e in (element, group) for t in e.findall(f"{NS}SegmentTemplate")]
    if len(templates) != 1:
        yield f"has {len(templates)} segment templates for {name}"
        return
    template = templates[0]
    init = resolve(key, template.get("initialization"))
    if init != stored[0]:
        yield f"names the init {init} for {name} instead of {stored[0]}"
    said = _timeline(template)
    first = int(template.get("startNumber", "1"))
    media = template.get("media", "")
    listed = [resolve(key, fill(media, first + n, start, name)) for n, (start, _) in enumerate(said)]
    if listed != list(stored[1]):
        odd = next((a for a, b in zip(listed, stored[1], strict=False) if a != b), None)
        yield (
            f"lists {len(listed)} segments of {name} and the record {len(stored[1])}"
            if odd is None
            else f"lists {odd}, which is not the record's segment of {name} there"
        )
    if int(template.get("timescale", "1")) != timescale:
        yield f"says timescale {template.get('timescale')} for {name}, which has {timescale}"
        return
    offset = int(template.get("presentationTimeOffset", "0"))
    for segment, span, (start, stop) in zip(stored[1], spans, said, strict=False):
        if span and (start - offset, stop - offset) != span:
            yield f"puts {segment} at [{start}, {stop}) and its media is at [{span[0]}, {span[1]})"


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
    for element in template.iterfind(f"{NS}SegmentTimeline/{NS}S"):
        at = int(element.get("t", at))
        duration = int(element.get("d", "0"))
        repeats = int(element.get("r", "0"))
        if duration <= 0 or not 0 <= repeats < 1_000_000:
            raise ValueError(f"S with d={duration} and r={repeats}")
        for _ in range(repeats + 1):
            spans.append((at, at + duration))
            at += duration
    return spans


def fill(template: str, number: int, time: int, representation: str) -> str:
    values = {"$Number$": str(number), "$Time$": str(time), "$RepresentationID$": representation, "$$": "$"}
    return re.sub(r"\$(?:Number|Time|RepresentationID)?\$", lambda m: values[m.group()], template)
