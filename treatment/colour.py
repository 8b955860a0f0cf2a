"""What a film's colours are: decided part by part, with the reasons. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from media.colour import (
    HLG,
    MATRICES,
    PQ,
    PRIMARIES,
    TRANSFERS,
    UNSPECIFIED,
    Colour,
    ColourReading,
    ColourWords,
)
from media.probe import VideoStream
from treatment.wishes import Wishes
from values.errors import MasterRefused

PARTS = ("primaries", "transfer", "matrix", "range")

_SD_WIDTH, _SD_LINES = 1280, 576
_LINES_625, _LINES_525 = (576, 288), (480, 486, 240)
_WIDE = (9, 10, 14)  # matrices that only films in BT.2020 primaries have
_WISHED = {"bt709": (1, 1, 1), "bt2020": (9, 14, 9), "pq": (9, PQ, 9), "hlg": (9, HLG, 9)}


@dataclass(frozen=True, slots=True)
class ColourDecision:
    """A film's colour: what the file says (`reading`), what is taken of it, why each part is, and what is worth noting.

    `reasons` are those of PARTS, in their order.
    """

    reading: ColourReading
    colour: Colour
    reasons: tuple[str, str, str, str]
    notes: tuple[str, ...]


def decide_colour(video: VideoStream, wishes: Wishes) -> ColourDecision:
    """What the samples of the picture mean.

    Each part is what the wish says, else what the bitstream does, else the container. What neither says is what players
    take it for: it follows from the parts that are said and from the size. Pictures of at most 576 lines, narrower than
    1280, have the matrix of BT.601, and its primaries where they have the lines of 625 or 525 line television; all
    others are in BT.709. Raises MasterRefused for Dolby Vision without a picture for other players.
    """
    reading, strange = _known(video.colour)
    _refuse_bare_dolby(reading, wishes)
    notes = [*strange, *reading.mended, *_disagreements(reading)]
    if wishes.colour == "auto":
        codes, reasons = _completed(reading, video)
    else:
        codes, reasons = _WISHED.get(wishes.colour) or _bt601(video), ("as wished",) * 3
        codes = (*codes[:2], 0) if reading.rgb else codes
    full, reason = _range(reading, video, wishes)
    colour = Colour(*codes, full, reading.mastering, reading.light)
    if colour.hdr and video.bit_depth < 10:
        notes.append(f"{colour.video_range} in {video.bit_depth} bits: bands will show in smooth areas")
    if not colour.hdr and (reading.mastering or reading.light):
        notes.append("metadata of high dynamic range is left out: the transfer is that of standard dynamic range")
    if reading.dynamic:
        notes.append(f"{' and '.join(reading.dynamic)}: metadata of single pictures is left out")
    return ColourDecision(video.colour, colour, (*reasons, reason), tuple(notes))


def _known(reading: ColourReading) -> tuple[ColourReading, list[str]]:
    """The reading without code points that can't be meant, and notes on these."""
    strange: dict[str, None] = {}

    def known(words: ColourWords) -> ColourWords:
        codes = {}
        for what, code, names in zip(PARTS, (words.primaries, words.transfer, words.matrix), _NAMES, strict=False):
            meant = code in names and (code > 0 or reading.rgb)
            codes[what] = code if meant else UNSPECIFIED
            if not meant and code != UNSPECIFIED and not (reading.rgb and what == "matrix"):
                strange[f"{what} {code} can't be meant, and counts as unsaid"] = None
        return ColourWords(**codes, full_range=words.full_range)

    return replace(reading, coded=known(reading.coded), container=known(reading.container)), list(strange)


_NAMES = (PRIMARIES, TRANSFERS, MATRICES)


def _refuse_bare_dolby(reading: ColourReading, wishes: Wishes) -> None:
    """Profile 5 of Dolby Vision is in a colour space of its own, which its bitstream does not name."""
    if "Dolby Vision" in reading.dynamic and reading.said.transfer == UNSPECIFIED and wishes.colour == "auto":
        raise MasterRefused(
            "its picture is for Dolby Vision alone (profile 5): other players would show wrong colours",
            hint="Export it as HDR10, or as Dolby Vision profile 8. If it is plain PQ all the same: --colour pq.",
        )


def _disagreements(reading: ColourReading) -> list[str]:
    coded, container = reading.coded, reading.container
    found = []
    for what, a, b, names in zip(
        PARTS,
        (coded.primaries, coded.transfer, coded.matrix),
        (container.primaries, container.transfer, container.matrix),
        _NAMES,
        strict=False,
    ):
        if UNSPECIFIED not in (a, b) and names[a] != names[b]:
            found.append(f"{what} {names[a]}, not {names[b]}")
    if None not in (coded.full_range, container.full_range) and coded.full_range != container.full_range:
        found.append("full range, not limited" if coded.full_range else "limited range, not full")
    return [f"the bitstream is believed and not the container: {'; '.join(found)}"] if found else []


def _completed(reading: ColourReading, video: VideoStream) -> tuple[tuple[int, int, int], tuple[str, str, str]]:
    """Primaries, transfer and matrix with what is not said filled in, and the reason of each."""
    said, coded = reading.said, reading.coded
    first, second, third = (
        "the container says so" if code == UNSPECIFIED else "the bitstream says so"
        for code in (coded.primaries, coded.transfer, coded.matrix)
    )
    primaries, transfer, matrix = said.primaries, said.transfer, said.matrix
    if reading.rgb:
        matrix, third = 0, "its samples are RGB"
    if transfer == UNSPECIFIED:
        transfer, second = _transfer(said, video)
    if primaries == UNSPECIFIED:
        primaries, first = _primaries(transfer, matrix, video)
    if matrix == UNSPECIFIED:
        matrix, third = _matrix(said.primaries, transfer, video)
    return (primaries, transfer, matrix), (first, second, third)


def _transfer(said: ColourWords, video: VideoStream) -> tuple[int, str]:
    lit = video.colour.mastering or video.colour.light
    wide = said.primaries == 9 or said.matrix in _WIDE
    if lit and video.bit_depth >= 10 and (wide or said.primaries in (UNSPECIFIED, 12)):
        return PQ, "assumed for metadata of HDR10"
    return (14, "assumed for BT.2020") if wide else (1, _for_size(video))


def _primaries(transfer: int, matrix: int, video: VideoStream) -> tuple[int, str]:
    if transfer in (PQ, HLG) or matrix in _WIDE:
        return 9, "assumed for BT.2020"
    if matrix == 7:
        return 7, "assumed for the matrix"
    lines = min(video.width, video.height)
    if matrix in (0, 1) or not _is_sd(video) or lines not in _LINES_625 + _LINES_525:
        return 1, "assumed for the matrix" if matrix == 1 == video.colour.said.matrix else _for_size(video)
    return (5 if lines in _LINES_625 else 6), _for_size(video)


def _matrix(primaries: int, transfer: int, video: VideoStream) -> tuple[int, str]:
    """`primaries` are those that are said."""
    if primaries in (1, 5, 6, 7, 9):
        return primaries, "assumed for the primaries"
    if transfer in (PQ, HLG):
        return 9, "assumed for the transfer"
    return (_bt601(video)[2] if _is_sd(video) else 1), _for_size(video)


def _for_size(video: VideoStream) -> str:
    return f"assumed for {video.width}x{video.height}"


def _range(reading: ColourReading, video: VideoStream, wishes: Wishes) -> tuple[bool, str]:
    said = reading.said.full_range
    if wishes.levels != "auto":
        return wishes.levels == "full", "as wished"
    if reading.rgb:
        return True, "its samples are RGB"
    if said is None:
        return False, _for_size(video)
    return said, f"the {'container' if reading.coded.full_range is None else 'bitstream'} says so"


def _is_sd(video: VideoStream) -> bool:
    long, short = max(video.width, video.height), min(video.width, video.height)
    return long < _SD_WIDTH and short <= _SD_LINES


def _bt601(video: VideoStream) -> tuple[int, int, int]:
    system = 5 if min(video.width, video.height) in _LINES_625 else 6
    return system, 6, system
