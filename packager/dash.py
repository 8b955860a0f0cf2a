"""The DASH MPD (ISO/IEC 23009-1) of a title. Pure.

Each video codec and dynamic range is an AdaptationSet of its own, the most widely played first, and so is each layout
of each sound track (`packager.dash_sets`); text, key frames and thumbnails follow (`packager.dash_extras`). Players
drop the sets that they can't decode (MediaSource.isTypeSupported on each Representation's own @codecs) and choose among
the others: dash.js by @selectionPriority, so the most efficient codec has the highest, HDR before SDR, and of the sound
the default track in stereo; Shaka Player by bit rate and by what the display shows. @qualityRanking orders the
Representations of one set (`packager.scores`). There is no ``urn:mpeg:dash:adaptation-set-switching:2016`` between the
sets: clients would have to change decoders at a segment boundary, and those that can, like dash.js, compare bit rates
across sets as if a bit were worth as much in any codec.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from xml.etree import ElementTree as ET

from packager.dash_extras import image_set, text_set, trick_set
from packager.dash_sets import sound_set, video_set, video_sets
from packager.dash_times import iso_duration
from packager.measure import presented
from packager.tracks import sound_tracks, text_names
from values.title import Rendition, TextTrack, Thumbnails, TrickTrack

NAMESPACE = "urn:mpeg:dash:schema:mpd:2011"
PROFILES = "urn:mpeg:dash:profile:isoff-live:2011,urn:mpeg:dash:profile:cmaf:2019"


def mpd(
    title_id: str,
    name: str,
    renditions: Sequence[Rendition],
    *,
    rate: Fraction,
    duration: Fraction,
    texts: Sequence[TextTrack] = (),
    trick: Sequence[TrickTrack] = (),
    images: Thumbnails | None = None,
) -> bytes:
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
    mains = video_sets(renditions)
    numbers: dict[str, int] = {}
    for group in mains:
        numbers |= dict.fromkeys((r.id for r in group), len(period) + 1)
        video_set(period, group, mains, title_id=title_id, rate=rate)
    sound = [(rendition, track) for track in sound_tracks(renditions) for rendition in track.renditions]
    for rendition, track in sound:
        sound_set(period, rendition, track, title_id=title_id, alone=len(sound) == 1)
    names = text_names(texts)
    for text in texts:
        text_set(period, text, names[text.id], title_id=title_id, film=duration)
    spare = any(r.video_range == "SDR" for r in renditions if r.kind == "video")
    for one in trick:
        main = next(r for r in renditions if r.id == one.of)
        trick_set(period, one, main, numbers[one.of], title_id=title_id, spare=spare)
    if images:
        image_set(period, images, title_id=title_id)
    ET.indent(root, " ")
    written: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{written}\n'.encode()
