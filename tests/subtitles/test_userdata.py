"""Caption bytes found in coded pictures, without decoding them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subtitles.userdata import ancillary_captions, nal_length, picture_captions
from tests.subtitles.cea import a53

TRIPLETS = b"\xfc\x94\x20\xfd\x80\x80\xff\x02\x21"
ZEROS = b"\xfc\x00\x00\x02\x00\x00\x00\x00\x01\xfc\x94\x2c"  # which NAL units protect from looking like start codes


def sei(triplets: bytes, header: bytes) -> bytes:
    """An SEI unit: another message first, then the captions, then the stop bit; protected as NAL units are."""
    message = b"\xb5\x00\x31" + a53(triplets)
    size = b"\xff" * (len(message) // 255) + bytes([len(message) % 255])
    body = b"\x05\x02ab" + b"\x04" + size + message + b"\x80"
    out = bytearray()
    for byte in body:
        if byte <= 3 and out[-2:] == b"\0\0":
            out.append(3)
        out.append(byte)
    return header + bytes(out)


def annex_b(*units: bytes) -> bytes:
    return b"".join(b"\0\0\0\1" + unit for unit in units)


def sized(*units: bytes, width: int = 4) -> bytes:
    return b"".join(len(unit).to_bytes(width, "big") + unit for unit in units)


@pytest.mark.parametrize("triplets", [TRIPLETS, ZEROS, TRIPLETS * 10])
def test_captions_are_found_in_each_codec_and_packaging(triplets: bytes) -> None:
    avc, hevc = sei(triplets, b"\x06"), sei(triplets, bytes([39 << 1, 1]))
    assert picture_captions("h264", annex_b(b"\x09\xf0", avc, b"\x65picture")) == triplets
    assert picture_captions("h264", sized(b"\x09\xf0", avc, b"\x65picture"), 4) == triplets
    assert picture_captions("h264", sized(avc, width=2), 2) == triplets
    assert picture_captions("hevc", annex_b(hevc, b"\x26\x01picture")) == triplets
    assert picture_captions("hevc", sized(hevc), 4) == triplets
    mpeg2 = b"\0\0\1\x00\x12\x34" + b"\0\0\1\xb2" + a53(triplets) + b"\0\0\1\x01slice"
    assert picture_captions("mpeg2video", mpeg2) == triplets
    metadata = b"\x04\xb5\x00\x31" + a53(triplets)
    size = bytes([len(metadata) & 0x7F | 0x80, len(metadata) >> 7]) if len(metadata) > 127 else bytes([len(metadata)])
    assert picture_captions("av1", b"\x12\x00" + b"\x2a" + size + metadata) == triplets


def test_the_mark_alone_is_no_caption() -> None:
    assert picture_captions("h264", annex_b(b"\x65" + a53(TRIPLETS))) == b""
    assert picture_captions("mpeg2video", b"\0\0\1\x01" + a53(TRIPLETS)) == b""
    other = b"\x06\x04\x30" + b"\xb5\x00\x3c" + a53(TRIPLETS)
    assert picture_captions("h264", annex_b(other)) == b""


def test_two_fields_in_a_packet_give_both() -> None:
    unit = sei(TRIPLETS, b"\x06")
    assert picture_captions("h264", annex_b(unit, b"\x65a", unit, b"\x65b")) == TRIPLETS * 2


def test_the_length_field_is_read_from_the_configuration() -> None:
    assert nal_length("h264", b"\x01\x64\x00\x1f\xff\xe1\x00\x00") == 4
    assert nal_length("h264", b"\x00\x00\x00\x01\x67\x64\x00\x1f") == 0
    assert nal_length("hevc", b"\x01" + b"\0" * 20 + b"\xfd" + b"\0" * 4) == 2
    assert nal_length("mpeg2video", b"") == 0


def test_ancillary_packets_hold_captions_beside_other_things() -> None:
    packet = b"\x96\x69" + bytes([0, 0x4F, 0x43, 0, 1]) + b"\x72" + bytes([0xE0 | 3]) + TRIPLETS + b"\x74\0\1\0"
    captions = b"\x61\x01" + bytes([len(packet)]) + packet
    other = b"\x41\x05\x02ab"

    def line(body: bytes) -> bytes:
        padded = body + b"\0" * (-len(body) % 4)
        head = (9).to_bytes(2, "big") + b"\x01\x04" + len(body).to_bytes(2, "big")
        return head + len(padded).to_bytes(4, "big") + (1).to_bytes(4, "big") + padded

    data = (2).to_bytes(2, "big") + line(other) + line(captions)
    assert ancillary_captions(data) == TRIPLETS
    assert ancillary_captions(data[:-30]) == b""


@given(st.binary(max_size=80), st.integers(0, 4), st.sampled_from(["h264", "hevc", "mpeg2video", "av1"]))
def test_no_bytes_make_it_fail(data: bytes, width: int, codec: str) -> None:
    assert len(picture_captions(codec, data[:40] + a53(TRIPLETS) + data[40:], width)) % 3 == 0
    assert len(ancillary_captions(data)) % 3 == 0
