"""Look a master over before any hour is spent on it, and refuse what can't become a title. Does I/O."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from chunker.grid import Timing, closing_frames
from coders.table import CODERS
from ingest.integrity import Read, find_protection, find_truncation
from ingest.kinds import refuse_other_kinds
from ingest.limits import check_length, check_picture
from ingest.samples import sample_film
from ingest.tables import refuse_vast_tables
from ingest.tail import Tail, decode_tail
from media.index import FrameIndex, index_frames
from media.probe import Probe, VideoStream, probe
from treatment.colour import ColourDecision, decide_colour
from treatment.colour_record import colour_decisions
from treatment.decision import Decision, decisions_json
from treatment.facts import Facts
from treatment.geometry import Geometry, decide_geometry
from treatment.look import decide_look
from treatment.rate import decide_rate, frame_timing
from treatment.scan import ScanDecision, decide_scan
from treatment.sound import TrackPlan, decide_sound, left_out
from treatment.sound_record import sound_decisions
from treatment.start import decide_start
from treatment.text import text_decisions
from treatment.wishes import NO_WISHES, Wishes
from values.clock import clock_text
from values.errors import MasterRefused

_ALLOW = "Copy the master again from where it came, or go on with what there is: --allow-damaged."


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a master is, and what becomes of its picture: its probe and main picture, all frame times, the film's
    output grid, how fields become pictures, the picture's shape and colours; all as `wishes` have it.

    `facts` are what samples showed, `decisions` all rules' decisions in words. `notes` are things the user should
    know; `damage` says what is broken in a master taken with `allow_damaged`.
    """

    probe: Probe
    video: VideoStream
    index: FrameIndex
    timing: Timing
    scan: ScanDecision
    geometry: Geometry
    colour: ColourDecision
    sound: tuple[TrackPlan, ...]
    wishes: Wishes
    opening_frames: int
    facts: Facts
    decisions: tuple[Decision, ...]
    notes: tuple[str, ...]
    damage: tuple[str, ...]

    @property
    def display_size(self) -> tuple[int, int]:
        """Width and height in square pixels of the film's picture, as it is cropped and turned."""
        return self.geometry.display_size

    @property
    def closing_frames(self) -> int:
        """Output frames after the last source frame's own, filled by repeating it."""
        return closing_frames(self.timing, self.index.pts)

    @property
    def start(self) -> Fraction:
        """The time of the film's first frame on the container's clock, in seconds."""
        return self.timing.origin * self.timing.time_base

    @property
    def clock_start(self) -> Fraction:
        """That time as the clocks of sound and text have it, in seconds (see `media.edits`)."""
        return self.start + self.probe.moved_up

    @property
    def treatment(self) -> dict[str, dict[str, str]]:
        """What was detected and decided of the picture, and why, by rule: for JSON."""
        return decisions_json(self.decisions)


def inspect(
    location: str, *, size: int, read: Read, where: str, allow_damaged: bool = False, wishes: Wishes = NO_WISHES
) -> Inspection:
    """Probe, index and check the master at `location` (a path or URL) of `size` bytes, and decide what becomes of its
    picture, as `wishes` has it.

    Raises MasterRefused for what is empty, not media, without video that decodes, encrypted, or damaged
    (unless `allow_damaged`, which can't help where nothing is left to show), UsageError for wishes it can't meet.
    """
    damage = _check_outline(size, read, where, allow_damaged)
    found = probe(location, where=where)
    video = _picture(found, where)
    index = index_frames(location, video.index, where=where)
    tail = decode_tail(location, video, index, where=where)
    if tail.disordered:
        raise _disordered(where)
    if tail.missing and video.interlaced:
        index, tail = _of_frames(index, tail)
    damage += _damage(found, index, tail)
    if damage and not allow_damaged:
        raise MasterRefused(f"the file is damaged: {'; '.join(damage)}", where=where, hint=_ALLOW)
    film = frame_timing(video, index)
    check_length(index.pts, film, where=where)  # before anything counts the film's frames one by one
    facts = sample_film(location, video, index, where=where)
    return _decided(found, video, index, film, facts, wishes, tuple(damage))


def _decided(
    found: Probe,
    video: VideoStream,
    index: FrameIndex,
    film: Timing,
    facts: Facts,
    wishes: Wishes,
    damage: tuple[str, ...],
) -> Inspection:
    """All that is decided of a master; `film` is the timing of its frames as they are."""
    scan = decide_scan(video, facts, film, wishes)
    rate = decide_rate(video, index, film, scan, wishes)
    start = decide_start(found, index, rate.timing)
    geometry = decide_geometry(video, facts, scan.scan, wishes)
    colour = decide_colour(video, wishes)
    looks = {codec: decide_look(codec, colour.colour, video.bit_depth, wishes) for codec in CODERS}
    sound = decide_sound(found.audio, wishes)
    decisions = (
        rate.decision,
        scan.decision,
        start.decision,
        *geometry.decisions,
        *colour_decisions(colour, looks),
        *sound_decisions(sound, wishes),
        *text_decisions(found.subtitles, len(found.chapters)),
    )
    return Inspection(
        probe=found,
        video=video,
        index=index,
        timing=start.timing,
        scan=scan,
        geometry=geometry,
        colour=colour,
        sound=sound,
        wishes=wishes,
        opening_frames=start.opening_frames,
        facts=facts,
        decisions=decisions,
        notes=(
            *(d.sentence for d in decisions if d.noted),
            *colour.notes,
            *left_out(found.audio, sound),
        ),
        damage=damage,
    )


def _check_outline(size: int, read: Read, where: str, allow_damaged: bool) -> list[str]:
    """What the file's outline shows to be damaged. Raises MasterRefused for what must not even be opened."""
    if size == 0:
        raise MasterRefused("the file is empty (0 bytes)", where=where, hint="Copy the master again.")
    refuse_other_kinds(size, read, where=where)
    cut = find_truncation(size, read)
    if cut and (not allow_damaged or "moov" in cut):
        hint = "Without its index nothing can be read. Copy the master again." if "moov" in cut else _ALLOW
        raise MasterRefused(f"the file is truncated: {cut}", where=where, hint=hint)
    locked = find_protection(size, read)
    if locked:
        raise MasterRefused(
            f"the file is encrypted: {locked}", where=where, hint="Export the master without protection (DRM)."
        )
    refuse_vast_tables(size, read, where=where)
    return [f"truncated: {cut}"] if cut else []


def _picture(found: Probe, where: str) -> VideoStream:
    video = found.video
    if video is None:
        sounds = f" (only {len(found.audio)} audio)" if found.audio else ""
        raise MasterRefused(
            f"the file has no video{sounds}", where=where, hint="matinee onboards films: give it a file with a picture."
        )
    if video.pixel_format or video.width:
        check_picture((video.width, video.height), (round(video.width * video.sar), video.height), where=where)
    if not video.pixel_format:
        raise MasterRefused(
            f"its video ({video.codec}) can't be decoded",
            where=where,
            hint="Its pictures are damaged or too large, or the codec is a rare one. Copy the master again, or export "
            "it in a common codec, such as H.264, HEVC or ProRes.",
        )
    return video


def _disordered(where: str) -> MasterRefused:
    return MasterRefused(
        "its pictures' time stamps are not in the order in which they are shown",
        where=where,
        hint="This container (AVI) can't tell it for such a codec. Decode it once, without loss, into one that can: "
        "ffmpeg -i IN -c:v ffv1 -c:a copy OUT.mkv",
    )


def _of_frames(index: FrameIndex, tail: Tail) -> tuple[FrameIndex, Tail]:
    """The index without second fields, if that accounts for all that did not come out of the decoder."""
    frames = index.without_second_fields(tail.decoded)
    missing = tail.missing - (set(index.pts) - set(frames.pts))
    return (frames, replace(tail, missing=missing)) if not missing else (index, tail)


def _damage(found: Probe, index: FrameIndex, tail: Tail) -> list[str]:
    out = []
    if index.damage:
        out.append(index.damage)
    if index.corrupt:
        out.append(f"{index.corrupt} video packets are marked as corrupt")
    end = (index.pts[-1] + max(index.last_duration, 1)) * index.time_base
    if found.video_duration and end - index.pts[0] * index.time_base < found.video_duration * Fraction(97, 100) - 1:
        length = end - index.pts[0] * index.time_base
        out.append(f"video packets end after {clock_text(length)} of {clock_text(found.video_duration)} declared")
    if tail.damage:
        out.append(tail.damage)
    return out
