"""Auditing the AdaptationSets of text, key frames and thumbnails in an MPD. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from xml.etree.ElementTree import Element

from packager.audit_dash_sound import language_fault, purposes_of, roles_of
from packager.audit_dash_times import NS, fill, template_faults
from packager.audit_playlist import resolve
from packager.audit_text import TextFacts
from packager.audit_trick import TrickFacts
from values.title import Title

TRICK_MODE = "http://dashif.org/guidelines/trickmode"
_TILE = "http://dashif.org/guidelines/thumbnail_tile"


def essential(element: Element, scheme: str) -> list[str]:
    """The values of an element's EssentialProperty descriptors of one scheme."""
    found = element.findall(f"{NS}EssentialProperty")
    return [e.get("value", "") for e in found if e.get("schemeIdUri") == scheme]


def audit_text_set(title: Title, key: str, group: Element, texts: Sequence[TextFacts]) -> Iterator[str]:
    """A set of one text track as one file, in the MPD under `key`."""
    members = group.findall(f"{NS}Representation")
    name = members[0].get("id", "")
    facts = next((t for t in texts if t.text.id == name), None)
    if facts is None or len(members) != 1:
        yield f"has the text {name!r}, which is no track of this title, or one of {len(members)} in a set"
        return
    text = facts.text
    if (members[0].get("mimeType") or group.get("mimeType")) != "text/vtt":
        yield f"says mimeType {group.get('mimeType')} for {name}"
    address = resolve(key, members[0].findtext(f"{NS}BaseURL"))
    if address != text.whole.key:
        yield f"names the file {address} for {name} instead of {text.whole.key}"
    yield from language_fault(group, text.language, name)
    roles = roles_of(group)
    due = "forced-subtitle" if text.forced else "caption" if text.role == "captions" else "subtitle"
    if roles & {"forced-subtitle", "caption", "subtitle"} != {due}:
        yield f"says the roles {', '.join(sorted(roles))} for {name}, which is a {due}"
    if ("2" in purposes_of(group)) != (text.role == "captions"):
        yield f"says another accessibility of {name} than its role, which is {text.role}"
    if group.find(f"{NS}Label") is None:
        yield f"has no Label for {name}"
    rate = Fraction(8 * facts.whole_bytes) / title.duration
    if int(members[0].get("bandwidth", "0")) < int(rate):
        yield f"says bandwidth {members[0].get('bandwidth')} for {name}, which has {int(rate)}"


def audit_trick_set(root: Element, key: str, group: Element, trick: Sequence[TrickFacts]) -> Iterator[str]:
    """A set of key frames, and the set that it says it is of."""
    mains = {e.get("id"): e for e in root.iter(f"{NS}AdaptationSet") if not essential(e, TRICK_MODE)}
    for element in group.findall(f"{NS}Representation"):
        name = element.get("id", "")
        facts = next((t for t in trick if t.trick.id == name), None)
        if facts is None:
            yield f"has the trick track {name!r}, which this title has not"
            continue
        for number in " ".join(essential(group, TRICK_MODE)).split():
            main = mains.get(number)
            held = [] if main is None else [e.get("id") for e in main.findall(f"{NS}Representation")]
            if facts.trick.of not in held:
                yield f"says that {name} is of the set {number}, which does not hold {facts.trick.of}"
        said = {**group.attrib, **element.attrib}
        wanted = {"codecs": facts.trick.codec, "mimeType": "video/mp4", "codingDependency": "false"}
        wanted |= {"width": str(facts.trick.width), "height": str(facts.trick.height)}
        for attribute, value in wanted.items():
            if said.get(attribute) != value:
                yield f"says {attribute} {said.get(attribute)} for {name}, which has {value}"
        if Fraction(said.get("maxPlayoutRate", "1")) < 1:
            yield f"says maxPlayoutRate {said.get('maxPlayoutRate')} for {name}"
        if int(said.get("bandwidth", "0")) < facts.peak_bps:
            yield f"says bandwidth {said.get('bandwidth')} for {name}, whose peak is {facts.peak_bps}"
        stored = (facts.trick.init.key, [s.file.key for s in facts.trick.segments])
        yield from template_faults(key, group, element, name, facts.trick.timescale, stored, facts.spans)


def audit_image_set(title: Title, key: str, group: Element) -> Iterator[str]:
    """The set of sheets of thumbnails."""
    images = title.thumbnails
    members = group.findall(f"{NS}Representation")
    if images is None or len(members) != 1:
        yield f"has {len(members)} representations of images in a set, where the title has {1 if images else 0}"
        return
    element = members[0]
    if (element.get("mimeType") or group.get("mimeType")) != "image/jpeg":
        yield f"says mimeType {group.get('mimeType')} for images"
    size = (images.columns * images.width, images.rows * images.height)
    if (element.get("width"), element.get("height")) != (str(size[0]), str(size[1])):
        yield f"says sheets of {element.get('width')}x{element.get('height')}, which are {size[0]}x{size[1]}"
    if essential(element, _TILE) != [f"{images.columns}x{images.rows}"]:
        yield f"says tiles of {essential(element, _TILE)}, which are {images.columns}x{images.rows}"
    sheet = Fraction(images.every_ms * images.columns * images.rows, 1000)
    rate = Fraction(8 * max((s.size_bytes for s in images.sheets), default=0)) / sheet
    if int(element.get("bandwidth", "0")) < int(rate):
        yield f"says bandwidth {element.get('bandwidth')} for images, whose peak is {int(rate)}"
    template = element.find(f"{NS}SegmentTemplate")
    if template is None:
        yield "has no segment template for images"
        return
    first, media = int(template.get("startNumber", "1")), template.get("media", "")
    listed = [resolve(key, fill(media, first + n, 0, element.get("id", ""))) for n in range(len(images.sheets))]
    if listed != [s.key for s in images.sheets]:
        yield f"lists {listed[0] if listed else 'nothing'} as the first sheet, or others in another order"
    if Fraction(int(template.get("duration", "0")), int(template.get("timescale", "1"))) != sheet:
        yield f"says sheets of {template.get('duration')} ticks, which show {float(sheet):.3f} s"
