"""The AdaptationSets of an MPD that are played: video, one a codec and range, and sound, one a track and layout. Pure.

ISO/IEC 23009-1 section 5.3.3; colour as DASH-IF IOP 4.3 section 6.2.5.1 asks, channels as its section 6.3 does.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby
from xml.etree import ElementTree as ET

from coders.table import coder_of
from packager.dash_times import segment_template
from packager.hls import codec_rank
from packager.languages import tag
from packager.scores import scores
from packager.tracks import SoundTrack, entry_of, layout_of
from values.title import Rendition

ROLE = "urn:mpeg:dash:role:2011"
AUDIO_PURPOSE = "urn:tva:metadata:cs:AudioPurposeCS:2007"
_CICP = "urn:mpeg:mpegB:cicp"
_CHANNELS = "urn:mpeg:dash:23003:3:audio_channel_configuration:2011"
_DOLBY_CHANNELS = "tag:dolby.com,2014:dash:audio_channel_configuration:2011"
_DOLBY_LAYOUTS = {1: "4000", 2: "A000", 6: "F801", 8: "FA01"}
"""Speakers as bits, left first (ETSI TS 102 366 section E.1.3.1.8): C, L R, 5.1, 7.1 with rear surrounds."""

_VISUALLY_IMPAIRED = "1"
_UNSAID = 2


def video_sets(renditions: Sequence[Rendition]) -> list[list[Rendition]]:
    """Video renditions between which a player may switch without a new decoder or another dynamic range, from small to
    large; the most widely played set first."""
    video = [r for r in renditions if r.kind == "video"]
    ordered = sorted(video, key=lambda r: (codec_rank(r), _family(r), r.average_bps, r.id))
    return [list(group) for _, group in groupby(ordered, key=_family)]


def video_set(
    period: ET.Element,
    group: Sequence[Rendition],
    sets: Sequence[Sequence[Rendition]],
    *,
    title_id: str,
    rate: Fraction,
) -> None:
    """The AdaptationSet of one of `sets`."""
    attributes = _common(period, group)
    attributes |= {
        "maxWidth": str(max(r.width for r in group)),
        "maxHeight": str(max(r.height for r in group)),
        "maxFrameRate": str(rate),
    }
    element = ET.SubElement(period, "AdaptationSet", attributes)
    colour(element, group, spare=any(g[0].video_range == "SDR" for g in sets))
    role(element, "main")
    worth = sorted({_worth(g[0]) for g in sets})
    if len(worth) > 1:
        element.set("selectionPriority", str(worth.index(_worth(group[0])) + 1))
    ranks = _ranks(group)
    for rendition in group:
        own = {"id": rendition.id, "codecs": rendition.codec, "bandwidth": str(rendition.peak_bps)}
        own |= {"width": str(rendition.width), "height": str(rendition.height), "frameRate": str(rate)}
        own |= {"qualityRanking": str(ranks[rendition.id])} if rendition.id in ranks else {}
        _template(ET.SubElement(element, "Representation", own), rendition, title_id)


def sound_set(period: ET.Element, rendition: Rendition, track: SoundTrack, *, title_id: str, alone: bool) -> None:
    """The AdaptationSet of one rendition of a sound track. Unless it is `alone`, the default track's have priorities
    above the others': a player that is told nothing starts with it, in the layout that plays everywhere."""
    attributes = _common(period, [rendition])
    if (language := tag(rendition.language)) != "und":
        attributes["lang"] = language
    if track.default and not alone:
        attributes["selectionPriority"] = "3" if rendition == (track.base or track.first) else "2"
    element = ET.SubElement(period, "AdaptationSet", attributes)
    ET.SubElement(element, "Label").text = track.name
    if rendition.role == "description":
        ET.SubElement(element, "Accessibility", schemeIdUri=AUDIO_PURPOSE, value=_VISUALLY_IMPAIRED)
    role(element, _sound_role(rendition, track))
    own = {"id": rendition.id, "codecs": rendition.codec, "bandwidth": str(rendition.peak_bps)}
    own["audioSamplingRate"] = str(rendition.sample_rate_hz)
    representation = ET.SubElement(element, "Representation", own)
    _channels(representation, rendition)
    _template(representation, rendition, title_id)


def role(parent: ET.Element, value: str) -> None:
    ET.SubElement(parent, "Role", schemeIdUri=ROLE, value=value)


def colour(parent: ET.Element, group: Sequence[Rendition], *, spare: bool) -> None:
    """What the samples of a set mean, where they agree. To know it is essential of HDR where there is SDR to play
    instead (`spare`): dash.js leaves such a set out where the display is none for it, and nothing if it is all."""
    kind = "EssentialProperty" if spare and group[0].video_range != "SDR" else "SupplementalProperty"
    names = ("ColourPrimaries", "TransferCharacteristics", "MatrixCoefficients")
    for index, name in enumerate(names):
        values = {r.colour[index] for r in group}
        if len(values) == 1 and _UNSAID not in values:
            ET.SubElement(parent, kind, schemeIdUri=f"{_CICP}:{name}", value=str(values.pop()))


def _family(rendition: Rendition) -> tuple[str, str]:
    return entry_of(rendition), rendition.video_range


def _worth(rendition: Rendition) -> tuple[float, bool]:
    """What to prefer, where a player can choose: the more efficient codec, and in it HDR."""
    coder = coder_of(rendition.codec)
    return coder.efficiency if coder else 0.0, rendition.video_range != "SDR"


def _ranks(group: Sequence[Rendition]) -> dict[str, int]:
    """qualityRanking by id: 1 for the best of a video set. One alone has none."""
    if len(group) == 1:
        return {}
    score = scores(group)
    return {r.id: n for n, r in enumerate(sorted(group, key=lambda r: -score[r.id]), 1)}


def _common(period: ET.Element, group: Sequence[Rendition]) -> dict[str, str]:
    kind = group[0].kind
    attributes = {
        "id": str(len(period) + 1),
        "contentType": kind,
        "mimeType": f"{kind}/mp4",
        "segmentAlignment": "true",
        "startWithSAP": "1",
    }
    codecs = {r.codec for r in group}
    return attributes | ({"codecs": codecs.pop()} if len(codecs) == 1 else {})


def _sound_role(rendition: Rendition, track: SoundTrack) -> str:
    if rendition.role in ("commentary", "description"):
        return rendition.role
    return "main" if track.default else "alternate"


def _channels(parent: ET.Element, rendition: Rendition) -> None:
    entry, channels = layout_of(rendition)
    if entry in ("ec-3", "ac-3") and channels in _DOLBY_LAYOUTS:
        scheme, value = _DOLBY_CHANNELS, _DOLBY_LAYOUTS[channels]
    else:
        scheme, value = _CHANNELS, str(channels if channels < 8 else 12)  # 12 is 7.1 (ISO/IEC 23003-3 table)
    ET.SubElement(parent, "AudioChannelConfiguration", schemeIdUri=scheme, value=value)


def _template(parent: ET.Element, rendition: Rendition, title_id: str) -> None:
    segment_template(
        parent, rendition.init, rendition.segments,
        title_id=title_id, timescale=rendition.timescale, priming=rendition.priming,
    )  # fmt: skip
