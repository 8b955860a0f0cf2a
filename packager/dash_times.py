"""Times and addresses in an MPD: durations, SegmentTimelines and the templates of numbered segments. Pure.

Addresses are a SegmentTemplate with ``$Number$`` and a SegmentTimeline: every player handles that best. SegmentList
with SegmentTimeline is as valid, but dash.js has taken a SegmentTimeline to imply a template, and MPDs grow by a URL
a segment; so each rendition's segments lie in one folder named by their recipe (`packager.names`).

Timeline times are presentation times, after the init's edit list, as the standard counts them. presentationTimeOffset
therefore stays 0: browsers apply the edit list of an audio init to decode times themselves, and an offset on top would
shift the audio twice. The frame of priming before time 0 is cut by the player's append window.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby
from xml.etree import ElementTree as ET

from packager.measure import presented
from packager.names import FIRST_NUMBER, relative
from values.clock import seconds_text
from values.title import Segment, StoredFile


def iso_duration(seconds: Fraction) -> str:
    """xs:duration, exact to the nanosecond: ``'PT9M56.458333333S'``."""
    text = seconds_text(seconds, 9)
    whole, _, part = text.partition(".")
    minutes, rest = divmod(int(whole), 60)
    hours, minutes = divmod(minutes, 60)
    tail = f"{rest}.{part.rstrip('0')}".rstrip(".")
    lead = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    return f"PT{lead}{tail}S" if tail != "0" or not lead else f"PT{lead}"


def segment_template(
    parent: ET.Element,
    init: StoredFile,
    segments: Sequence[Segment],
    *,
    title_id: str,
    timescale: int,
    priming: int = 0,
) -> None:
    """The SegmentTemplate of a track with its timeline."""
    template = ET.SubElement(
        parent,
        "SegmentTemplate",
        timescale=str(timescale),
        startNumber=str(FIRST_NUMBER),
        initialization=relative(title_id, init.key),
        media=relative(title_id, numbered([s.file.key for s in segments], ".m4s")),
    )
    timeline = ET.SubElement(template, "SegmentTimeline")
    spans = [(int(a * timescale), int(b * timescale)) for a, b in presented(segments, timescale, priming)]
    for index, (duration, run) in enumerate(groupby(stop - start for start, stop in spans)):
        count = len(list(run))
        attributes = {"t": str(spans[0][0])} if index == 0 else {}
        attributes["d"] = str(duration)
        if count > 1:
            attributes["r"] = str(count - 1)
        ET.SubElement(timeline, "S", attributes)


def numbered(keys: Sequence[str], suffix: str) -> str:
    """Keys as one template; they must be numbered as `packager.names` says. Raises ValueError."""
    pattern = keys[0].removesuffix(f"/{FIRST_NUMBER}{suffix}") + f"/$Number${suffix}"
    for number, key in enumerate(keys, FIRST_NUMBER):
        if key != pattern.replace("$Number$", str(number)):
            raise ValueError(f"segment {number} is stored as {key!r}, not {pattern!r}")
    return pattern
