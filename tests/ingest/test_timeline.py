"""Time as files tell it, well and badly: edit lists, sync tables, clocks that jump, fields in packets of their own."""

from __future__ import annotations

from array import array
from fractions import Fraction
from pathlib import Path

import pytest

from ingest.tail import Tail
from media.index import FrameIndex, index_frames
from tests.encoder.masters import (
    H264,
    MPEG2,
    looked_over,
    made,
    remuxed,
    with_edits,
    without,
    without_key_flags,
)  # fmt: skip
from values.errors import MasterRefused

HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=12")
TICK = Fraction(1, 12800)


@pytest.mark.parametrize(
    ("edits", "frames", "start"),
    [
        ([(2000, 0)], 50, "0"),
        ([(1000, 6400)], 25, "0"),  # half a second in
        ([(1000, 12800), (1000, 0)], 50, "0"),  # the second before the first
        ([(1000, 6400)] * 3, 75, "0"),  # thrice the same
        ([(700, -1), (1000, 0)], 25, "7/10"),  # begins late
    ],
)
def test_edits_make_the_film(edits: list[tuple[int, int]], frames: int, start: str, tmp_path: Path) -> None:
    path = with_edits(made(tmp_path / "b.mp4", *H264, "-bf", "0"), tmp_path / "a.mp4", *edits)
    found = looked_over(path)
    assert (found.timing.frames, found.start, found.timing.rate) == (frames, Fraction(start), 25)


def test_a_million_edits_are_refused_before_anything_opens_the_file(tmp_path: Path) -> None:
    source = made(tmp_path / "b.mp4", *H264)
    path = with_edits(source, tmp_path / "a.mp4", *[(1, n % 20000) for n in range(1_000_000)])
    with pytest.raises(MasterRefused, match="an edit list of 1000000 entries"):
        looked_over(path)
    assert looked_over(with_edits(source, tmp_path / "c.mp4", *[(40, 512)] * 100)).timing.frames == 100


def test_key_frames_that_a_file_does_not_tell_are_found(tmp_path: Path) -> None:
    """An MP4 without a sync table calls all its samples key frames, an AVI may call none one."""
    hevc = made(tmp_path / "b.mp4", *HEVC)
    plain = index_frames(str(hevc), 0, where="b")
    bare = index_frames(str(without(hevc, tmp_path / "a.mp4", b"stss")), 0, where="a")
    assert (bare.keyframes, bare.pts) == (plain.keyframes, plain.pts)
    assert (plain.lead, bare.lead > 0) == (0, True)
    avi = made(tmp_path / "b.avi", "-c:v", "mpeg4", "-bf", "2", "-g", "12")
    flagless = index_frames(str(without_key_flags(avi, tmp_path / "a.avi")), 0, where="a")
    assert flagless.keyframes == index_frames(str(avi), 0, where="b").keyframes


def test_where_not_even_headers_tell_decoding_starts_at_the_first_packet(tmp_path: Path) -> None:
    """WMV in an AVI that calls every frame a key frame."""
    avi = made(tmp_path / "b.avi", "-c:v", "wmv2", "-g", "12")
    data = bytearray(avi.read_bytes())
    at = data.rfind(b"idx1")
    for entry in range(at + 8, at + 8 + int.from_bytes(data[at + 4 : at + 8], "little"), 16):
        data[entry + 4 : entry + 8] = b"\x10\0\0\0"
    lying = tmp_path / "a.avi"
    lying.write_bytes(data)
    index = index_frames(str(lying), 0, where="a")
    assert (len(index.pts), list(index.keyframes)) == (50, [0])


def test_pictures_out_of_order_are_refused_with_a_way_out(tmp_path: Path) -> None:
    """An AVI has decode times alone, from which those of H.264's B frames can't be told."""
    path = made(tmp_path / "a.avi", "-c:v", "libx264", "-g", "12", "-bf", "3")
    with pytest.raises(MasterRefused, match=r"not in the order in which they are shown(.|\n)*-c:v ffv1"):
        looked_over(path)


def test_a_clock_that_jumps_is_damage(tmp_path: Path) -> None:
    part = made(tmp_path / "b.ts", *MPEG2)
    path = tmp_path / "a.ts"
    path.write_bytes(part.read_bytes() * 2)
    with pytest.raises(MasterRefused, match=r"its clock jumps back by 0:00:01.9\d+ after 50 video packets"):
        looked_over(path)
    late = remuxed(part, tmp_path / "late.ts", "-output_ts_offset", "3600")
    path.write_bytes(part.read_bytes() + late.read_bytes())
    with pytest.raises(MasterRefused, match=r"its clock jumps ahead by 0:59:5\d"):
        looked_over(path)


def test_fields_in_packets_of_their_own_make_frames() -> None:
    """50i as H.264 field pictures in a transport stream: a packet each 1800 ticks, but a frame each 3600."""
    packets = FrameIndex(Fraction(1, 90000), array("q", range(900, 90900, 1800)), array("q", [900]), 1800, 0)
    frames = packets.without_second_fields([900 + 3600 * n for n in range(10)])
    assert list(frames.pts) == list(range(900, 90900, 3600))
    assert frames.last_duration == 3600


def test_frames_among_field_pairs_stay() -> None:
    """Field pairs where much moves, frames elsewhere (PAFF)."""
    times = array("q", sorted([*range(0, 36000, 3600), *range(1800, 18000, 3600)]))
    packets = FrameIndex(Fraction(1, 90000), times, array("q", [0]), 3600, 0)
    assert list(packets.without_second_fields(range(18000, 36000, 3600)).pts) == list(range(0, 36000, 3600))
    assert packets.without_second_fields([7]) is packets


def test_a_tail_says_what_is_wrong_with_it() -> None:
    base = Fraction(1, 25)
    assert Tail((1, 2, 3), frozenset(), base).damage == ""
    assert Tail((1,), frozenset({50, 51}), base).damage == "2 of the last pictures, from 0:00:02.000 on, do not decode"
    assert Tail((1,), frozenset({2}), base, "broken").damage == "broken"
