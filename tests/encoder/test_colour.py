"""Colours through the whole line: encoded for real, decoded again, and held against the formulae of the standards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from media.colour import ColourWords
from media.ffmpeg import ffmpeg_path, run
from media.probe import probe
from tests.encoder.patches import BARS, SIZE, Values, coded, decoded, in_primaries, seen_patches, write_master
from tests.encoder.rendered import Rendered, render
from treatment.picture import SDR
from treatment.wishes import Wishes

_X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-qp", "0", "-g", "8")


def tags(primaries: int, transfer: int, matrix: int, *, full: bool = False) -> tuple[str, ...]:
    words = f"color_primaries={primaries}:color_trc={transfer}:colorspace={matrix}"
    return ("-vf", f"setparams=range={'full' if full else 'limited'}:{words}")


def rounded(rgb: Values, matrix: int, *, full: bool = False, bits: int = 8) -> Values:
    """Code values that a file can hold."""
    return np.clip(np.round(coded(rgb, matrix, full=full, bits=bits)), 0, 2**bits - 1)


def expected(codes: Values, primaries: int, matrix: int, *, full: bool = False, bits: int = 8, out: int = 8) -> Values:
    """What the source's code values should become in BT.709 of `out` bits."""
    return coded(in_primaries(decoded(codes, matrix, full=full, bits=bits), primaries, 1), 1, bits=out)


def coded_words(made: Rendered) -> ColourWords:
    """What the bitstream itself says; of VP9, which has words for the matrix and the range alone, its vpcC the rest."""
    found = probe(str(made.path), where=made.path.name).video
    assert found is not None
    coded = found.colour.coded
    if made.track.entry == "vp09":
        flags, *codes = made.track.config[6:10]
        assert (coded.matrix, flags & 1) == (codes[2], 0)
        return replace(coded, primaries=codes[0], transfer=codes[1])
    return coded


CODECS = ("h264", "hevc", "vp9", "av1")


@pytest.mark.parametrize(
    ("primaries", "transfer", "matrix", "full"),
    [
        (1, 1, 1, False),
        (1, 1, 1, True),
        (6, 6, 6, False),
        (5, 6, 5, False),
        (6, 6, 6, True),
        (1, 13, 6, True),  # what phones and JPEG have
        (9, 14, 9, False),
    ],
)
def test_colour_bars_come_back_within_two_code_values(
    primaries: int, transfer: int, matrix: int, full: bool, tmp_path: Path
) -> None:
    codes = rounded(BARS, matrix, full=full)
    master = write_master(
        tmp_path / "bars.mp4", codes, "yuv444p", (*tags(primaries, transfer, matrix, full=full), *_X264)
    )
    want = expected(codes, primaries, matrix, full=full)
    inside = np.all((want > 0) & (want < 255), 1)  # colours of BT.2020 that BT.709 has no code for are cut
    for codec in CODECS:
        made = render(master, tmp_path, codec, SIZE)
        off = np.abs(seen_patches(made.path, len(codes)) - want)[inside].max(0)
        assert off.max() <= 2, (codec, off)
        assert (made.track.colour, made.track.full_range, made.look) == ((1, 1, 1), False, SDR)
        assert coded_words(made) == ColourWords(1, 1, 1, full_range=False)
    assert inside.sum() >= 28


def test_rgb_and_deep_sources_are_converted_as_well(tmp_path: Path) -> None:
    deep = rounded(BARS, 6, bits=10)
    for name, codes, pixel_format, args, source in (
        ("rgb.mkv", rounded(BARS, 0), "gbrp", ("-c:v", "ffv1"), (1, 0, 8)),
        ("deep-rgb.mkv", rounded(BARS, 0, bits=10), "gbrp10le", ("-c:v", "ffv1"), (1, 0, 10)),
        ("screen.mp4", rounded(BARS, 0), "gbrp", ("-c:v", "libx264rgb", "-preset", "ultrafast", "-qp", "0"), (1, 0, 8)),
        ("422.mov", deep, "yuv444p10le",
         (*tags(6, 6, 6), "-c:v", "prores_ks", "-profile:v", "3", "-pix_fmt", "yuv422p10le"), (6, 6, 10)),
        ("12.mkv", rounded(BARS, 5, bits=12), "yuv444p12le", (*tags(5, 6, 5), "-c:v", "ffv1"), (5, 5, 12)),
        ("mjpeg.avi", rounded(BARS, 6, full=True), "yuvj444p", ("-c:v", "mjpeg", "-q:v", "1"), (1, 6, 8)),
    ):  # fmt: skip
        master = write_master(tmp_path / name, codes, pixel_format, args)
        primaries, matrix, bits = source
        full = name.startswith("mjpeg")
        for codec, depth in (("h264", 8), ("av1", 8 if bits == 8 else 10)):
            want = expected(codes, primaries, matrix, full=full, bits=bits, out=depth)
            made = render(master, tmp_path, codec, SIZE)
            off = np.abs(seen_patches(made.path, len(codes), bits=depth) - want).max() / 2 ** (depth - 8)
            assert off <= 2, (name, codec, off)
            assert made.look.bit_depth == depth
            assert made.track.colour == (1, 1, 1)


def test_a_wish_overrules_what_the_file_says(tmp_path: Path) -> None:
    codes = rounded(BARS, 6)
    master = write_master(tmp_path / "bars.mp4", codes, "yuv444p", (*tags(1, 1, 1, full=True), *_X264))
    made = render(master, tmp_path, "h264", SIZE, wishes=Wishes(colour="bt601", levels="limited"))
    assert np.abs(seen_patches(made.path, len(codes)) - expected(codes, 6, 6)).max() <= 2


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("across", [True, False])
def test_chroma_lies_where_players_look_for_it(full: bool, across: bool, tmp_path: Path) -> None:
    """In 4:2:0 of BT.709, beside the left one of two pixels, and between two rows (ITU-T H.264 figure E-1, type 0)."""
    width, height = SIZE
    ramp = np.arange(width if across else height) * (192 / width if across else 192 / height) + 30
    cb = np.broadcast_to(ramp if across else ramp[:, None], (height, width))
    grey = np.full((height, width), 128.0)
    frame = b"".join(np.round(p).astype("u1").tobytes() for p in (grey, cb, grey))
    (tmp_path / "ramp.raw").write_bytes(frame * 2)
    master = tmp_path / "ramp.mp4"
    source = ("-f", "rawvideo", "-pix_fmt", "yuv444p", "-s", f"{width}x{height}", "-r", "24")
    words = (*source, "-i", str(tmp_path / "ramp.raw"), *tags(1, 1, 1, full=full), *_X264, str(master))
    run([ffmpeg_path(), "-v", "error", *words], where="ramp")
    made = render(master, tmp_path, "h264", SIZE)
    raw = tmp_path / "out.yuv"
    run([ffmpeg_path(), "-v", "error", "-i", str(made.path), "-frames:v", "1", str(raw)], where="ramp")
    planes = np.frombuffer(raw.read_bytes(), "u1").astype(float)
    seen = planes[width * height : width * height * 5 // 4].reshape(height // 2, width // 2)
    inner = (seen if across else seen.T).mean(0)[8:-8]
    levels = (inner - 128) * 255 / 224 + 128 if full else inner
    places = np.interp(levels, ramp, np.arange(len(ramp))) - 2 * np.arange(8, len(inner) + 8)
    assert abs(places.mean() - (0 if across else 0.5)) < 0.12
