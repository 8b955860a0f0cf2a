"""From the film's colours to a rendition's: range, matrix, primaries, tone mapping, depth. Filters of ffmpeg's graphs.

zscale (zimg) does the arithmetic. Its results are within one code value of the formulae; ffmpeg's other filters round
more coarsely or bend the primaries by the wrong curve.
"""

from __future__ import annotations

from typing import Any

from coders.coder import Light
from coders.table import CODERS
from ladders.rung import FittedRung
from media.colour import HLG, PQ, Colour
from treatment.look import WHITE_NITS, content_peak, shown_alike, unconverted
from treatment.picture import Look

_KNEE = 0.3
"""How much of white mobius leaves as it is. It is about twice a grey card: faces keep their contrast, highlights are
pressed together above them, and the white of HDR comes out at 85 % of the signal."""

_STRAY = (
    "MASTERING_DISPLAY_METADATA", "CONTENT_LIGHT_LEVEL", "DYNAMIC_HDR_PLUS", "DOVI_RPU_BUFFER", "DOVI_METADATA",
    "DYNAMIC_HDR_VIVID", "AMBIENT_VIEWING_ENVIRONMENT",
)  # fmt: skip
"""What pictures of HDR carry: encoders would write what they find at a chunk's first picture, and chunks would differ.
They are told what to write instead (`coders.coder.Light`)."""


def looked(stream: Any, source: Colour, look: Look) -> Any:
    """The film's frames, whose colour is `source`, in the colour of `look`, before they are scaled.

    What the decoder says of their colour is replaced first: `source` is what was decided. Conversions leave two bits
    more than the look has, which scaling rounds (and dithers, where eight bits are left).
    """
    source = shown_alike(source)
    stream = _declared(stream, source)
    if source.hdr and not look.colour.hdr:
        return tone_mapped(stream, source, look)
    if unconverted(source, look) and not look.colour.hdr:
        return stream
    # HDR passes here in any case, for its chroma to be where its tag will say.
    stream = stream.filter("zscale", **_target(look))
    depth = look.bit_depth + 2
    formats = "|".join(f"yuv{sampling}p{depth}le" for sampling in (420, 422, 444))
    return stream if unconverted(source, look) else stream.filter("format", formats)


def scaled(stream: Any, rung: FittedRung, look: Look) -> Any:
    """The picture in the rung's size: square pixels, limited range, in the pixel format that its codec takes."""
    # Unasked, scale would take chroma to lie in the middle of pixels, and leave it there.
    places = {"in_chroma_loc": siting(look), "out_chroma_loc": siting(look)}
    stream = stream.filter("scale", rung.width, rung.height, flags="bicubic", out_range="tv", **places)
    return stream.filter("setsar", "1").filter("format", CODERS[rung.codec].format_at(look.bit_depth))


def tone_mapped(stream: Any, source: Colour, look: Look) -> Any:
    """Pictures of HDR in BT.709: light up to white about as it is, all that is brighter pressed below the peak.

    White (203 cd/m², ITU-R BT.2408) becomes white, so that what HDR shows as a grey card is one in SDR. The gamut is
    cut in linear light, hues are kept (the filter works on the largest of red, green and blue), and the content's own
    peak is what is as bright as can be.
    """
    # HLG's light depends on luminance (the OOTF of ITU-R BT.2100, for 1000 cd/m²), which zscale's quick curves leave
    # out; PQ is the same in both, and three times as quick in one.
    exactly = {"agamma": "0"} if source.transfer == HLG else {}
    stream = stream.filter("zscale", transfer="linear", npl=WHITE_NITS, primaries="1", **exactly)
    peak = f"{content_peak(source) / WHITE_NITS:.6f}"
    stream = stream.filter("format", "gbrpf32le")
    stream = stream.filter("tonemap", "mobius", param=_KNEE, desat="0", peak=peak)
    return stream.filter("zscale", **_target(look)).filter("format", f"yuv420p{look.bit_depth + 2}le")


def compared(stream: Any, look: Look) -> Any:
    """A picture in `look`, as scores are to see it: in its own depth, and HDR by the light that SDR would show.

    VMAF judges luma, and was trained on what BT.709 shows. PQ and HLG spread the same light over other code values, so
    both the film and the rendition have theirs bent by the curve of the tone-mapped rungs: each luma value by itself,
    in ten bits, whatever surrounds it. Scores of HDR are then on the scale of those of SDR.
    """
    stream = stream.filter("format", "yuv420p10le" if look.bit_depth > 8 else "yuv420p")
    return stream.filter("lutyuv", y=_bent_luma(look.colour)) if look.colour.hdr else stream


def light_of(look: Look) -> Light | None:
    """What encoders write of the look's high dynamic range; None for SDR."""
    colour, display = look.colour, look.colour.mastering
    if not colour.hdr:
        return None
    points = (display.red, display.green, display.blue, display.white) if display else ()
    volume = (*(x for point in points for x in point), *((display.min_nits, display.max_nits) if display else ()))
    levels = (colour.light.max_cll, colour.light.max_fall) if colour.light else None
    return Light(colour.transfer == PQ, volume, levels)


def siting(look: Look) -> str:
    """Where chroma lies in 4:2:0: beside the pixels of the left as a rule, at the top left in BT.2020 (ITU-R BT.2100
    table 10, ETSI TS 101 154 section 5.14)."""
    return "topleft" if look.colour.primaries == 9 else "left"


def _declared(stream: Any, source: Colour) -> Any:
    stream = stream.filter(
        "setparams", range=_RANGE[source.full_range], color_primaries=source.primaries, color_trc=source.transfer,
        colorspace=source.matrix,
    )  # fmt: skip
    if source.hdr or source.mastering or source.light:
        for kind in _STRAY:
            stream = stream.filter("sidedata", mode="delete", type=kind)
    return stream


def _target(look: Look) -> dict[str, Any]:
    colour = look.colour
    return {
        "primaries": colour.primaries, "transfer": colour.transfer, "matrix": colour.matrix,
        "range": _RANGE[colour.full_range], "chromal": siting(look),
    }  # fmt: skip


_RANGE = {False: "limited", True: "full"}


def _bent_luma(colour: Colour) -> str:
    """The luma of SDR for `val`, that of PQ or HLG, in ten bits and limited range: an expression of ffmpeg's.

    As `tone_mapped` does it: to light (SMPTE ST 2084; ITU-R BT.2100 table 5, with the OOTF of grey), by mobius, and
    back by ITU-R BT.1886.
    """
    if colour.transfer == PQ:
        light = "10000*pow(max(ld(1)-0.8359375,0)/(18.8515625-18.6875*ld(1)),1/0.1593017578)"
    else:
        scene = "if(lte(ld(0),0.5),ld(0)*ld(0)/3,(exp((ld(0)-0.55991073)/0.17883277)+0.28466892)/12)"
        light = f"1000*pow({scene},1.2)"
    peak = content_peak(colour) / WHITE_NITS
    a = -(_KNEE**2) * (peak - 1) / (_KNEE**2 - 2 * _KNEE + peak)
    b = (_KNEE**2 - 2 * _KNEE * peak + peak) / max(peak - 1, 1e-6)
    scale = (b + _KNEE) ** 2 / (b - a)
    pressed = f"if(lte(ld(2),{_KNEE}),ld(2),{scale:.9f}*(ld(2)+{a:.9f})/(ld(2)+{b:.9f}))"
    signal = "st(0,clip((val-64)/876,0,1));st(1,pow(ld(0),1/78.84375))"
    return f"{signal};st(2,({light})/{WHITE_NITS});64+876*pow({pressed},1/2.4)"
