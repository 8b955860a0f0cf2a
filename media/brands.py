"""Brands of init segments: which CMAF media profile a track may claim, and writing the claim. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from media.boxes import damaged, make_box, walk
from media.tracks import Track


@dataclass(frozen=True, slots=True)
class _Profile:
    """A CMAF media profile: the most that its tracks may ask of a decoder, and what they may be coloured in."""

    brand: str
    profiles: tuple[int, ...]
    level: int
    width: int
    height: int
    primaries: tuple[int, ...] = (1,)
    transfers: tuple[int, ...] = (1,)
    matrices: tuple[int, ...] = (1,)


_601 = {"primaries": (1, 5, 6), "transfers": (1, 6), "matrices": (1, 5, 6)}  # the gamma of BT.470 B, G is not allowed
_2020 = {"primaries": (1, 9), "transfers": (1, 14, 15), "matrices": (1, 9, 10)}
_AVC = (
    _Profile("cfhd", (66, 77, 100), 40, 1920, 1080),
    _Profile("cfsd", (66, 77, 100), 31, 864, 576, **_601),
    _Profile("chdf", (66, 77, 100), 42, 1920, 1080),
)
_HEVC = (
    _Profile("chhd", (1,), 123, 1920, 1080),
    _Profile("cud8", (1,), 150, 3840, 2160),
    _Profile("chh1", (2,), 123, 1920, 1080),
    _Profile("cud1", (2,), 153, 3840, 2160, **_2020),
    _Profile("chd1", (2,), 153, 3840, 2160, (9,), (16,), (9, 10)),
    _Profile("clg1", (2,), 153, 3840, 2160, (9,), (18,), (9,)),
)
"""ISO/IEC 23000-19:2024 sections A.2 (AVC) and B.6 (HEVC, Main tier), as DASH-IF's conformance software has them, in
our order of preference, all up to 60 frames a second. cfhd comes before cfsd, so that all rungs of a switching set
claim one profile (section 7.3.4); only BT.601 colour is left to cfsd."""

_MOST_HZ = 60
_UNSAID = 2
_HDR10 = "chd1"


def cmaf_brand(track: Track, rate: Fraction) -> str:
    """The CMAF media profile brand that a video track at `rate` frames per second may claim; '' if none fits.

    AV1's is ``av01`` (AV1 in ISO BMFF sections 2.1 and 4, whatever the level). None is registered for VP9 (mp4ra.org).
    """
    if track.entry == "av01":
        return "av01"
    if rate > _MOST_HZ:
        return ""
    config = track.config
    if track.entry in ("avc1", "avc3"):
        if config[1] == 66 and not config[2] & 0x40:
            return ""  # Baseline with tools that the profiles exclude: only Constrained Baseline is in
        return _first(_AVC, config[1], config[3], track)
    if track.entry in ("hvc1", "hev1") and not config[1] & 0xE0:  # no profile space, Main tier
        return _first(_HEVC, config[1] & 0x1F, config[12], track)
    return ""


def add_brand(init: bytes, brand: str) -> bytes:
    """`init` with `brand` among the compatible brands of its ftyp. '' adds none. Raises DamagedMedia without a ftyp.

    Nothing in an init segment counts bytes from the start of the file, so all that follows may move.
    """
    ftyp = next((box for box in walk(init) if box.kind == "ftyp"), None)
    if ftyp is None or (ftyp.stop - ftyp.body) % 4 or ftyp.stop - ftyp.body < 8:
        raise damaged("the init segment has no ftyp of whole brands", 0)
    content = init[ftyp.body : ftyp.stop]
    if not brand or brand in brands(init):
        return init
    code = brand.encode("ascii")
    if len(code) != 4:
        raise ValueError(f"{brand!r} is no brand: it has {len(code)} bytes instead of 4")
    return init[: ftyp.start] + make_box("ftyp", content, code) + init[ftyp.stop :]


def brands(init: bytes) -> tuple[str, ...]:
    """The compatible brands of an init segment, in order; () without a ftyp."""
    for box in walk(init):
        if box.kind == "ftyp":
            return tuple(init[at : at + 4].decode("latin-1") for at in range(box.body + 8, box.stop, 4))
    return ()


def _first(table: Iterable[_Profile], profile: int, level: int, track: Track) -> str:
    primaries, transfer, matrix = track.colour
    for row in table:
        fits = profile in row.profiles and level <= row.level
        fits = fits and track.width <= row.width and track.height <= row.height
        fits = fits and primaries in (*row.primaries, _UNSAID) and matrix in (*row.matrices, _UNSAID)
        if fits and transfer in (*row.transfers, _UNSAID):
            # Section B.2.4: HDR10 comes with its mastering display and content light.
            return row.brand if row.brand != _HDR10 or (track.mastering and track.light) else ""
    return ""
