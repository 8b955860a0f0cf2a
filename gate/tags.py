"""Colour as the master declares it: what is missing, and what contradicts itself. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from gate.facts import Facts
from gate.finding import Finding, Severity
from gate.limits import Limits
from gate.measures import Measures
from media.colour import MATRICES, PRIMARIES, TRANSFERS, UNSPECIFIED, ColourReading
from media.probe import VideoStream

_SD_WIDTH, _SD_HEIGHT = 1024, 576
_BT601, _BT2020 = (5, 6), (9, 10)
_USUAL_TRANSFERS = (1, 4, 5, 6, 7, 13, 14, 15, 16, 18)


def find_tags(measures: Measures, facts: Facts, limits: Limits) -> Iterator[Finding]:
    """One finding for each thing that is wrong with the declared colour (code points of ITU-T H.273)."""
    video = facts.video
    said = video.colour.said
    numbers: dict[str, float | int | str] = {
        "primaries": said.primaries, "transfer": said.transfer, "matrix": said.matrix,
        "range": "full" if said.full_range else "limited",
    }  # fmt: skip
    for severity, text in (*_against_container(video.colour), *_missing(video), *_contradictions(video)):
        yield Finding("colour", severity, Fraction(0), facts.duration, text, numbers)


def _against_container(reading: ColourReading) -> Iterator[tuple[Severity, str]]:
    said, container = reading.coded, reading.container
    different = []
    for name, names, here, there in (
        ("primaries", PRIMARIES, said.primaries, container.primaries),
        ("transfer", TRANSFERS, said.transfer, container.transfer),
        ("matrix", MATRICES, said.matrix, container.matrix),
    ):
        if here != there and UNSPECIFIED not in (here, there):
            different.append(f"{name} {named(names, here)} and not {named(names, there)}")
    if None not in (said.full_range, container.full_range) and said.full_range != container.full_range:
        different.append("full range and not limited" if said.full_range else "limited range and not full")
    if different:
        yield (
            "warning",
            (
                f"Bitstream and container disagree: the bitstream, which is believed, says {', '.join(different)}. "
                "Check the colours, or say what is right with --colour and --levels."
            ),
        )


def _missing(video: VideoStream) -> Iterator[tuple[Severity, str]]:
    said = video.colour.said
    fields = (
        ("primaries", said.primaries),
        ("transfer", said.transfer),
        ("matrix", said.matrix),
    )
    missing = [name for name, value in fields if value == UNSPECIFIED]
    if missing:
        space = "BT.709" if high_definition(video) else "BT.601"
        what = {1: f"The colour's {missing[0]} is", 3: "Colour is"}.get(
            len(missing), f"The colour's {' and '.join(missing)} are"
        )
        yield "info", f"{what} not declared: {space} is assumed. If that is wrong, say what is right with --colour."


def _contradictions(video: VideoStream) -> Iterator[tuple[Severity, str]]:
    said = video.colour.said
    if high_definition(video) and said.matrix in _BT601 and video.codec != "vp8":  # which knows no other
        yield (
            "warning",
            (
                "The picture is HD and its matrix is declared as BT.601: colours are off if that is a leftover. Check "
                "them, or onboard with --colour bt709."
            ),
        )
    if not high_definition(video) and said.matrix == 1 and video.height in (480, 486, 576) and not video.hdr:
        yield "info", "The picture is SD and its matrix is declared as BT.709: check its colours."
    if video.hdr:
        if said.primaries not in (9, UNSPECIFIED) or said.matrix not in (
            9,
            10,
            14,
            UNSPECIFIED,
        ):
            yield (
                "warning",
                (
                    f"The transfer is {named(TRANSFERS, said.transfer)} (HDR) and the primaries are "
                    f"{named(PRIMARIES, said.primaries)}, the matrix {named(MATRICES, said.matrix)} instead of "
                    "BT.2020: check the colours."
                ),
            )
        if video.bit_depth < 10:
            yield "warning", f"HDR in {video.bit_depth} bits: gradients will show bands. Export it in 10 bits."
    elif said.transfer not in (*_USUAL_TRANSFERS, UNSPECIFIED):
        name = named(TRANSFERS, said.transfer)
        yield "info", f"The transfer is declared as {name}, which players show as if it were BT.709."
    elif said.primaries == 9:
        yield "info", "Wide colour (BT.2020) without HDR: it is brought to BT.709 for SDR."


def high_definition(video: VideoStream) -> bool:
    """Whether a picture without declared colours is taken for BT.709 and not BT.601."""
    return video.width > _SD_WIDTH or video.height > _SD_HEIGHT


def named(names: dict[int, str], code: int) -> str:
    """A code point's name, or its number."""
    return names.get(code, "not declared" if code == UNSPECIFIED else f"code {code}")
