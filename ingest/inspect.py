"""Look a master over before any hour is spent on it, and refuse what can't become a title. Does I/O."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import av.error

from chunker.grid import Timing, time_film
from ingest.integrity import Read, find_protection, find_truncation
from ingest.kinds import refuse_other_kinds
from ingest.limits import check_length, check_picture
from ingest.tables import refuse_vast_tables
from media.index import FrameIndex, index_frames
from media.probe import Probe, VideoStream, open_media, packets, probe
from values.clock import clock_text
from values.errors import MasterRefused

_ALLOW = "Copy the master again from where it came, or go on with what there is: --allow-damaged."
_LEAD_S = Fraction(1, 20)


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a master is: its probe and main picture, all frame times, and the film's output grid.

    `notes` are things the user should know; `damage` says what is broken in a master taken with `allow_damaged`.
    """

    probe: Probe
    video: VideoStream
    index: FrameIndex
    timing: Timing
    notes: tuple[str, ...]
    damage: tuple[str, ...]

    @property
    def closing_frames(self) -> int:
        """Output frames after the last source frame's own, filled by repeating it."""
        return self.timing.frames - 1 - self.timing.number(self.index.pts[-1])

    @property
    def start(self) -> Fraction:
        """The time of the film's first frame on the container's clock, in seconds."""
        return self.timing.origin * self.timing.time_base


def inspect(location: str, *, size: int, read: Read, where: str, allow_damaged: bool = False) -> Inspection:
    """Probe, index and check the master at `location` (a path or URL) of `size` bytes.

    Raises MasterRefused for what is empty, not media, without video that decodes, encrypted, or damaged
    (unless `allow_damaged`, which can't help where nothing is left to show).
    """
    if size == 0:
        raise MasterRefused("the file is empty (0 bytes)", where=where, hint="Copy the master again.")
    refuse_other_kinds(size, read, where=where)
    damage: list[str] = []
    cut = find_truncation(size, read)
    if cut and (not allow_damaged or "moov" in cut):
        hint = "Without its index nothing can be read. Copy the master again." if "moov" in cut else _ALLOW
        raise MasterRefused(f"the file is truncated: {cut}", where=where, hint=hint)
    damage += [f"truncated: {cut}"] if cut else []
    locked = find_protection(size, read)
    if locked:
        raise MasterRefused(
            f"the file is encrypted: {locked}", where=where, hint="Export the master without protection (DRM)."
        )
    refuse_vast_tables(size, read, where=where)
    found = probe(location, where=where)
    video = _picture(found, where)
    index = index_frames(location, video.index, where=where)
    damage += _damage(location, found, video, index, where)
    if damage and not allow_damaged:
        raise MasterRefused(f"the file is damaged: {'; '.join(damage)}", where=where, hint=_ALLOW)
    timing = time_film(
        index.pts,
        index.time_base,
        declared=[video.average_rate, video.guessed_rate],
        last_duration=index.last_duration,
    )
    check_length(index.pts, timing, where=where)
    return Inspection(found, video, index, timing, tuple(_notes(found, video, timing, index)), tuple(damage))


def _picture(found: Probe, where: str) -> VideoStream:
    video = found.video
    if video is None:
        sounds = f" (only {len(found.audio)} audio)" if found.audio else ""
        raise MasterRefused(
            f"the file has no video{sounds}", where=where, hint="matinee onboards films: give it a file with a picture."
        )
    if video.pixel_format or video.width:
        check_picture((video.width, video.height), video.display_size, where=where)
    if not video.pixel_format:
        raise MasterRefused(
            f"its video ({video.codec}) can't be decoded",
            where=where,
            hint="Its pictures are damaged or too large, or the codec is a rare one. Copy the master again, or export "
            "it in a common codec, such as H.264, HEVC or ProRes.",
        )
    return video


def _damage(location: str, found: Probe, video: VideoStream, index: FrameIndex, where: str) -> list[str]:
    out = []
    if index.damage:
        out.append(index.damage)
    if index.corrupt:
        out.append(f"{index.corrupt} video packets are marked as corrupt")
    end = (index.pts[-1] + max(index.last_duration, 1)) * index.time_base
    if found.video_duration and end - index.pts[0] * index.time_base < found.video_duration * Fraction(97, 100) - 1:
        length = end - index.pts[0] * index.time_base
        out.append(f"video packets end after {clock_text(length)} of {clock_text(found.video_duration)} declared")
    tail = _decode_tail(location, video, index, where)
    if tail:
        out.append(tail)
    return out


def _decode_tail(location: str, video: VideoStream, index: FrameIndex, where: str) -> str | None:
    """Decode the last GOP and say what is wrong with it, None if it is whole."""
    key = index.keyframes[-1]
    wanted = {t for t in index.pts if t >= key}
    at = clock_text(key * index.time_base)
    with open_media(location, where=where) as container:
        stream = container.streams[video.index]
        stream.thread_type = "AUTO"
        try:
            if key > index.pts[0]:
                container.seek(index.keyframe_before(key, 1), stream=stream, backward=True)
            for packet in packets(container, stream):
                for frame in packet.decode():
                    wanted.discard(frame.pts)
                    if frame.is_corrupt and frame.pts is not None and frame.pts >= key:
                        return f"a picture near its end, at {clock_text(frame.pts * index.time_base)}, does not decode"
        except av.error.FFmpegError as error:
            return f"its end, from {at} on, can't be decoded ({error.strerror})"
    if wanted:
        return f"{len(wanted)} of the last pictures, from {clock_text(min(wanted) * index.time_base)} on, do not decode"
    return None


def _notes(found: Probe, video: VideoStream, timing: Timing, index: FrameIndex) -> list[str]:
    notes = []
    if not timing.constant:
        notes.append(f"variable frame rate: {len(index.pts)} frames become {timing.frames} at {timing.rate} fps")
    if video.interlaced:
        notes.append("interlaced: deinterlaced with bwdif at frame rate")
    if video.hdr:
        notes.append("HDR: tone-mapped to BT.709")
    if found.subtitles:
        notes.append(f"{len(found.subtitles)} subtitle track(s) left out ({', '.join(found.subtitles)})")
    lead = timing.origin * timing.time_base - min((a.start for a in found.audio[:1]), default=Fraction(10**9))
    if lead > _LEAD_S:
        notes.append(f"{float(lead):.3f} s of sound before the first picture are left out")
    if len(found.audio) > 1:
        notes.append(f"{len(found.audio) - 1} further audio track(s) left out")
    return notes
