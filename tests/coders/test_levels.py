"""The level that a rung declares, against the tables of ITU-T H.264 and H.265 and against the encoders."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coders.coder import PRESETS
from coders.levels import Shape, h264_held_frames, h264_level, hevc_level
from tests.media.encodes import CODING, coder_args, encode

H264 = ("1", "1.1", "1.2", "1.3", "2", "2.1", "2.2", "3", "3.1", "3.2", "4", "4.1", "4.2", "5", "5.1", "5.2", "6",
        "6.1", "6.2")  # fmt: skip
HEVC = ("1", "2", "2.1", "3", "3.1", "4", "4.1", "5", "5.1", "5.2", "6", "6.1", "6.2")
NTSC = Fraction(30000, 1001)


def shape(width: int, height: int, rate: Fraction | int = 24, max_bps: int = 0, buffer_bits: int = 0) -> Shape:
    return Shape(width, height, Fraction(rate), max_bps, buffer_bits)


@pytest.mark.parametrize(
    ("asked", "held", "level"),
    [
        (shape(64, 36), 4, "1"),
        (shape(160, 90, 24, 80_000, 120_000), 4, "1"),
        (shape(160, 90, 24, 80_001, 120_000), 4, "1.1"),
        (shape(160, 90, 25), 4, "1.1"),  # 1500 macroblocks a second
        (shape(416, 234, 24, 145_000, 290_000), 4, "1.3"),
        (shape(416, 234, 24, 145_000, 290_000), 8, "2.1"),  # eight pictures of 390 macroblocks
        (shape(416, 234, 24, 145_000, 290_000), 16, "2.2"),  # veryslow
        (shape(640, 360, NTSC, 700_000, 1_400_000), 4, "3"),
        (shape(720, 576, 25), 4, "3"),
        (shape(1280, 720, 24), 4, "3.1"),
        (shape(1280, 720, 30), 4, "3.1"),
        (shape(1280, 720, Fraction(3001, 100)), 4, "3.2"),
        (shape(1280, 720, 60), 4, "3.2"),
        (shape(1920, 1080, 24, 7_800_000, 15_600_000), 4, "4"),
        (shape(1920, 1080, 30), 4, "4"),
        (shape(1080, 1920, 30), 4, "4"),  # portrait
        (shape(1920, 1080, 24), 5, "5"),  # slow: five do not fit into level 4.2
        (shape(1920, 1080, 24), 16, "5.1"),  # veryslow
        (shape(1920, 1080, 60), 4, "4.2"),
        (shape(1920, 1080, 24, 25_000_000, 31_250_000), 4, "4"),
        (shape(1920, 1080, 24, 25_000_001, 31_250_000), 4, "4.1"),  # the cap
        (shape(1920, 1080, 24, 20_000_000, 31_250_001), 4, "4.1"),  # the buffer
        (shape(2560, 1440, 30), 4, "5"),
        (shape(3840, 2160, 30), 4, "5.1"),
        (shape(3840, 2160, 60), 4, "5.2"),
        (shape(7680, 4320, 60), 4, "6.1"),
        (shape(4096, 16), 4, "4"),  # 256 macroblocks wide: the root of 8 MaxFS decides
        (shape(16384, 16384, 300), 16, "6.2"),  # beyond all tables
    ],
)
def test_h264_levels_are_those_of_table_a_1(asked: Shape, held: int, level: str) -> None:
    assert h264_level(asked, held) == level


@pytest.mark.parametrize(("bps", "level"), [(20_000_000, "4"), (20_000_001, "4.1")])
def test_below_high_profile_a_level_has_less_bit_rate(bps: int, level: str) -> None:
    assert h264_level(shape(1920, 1080, 24, bps, bps), 1, high=False) == level
    assert h264_level(shape(1920, 1080, 24, bps, bps), 1) == "4"


@pytest.mark.parametrize(
    ("asked", "level"),
    [
        (shape(160, 90), "1"),
        (shape(160, 90, 24, 128_000, 256_000), "1"),
        (shape(160, 90, 24, 128_001, 256_000), "2"),
        (shape(160, 90, 24, 100_000, 350_001), "2"),
        (shape(416, 234, 24, 145_000, 290_000), "2"),
        (shape(554, 220), "2.1"),  # coded as 560x224: 2 has room for 122880 samples
        (shape(640, 360, NTSC), "2.1"),
        (shape(960, 540, 30), "3"),
        (shape(1280, 720, 24, 2_400_000, 4_800_000), "3.1"),
        (shape(1280, 720, 60), "4"),
        (shape(1920, 1080, 24, 5_800_000, 11_600_000), "4"),
        (shape(1080, 1920, 30), "4"),
        (shape(1920, 1080, 60), "4.1"),
        (shape(1920, 1080, 24, 12_000_001, 12_000_000), "4.1"),
        (shape(1920, 1080, 24, 12_000_000, 20_000_001), "5"),
        (shape(3840, 2160, 30, 16_800_000, 25_000_000), "5"),
        (shape(3840, 2160, 60), "5.1"),
        (shape(7680, 4320, 60), "6.1"),
        (shape(4096, 64), "4"),  # the root of 8 MaxLumaPs decides
        (shape(16384, 16384, 300), "6.2"),
    ],
)
def test_hevc_levels_are_those_of_tables_a_8_and_a_9(asked: Shape, level: str) -> None:
    assert hevc_level(asked) == level


sides = st.integers(16, 8192)
rates = st.fractions(1, 120, max_denominator=1001)
bits = st.integers(0, 900_000_000)


@given(
    st.builds(Shape, sides, sides, rates, bits, bits), st.integers(1, 16),
    st.tuples(st.integers(0, 500), st.integers(0, 500), st.fractions(0, 30), st.integers(0, 10**8),
              st.integers(0, 10**8), st.integers(0, 8)),
)  # fmt: skip
def test_a_level_never_falls_as_a_rung_needs_more(
    less: Shape, held: int, more: tuple[int, int, Fraction, int, int, int]
) -> None:
    values = (less.width, less.height, less.rate, less.max_bps, less.buffer_bits)
    grown = Shape(*(a + b for a, b in zip(values, more[:5], strict=True)))  # type: ignore[arg-type]
    assert H264.index(h264_level(less, held)) <= H264.index(h264_level(grown, held + more[5]))
    assert HEVC.index(hevc_level(less)) <= HEVC.index(hevc_level(grown))
    assert H264.index(h264_level(less, held)) <= H264.index(h264_level(less, held, high=False))


@given(st.builds(Shape, sides, sides, rates, bits, bits), st.integers(1, 16))
def test_a_picture_on_its_side_has_the_same_level(asked: Shape, held: int) -> None:
    turned = replace(asked, width=asked.height, height=asked.width)
    assert h264_level(turned, held) == h264_level(asked, held)
    assert hevc_level(turned) == hevc_level(asked)


@pytest.mark.parametrize(
    ("asked", "level", "held"),
    [
        (shape(1920, 1080, 24), "4", 4),
        (shape(1280, 720, 24), "3.1", 5),
        (shape(416, 234), "1.3", 6),
        (shape(64, 36), "1", 16),  # never more
        (shape(16384, 16384), "6.2", 1),  # never less
    ],
)
def test_a_level_has_room_for_so_many_pictures(asked: Shape, level: str, held: int) -> None:
    assert h264_held_frames(asked, level) == held


@pytest.mark.parametrize(
    ("preset", "codec"),
    [
        ("ultrafast", "avc1.42C00D"),
        *((preset, "avc1.64000D") for preset in PRESETS[1:]),
    ],
)
def test_libx264_declares_the_profile_and_level_that_it_was_reckoned_with(
    tmp_path: Path, preset: str, codec: str
) -> None:
    coding = replace(CODING, preset=preset, shape=shape(416, 234))
    one = encode(tmp_path / "out.mp4", coder_args("h264", coding), size="416x234", frames=1)
    assert one.track.codec == codec


@pytest.mark.parametrize("cap", [0, 5_800_000])
def test_libx265_stays_in_the_main_tier_with_and_without_a_cap(tmp_path: Path, cap: int) -> None:
    coding = replace(
        CODING, max_bps=cap, buffer_bits=2 * cap, initial_bits=cap, shape=shape(1920, 1080, 24, cap, 2 * cap)
    )
    one = encode(tmp_path / "out.mp4", coder_args("hevc", coding), size="1920x1080", frames=1)
    assert one.track.codec == "hvc1.1.6.L120.90"


def test_half_a_crf_of_av1_is_another_encode(tmp_path: Path) -> None:
    sizes = [
        sum(s.size for s in encode(tmp_path / "out.mp4", coder_args("av1", replace(CODING, crf=crf))).samples)
        for crf in (20, 20.5, 21)
    ]
    assert sizes[0] != sizes[1] != sizes[2] != sizes[0]
