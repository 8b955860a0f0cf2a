"""A decision on colour told: to title.json, and in rows of a table. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coders.table import CODERS
from media.colour import BT709, MATRICES, PRIMARIES, SILENT, TRANSFERS, UNSPECIFIED, Colour, ColourWords
from treatment.colour import PARTS, ColourDecision
from treatment.decision import Decision
from treatment.look import content_peak, unconverted
from treatment.picture import Look


def colour_record(decision: ColourDecision, looks: Mapping[str, Look]) -> dict[str, Any]:
    """The decision and the looks of each codec, as title.json keeps it."""
    reading, colour = decision.reading, decision.colour
    reasons = dict(zip(PARTS, decision.reasons, strict=True))
    return {
        "detected": {
            "bitstream": _words_record(reading.coded),
            "container": _words_record(reading.container),
            "rgb": reading.rgb,
            "dynamic": list(reading.dynamic),
        },
        "decided": _colour_record(colour) | {"reasons": reasons},
        "renditions": {
            codec: _colour_record(look.colour) | {"bit_depth": look.bit_depth, "how": _how(colour, look)}
            for codec, look in looks.items()
        },
        "notes": list(decision.notes),
    }


def colour_decisions(decision: ColourDecision, looks: Mapping[str, Look]) -> tuple[Decision, ...]:
    """The decision as rules have theirs: what the film's colours are, and what each codec's rungs are coded in."""
    colour = decision.colour
    found = [
        f"{place} {_words_text(words)}"
        for place, words in (("bitstream", decision.reading.coded), ("container", decision.reading.container))
        if words != SILENT
    ]
    if colour.hdr and colour.mastering:
        display = colour.mastering
        found.append(f"graded on {float(display.min_nits):g} to {float(display.max_nits):g} cd/m²")
    if colour.hdr and colour.light:
        found.append(f"MaxCLL {colour.light.max_cll}, MaxFALL {colour.light.max_fall} cd/m²")
    found += decision.reading.dynamic
    source = Decision(
        "colour", "; ".join(found) or "nothing is said", name_of(colour), "; ".join(_grouped(decision.reasons))
    )
    made = []
    for look in dict.fromkeys(looks.values()):
        codecs = ", ".join(CODERS[codec].label for codec, its in looks.items() if its == look)
        made.append(f"{name_of(look.colour)}, {look.bit_depth} bits ({codecs}: {_how(colour, look)})")
    return source, Decision("renditions", colour.video_range, "; ".join(made), "", noted=colour.hdr)


def name_of(colour: Colour) -> str:
    """A colour in words: ``'BT.2020 primaries, PQ, BT.2020 matrix, limited range'``, or ``'BT.709'`` for plain SDR."""
    limits = "full range" if colour.full_range else "limited range"
    if colour.codes == BT709.codes:
        return f"BT.709, {limits}"
    primaries, transfer, matrix = PRIMARIES[colour.primaries], TRANSFERS[colour.transfer], MATRICES[colour.matrix]
    return f"{primaries} primaries, {transfer} transfer, {matrix} matrix, {limits}"


def _how(colour: Colour, look: Look) -> str:
    if look.colour.hdr:
        same = (colour.primaries, colour.matrix, colour.full_range) == (9, 9, False)
        return "kept" if same else "kept, brought to BT.2020"
    if colour.hdr:
        return f"tone-mapped from {content_peak(colour)} cd/m²"
    return "kept" if unconverted(colour, look) else "converted"


def _grouped(reasons: tuple[str, ...]) -> list[str]:
    """Each reason once, with what it is the reason of where there are several."""
    by_reason: dict[str, list[str]] = {}
    for what, reason in zip(PARTS, reasons, strict=True):
        by_reason.setdefault(reason, []).append(what)
    if len(by_reason) == 1:
        return [reasons[0]]
    return [f"{', '.join(parts)}: {reason}" for reason, parts in by_reason.items()]


def _words_text(words: ColourWords) -> str:
    named = [
        names.get(code, str(code))
        for code, names in zip(
            (words.primaries, words.transfer, words.matrix), (PRIMARIES, TRANSFERS, MATRICES), strict=True
        )
        if code != UNSPECIFIED
    ]
    limits = {None: [], True: ["full"], False: ["limited"]}[words.full_range]
    return "/".join([*(dict.fromkeys(named) if len(named) == 3 else named), *limits])


def _words_record(words: ColourWords) -> dict[str, Any]:
    limits = {None: None, True: "full", False: "limited"}[words.full_range]
    return {"primaries": words.primaries, "transfer": words.transfer, "matrix": words.matrix, "range": limits}


def _colour_record(colour: Colour) -> dict[str, Any]:
    display, light = colour.mastering, colour.light
    record: dict[str, Any] = _words_record(ColourWords(*colour.codes, colour.full_range))
    record |= {"name": name_of(colour), "video_range": colour.video_range}
    if display:
        record["mastering"] = {
            name: [float(x) for x in point]
            for name, point in (
                ("red", display.red), ("green", display.green), ("blue", display.blue), ("white", display.white),
                ("cd/m2", (display.min_nits, display.max_nits)),
            )
        }  # fmt: skip
    if light:
        record["light"] = {"max_cll": light.max_cll, "max_fall": light.max_fall}
    return record
