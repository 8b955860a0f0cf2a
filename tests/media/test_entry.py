"""Where decoding can start, by pictures' own headers."""

from __future__ import annotations

import itertools
import subprocess
from pathlib import Path
from typing import Any

import av
import pytest

from media.entry import entry_point
from media.ffmpeg import ffmpeg_path
from tests.encoder.masters import H264, MPEG2, made

CODED: dict[str, tuple[str, tuple[str, ...]]] = {
    "h264 in mp4": ("a.mp4", H264),
    "h264 in ts": ("a.ts", (*H264, "-bf", "2")),
    "h264, open GOP": ("a.mp4", ("-c:v", "libx264", "-g", "12", "-bf", "2", "-x264-params", "open-gop=1")),
    "hevc in mp4": ("a.mp4", ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=12")),
    "hevc in ts": ("a.ts", ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=12")),
    "mpeg-1": ("a.mpg", ("-c:v", "mpeg1video", "-bf", "2", "-g", "12")),
    "mpeg-2": ("a.ts", MPEG2),
    "mpeg-4": ("a.mp4", ("-c:v", "mpeg4", "-bf", "2", "-g", "12")),
    "vp8": ("a.webm", ("-c:v", "libvpx", "-g", "12", "-deadline", "realtime")),
}


def packets(path: Path) -> tuple[str, bytes, list[Any]]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        found = [(bytes(p), p.is_keyframe) for p in container.demux(stream) if p.size]
        return context.name, bytes(context.extradata or b""), found


@pytest.mark.parametrize("kind", CODED)
def test_headers_know_the_key_frames_that_the_container_knows(kind: str, tmp_path: Path) -> None:
    name, options = CODED[kind]
    codec, extradata, found = packets(made(tmp_path / name, *options))
    keys = [key for _, key in found]
    assert 2 < sum(keys) < len(keys) / 2
    assert [entry_point(codec, data, extradata) for data, _ in found] == [0 if key else None for key in keys]


def test_intra_refresh_tells_how_many_pictures_are_wrong_at_first(tmp_path: Path) -> None:
    path = made(tmp_path / "a.mp4", "-c:v", "libx264", "-bf", "0", "-x264-params", "intra-refresh=1:keyint=24")
    codec, extradata, found = packets(path)
    recoveries = [entry_point(codec, data, extradata) for data, key in found if key]
    assert recoveries[0] == 0
    assert all(n and 0 < n < 24 for n in recoveries[1:])


def test_damaged_packets_are_no_entry_points(tmp_path: Path) -> None:
    for codec, end in itertools.product(("h264", "hevc", "mpeg2video", "mpeg4", "vp8"), range(8)):
        for start in (b"", b"\0\0\1", b"\0\0\1\6\6", b"\0\0\1\x41", b"\0\0\0\x09\x41"):
            if codec != "vp8":
                assert entry_point(codec, start + b"\xff" * end, b"") is None
        entry_point(codec, b"\0\0\1" + bytes(end), b"\1" * end)
    with pytest.raises(ValueError, match="headers of av1 are not read"):
        entry_point("av1", b"", b"")


def test_all_intra_pictures_are_entry_points(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    source = ("-f", "lavfi", "-i", "testsrc2=s=160x96:r=25:d=0.4")
    argv = [ffmpeg_path(), "-v", "error", *source, "-c:v", "libx264", "-x264-params", "keyint=1", str(path)]
    subprocess.run(argv, check=True)
    codec, extradata, found = packets(path)
    assert {entry_point(codec, data, extradata) for data, _ in found} == {0}
