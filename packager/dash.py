"""The DASH MPD (ISO/IEC 23009-1) of a title. Pure.

Addresses are a SegmentTemplate with ``$Number$`` and a SegmentTimeline: every player handles that best. SegmentList
with SegmentTimeline is as valid, but dash.js has taken a SegmentTimeline to imply a template, and MPDs grow by a URL
a segment; so each rendition's segments lie in one folder named by their recipe (`packager.names`).

Timeline times are presentation times, after the init's edit list, as the standard counts them. presentationTimeOffset
therefore stays 0: browsers apply the edit list of an audio init to decode times themselves, and an offset on top would
shift the audio twice. The frame of priming before time 0 is cut by the player's append window.

Each video codec is an AdaptationSet of its own, the most widely played first. Players drop the sets that they can't
decode (MediaSource.isTypeSupported on each Representation's own @codecs) and choose among the others: dash.js by
@selectionPriority, so the most efficient codec has the highest; Shaka Player by bit rate, which comes to the same.
@qualityRanking orders the Representations of one set (`packager.scores`). There is no
``urn:mpeg:dash:adaptation-set-switching:2016`` between the sets: clients would have to change decoders at a segment
boundary, and those that can, like dash.js, compare bit rates across sets as if a bit were worth as much in any codec.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby
from xml.etree import ElementTree as ET

from coders.table import coder_of
from packager.hls import codec_rank
from packager.languages import label, tag
from packager.measure import presented
from packager.names import FIRST_NUMBER, relative
from packager.scores import scores
from values.clock import seconds_text
from values.title import Rendition

NAMESPACE = "urn:mpeg:dash:schema:mpd:2011"
PROFILES = "urn:mpeg:dash:profile:isoff-live:2011,urn:mpeg:dash:profile:cmaf:2019"
_CHANNELS = "urn:mpeg:dash:23003:3:audio_channel_configuration:2011"
_ROLE = "urn:mpeg:dash:role:2011"


def mpd(title_id: str, name: str, renditions: Sequence[Rendition], *, rate: Fraction, duration: Fraction) -> bytes:
    """The MPD of a static presentation of `duration` seconds of video at `rate` frames per second.

    minBufferTime is the longest segment: no segment needs more than `bandwidth` times its duration, so a player that
    has waited that long never starves at that rate (section 5.3.5.4).
    """
    longest = max(stop - start for r in renditions for start, stop in presented(r.segments, r.timescale, r.priming))
    attributes = {
        "xmlns": NAMESPACE,
        "profiles": PROFILES,
        "type": "static",
        "mediaPresentationDuration": iso_duration(duration),
        "maxSegmentDuration": iso_duration(Fraction(math.ceil(longest * 1000), 1000)),
        "minBufferTime": iso_duration(Fraction(math.ceil(longest * 1000), 1000)),
    }
    root = ET.Element("MPD", attributes)
    ET.SubElement(ET.SubElement(root, "ProgramInformation"), "Title").text = name
    period = ET.SubElement(root, "Period", id="1", start="PT0S", duration=iso_duration(duration))
    priorities = _priorities(renditions)
    for number, group in enumerate(_adaptation_sets(renditions), 1):
        element = _adaptation_set(period, number, group, rate=rate, first=group[0] in _firsts(renditions))
        if len(priorities) > 1 and group[0].kind == "video":
            element.set("selectionPriority", str(priorities[_efficiency(group[0])]))
        ranks = _ranks(group)
        for rendition in group:
            _representation(element, rendition, title_id, rate, ranks.get(rendition.id))
    ET.indent(root, " ")
    text: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def iso_duration(seconds: Fraction) -> str:
    """xs:duration, exact to the nanosecond: ``'PT9M56.458333333S'``."""
    text = seconds_text(seconds, 9)
    whole, _, part = text.partition(".")
    minutes, rest = divmod(int(whole), 60)
    hours, minutes = divmod(minutes, 60)
    tail = f"{rest}.{part.rstrip('0')}".rstrip(".")
    lead = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    return f"PT{lead}{tail}S" if tail != "0" or not lead else f"PT{lead}"


def _family(rendition: Rendition) -> tuple[str, str, str, int]:
    """Renditions between which a player may switch without a new decoder or another language."""
    return (rendition.kind, rendition.codec.split(".")[0], rendition.language, rendition.channels)


def _adaptation_sets(renditions: Sequence[Rendition]) -> list[list[Rendition]]:
    order = {family: index for index, family in enumerate(dict.fromkeys(map(_family, renditions)))}
    ranked = {r.id: codec_rank(r) if r.kind == "video" else (0, "") for r in renditions}
    ordered = sorted(
        renditions, key=lambda r: (r.kind != "video", ranked[r.id], order[_family(r)], r.average_bps, r.id)
    )
    return [list(group) for _, group in groupby(ordered, key=_family)]


def _firsts(renditions: Sequence[Rendition]) -> list[Rendition]:
    sets = _adaptation_sets(renditions)
    return [next(group[0] for group in sets if group[0].kind == kind) for kind in {g[0].kind for g in sets}]


def _efficiency(rendition: Rendition) -> float:
    coder = coder_of(rendition.codec)
    return coder.efficiency if coder else 0.0


def _priorities(renditions: Sequence[Rendition]) -> dict[float, int]:
    """selectionPriority by efficiency: 1, the default, for the least efficient codec, and so on."""
    return {e: n for n, e in enumerate(sorted({_efficiency(r) for r in renditions if r.kind == "video"}), 1)}


def _ranks(group: Sequence[Rendition]) -> dict[str, int]:
    """qualityRanking by id: 1 for the best of a video set. One alone has none."""
    if group[0].kind != "video" or len(group) == 1:
        return {}
    score = scores(group)
    return {r.id: n for n, r in enumerate(sorted(group, key=lambda r: -score[r.id]), 1)}


def _adaptation_set(
    period: ET.Element, number: int, group: Sequence[Rendition], *, rate: Fraction, first: bool
) -> ET.Element:
    kind = group[0].kind
    attributes = {
        "id": str(number),
        "contentType": kind,
        "mimeType": f"{kind}/mp4",
        "segmentAlignment": "true",
        "startWithSAP": "1",
    }
    if len({r.codec for r in group}) == 1:
        attributes["codecs"] = group[0].codec
    if kind == "video":
        attributes |= {
            "maxWidth": str(max(r.width for r in group)),
            "maxHeight": str(max(r.height for r in group)),
            "maxFrameRate": str(rate),
        }
    elif group[0].language != "und":
        attributes["lang"] = tag(group[0].language)
    element = ET.SubElement(period, "AdaptationSet", attributes)
    if kind == "audio":
        ET.SubElement(element, "Label").text = label(group[0].language)
    ET.SubElement(element, "Role", schemeIdUri=_ROLE, value="main" if first or kind == "video" else "alternate")
    return element


def _representation(parent: ET.Element, rendition: Rendition, title_id: str, rate: Fraction, rank: int | None) -> None:
    attributes = {"id": rendition.id, "codecs": rendition.codec, "bandwidth": str(rendition.peak_bps)}
    if rendition.kind == "video":
        attributes |= {
            "width": str(rendition.width),
            "height": str(rendition.height),
            "frameRate": str(rate),
        }
        attributes |= {"qualityRanking": str(rank)} if rank else {}
    else:
        attributes["audioSamplingRate"] = str(rendition.sample_rate_hz)
    element = ET.SubElement(parent, "Representation", attributes)
    if rendition.kind == "audio":
        channels = str(rendition.channels if rendition.channels < 8 else 12)  # 12 is 7.1 (ISO/IEC 23003-3 table)
        ET.SubElement(element, "AudioChannelConfiguration", schemeIdUri=_CHANNELS, value=channels)
    template = ET.SubElement(
        element,
        "SegmentTemplate",
        timescale=str(rendition.timescale),
        startNumber=str(FIRST_NUMBER),
        initialization=relative(title_id, rendition.init.key),
        media=relative(title_id, _numbered(rendition)),
    )
    _timeline(template, rendition)


def _numbered(rendition: Rendition) -> str:
    """The rendition's segment keys as one template; they must be numbered as `packager.names` says."""
    pattern = rendition.segments[0].file.key.removesuffix(f"/{FIRST_NUMBER}.m4s") + "/$Number$.m4s"
    for number, segment in enumerate(rendition.segments, FIRST_NUMBER):
        if segment.file.key != pattern.replace("$Number$", str(number)):
            raise ValueError(f"segment {number} of {rendition.id} is stored as {segment.file.key!r}, not {pattern!r}")
    return pattern


def _timeline(template: ET.Element, rendition: Rendition) -> None:
    timeline = ET.SubElement(template, "SegmentTimeline")
    spans = [(int(a * rendition.timescale), int(b * rendition.timescale)) for a, b in _spans(rendition)]
    for index, (duration, run) in enumerate(groupby(stop - start for start, stop in spans)):
        count = len(list(run))
        attributes = {"t": str(spans[0][0])} if index == 0 else {}
        attributes["d"] = str(duration)
        if count > 1:
            attributes["r"] = str(count - 1)
        ET.SubElement(timeline, "S", attributes)


def _spans(rendition: Rendition) -> list[tuple[Fraction, Fraction]]:
    return presented(rendition.segments, rendition.timescale, rendition.priming)
