"""How many pictures a coded video holds back to show them in order: what its presentation lags behind. Pure."""

from __future__ import annotations

from media.bits import Bits
from media.boxes import damaged
from media.codecs import parameter_sets
from media.sps import unescaped
from media.tracks import Track

_AVC_SPS, _HEVC_SPS = 7, 33
_HIGH = {44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244}
"""Profiles whose SPS goes on with chroma format, depths and scaling lists (ITU-T H.264 section 7.3.2.1.1)."""

_EXTENDED_SAR = 255


def reorder_frames(track: Track) -> int:
    """The most pictures that precede another in decoding and follow it in output, by the init's parameter sets.

    H.264: max_num_reorder_frames (ITU-T H.264 section E.2.1); HEVC: sps_max_num_reorder_pics of the highest sub-layer
    (ITU-T H.265 section 7.4.3.2.1); 0 for codecs whose samples are shown as they come. Raises DamagedMedia where the
    parameter sets don't tell.
    """
    if not track.nal_length_size:
        return 0
    hevc = track.entry.startswith("h")
    for unit in parameter_sets(track.config, track.entry):
        if unit and (unit[0] >> 1 & 0x3F if hevc else unit[0] & 0x1F) == (_HEVC_SPS if hevc else _AVC_SPS):
            payload = unescaped(unit)
            return _hevc(Bits(payload, 2, len(payload))) if hevc else _avc(Bits(payload, 1, len(payload)))
    raise damaged("the init has no sequence parameter set", 0)


def _avc(bits: Bits) -> int:
    profile = bits.number(8)
    bits.number(16)
    bits.uvlc()
    if profile in _HIGH:
        _avc_high(bits)
    bits.uvlc()
    order = bits.uvlc()
    if order == 0:
        bits.uvlc()
    elif order == 1:
        bits.flag()
        for _ in range(2):
            bits.uvlc()
        for _ in range(bits.uvlc()):
            bits.uvlc()
    elif order == 2:
        return 0  # output order is decoding order
    bits.uvlc()
    bits.flag()
    for _ in range(2):
        bits.uvlc()
    if not bits.flag():
        bits.flag()
    bits.flag()
    if bits.flag():
        for _ in range(4):
            bits.uvlc()
    if not bits.flag():
        raise damaged("the sequence parameter set does not say how many pictures it reorders", 0)
    return _avc_usability(bits)


def _avc_high(bits: Bits) -> None:
    chroma = bits.uvlc()
    if chroma == 3:
        bits.flag()
    for _ in range(2):
        bits.uvlc()
    bits.flag()
    if bits.flag():
        for number in range(12 if chroma == 3 else 8):
            if bits.flag():
                _scaling_list(bits, 16 if number < 6 else 64)


def _scaling_list(bits: Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            code = bits.uvlc()
            following = (last + (code + 1) // 2 * (1 if code % 2 else -1)) % 256
        last = following or last


def _avc_usability(bits: Bits) -> int:
    """The VUI up to its bitstream restrictions (ITU-T H.264 section E.1.1)."""
    if bits.flag() and bits.number(8) == _EXTENDED_SAR:
        bits.number(32)
    if bits.flag():
        bits.flag()
    if bits.flag():
        bits.number(4)
        if bits.flag():
            bits.number(24)
    if bits.flag():
        bits.uvlc()
        bits.uvlc()
    if bits.flag():
        bits.number(32)
        bits.number(33)
    buffers = [_reference_decoder(bits) for _ in range(2) if bits.flag()]
    if buffers:
        bits.flag()
    bits.flag()
    if not bits.flag():
        raise damaged("the sequence parameter set does not say how many pictures it reorders", 0)
    bits.flag()
    for _ in range(4):
        bits.uvlc()
    return bits.uvlc()


def _reference_decoder(bits: Bits) -> int:
    count = bits.uvlc() + 1
    bits.number(8)
    for _ in range(count):
        bits.uvlc()
        bits.uvlc()
        bits.flag()
    bits.number(20)
    return count


def _hevc(bits: Bits) -> int:
    bits.number(4)
    layers = bits.number(3)
    bits.flag()
    bits.number(96)
    _hevc_sub_layers(bits, layers)
    bits.uvlc()
    if bits.uvlc() == 3:
        bits.flag()
    for _ in range(2):
        bits.uvlc()
    if bits.flag():
        for _ in range(4):
            bits.uvlc()
    for _ in range(3):
        bits.uvlc()
    most = 0
    for _ in range(layers + 1 if bits.flag() else 1):
        bits.uvlc()
        most = bits.uvlc()
        bits.uvlc()
    return most


def _hevc_sub_layers(bits: Bits, layers: int) -> None:
    """What profile_tier_level says of sub-layers (ITU-T H.265 section 7.3.3)."""
    present = [(bits.flag(), bits.flag()) for _ in range(layers)]
    if layers:
        bits.number(2 * (8 - layers))
    for profile, level in present:
        bits.number(88 * profile + 8 * level)
