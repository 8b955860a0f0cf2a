"""media.codecs: the codec strings of what ffmpeg's encoders write, and of configurations written by hand."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

import imageio_ffmpeg
import pytest

from media.boxes import Box, make_box, split_init
from media.codecs import describe_entry, parameter_sets
from media.fragments import parse_fragments
from media.nal import inspect_sample
from media.tracks import parse_init
from values.errors import DamagedMedia

PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=128x96:rate=24:duration=0.2")
TONE = ("-f", "lavfi", "-i", "sine=frequency=440:duration=0.2:sample_rate=48000")
HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none")


@pytest.mark.parametrize(
    ("codec", "args"),
    [
        ("avc1.42C00B", (*PICTURE, "-pix_fmt", "yuv420p", "-c:v", "libx264", "-profile:v", "baseline", "-level", "11")),
        ("avc1.4D401F", (*PICTURE, "-pix_fmt", "yuv420p", "-c:v", "libx264", "-profile:v", "main", "-level", "3.1")),
        ("hvc1.1.6.L30.90", (*PICTURE, "-pix_fmt", "yuv420p", *HEVC, "-tag:v", "hvc1")),
        ("hev1.2.4.L30.90", (*PICTURE, "-pix_fmt", "yuv420p10le", *HEVC, "-tag:v", "hev1")),
        ("vp09.00.10.08", (*PICTURE, "-pix_fmt", "yuv420p", "-c:v", "libvpx-vp9", "-deadline", "realtime")),
        ("av01.0.00M.10", (*PICTURE, "-pix_fmt", "yuv420p10le", "-c:v", "libsvtav1", "-preset", "12")),
        ("mp4a.40.2", (*TONE, "-c:a", "aac")),
        ("opus", (*TONE, "-c:a", "libopus")),
        ("flac", (*TONE, "-c:a", "flac", "-strict", "-2")),
        ("ac-3", (*TONE, "-c:a", "ac3")),
        ("ec-3", (*TONE, "-c:a", "eac3")),
        ("mp4a.6b", (*TONE, "-c:a", "libmp3lame")),
    ],
)  # fmt: skip
def test_the_codec_string_is_that_of_the_stream(tmp_path: Path, codec: str, args: tuple[str, ...]) -> None:
    out = tmp_path / "out.mp4"
    end = ("-movflags", "+empty_moov+default_base_moof+frag_keyframe+delay_moov", "-f", "mp4", str(out))
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-v", "error", *args, *end]
    subprocess.run(command, check=True, env={"SVT_LOG": "0"})
    init, rest = split_init(out.read_bytes())
    track = parse_init(init)
    first = parse_fragments(rest, track)[0].samples[0]
    seen = (track.codec, track.width, track.height, track.channels, track.sample_rate_hz, first.sync)
    assert seen == ((codec, 128, 96, 0, 0, True) if track.handler == "vide" else (codec, 0, 0, 1, 48000, True))
    if track.nal_length_size:
        nals = inspect_sample(rest, first.offset, first.offset + first.size, track)
        assert (nals.idr, nals.foreign_sets, len(parameter_sets(track.config, track.entry)) >= 2) == (True, (), True)


def _aac(specific: bytes) -> bytes:
    decoder = b"\x04" + bytes([13 + 2 + len(specific)]) + b"\x40\x15" + bytes(11) + b"\x05"
    decoder += bytes([len(specific)]) + specific
    es = b"\x03" + bytes([3 + len(decoder)]) + b"\x00\x01\x00" + decoder
    fields = bytes(6) + b"\x00\x01" + bytes(8) + struct.pack(">HHI", 2, 16, 0) + struct.pack(">I", 22050 << 16)
    return make_box("mp4a", fields, make_box("esds", bytes(4), es))


@pytest.mark.parametrize(
    ("specific", "codec", "channels", "rate"),
    [
        (b"\x12\x10", "mp4a.40.2", 2, 44100),
        (b"\x11\xb0", "mp4a.40.2", 6, 48000),
        (b"\x11\xb8", "mp4a.40.2", 8, 48000),
        (b"\x2b\x92\x08\x00", "mp4a.40.5", 2, 22050),
        (b"\x12\x00", "mp4a.40.2", 2, 44100),
    ],
)
def test_the_audio_specific_config_decides_over_the_sample_entry(
    specific: bytes, codec: str, channels: int, rate: int
) -> None:
    data = _aac(specific)
    info = describe_entry(data, Box("mp4a", 0, 8, len(data)), "soun")
    assert (info.codec, info.channels, info.sample_rate_hz) == (codec, channels, rate)


def test_codecs_that_are_not_known_are_refused_by_name() -> None:
    data = make_box("dvh1", bytes(78))
    with pytest.raises(DamagedMedia, match="'dvh1' is not known"):
        describe_entry(data, Box("dvh1", 0, 8, len(data)), "vide")
    with pytest.raises(DamagedMedia, match="neither video nor audio"):
        describe_entry(data, Box("dvh1", 0, 8, len(data)), "text")


def test_a_configuration_that_is_missing_or_too_short_is_refused() -> None:
    for inner, what in ((b"", "has no avcC"), (make_box("avcC", b"\x01\x64"), "avcC has only 2 bytes")):
        data = make_box("avc1", bytes(78), inner)
        with pytest.raises(DamagedMedia, match=what):
            describe_entry(data, Box("avc1", 0, 8, len(data)), "vide")
