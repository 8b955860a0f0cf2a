"""How files that others made are opened: what a container may be, what it may name, how large a picture. Pure.

A playlist, a concat script or an SDP file makes FFmpeg read other files or hosts, with our rights. Whoever opens a
master (PyAV or an ffmpeg command) gives these options, so that such a file is refused and not followed.
"""

from __future__ import annotations

MAX_SIDE = 16_384
MAX_PIXELS = 8_192 * 8_192
"""The largest picture that is decoded: 8K in any shape (VR masters are 8192x8192), not more than 512 MiB at 16 bits and
four planes. 16384 is the most that H.264 and HEVC levels and AV1 can say."""

MAX_PACKETS = 24 * 3600 * 120
"""The most packets of one picture that are indexed: 24 hours at 120 Hz."""

MASTERS_ARE = "Masters are video files such as MP4, MOV, MKV, WebM, MXF, MPEG-TS or AVI"

FORMATS = (
    # containers of films
    "mov", "matroska", "webm", "mpegts", "mpeg", "mxf", "avi", "asf", "flv", "live_flv", "ogg", "gxf", "lxf", "nut",
    "dv", "wtv", "rm", "ivf", "yuv4mpegpipe",
    # streams without a container, which are told what they lack
    "h264", "hevc", "vvc", "obu", "m4v", "mpegvideo", "vc1", "dnxhd",
    # sound, which is told that it has no picture
    "wav", "w64", "aiff", "caf", "mp3", "aac", "ac3", "eac3", "flac", "amr", "dts", "truehd",
)  # fmt: skip
"""Demuxers that read one file and nothing else. Not among them: playlists (hls, dash, concat, imf, sdp), still
pictures and their sequences, subtitles, games, devices and what is computed (lavfi)."""

_STALL_US = 60_000_000


def foreign_input(location: str) -> dict[str, str]:
    """The options with which `location` (a path or http(s) URL) is opened, as ffmpeg's input options and PyAV's."""
    remote = location.startswith(("http://", "https://"))
    options = {
        "format_whitelist": ",".join(FORMATS),
        "protocol_whitelist": "http,https,httpproxy,tcp,tls" if remote else "file",
        "max_pixels": str(MAX_PIXELS),
    }
    return options | {"rw_timeout": str(_STALL_US)} if remote else options


def foreign_container(location: str) -> dict[str, str]:
    """Those of the options that PyAV's `open` takes; pictures are limited at their decoders (`MAX_PIXELS`)."""
    return {key: value for key, value in foreign_input(location).items() if key != "max_pixels"}
