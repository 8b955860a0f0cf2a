"""The AdaptationSets of an MPD beside the picture and the sound: text, key frames, thumbnails. Pure.

Text is one WebVTT file a track (DASH-IF IOP 4.3 section 6.4); key frames are a set that is played in place of its main
set while a player winds (section 3.2.9); thumbnails are tiled JPEG images (section 6.2.6).
"""

from __future__ import annotations

import math
from fractions import Fraction
from xml.etree import ElementTree as ET

from packager.dash_sets import AUDIO_PURPOSE, colour, role
from packager.dash_times import numbered, segment_template
from packager.languages import tag
from packager.names import FIRST_NUMBER, relative
from values.title import Rendition, TextTrack, Thumbnails, TrickTrack

TRICK_MODE = "http://dashif.org/guidelines/trickmode"
THUMBNAIL_TILE = "http://dashif.org/guidelines/thumbnail_tile"
_HARD_OF_HEARING = "2"


def text_set(period: ET.Element, text: TextTrack, name: str, *, title_id: str, film: Fraction) -> None:
    """The AdaptationSet of a text track of a film of `film` seconds."""
    attributes = {"id": str(len(period) + 1), "contentType": "text", "mimeType": "text/vtt"}
    if (language := tag(text.language)) != "und":
        attributes["lang"] = language
    element = ET.SubElement(period, "AdaptationSet", attributes)
    ET.SubElement(element, "Label").text = name
    if text.role == "captions":
        ET.SubElement(element, "Accessibility", schemeIdUri=AUDIO_PURPOSE, value=_HARD_OF_HEARING)
    role(element, "forced-subtitle" if text.forced else "caption" if text.role == "captions" else "subtitle")
    if text.default:
        role(element, "main")
    bandwidth = max(1, math.ceil(8 * text.whole.size_bytes / film))
    representation = ET.SubElement(element, "Representation", id=text.id, bandwidth=str(bandwidth))
    ET.SubElement(representation, "BaseURL").text = relative(title_id, text.whole.key)


def trick_set(
    period: ET.Element, trick: TrickTrack, main: Rendition, number: int, *, title_id: str, spare: bool
) -> None:
    """The AdaptationSet of the key frames of `main`, which is in the set `number`; `spare` is as for its colour.

    They may be played faster than the film by as many times as they are fewer: a decoder then has no more to do.
    """
    attributes = {
        "id": str(len(period) + 1),
        "contentType": "video",
        "mimeType": "video/mp4",
        "segmentAlignment": "true",
        "startWithSAP": "1",
        "codecs": trick.codec,
    }
    element = ET.SubElement(period, "AdaptationSet", attributes)
    ET.SubElement(element, "EssentialProperty", schemeIdUri=TRICK_MODE, value=str(number))
    colour(element, [main], spare=spare)
    representation = ET.SubElement(
        element,
        "Representation",
        id=trick.id,
        codecs=trick.codec,
        bandwidth=str(trick.peak_bps),
        width=str(trick.width),
        height=str(trick.height),
        maxPlayoutRate=str(max(1, sum(s.samples for s in main.segments) // len(main.segments))),
        codingDependency="false",
    )
    segment_template(representation, trick.init, trick.segments, title_id=title_id, timescale=trick.timescale)


def image_set(period: ET.Element, images: Thumbnails, *, title_id: str) -> None:
    """The AdaptationSet of the sheets of thumbnails."""
    attributes = {"id": str(len(period) + 1), "contentType": "image", "mimeType": "image/jpeg"}
    element = ET.SubElement(period, "AdaptationSet", attributes)
    sheet_ms = images.every_ms * images.columns * images.rows
    representation = ET.SubElement(
        element,
        "Representation",
        id="thumbnails",
        bandwidth=str(math.ceil(Fraction(8000 * max(s.size_bytes for s in images.sheets), sheet_ms))),
        width=str(images.columns * images.width),
        height=str(images.rows * images.height),
    )
    ET.SubElement(
        representation, "EssentialProperty", schemeIdUri=THUMBNAIL_TILE, value=f"{images.columns}x{images.rows}"
    )
    ET.SubElement(
        representation,
        "SegmentTemplate",
        timescale="1000",
        duration=str(sheet_ms),
        startNumber=str(FIRST_NUMBER),
        media=relative(title_id, numbered([s.key for s in images.sheets], ".jpg")),
    )
