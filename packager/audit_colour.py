"""The colour that a coded picture says for itself, read by a decoder that is told nothing by the container. Pure."""

from __future__ import annotations

from typing import cast

import av
from av.video.codeccontext import VideoCodecContext

from media.colour import UNSPECIFIED
from media.tracks import Track

_DECODERS = {"avc1": "h264", "avc3": "h264", "hvc1": "hevc", "hev1": "hevc", "av01": "libdav1d", "vp09": "vp9"}


def coded_colour(track: Track, sample: bytes) -> tuple[int, int, int]:
    """Primaries, transfer and matrix (ITU-T H.273) of the key frame `sample`; 2 where the stream does not tell, or
    where its first frame can't be decoded, which a deep audit finds."""
    try:
        context = cast(VideoCodecContext, av.CodecContext.create(_DECODERS[track.entry], "r"))
        context.extradata = track.config
        frames = context.decode(av.Packet(sample)) or context.decode(None)
    except (av.FFmpegError, KeyError):
        return UNSPECIFIED, UNSPECIFIED, UNSPECIFIED
    if not frames:
        return UNSPECIFIED, UNSPECIFIED, UNSPECIFIED
    frame = frames[0]
    if track.entry == "vp09":
        return UNSPECIFIED, UNSPECIFIED, int(frame.colorspace)
    return int(frame.color_primaries), int(frame.color_trc), int(frame.colorspace)
