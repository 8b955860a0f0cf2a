"""HDR10 and HLG through the whole line: kept in HEVC and AV1, with what tells of them; tone-mapped for the others."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg
import numpy as np
import pytest

from coders.coder import Light
from encoder.colour import compared, light_of
from encoder.measure import measure
from media.bitstream import bitstream_codec
from media.boxes import split_init
from media.brands import brands
from media.colour import Colour, ContentLight, MasteringDisplay
from media.colour_boxes import put_colour
from media.ffmpeg import ffmpeg_path
from media.nal import nal_units
from media.obu import units
from media.probe import probe
from media.sps import unescaped
from quality.scores import join_scores
from quality.settings import MeasureSettings
from tests.encoder.patches import SIZE, Values, coded, decoded, seen_patches, write_master
from tests.encoder.rendered import Rendered, render
from tests.parts import clip, ffprobe, program
from treatment.picture import SDR, Look
from treatment.wishes import Wishes

DISPLAY = MasteringDisplay(
    (Fraction(17, 25), Fraction(8, 25)), (Fraction(53, 200), Fraction(69, 100)), (Fraction(3, 20), Fraction(3, 50)),
    (Fraction(3127, 10000), Fraction(329, 1000)), Fraction(1, 200), Fraction(1000),
)  # fmt: skip
LIGHT = ContentLight(800, 300)
HDR10 = Colour(9, 16, 9, False, DISPLAY, LIGHT)
HLG10 = Colour(9, 18, 9)

_NITS = np.array([0.05, 1, 5, 26, 100, 203, 400, 800])
_INK = np.array([[1, 1, 1], [1, 0.5, 0.3], [0.4, 0.9, 0.3], [0.3, 0.4, 1]])  # colours that BT.709 has too
LIGHTS: Values = np.array([n * ink for ink in _INK for n in _NITS])
"""Light of red, green and blue in BT.2020, in cd/m²."""

_SOURCE = "color_primaries=9:colorspace=9:range=limited:chroma_location=topleft:color_trc="
_X265 = "lossless=1:log-level=error:repeat-headers=1"
_VOLUME = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"


def pq(light: Values) -> Values:
    """SMPTE ST 2084: the signal of light in cd/m²."""
    y = (light / 10000) ** (2610 / 16384)
    return np.asarray(((3424 / 4096 + 2413 / 128 * y) / (1 + 2392 / 128 * y)) ** (2523 / 32))


def of_pq(signal: Values) -> Values:
    p = np.maximum(signal, 0) ** (32 / 2523)
    return np.asarray(10000 * (np.maximum(p - 3424 / 4096, 0) / (2413 / 128 - 2392 / 128 * p)) ** (16384 / 2610))


def of_hlg(signal: Values) -> Values:
    """ITU-R BT.2100 table 5: the light in cd/m² that a display of 1000 cd/m² shows of a signal."""
    e = np.maximum(signal, 0)
    scene = np.where(e <= 0.5, e**2 / 3, (np.exp((e - 0.55991073) / 0.17883277) + 0.28466892) / 12)
    luminance = scene @ [0.2627, 0.678, 0.0593]
    return np.asarray(1000 * scene * luminance[:, None] ** 0.2)


def toned(light: Values, peak: float) -> Values:
    """10 bit BT.709 of light in BT.2020: what `encoder.colour.tone_mapped` promises."""
    in_709 = (light / 203) @ np.array(
        [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
    ).T
    most = np.maximum(in_709.max(1), 1e-6)
    p, j = peak / 203, 0.3
    a, b = -j * j * (p - 1) / (j * j - 2 * j + p), (j * j - 2 * j * p + p) / (p - 1)
    pressed = np.where(most <= j, most, (b * b + 2 * b * j + j * j) / (b - a) * (most + a) / (most + b))
    shown = in_709 * (pressed / most)[:, None]
    return coded(np.maximum(shown, 0) ** (1 / 2.4), 1)


@pytest.fixture(scope="module")
def hdr10(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Values]:
    """Three seconds of PQ in HEVC with static metadata, and its code values."""
    codes = np.round(coded(pq(LIGHTS), 9, bits=10))
    path = tmp_path_factory.mktemp("hdr10") / "pq.mp4"
    args = [
        "-vf", f"setparams={_SOURCE}16", "-pix_fmt", "yuv420p10le", "-c:v", "libx265", "-preset", "ultrafast",
        "-g", "12", "-x265-params", f"{_X265}:master-display={_VOLUME}:max-cll=800,300", "-tag:v", "hvc1",
    ]  # fmt: skip
    return write_master(path, codes, "yuv444p10le", args, frames=30, rate=12), codes


@pytest.fixture(scope="module")
def hlg(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Values]:
    signal = np.array([v * ink**0.5 for ink in _INK for v in (0.02, 0.1, 0.25, 0.38, 0.5, 0.6, 0.75, 0.9)])
    codes = np.round(coded(signal, 9, bits=10))
    path = tmp_path_factory.mktemp("hlg") / "hlg.mov"
    args = [
        "-vf", f"setparams={_SOURCE}18", "-pix_fmt", "yuv420p10le", "-c:v", "libx265", "-preset", "ultrafast",
        "-g", "12", "-x265-params", _X265, "-tag:v", "hvc1",
    ]  # fmt: skip
    return write_master(path, codes, "yuv444p10le", args, frames=30, rate=12), codes


CODEC = {"hevc": "hvc1.2.4.L30.90", "av1": "av01.0.00M.10.0.112.09.{:02d}.09.0"}


@pytest.mark.parametrize("codec", ["hevc", "av1"])
def test_hdr10_keeps_its_values_and_what_tells_of_them(codec: str, hdr10: tuple[Path, Values], tmp_path: Path) -> None:
    master, codes = hdr10
    made = render(master, tmp_path, codec, SIZE)
    assert len(made.jobs) == 3
    assert np.abs(seen_patches(made.path, len(codes), bits=10) - codes).max() <= 4
    assert made.look == Look(HDR10, 10)
    track = made.track
    assert (track.codec, track.colour, track.full_range) == (CODEC[codec].format(16), (9, 16, 9), False)
    assert (track.mastering, track.light) == (DISPLAY, LIGHT)
    assert bitstream_codec(track) == bitstream_codec(track, made.samples()[0]) == track.codec
    assert ("chd1" if codec == "hevc" else "av01") in brands(split_init(made.path.read_bytes())[0])
    assert static_metadata(made) == {137, 144} if codec == "hevc" else {1, 2}


def static_metadata(made: Rendered) -> set[int]:
    """The kinds of metadata that lie in the stream at every key frame: SEI payload types, or OBU metadata types."""
    found: list[set[int]] = []
    for n, sample in enumerate(made.samples()):
        if made.track.entry == "av01":
            obus = list(units(sample, 0, len(sample)))
            kinds = {sample[u.start] for u in obus if u.kind == 5}
            key = obus[0].kind == 1
        else:
            hevc = made.track.entry == "hvc1"
            nals = list(nal_units(sample, 0, len(sample), made.track))
            sei = [unescaped(sample[u.start : u.stop]) for u in nals if u.kind == (39 if hevc else 6)]
            kinds = {unit[2 if hevc else 1] for unit in sei} - {5}  # 5 is the name of an encoder
            key = nals[-1].kind in ((19, 20) if hevc else (5,))
            assert not hevc or not {u.kind for u in nals} & {32, 33, 34}  # parameter sets are in the init segment
        if key:
            found.append(kinds)
        else:
            assert not kinds, f"frame {n}"
    assert len(found) >= len(made.jobs)
    assert all(kinds == found[0] for kinds in found)
    return found[0]


@pytest.mark.parametrize("codec", ["hevc", "av1"])
def test_hlg_keeps_its_values_and_its_transfer(codec: str, hlg: tuple[Path, Values], tmp_path: Path) -> None:
    master, codes = hlg
    made = render(master, tmp_path, codec, SIZE)
    assert np.abs(seen_patches(made.path, len(codes), bits=10) - codes).max() <= 4
    assert made.look == Look(HLG10, 10)
    assert (made.track.codec, made.track.colour) == (CODEC[codec].format(18), (9, 18, 9))
    assert (made.track.mastering, made.track.light) == (None, None)
    assert bitstream_codec(made.track, made.samples()[0]) == made.track.codec
    assert ("clg1" if codec == "hevc" else "av01") in brands(split_init(made.path.read_bytes())[0])


@pytest.mark.parametrize("codec", ["h264", "vp9"])
@pytest.mark.parametrize("transfer", [16, 18])
def test_sdr_rungs_are_tone_mapped_at_the_contents_peak(
    codec: str, transfer: int, hdr10: tuple[Path, Values], hlg: tuple[Path, Values], tmp_path: Path
) -> None:
    master, codes = hdr10 if transfer == 16 else hlg
    signal = decoded(codes, 9, bits=10)
    want = toned(of_pq(signal), 800) if transfer == 16 else toned(of_hlg(signal), 1000)
    made = render(master, tmp_path, codec, SIZE)
    assert (made.look, made.track.colour, made.track.mastering) == (SDR, (1, 1, 1), None)
    if codec == "h264":
        assert static_metadata(made) == set()
    assert np.abs(seen_patches(made.path, len(codes)) - want).max() <= 2


def test_all_can_be_sdr_and_keep_ten_bits(hdr10: tuple[Path, Values], tmp_path: Path) -> None:
    master, codes = hdr10
    made = render(master, tmp_path, "hevc", SIZE, wishes=Wishes(hdr="sdr"))
    assert made.look == Look(bit_depth=10)
    assert (made.track.codec, made.track.colour, made.track.light) == ("hvc1.2.4.L30.90", (1, 1, 1), None)
    assert static_metadata(made) == set()
    want = toned(of_pq(decoded(codes, 9, bits=10)), 800)
    assert np.abs(seen_patches(made.path, len(codes), bits=10) / 4 - want).max() <= 1


def ask_ffprobe(path: Path) -> dict[str, Any]:
    words = [
        ffprobe(),
        "-v",
        "quiet",
        "-of",
        "json",
        "-select_streams",
        "v",
        "-show_streams",
        "-show_frames",
        str(path),
    ]
    return dict(json.loads(subprocess.run(words, capture_output=True, text=True, check=False).stdout))


def static_of(said: dict[str, Any]) -> dict[str, Any]:
    """The static metadata in a stream's or a picture's side data, as ffprobe has it."""
    kinds = {"Mastering display metadata", "Content light level metadata"}
    return {k: v for d in said.get("side_data_list", []) if d["side_data_type"] in kinds for k, v in d.items()}


_FFPROBE_SAYS = {
    "side_data_type": "Content light level metadata",
    "red_x": "34000/50000", "red_y": "16000/50000", "green_x": "13250/50000", "green_y": "34500/50000",
    "blue_x": "7500/50000", "blue_y": "3000/50000", "white_point_x": "15635/50000", "white_point_y": "16450/50000",
    "min_luminance": "50/10000", "max_luminance": "10000000/10000", "max_content": 800, "max_average": 300,
}  # fmt: skip


@pytest.mark.parametrize("codec", ["hevc", "av1"])
def test_an_independent_ffprobe_reads_the_metadata_back(codec: str, hdr10: tuple[Path, Values], tmp_path: Path) -> None:
    said = ask_ffprobe(render(hdr10[0], tmp_path, codec, SIZE, crf=40).path)
    (stream,) = said["streams"]
    assert static_of(stream) == _FFPROBE_SAYS
    shown = [stream[f"color_{k}"] for k in ("primaries", "transfer", "space", "range")]
    assert shown == ["bt2020", "smpte2084", "bt2020nc", "tv"]
    assert (stream["pix_fmt"], stream["chroma_location"]) == ("yuv420p10le", "topleft")
    if codec == "hevc":  # this ffprobe decodes no AV1
        keys = [f for f in said["frames"] if f["key_frame"]]
        assert len(keys) >= 3
        assert [static_of(f) for f in keys] == [_FFPROBE_SAYS] * len(keys)


@pytest.mark.parametrize("codec", ["hevc", "av1"])
def test_mediainfo_reads_the_metadata_back(codec: str, hdr10: tuple[Path, Values], tmp_path: Path) -> None:
    made = render(hdr10[0], tmp_path, codec, SIZE, crf=40)
    tool = program("mediainfo", "mediainfo")
    said = subprocess.run([tool, "--Output=JSON", str(made.path)], capture_output=True, text=True, check=True).stdout
    video = next(t for t in json.loads(said)["media"]["track"] if t["@type"] == "Video")
    assert video["HDR_Format"] == "SMPTE ST 2086"
    assert video["HDR_Format_Compatibility"] == "HDR10"
    assert video["colour_primaries"] == "BT.2020"
    assert video["transfer_characteristics"] == "PQ"
    assert video["MasteringDisplay_Luminance"] == "min: 0.0050 cd/m2, max: 1000 cd/m2"
    assert video["MasteringDisplay_ColorPrimaries"] == "Display P3"
    assert "800" in video["MaxCLL"]
    assert "300" in video["MaxFALL"]


def test_a_phones_dynamic_metadata_is_dropped_and_its_static_metadata_mended(tmp_path: Path) -> None:
    for codec, kinds in (("hevc", {137, 144}), ("av1", {1, 2})):
        made = render(clip("phone_hdr10_hevc_1080p_vfr_1s.mp4"), tmp_path, codec, (160, 90), crf=40)
        assert (made.track.mastering, made.track.light) == (DISPLAY, ContentLight(1000, 200))
        assert static_metadata(made) == kinds  # SEI of type 4 and OBU metadata of type 4 would be HDR10+


def test_metadata_that_only_the_container_has_is_read_too(tmp_path: Path) -> None:
    codes = np.round(coded(pq(LIGHTS), 9, bits=10))
    path = tmp_path / "bare.mp4"
    args = ["-pix_fmt", "yuv420p10le", "-c:v", "libx264", "-preset", "ultrafast", "-qp", "0"]
    args += ["-movflags", "+frag_keyframe+empty_moov+default_base_moof"]
    plain = write_master(path, codes, "yuv444p10le", args, frames=4)
    init, rest = split_init(plain.read_bytes())
    path.write_bytes(put_colour(init, HDR10) + rest)
    found = probe(str(path), where="bare.mp4").video
    assert found is not None
    assert (found.colour.mastering, found.colour.light, found.colour.said.transfer) == (DISPLAY, LIGHT, 16)
    assert found.colour.coded.transfer == 2
    made = render(path, tmp_path, "hevc", SIZE)
    assert made.look == Look(HDR10, 10)
    assert np.abs(seen_patches(made.path, len(codes), bits=10) - codes).max() <= 4


def test_an_encoder_is_told_of_the_light_that_the_look_has() -> None:
    assert light_of(SDR) is None
    assert light_of(Look(HLG10, 10)) == Light(pq=False)
    volume = ("0.68", "0.32", "0.265", "0.69", "0.15", "0.06", "0.3127", "0.329", "0.005", "1000")
    assert light_of(Look(HDR10, 10)) == Light(True, tuple(map(Fraction, volume)), (800, 300))


@pytest.mark.parametrize(("transfer", "light"), [(16, LIGHT), (16, None), (18, None)])
def test_scores_see_hdr_by_the_light_that_sdr_shows(transfer: int, light: ContentLight | None) -> None:
    greys = np.repeat(np.linspace(0.02, 0.95, 32)[:, None], 3, 1) * (1 if transfer == 18 else 0.75)
    codes = np.round(coded(greys, 9, bits=10))
    signal = decoded(codes, 9, bits=10)
    want = 4 * (toned(of_pq(signal), 800 if light else 1000) if transfer == 16 else toned(of_hlg(signal), 1000))[:, 0]
    raw = np.repeat(codes[:, 0], 2).astype("<u2").tobytes() * 2 + np.full(2 * 32, 512, "<u2").tobytes()
    source = ffmpeg.input("-", f="rawvideo", pix_fmt="yuv420p10le", s="64x2")["v"]
    look = Look(Colour(9, transfer, 9, light=light), 10)
    argv = ffmpeg.compile(ffmpeg.output(compared(source, look), "-", f="rawvideo"), cmd=ffmpeg_path())
    shown = subprocess.run([*argv, "-v", "error"], input=raw, capture_output=True, check=True).stdout
    assert np.abs(np.frombuffer(shown, "<u2")[:64:2] - np.minimum(want, 1023)).max() <= 2


@pytest.mark.parametrize("codec", ["hevc", "av1", "h264"])
def test_the_quality_of_hdr_measured_chunk_by_chunk_is_that_of_the_whole_film(
    codec: str, hdr10: tuple[Path, Values], tmp_path: Path
) -> None:
    settings = MeasureSettings(SIZE, psnr=True)
    means = []
    for crf in (10, 50):
        made = render(hdr10[0], tmp_path, codec, SIZE, crf=crf)
        parts = []
        frames, init = made.jobs[-1].chunk.stop, split_init(made.path.read_bytes())[0]
        samples = made.path.read_bytes()[len(init) :]
        whole = replace(made.jobs[0], chunk=replace(made.jobs[0].chunk, stop=frames))
        one = measure(whole, [str(made.path)], settings, seeks=(None,)).parts[0]
        for job in made.jobs:
            path = tmp_path / "part.mp4"
            path.write_bytes(init + _fragments_of(samples, job.chunk.index))
            parts.append(measure(job, [str(path)], settings, seeks=(job.seek, *job.fallbacks)).parts[0])
        assert join_scores([p.vmaf for p in parts], frames, where="film").values == one.vmaf.values
        means.append(sum(one.vmaf.values) / frames)
    assert means[0] > 95
    assert means[1] < means[0] - 5


def _fragments_of(media: bytes, index: int) -> bytes:
    """The bytes of segment `index`: each begins with a styp."""
    starts = [n for n in range(len(media)) if media[n + 4 : n + 8] == b"styp"]
    return media[starts[index] : (starts[index + 1] if index + 1 < len(starts) else len(media))]
