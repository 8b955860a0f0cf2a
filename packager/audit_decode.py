"""Decoding a stored rendition from first to last byte, with every error fatal. Reads a store; bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import av
from av.audio.frame import AudioFrame

from packager.audit_facts import Fault, RenditionFacts
from storage.protocol import Store
from values.errors import StoreError
from values.title import Title, TrickTrack


def audit_decode(store: Store, title: Title, facts: RenditionFacts) -> tuple[int, list[Fault]]:
    """Decode init and segments as one stream; the frames (audio: samples) decoded, and what is wrong with them."""
    rendition = facts.rendition
    key = rendition.playlist.key
    if not facts.readable:
        return 0, []  # what can't be read has its fault already
    video = rendition.kind == "video"
    count = 0
    try:
        for frame in _frames(store, [rendition.init.key, *(s.file.key for s in rendition.segments)]):
            if frame.is_corrupt:
                return count, [Fault(key, f"decodes to a damaged frame, number {count}")]
            count += _heard(frame) if isinstance(frame, AudioFrame) else 1
    except (av.FFmpegError, StoreError) as error:
        return count, [Fault(key, f"can't be decoded after {count} {'frames' if video else 'samples'}: {error}")]
    if video and count != title.frames:
        return count, [Fault(key, f"decodes to {count} frames and the film has {title.frames}")]
    wanted = rendition.duration_ticks - rendition.priming
    if not video and rendition.timescale == rendition.sample_rate_hz and count != wanted:
        return count, [Fault(key, f"decodes to {count} samples and its segments hold {wanted}")]
    return count, []


def _heard(frame: AudioFrame) -> int:
    """How many of a frame's samples are in the presentation: not all decoders drop what an edit list hides."""
    start = (frame.pts or 0) * (frame.time_base or 0) * frame.sample_rate
    return max(0, frame.samples + min(0, round(start)))


def audit_trick_decode(store: Store, trick: TrickTrack) -> list[Fault]:
    """Decode a trick track like a rendition: a picture a segment."""
    count = 0
    try:
        for frame in _frames(store, [trick.init.key, *(s.file.key for s in trick.segments)]):
            if frame.is_corrupt:
                return [Fault(trick.init.key, f"and its segments decode to a damaged frame, number {count}")]
            count += 1
    except (av.FFmpegError, StoreError) as error:
        return [Fault(trick.init.key, f"and its segments can't be decoded after {count} frames: {error}")]
    due = len(trick.segments)
    return [] if count == due else [Fault(trick.init.key, f"and its {due} segments decode to {count} frames")]


def _frames(store: Store, keys: list[str]) -> Iterator[av.VideoFrame | AudioFrame]:
    joined = _Joined(store, keys)
    with av.open(cast(str, joined), format="mp4", options={"err_detect": "explode"}) as container:
        stream = container.streams[0]
        context = stream.codec_context
        context.options = {"err_detect": "explode"}
        context.thread_type = "AUTO"
        for packet in container.demux(stream):
            yield from cast("list[av.VideoFrame | AudioFrame]", packet.decode())


class _Joined:
    """Stored objects one after the other as a file that can only be read on, as PyAV takes it."""

    def __init__(self, store: Store, keys: list[str]) -> None:
        self._blocks = (block for key in keys for block in store.read(key))
        self._rest = memoryview(b"")

    def read(self, count: int) -> bytes:
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return b""
            self._rest = memoryview(block)
        piece, self._rest = self._rest[:count], self._rest[count:]
        return bytes(piece)
