"""What a film's colours are, from what bitstream and container say of them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.colour import (
    MATRICES,
    PRIMARIES,
    TRANSFERS,
    Colour,
    ColourReading,
    ColourWords,
    ContentLight,
    MasteringDisplay,
)
from media.probe import VideoStream
from treatment.colour import decide_colour
from treatment.wishes import NO_WISHES, Wishes
from values.errors import MasterRefused

BT709 = ColourWords(1, 1, 1, full_range=False)
BITSTREAM, CONTAINER = "the bitstream says so", "the container says so"
DISPLAY = MasteringDisplay(
    (Fraction(17, 25), Fraction(8, 25)), (Fraction(53, 200), Fraction(69, 100)), (Fraction(3, 20), Fraction(3, 50)),
    (Fraction(3127, 10000), Fraction(329, 1000)), Fraction(1, 200), Fraction(1000),
)  # fmt: skip


def video(width: int, height: int, reading: ColourReading, *, bit_depth: int = 8) -> VideoStream:
    return VideoStream(
        index=0, codec="h264", width=width, height=height, pixel_format="yuv420p", bit_depth=bit_depth, sar=Fraction(1),
        rotation=0, time_base=Fraction(1, 90000), average_rate=Fraction(25), guessed_rate=Fraction(25),
        interlaced=False, colour=reading,
    )  # fmt: skip


def said(primaries: int = 2, transfer: int = 2, matrix: int = 2, *, full: bool | None = None) -> ColourReading:
    return ColourReading(coded=ColourWords(primaries, transfer, matrix, full))


@pytest.mark.parametrize(
    ("size", "reading", "codes"),
    [
        ((1920, 1080), said(), (1, 1, 1)),
        ((3840, 2160), said(), (1, 1, 1)),
        ((1280, 720), said(), (1, 1, 1)),
        ((1280, 544), said(), (1, 1, 1)),
        ((720, 576), said(), (5, 1, 5)),
        ((352, 288), said(), (5, 1, 5)),
        ((576, 720), said(), (5, 1, 5)),  # upright
        ((720, 480), said(), (6, 1, 6)),
        ((720, 486), said(), (6, 1, 6)),
        ((640, 360), said(), (1, 1, 6)),  # the matrix of BT.601 to all players, but of no television's lines
        ((720, 400), said(), (1, 1, 6)),
        ((640, 360), said(matrix=1), (1, 1, 1)),
        ((720, 480), said(primaries=1), (1, 1, 1)),
        ((720, 576), said(matrix=6), (5, 1, 6)),
        ((1920, 1080), said(matrix=5), (1, 1, 5)),  # VP8 can say nothing else
        ((1920, 1080), said(primaries=5), (5, 1, 5)),
        ((1920, 1080), said(matrix=7), (7, 1, 7)),
        ((3840, 2160), said(primaries=9), (9, 14, 9)),
        ((3840, 2160), said(matrix=9), (9, 14, 9)),
        ((1920, 1080), said(transfer=16), (9, 16, 9)),
        ((1920, 1080), said(transfer=18), (9, 18, 9)),
        ((1920, 1080), said(12, 16), (12, 16, 9)),
        ((1920, 1080), said(1, 11, 1), (1, 11, 1)),
        ((720, 576), said(5, 5, 5), (5, 5, 5)),
        ((1920, 1080), said(3, 99, 0), (1, 1, 1)),  # no code points that can be meant
        ((1920, 1080), replace(said(), rgb=True), (1, 1, 0)),
        ((640, 480), replace(said(1, 13, 0), rgb=True), (1, 13, 0)),
        ((3840, 2160), replace(said(9, 16, 2), rgb=True), (9, 16, 0)),
    ],
)
def test_what_is_not_said_follows_from_the_rest_and_from_the_size(
    size: tuple[int, int], reading: ColourReading, codes: tuple[int, int, int]
) -> None:
    assert decide_colour(video(*size, reading), NO_WISHES).colour.codes == codes


def test_the_bitstream_is_believed_before_the_container_and_the_difference_is_noted() -> None:
    reading = ColourReading(
        coded=ColourWords(9, 16, 9, full_range=False), container=ColourWords(1, 1, 1, full_range=True)
    )
    found = decide_colour(video(1920, 1080, reading, bit_depth=10), NO_WISHES)
    assert found.colour == Colour(9, 16, 9)
    assert found.reasons == (BITSTREAM,) * 4
    assert found.notes == (
        "the bitstream is believed and not the container: primaries BT.2020, not BT.709; transfer PQ, not BT.709; "
        "matrix BT.2020, not BT.709; limited range, not full",
    )


def test_the_container_is_asked_where_the_bitstream_is_silent_part_by_part() -> None:
    reading = ColourReading(coded=ColourWords(matrix=6), container=ColourWords(6, 6, 5, full_range=True))
    found = decide_colour(video(720, 480, reading), NO_WISHES)
    assert found.colour == Colour(6, 6, 6, full_range=True)
    assert found.reasons == (CONTAINER, CONTAINER, BITSTREAM, CONTAINER)
    assert found.notes == ()  # 5 and 6 are one matrix


def test_a_code_point_that_can_not_be_meant_gives_way_to_the_container() -> None:
    reading = ColourReading(coded=ColourWords(3, 1, 0), container=BT709)
    found = decide_colour(video(1920, 1080, reading), NO_WISHES)
    assert found.colour.codes == (1, 1, 1)
    assert found.reasons[:3] == (CONTAINER, BITSTREAM, CONTAINER)
    assert found.notes == (
        "primaries 3 can't be meant, and counts as unsaid", "matrix 0 can't be meant, and counts as unsaid",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("reading", "wish", "full", "reason"),
    [
        (said(), "auto", False, "assumed for 640x360"),
        (said(full=True), "auto", True, BITSTREAM),
        (ColourReading(container=ColourWords(full_range=True)), "auto", True, CONTAINER),
        (replace(said(), rgb=True), "auto", True, "its samples are RGB"),
        (replace(said(full=False), rgb=True), "auto", True, "its samples are RGB"),
        (said(full=True), "limited", False, "as wished"),
        (said(), "full", True, "as wished"),
    ],
)
def test_the_range_is_limited_unless_something_says_otherwise(
    reading: ColourReading, wish: str, full: bool, reason: str
) -> None:
    found = decide_colour(video(640, 360, reading), Wishes(levels=wish))
    assert (found.colour.full_range, found.reasons[3]) == (full, reason)


@pytest.mark.parametrize(
    ("wish", "size", "codes"),
    [
        ("bt601", (720, 576), (5, 6, 5)), ("bt601", (720, 480), (6, 6, 6)), ("bt601", (1920, 1080), (6, 6, 6)),
        ("bt709", (720, 576), (1, 1, 1)), ("bt2020", (3840, 2160), (9, 14, 9)), ("pq", (3840, 2160), (9, 16, 9)),
        ("hlg", (3840, 2160), (9, 18, 9)),
    ],
)  # fmt: skip
def test_a_wish_overrules_all_that_is_said(wish: str, size: tuple[int, int], codes: tuple[int, int, int]) -> None:
    for reading in (said(), said(12, 13, 8)):
        found = decide_colour(video(*size, reading, bit_depth=10), Wishes(colour=wish))
        assert (found.colour.codes, found.reasons[:3]) == (codes, ("as wished",) * 3)
    rgb = decide_colour(video(*size, replace(said(), rgb=True), bit_depth=10), Wishes(colour=wish))
    assert rgb.colour.codes == (*codes[:2], 0)


def test_metadata_of_hdr10_without_a_transfer_means_pq() -> None:
    for lit in (replace(said(), mastering=DISPLAY), replace(said(9), light=ContentLight(1000, 400))):
        found = decide_colour(video(3840, 2160, lit, bit_depth=10), NO_WISHES)
        assert found.colour.codes == (9, 16, 9)
        assert found.reasons[1] == "assumed for metadata of HDR10"
        assert (found.colour.mastering, found.colour.light) == (lit.mastering, lit.light)


@pytest.mark.parametrize(("reading", "depth"), [(said(1, 1, 1), 10), (said(), 8)])
def test_metadata_of_hdr10_in_sdr_is_left_out_with_a_note(reading: ColourReading, depth: int) -> None:
    found = decide_colour(video(1920, 1080, replace(reading, mastering=DISPLAY), bit_depth=depth), NO_WISHES)
    assert found.colour.video_range == "SDR"
    assert found.notes == (
        "metadata of high dynamic range is left out: the transfer is that of standard dynamic range",
    )


def test_dynamic_metadata_is_left_out_with_a_note() -> None:
    reading = replace(said(9, 16, 9), dynamic=("Dolby Vision", "HDR10+"), mended=("something was mended",))
    assert decide_colour(video(3840, 2160, reading, bit_depth=10), NO_WISHES).notes == (
        "something was mended", "Dolby Vision and HDR10+: metadata of single pictures is left out",
    )  # fmt: skip


def test_dolby_vision_that_only_its_own_players_can_show_is_refused() -> None:
    reading = replace(said(full=True), dynamic=("Dolby Vision",))
    with pytest.raises(MasterRefused, match=r"profile 5.*\n.*profile 8.*--colour pq"):
        decide_colour(video(3840, 2160, reading, bit_depth=10), NO_WISHES)
    assert decide_colour(video(3840, 2160, reading, bit_depth=10), Wishes(colour="pq")).colour.video_range == "PQ"


def test_hdr_in_eight_bits_is_noted() -> None:
    assert decide_colour(video(1920, 1080, said(9, 18, 9)), NO_WISHES).notes == (
        "HLG in 8 bits: bands will show in smooth areas",
    )


codes = st.integers(0, 30)
words = st.builds(ColourWords, codes, codes, codes, st.sampled_from([None, False, True]))
lit = st.sampled_from([(None, None), (DISPLAY, None), (DISPLAY, ContentLight(9, 1))])


@given(words, words, st.booleans(), lit, st.sampled_from([8, 10, 12]), st.integers(16, 4096), st.integers(16, 4096))
def test_every_part_is_decided_whatever_is_said(
    coded: ColourWords, container: ColourWords, rgb: bool,
    metadata: tuple[MasteringDisplay | None, ContentLight | None], depth: int, width: int, height: int,
) -> None:  # fmt: skip
    reading = ColourReading(coded, container, rgb, *metadata)
    found = decide_colour(video(width, height, reading, bit_depth=depth), NO_WISHES)
    assert found.colour.primaries in PRIMARIES
    assert found.colour.transfer in TRANSFERS
    assert found.colour.matrix in MATRICES
    assert (found.colour.matrix == 0) == rgb
    assert all(found.reasons)
