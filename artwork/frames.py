"""Single frames of a film, decoded from the keyframe before each, the file opened once. Does I/O.

PyAV decodes in this process: one ffmpeg a frame would read the file's index again for each, which of a long film in a
bucket is megabytes a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import av
import av.error

from artwork.plan import Moment
from media.probe import open_media, packets

BORDER = 1
"""Frames that deinterlacing looks at on either side."""
_LEAD_S = 10
"""How long before the first frame a seek to the start of a file aims: containers without an index land late."""


@dataclass(frozen=True, slots=True)
class Found:
    """The decoded frame for a moment; `around` holds it in its place among the neighbours that were asked for."""

    frame: Any
    around: tuple[Any, ...]


@contextmanager
def open_reader(location: str, stream: int, *, where: str) -> Iterator[FrameReader]:
    """A reader of one video stream of the file at `location` (a path or URL). Raises MasterRefused."""
    with open_media(location, where=where) as container:
        picture = container.streams[stream]
        for other in container.streams:
            if other.index != stream:
                other.discard = av.stream.Discard.all
        picture.codec_context.thread_count = 1  # the tasks of a machine already share its cores among them
        yield FrameReader(container, picture)


@dataclass(slots=True)
class FrameReader:
    """Ask for moments in ascending order: where the next one lies ahead without a keyframe between, decoding goes on
    from where it is, so that no frame is decoded twice."""

    container: Any
    stream: Any
    _frames: Iterator[Any] = field(default_factory=lambda: iter(()))
    _recent: list[Any] = field(default_factory=list)
    _at: int | None = None
    _late: bool = False
    _needed: int | None = None

    def find(self, moment: Moment, *, border: int = 0) -> Found | None:
        """The frame at the moment's source time, with `border` frames on either side where there are such.

        Where damage has taken that frame, the next one that decodes, else the last one before; None if none does.
        """
        if self._ahead(moment):
            return self._forward(moment.source, border)
        best: Found | None = None
        for seek in moment.seeks:
            self._start(seek)
            found = self._forward(moment.source, border)
            if found and (found.frame.pts == moment.source or not self._late):
                return found
            best = best or found
        if best is None and None not in moment.seeks:  # from the start of the file, which may be hours away
            self._start(None)
            best = self._forward(moment.source, border)
        return best

    def _ahead(self, moment: Moment) -> bool:
        """Whether decoding on is no more work than starting again at the moment's keyframe."""
        first = moment.seeks[0] if moment.seeks else None
        return self._at is not None and self._at < moment.source and (first is None or first <= self._at)

    def _start(self, seek: int | None) -> None:
        self._recent = []
        self._at = None
        begin = self.stream.start_time or 0
        early = begin - round(_LEAD_S / self.stream.time_base)
        for at in (early, begin) if seek is None else (seek,):
            try:
                self.container.seek(at, stream=self.stream, backward=True)
            except av.error.FFmpegError:
                continue  # a time that this container can't be sought to
            self._frames = self._decoded()
            return
        self._frames = iter(())

    def _decoded(self) -> Iterator[Any]:
        """Frames in the order they are shown, passing over packets that do not decode."""
        coded = packets(self.container, self.stream)
        while True:
            try:
                packet = next(coded, None)
                if packet is None:
                    return
                # Frames that no other frame refers to need not be decoded on the way.
                early = self._needed is not None and packet.pts is not None and packet.pts < self._needed
                self.stream.codec_context.skip_frame = "NONREF" if early else "DEFAULT"
                for frame in packet.decode():
                    if frame.pts is not None:
                        yield frame
            except av.error.EOFError:
                return
            except av.error.InvalidDataError:
                continue
            except av.error.FFmpegError:
                return

    def _forward(self, source: int, border: int) -> Found | None:
        """Decode on to the first frame at or after `source`, and `border` frames more."""
        self._needed = None if border else source
        kept: list[Any] = self._recent[-border:] if border else []
        last: Any = None
        for frame in self._frames:
            self._late = self._at is None and frame.pts > source  # the seek has passed over it
            self._at = frame.pts
            if frame.pts >= source:
                after = self._next(border)
                around = (*kept, frame, *after)
                self._recent = [frame, *after]
                return Found(frame, around)
            last = frame
            if border:
                kept = [*kept, frame][-border:]
        return Found(last, tuple(kept) or (last,)) if last is not None else None

    def _next(self, count: int) -> tuple[Any, ...]:
        out = []
        for _ in range(count):
            frame = next(self._frames, None)
            if frame is None:
                break
            self._at = frame.pts
            out.append(frame)
        return tuple(out)


def spread(moments: Sequence[Moment], count: int) -> tuple[tuple[Moment, ...], ...]:
    """`moments` in runs of at most `count`, parted only where decoding starts anew anyway if that can be had.

    Two runs that share a keyframe would both decode what lies after it.
    """
    runs: list[list[Moment]] = []
    for moment in moments:
        shares = bool(runs) and runs[-1][-1].seeks[:1] == moment.seeks[:1]
        if not runs or (len(runs[-1]) >= count and not shares):
            runs.append([])
        runs[-1].append(moment)
    return tuple(tuple(run) for run in runs)
