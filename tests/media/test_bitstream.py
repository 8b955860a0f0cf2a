"""media.bitstream, obu, vp9 and sps against what the four encoders write, and against damage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coders.table import CODERS
from media.bitstream import CodedSample, bitstream_codec, inspect_coded
from media.boxes import Box, make_box
from media.codecs import describe_entry
from media.obu import Obu, SequenceHeader, configured_header, inspect_unit, sequence_header, units
from media.sps import unescaped
from media.vp9 import FrameHeader, frame_header, inspect_frames
from tests.media.encodes import CODING, Encode, coder_args, encode
from values.errors import DamagedMedia


@pytest.fixture(scope="module")
def encodes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Encode]:
    """One second of each codec with its table's own options: two GOPs of 12 frames."""
    folder = tmp_path_factory.mktemp("encodes")
    return {name: encode(folder / f"{name}.mp4", coder_args(name)) for name in CODERS}


def inspect(one: Encode, sample: bytes) -> CodedSample:
    return inspect_coded(sample, 0, len(sample), one.track)


@pytest.mark.parametrize("name", CODERS)
def test_decoding_can_start_where_the_boxes_say_so_and_nowhere_else(encodes: dict[str, Encode], name: str) -> None:
    one = encodes[name]
    found = [inspect_coded(one.media, s.offset, s.offset + s.size, one.track) for s in one.samples]
    assert [f.entry_point for f in found] == [s.sync for s in one.samples] == 2 * ([True] + 11 * [False])
    assert {f.foreign for f in found} == {0}
    assert {f.size for f in found} == ({None} if name in ("h264", "hevc") else {None, (64, 36)})


@pytest.mark.parametrize("name", CODERS)
def test_the_coded_headers_ask_for_the_codec_that_the_init_says(encodes: dict[str, Encode], name: str) -> None:
    one = encodes[name]
    assert one.track.entry == CODERS[name].entry
    assert bitstream_codec(one.track) == ("" if name == "vp9" else one.track.codec)
    assert (
        bitstream_codec(one.track, one.bytes_of(0)) == bitstream_codec(one.track, one.bytes_of(12)) == one.track.codec
    )
    assert bitstream_codec(one.track, one.bytes_of(1)) == ("" if name == "vp9" else one.track.codec)


_X265 = ["-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-x265-params"]
_HIGH_TIER = "log-level=error:level-idc=5.1:high-tier=1:vbv-maxrate=99000:vbv-bufsize=9"
_VPX = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-pix_fmt"]
_AOM = ["-c:v", "libaom-av1", "-usage", "realtime", "-cpu-used", "8", "-pix_fmt"]
_HDR = ["-color_primaries", "9", "-color_trc", "16", "-colorspace", "9"]


@pytest.mark.parametrize(
    ("codec", "args"),
    [
        ("avc1.42C01E", ["-c:v", "libx264", "-profile:v", "baseline", "-level", "3.0"]),
        ("avc1.6E0033", ["-c:v", "libx264", "-pix_fmt", "yuv420p10le", "-level", "5.1"]),
        ("hvc1.2.4.H153.90", [*_X265, _HIGH_TIER, "-pix_fmt", "yuv420p10le"]),
        ("hvc1.4.10.L30.9D.8", [*_X265, "log-level=error", "-pix_fmt", "yuv422p"]),
        ("vp09.02.10.10", [*_VPX, "yuv420p10le"]),
        ("vp09.01.10.08", [*_VPX, "yuv444p"]),
        ("vp09.03.10.12", [*_VPX, "yuv444p12le"]),
        ("av01.0.00M.10", ["-c:v", "libsvtav1", "-preset", "12", "-pix_fmt", "yuv420p10le"]),
        ("av01.0.00M.08", [*_AOM, "yuv420p"]),
        ("av01.1.00M.08", [*_AOM, "yuv444p"]),
        ("av01.2.00M.12", [*_AOM, "yuv422p12le", *_HDR]),
        ("av01.0.31M.08", ["-c:v", "librav1e", "-speed", "10"]),
    ],
)
def test_other_profiles_depths_and_encoders_are_read_too(tmp_path: Path, codec: str, args: list[str]) -> None:
    """libaom gives its configuration with the first frame, so that these inits are written late."""
    one = encode(tmp_path / "out.mp4", ["-g", "4", *args], frames=4, every=4, flags="+delay_moov")
    assert (one.track.codec, bitstream_codec(one.track, one.bytes_of(0))) == (codec, codec)
    assert [inspect(one, one.bytes_of(n)).entry_point for n in range(4)] == [s.sync for s in one.samples]
    assert inspect(one, one.bytes_of(0)).entry_point


Damage = Callable[[bytes], bytes]


def byte(at: int, value: int) -> Damage:
    return lambda config: config[:at] + bytes([value]) + config[at + 1 :]


@pytest.mark.parametrize(
    ("name", "damage", "codec"),
    [
        ("h264", byte(3, 51), "avc1.{profile}33"),  # the level in the avcC
        ("h264", byte(1, 77), "avc1.4D{rest}"),
        ("hevc", byte(12, 93), "hvc1.1.6.L93.90"),
        ("hevc", byte(1, 0x21), "hvc1.1.6.H30.90"),
        ("hevc", byte(6, 0xB0), "hvc1.1.6.L30.B0"),
        ("vp9", byte(4, 2), "vp09.02.10.08"),
        ("vp9", byte(6, 0xA2), "vp09.00.10.10"),
        ("av1", byte(1, 0x08), "av01.0.08M.08"),
        ("av1", byte(2, 0x8C), "av01.0.00H.08"),
        ("av1", byte(2, 0x4C), "av01.0.00M.10"),
    ],
)
def test_a_configuration_that_says_other_than_the_bitstream_is_told_from_it(
    encodes: dict[str, Encode], name: str, damage: Damage, codec: str
) -> None:
    one = encodes[name]
    kind = {"h264": "avcC", "hevc": "hvcC", "vp9": "vpcC", "av1": "av1C"}[name]
    fields = bytes(24) + bytes((0, 64, 0, 36)) + bytes(50)
    entry = make_box(one.track.entry, fields, make_box(kind, damage(one.track.config)))
    info = describe_entry(entry, Box(one.track.entry, 0, 8, len(entry)), "vide")
    said = one.track.codec[5:]
    assert info.codec == codec.format(profile=said[:4], rest=said[2:])
    changed = replace(one.track, codec=info.codec, config=info.config)
    assert bitstream_codec(changed, one.bytes_of(0)) == one.track.codec


def test_an_av1_sample_needs_its_own_sequence_header_to_be_an_entry_point(encodes: dict[str, Encode]) -> None:
    one = encodes["av1"]
    sample = one.bytes_of(0)
    first = next(units(sample, 0, len(sample)))
    assert first.kind == 1
    assert not inspect(one, sample[first.stop :]).entry_point
    assert bitstream_codec(one.track, sample[first.stop :]) == one.track.codec  # the init has one


def test_another_sequence_header_than_the_inits_is_foreign_unless_only_its_tools_differ(
    encodes: dict[str, Encode], tmp_path: Path
) -> None:
    one = encodes["av1"]
    other = encode(tmp_path / "larger.mp4", coder_args("av1"), size="96x54", frames=1)
    assert inspect(one, other.bytes_of(0)) == CodedSample(True, 1, (96, 54))
    header = next(units(one.bytes_of(0), 0, 99))
    inside = one.bytes_of(0)[header.start : header.stop]
    assert inside not in one.track.config  # SVT-AV1 settles its tools after it wrote the configuration
    assert sequence_header(one.bytes_of(0), header) == configured_header(one.track.config)


@pytest.mark.parametrize("first", [0b0011_0000, 0b0000_0000, 0b0101_0000, 0b1000_0000])
def test_only_a_shown_key_frame_opens_an_av1_sample(encodes: dict[str, Encode], first: int) -> None:
    """Inter frame; key frame that is not shown; intra-only frame that is; an existing frame shown again."""
    one = encodes["av1"]
    sample = bytearray(one.bytes_of(0))
    frame = next(u for u in units(sample, 0, len(sample)) if u.kind == 6)
    assert sample[frame.start] & 0xF0 == 0b0001_0000
    sample[frame.start] = sample[frame.start] & 0x0F | first
    assert not inspect(one, bytes(sample)).entry_point


def test_a_sequence_header_with_timing_and_several_operating_points_is_read_to_its_end() -> None:
    bits = "".join([
        "010", "0", "0",  # profile 2, not still, not reduced
        "1", f"{1001:032b}", f"{60000:032b}", "1", "00101",  # timing, equal intervals, uvlc 4
        "1", "00111", f"{7:032b}", "00100", "00011",  # decoder model with delays of 8 bits
        "1", "00001",  # display delays, two operating points
        "000100000001", "01101", "1", "1", "10101010", "01010101", "0", "1", "0011",
        "000100000011", "00100", "0", "0",
        "1010", "1001", f"{1919:011b}", f"{799:010b}",  # sizes of 11 and 10 bits
        "1", "0010", "011",  # frame ids
        "000", "1111", "1", "11", "0", "1", "0", "1", "110",  # tools, order hints, forced integer vectors
        "000", "1", "0", "0", "1", "00001001", "00010000", "00001001", "1", "0",  # 10 bits, BT.2100 PQ, full range
        "0", "1",
    ])  # fmt: skip
    payload = int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")
    header = sequence_header(payload, Obu(1, 0, len(payload)))
    assert header == SequenceHeader(
        profile=2, still_picture=False, reduced=False, level_index=13, tier=1, width=1920, height=800, bit_depth=10,
        monochrome=False, colour=(9, 16, 9, 1), subsampling=(1, 0, 0),
    )  # fmt: skip
    assert header.codec == "2.13H.10.0.100.09.16.09.1"


def test_hidden_frames_of_vp9_lie_in_the_sample_that_shows_the_next(tmp_path: Path) -> None:
    """libvpx codes alternate references in its second pass."""
    args = ["-c:v", "libvpx-vp9", "-cpu-used", "2", "-b:v", "60k", "-g", "24"]
    for number in "12":
        passes = ["-pass", number, "-passlogfile", str(tmp_path / "log")]
        one = encode(tmp_path / "out.mp4", [*args, *passes], frames=48, every=24)
    counts = [len(inspect_frames(one.media, s.offset, s.offset + s.size)) for s in one.samples]
    assert max(counts) == 2
    seen = [inspect_coded(one.media, s.offset, s.offset + s.size, one.track) for s in one.samples]
    assert [s.entry_point for s in seen] == [s.sync for s in one.samples]
    both = one.bytes_of(counts.index(2))
    assert [h.shown for h in inspect_frames(both, 0, len(both))] == [False, True]
    with pytest.raises(DamagedMedia, match="a superframe says"):
        inspect_frames(b"\0" + both, 0, len(both) + 1)


@pytest.mark.parametrize(
    ("sample", "what"),
    [
        (b"", "holds no VP9 frame"),
        (b"\x02\x49\x83\x42", "no frame marker"),
        (b"\x82\x49\x83\x43\0\0\0\0\0", "no sync code"),
        (b"\x82\x49\x83", "needs 24 bits and 16 are left"),
        (b"\x84\0", "shows 0 VP9 frames"),
    ],
)
def test_damaged_vp9_headers_are_refused_by_name(sample: bytes, what: str) -> None:
    with pytest.raises(DamagedMedia, match=what):
        inspect_frames(sample, 0, len(sample))


def test_vp9_frames_that_are_no_key_frames_are_no_entry_points() -> None:
    assert frame_header(b"\x8a", 0, 1) == FrameHeader(0, key=False, shown=True)  # an existing frame shown again
    assert frame_header(b"\x86\0", 0, 2) == FrameHeader(0, key=False, shown=True)


@pytest.mark.parametrize(
    ("sample", "what"),
    [
        (b"\x8a\x00", "forbidden bit"),
        (b"\x0a\x05\0", "5 bytes does not fit"),
        (b"\x0a\xff\xff\xff", "size does not end"),
        (b"\x0e", "does not end"),
        (b"\x12\0", "holds no AV1 frame"),
        (b"\x42\0", "tile list"),
        (b"\x0a\x01\0", "needs 5 bits|needs .* bits and"),
    ],
)
def test_damaged_av1_units_are_refused_by_name(sample: bytes, what: str) -> None:
    with pytest.raises(DamagedMedia, match=what):
        inspect_unit(sample, 0, len(sample), None)


def test_emulation_prevention_is_taken_back() -> None:
    assert unescaped(b"\0\0\3\1\0\0\3\0\0\3") == b"\0\0\1\0\0\0\0"
    assert unescaped(b"\0\3\0\3\3") == b"\0\3\0\3\3"


def test_only_video_samples_are_inspected(encodes: dict[str, Encode]) -> None:
    sound = replace(encodes["vp9"].track, entry="mp4a")
    assert bitstream_codec(sound, b"x") == ""
    with pytest.raises(ValueError, match="'mp4a'"):
        inspect_coded(b"x", 0, 1, sound)


@given(data=st.data())
def test_any_damage_to_a_sample_is_read_or_refused_and_never_crashes(
    encodes: dict[str, Encode], data: st.DataObject
) -> None:
    one = encodes[data.draw(st.sampled_from(list(CODERS)))]
    sample = one.bytes_of(data.draw(st.sampled_from([0, 1, 12])))
    at = data.draw(st.integers(0, min(len(sample), 60)))
    changed = sample[:at] + data.draw(st.binary(max_size=4)) + sample[at + data.draw(st.integers(0, 4)) :]
    changed = changed[: data.draw(st.integers(0, len(changed)))]
    try:
        inspect(one, changed)
        bitstream_codec(one.track, changed)
    except DamagedMedia as error:
        assert error.where.startswith("byte ")


def test_options_with_a_cap_are_read_as_well(tmp_path: Path) -> None:
    capped = replace(CODING, max_bps=200_000, buffer_bits=200_000, initial_bits=100_000)
    for name in CODERS:
        one = encode(tmp_path / f"{name}.mp4", coder_args(name, capped), frames=12)
        assert bitstream_codec(one.track, one.bytes_of(0)) == one.track.codec
        assert inspect(one, one.bytes_of(0)).foreign == 0
