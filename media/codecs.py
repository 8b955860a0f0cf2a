"""Sample entries: codec strings (RFC 6381 and each codec's own annex) and decoder configurations. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from media.boxes import Box, Buffer, Reader, damaged, walk
from media.colour import BT709, UNSAID, UNSPECIFIED, Colour
from media.colour_boxes import VISUAL_FIELDS, entry_colour


@dataclass(frozen=True, slots=True)
class CodecInfo:
    """What a sample entry says: see `media.tracks.Track` for the fields."""

    codec: str
    entry: str
    config: bytes
    nal_length_size: int = 0
    width: int = 0
    height: int = 0
    channels: int = 0
    sample_rate_hz: int = 0
    colour: Colour = UNSAID


def describe_entry(data: Buffer, entry: Box, handler: str) -> CodecInfo:
    """The sample entry at `entry` of a track with this handler. Raises DamagedMedia for a codec it does not know."""
    if handler == "vide":
        return _video(data, entry)
    if handler == "soun":
        return _audio(data, entry)
    raise damaged(f"a track with handler {handler!r} is neither video nor audio", entry.start)


def parameter_sets(config: bytes, entry: str) -> tuple[bytes, ...]:
    """The SPS, PPS (and VPS) NAL units inside an avcC or hvcC, in order; () for other codecs."""
    reader = Reader(config, 0, len(config))
    if entry.startswith("avc"):
        reader.take(5)
        sets = [_unit(reader) for _ in range(reader.number(1) & 0x1F)]
        return tuple(sets + [_unit(reader) for _ in range(reader.number(1))])
    if entry in ("hvc1", "hev1"):
        reader.take(22)
        sets = []
        for _ in range(reader.number(1)):
            reader.take(1)
            sets += [_unit(reader) for _ in range(reader.number(2))]
        return tuple(sets)
    return ()


def _unit(reader: Reader) -> bytes:
    return reader.take(reader.number(2))


def _video(data: Buffer, entry: Box) -> CodecInfo:
    reader = Reader(data, entry.body, entry.stop)
    reader.take(24)
    width, height = reader.number(2), reader.number(2)
    reader.take(VISUAL_FIELDS - 28)
    kind, text = _VIDEO.get(entry.kind, ("", None))
    if text is None:
        raise damaged(f"the video codec {entry.kind!r} is not known", entry.start)
    config = _config(data, reader.at, entry, kind)
    length = 0
    if kind == "avcC":
        length = (config[4] & 3) + 1
    elif kind == "hvcC":
        length = (config[21] & 3) + 1
    colour = entry_colour(data, entry)
    return CodecInfo(entry.kind + text(config, colour), entry.kind, config, length, width, height, colour=colour)


def _audio(data: Buffer, entry: Box) -> CodecInfo:
    reader = Reader(data, entry.body, entry.stop)
    reader.take(16)
    channels = reader.number(2)
    reader.take(6)
    rate = reader.number(4) >> 16
    if entry.kind == "mp4a":
        config = _config(data, reader.at, entry, "esds")
        codec, channels, rate = _esds(config, entry, channels, rate)
        return CodecInfo(codec, entry.kind, config, channels=channels, sample_rate_hz=rate)
    kind, codec = _AUDIO.get(entry.kind, ("", ""))
    if not codec:
        raise damaged(f"the audio codec {entry.kind!r} is not known", entry.start)
    config = _config(data, reader.at, entry, kind)
    if kind == "dec3":
        channels, rate = _dec3(config, rate)
    elif kind == "dOps":
        channels, rate = config[1], _OPUS_RATE_HZ
    return CodecInfo(codec, entry.kind, config, channels=channels, sample_rate_hz=rate)


def opus_pre_skip(config: bytes) -> int:
    """PreSkip of a dOps box: how many samples at 48 kHz a decoder gives before the first of the sound."""
    return int.from_bytes(config[2:4], "big")


def _config(data: Buffer, start: int, entry: Box, kind: str) -> bytes:
    for box in walk(data, start, entry.stop):
        if box.kind == kind:
            config = bytes(data[box.body : box.stop])
            if len(config) < _SHORTEST[kind]:
                raise damaged(f"{kind} has only {len(config)} bytes", box.start)
            return config
    raise damaged(f"sample entry {entry.kind!r} has no {kind}", entry.start)


def _avc(config: bytes, _: Colour) -> str:
    return f".{config[1]:02X}{config[2]:02X}{config[3]:02X}"  # RFC 6381 section 3.3


def _hevc(config: bytes, _: Colour) -> str:
    """ISO/IEC 14496-15 annex E.3: ``.1.6.L93.B0``."""
    space = ("", "A", "B", "C")[config[1] >> 6]
    compatible = int(f"{int.from_bytes(config[2:6], 'big'):032b}"[::-1], 2)
    tier = "H" if config[1] & 0x20 else "L"
    constraints = config[6:12].rstrip(b"\0")
    tail = "".join(f".{byte:X}" for byte in constraints)
    return f".{space}{config[1] & 0x1F}.{compatible:X}.{tier}{config[12]}{tail}"


def _av1(config: bytes, colour: Colour) -> str:
    """AV1 in ISO BMFF section 5: ``.0.08M.08``, and with all optional fields, ``.0.08M.10.0.112.09.16.09.0``, where the
    whole colour is said and is not BT.709, which is what their absence means."""
    flags = config[2]
    depth = (12 if flags & 0x20 else 10) if flags & 0x40 else 8
    short = f".{config[1] >> 5}.{config[1] & 0x1F:02d}{'H' if flags & 0x80 else 'M'}.{depth:02d}"
    if UNSPECIFIED in colour.codes or (colour.codes, colour.full_range) == (BT709.codes, False):
        return short
    sampling = f"{flags >> 4 & 1}.{flags >> 3 & 1}{flags >> 2 & 1}{flags & 3}"
    primaries, transfer, matrix = colour.codes
    return f"{short}.{sampling}.{primaries:02d}.{transfer:02d}.{matrix:02d}.{int(colour.full_range)}"


def _vp9(config: bytes, _: Colour) -> str:
    """VP9 in ISO BMFF: ``.00.31.08``; the config is a full box."""
    return f".{config[4]:02d}.{config[5]:02d}.{config[6] >> 4:02d}"


_VIDEO: dict[str, tuple[str, Callable[[bytes, Colour], str]]] = {
    "avc1": ("avcC", _avc),
    "avc3": ("avcC", _avc),
    "hvc1": ("hvcC", _hevc),
    "hev1": ("hvcC", _hevc),
    "av01": ("av1C", _av1),
    "vp09": ("vpcC", _vp9),
}
_AUDIO = {"Opus": ("dOps", "opus"), "fLaC": ("dfLa", "flac"), "ac-3": ("dac3", "ac-3"), "ec-3": ("dec3", "ec-3")}
_SHORTEST = {"avcC": 7, "hvcC": 23, "av1C": 4, "vpcC": 12, "esds": 12, "dOps": 11, "dfLa": 38, "dac3": 3, "dec3": 5}
_OPUS_RATE_HZ = 48000
"""Opus decodes at this rate whatever it was made of: dOps's own rate is for information."""
_AC3_RATES = (48000, 44100, 32000)
_AC3_CHANNELS = (2, 1, 2, 3, 3, 4, 4, 5)
_AAC_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)


def _dec3(config: bytes, rate: int) -> tuple[int, int]:
    """Channels and rate of the first independent substream (ETSI TS 102 366 section F.6): the sample entry's own
    numbers are to be ignored."""
    bits = int.from_bytes(config[2:5], "big")
    code, mode, low = bits >> 22, bits >> 9 & 7, bits >> 8 & 1
    return _AC3_CHANNELS[mode] + low, _AC3_RATES[code] if code < len(_AC3_RATES) else rate


def _esds(config: bytes, entry: Box, channels: int, rate: int) -> tuple[str, int, int]:
    """Codec string, channels and rate: the AudioSpecificConfig (ISO/IEC 14496-3 section 1.6.2.1) decides for AAC."""
    reader = Reader(config, 4, len(config))
    object_type, specific = 0, b""
    while reader.at < reader.stop:
        tag, size = reader.number(1), _descriptor_size(reader)
        if tag == 0x03:  # ES_Descriptor: descend
            reader.take(2)
            flags = reader.number(1)
            reader.take((2 if flags & 0x80 else 0) + (2 if flags & 0x20 else 0))
        elif tag == 0x04:  # DecoderConfigDescriptor: descend
            object_type = reader.number(1)
            reader.take(12)
        elif tag == 0x05:
            specific = reader.take(size)
            break
        else:
            reader.take(size)
    if object_type != 0x40:
        return f"mp4a.{object_type:x}", channels, rate
    if len(specific) < 2:
        raise damaged("esds has no AudioSpecificConfig", entry.start)
    bits = int.from_bytes(specific[:2], "big")
    kind, index, layout = bits >> 11, bits >> 7 & 0xF, bits >> 3 & 0xF
    if 0 < layout <= 7 and kind != 31:
        channels = 8 if layout == 7 else layout
    if index < len(_AAC_RATES) and kind != 31:
        rate = _AAC_RATES[index]
    return f"mp4a.40.{kind}", channels, rate


def _descriptor_size(reader: Reader) -> int:
    size = 0
    for _ in range(4):
        byte = reader.number(1)
        size = size << 7 | byte & 0x7F
        if not byte & 0x80:
            break
    return size
