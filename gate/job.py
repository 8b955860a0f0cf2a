"""The task of the gate: one chunk decoded once, and all that is measured of it. Does I/O."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from gate.argv import PictureTask, SoundTask, measure_argv
from gate.damage import Search, complaints, find_damage
from gate.limits import LIMITS, Limits
from gate.measures import BLOCKS_PER_S, FLOOR, Damage, Measures, PictureMeasures, SoundMeasures
from gate.parse import frames_of, momentary, picture_measures, pictures_of, spans_of, within
from gate.samples import read_levels
from gate.thumbs import worth_showing
from media.ffmpeg import FFmpegError, ffmpeg_path, run
from media.probe import AudioStream, VideoStream
from media.work import work_dir
from values.errors import EncodeError, MatineeError

LEAD_BLOCKS = 10
"""Blocks of sound before the chunk's own: the loudness filters and decoders settle, and 400 ms are looked back on."""

_TAIL_BLOCKS = 1
_FILES = ("small", "change", "lines", "top", "bottom")


@dataclass(frozen=True, slots=True)
class GateJob:
    """One task: measure source frames ``[start, stop)`` of `location`, and the sound that goes with them.

    `pts` are the source times (ticks of `time_base`) of the frames from `context` on, which are one more before and
    after the chunk's own where the film has them: the first is compared with, the last is what idet looks ahead to.
    `origin` is the tick of the film's start. `sounds` are the tracks to listen to, in blocks ``[first_block,
    stop_block)``; None is to their ends. `seeks` are source times of key frames to start from, in the order to try
    them, None for the file's start. `marked` says that the container marks some packets of the film as corrupt.
    """

    index: int
    name: str
    location: str
    video: VideoStream
    start: int
    stop: int
    context: int
    pts: array[int] = field(repr=False)
    origin: int
    sounds: tuple[AudioStream, ...]
    first_block: int
    stop_block: int | None
    seeks: tuple[int | None, ...]
    work_dir: str
    marked: bool = False
    limits: Limits = LIMITS

    @property
    def where(self) -> str:
        """The work's name in messages: ``'check of chunk 3 of talk.mp4 (frames 4080 to 5520)'``."""
        return f"check of chunk {self.index} of {self.name} (frames {self.start} to {self.stop})"

    @property
    def cost(self) -> float:
        """Pixels to decode: what orders the work."""
        return float(len(self.pts)) * self.video.width * self.video.height

    @property
    def zero(self) -> Fraction:
        """The film's start on the container's clock, in seconds."""
        return self.origin * self.video.time_base

    @property
    def span(self) -> tuple[Fraction, Fraction | None]:
        """The chunk's part of the film in seconds; the last chunk's has no end."""
        last = self.context + len(self.pts) == self.stop
        return self.time(self.start), None if last else self.time(self.stop)

    def time(self, frame: int) -> Fraction:
        """When the film's frame `frame` is shown, in seconds of the film."""
        return (self.pts[frame - self.context] - self.origin) * self.video.time_base

    def run(self) -> GatePart:
        """Measure. Raises EncodeError only where the machine and not the master is at fault."""
        tried: list[GatePart] = []
        for seek in self.seeks:
            if seek is None and any(part.seen for part in tried):
                break  # not the whole film before, for a few frames that may be missing anyway
            tried.append(measure_from(self, seek))
            if tried[-1].complete:
                break
        best = max(tried, key=lambda part: (part.complete, part.seen))
        if not (best.upset or self.marked):
            return best
        return replace(best, measures=replace(best.measures, damage=tuple(_damage(self, decoding=best.upset))))


@dataclass(frozen=True, slots=True)
class GatePart:
    """What one job measured. `thumbnails` are JPEGs of some of its frames, by the film's frame number: one every few
    seconds, and one of what looks wrong. `complete` says that decoding did not begin too late for the first frames,
    `upset` that something did not decode."""

    index: int
    measures: Measures
    thumbnails: dict[int, bytes] = field(repr=False)
    complete: bool
    upset: bool
    cpu_s: float

    @property
    def seen(self) -> int:
        return sum(self.measures.picture.seen)


def unmeasured(job: GateJob, why: str) -> GatePart:
    """The part of a job that failed for good, as when its decoder takes the whole process down: nothing was seen."""
    picture = PictureMeasures(job.start)
    for _ in range(job.start, job.stop):
        picture.add()
    blocks = 0 if job.stop_block is None else job.stop_block - job.first_block
    floor, none = array("h", [FLOOR] * blocks), array("H", [0] * blocks)
    sounds = tuple(SoundMeasures(t.index, job.first_block, floor, floor, floor, floor, none) for t in job.sounds)
    start, stop = job.span
    damage = Damage(job.video.index, start, start if stop is None else stop, None, why)
    return GatePart(job.index, Measures(picture, sounds, (damage,)), {}, False, True, 0.0)


def measure_from(job: GateJob, seek: int | None) -> GatePart:
    """Measure `job`'s chunk, decoding from tick `seek` on: at once if that goes well, else each stream by itself, so
    that one which can't be decoded hides no other."""
    with work_dir(job.work_dir) as folder:
        picture = PictureTask(job.video, job.pts[0], job.pts[-1] + 1, str(folder))
        tasks = tuple(_sound_task(job, track, folder) for track in job.sounds)
        cpu_s, upset = _run(job, seek, picture, tasks)
        if upset and tasks and not _text(folder, "small"):
            cpu_s += sum(_run(job, seek, *alone)[0] for alone in ((picture, ()), *((None, (t,)) for t in tasks)))
        texts = {name: _text(folder, name) for name in _FILES}
        small = [time for time, _ in frames_of(texts["small"])]
        kept = job.start - job.context, job.stop - job.context
        measured = picture_measures(texts, job.pts, kept, start=job.start, size=(job.video.width, job.video.height))
        sounds = tuple(_sound(job, t, s, folder) for t, s in zip(tasks, job.sounds, strict=True))
        shown = _thumbnails(job, folder, small, measured)
    late = any(_starts_late(job, s, t) for s, t in zip(sounds, job.sounds, strict=True))
    complete = seek is None or (small[:1] == [job.pts[0]] and not late)
    upset = upset or not all(measured.seen)
    return GatePart(job.index, Measures(measured, sounds), shown, complete, upset, cpu_s)


def _run(
    job: GateJob, seek: int | None, picture: PictureTask | None, sounds: Sequence[SoundTask]
) -> tuple[float, bool]:
    """Run ffmpeg; gives its CPU seconds, and whether it complained of what it read."""
    at = None if seek is None else seek * job.video.time_base
    argv = measure_argv(ffmpeg_path(), job.location, at, picture, sounds)
    length = float((job.pts[-1] - job.pts[0]) * job.video.time_base)
    try:
        done = run(argv, where=job.where, timeout_s=300 + 200 * length)
    except FFmpegError as error:
        if "No space left" in error.hint:
            raise EncodeError(
                "there is no room for what is measured", where=job.work_dir, hint="Set TMPDIR to a folder with room."
            ) from error
        said = error.hint.partition("The command was:")[0].removeprefix("It said:")
        return 0.0, complaints(said)
    return done.cpu_s, complaints(done.stderr)


def _text(folder: Path, name: str) -> str:
    path = folder / f"{name}.txt"
    return path.read_text() if path.exists() else ""


def _sound_task(job: GateJob, track: AudioStream, folder: Path) -> SoundTask:
    rate = track.sample_rate_hz if track.sample_rate_hz and track.sample_rate_hz % BLOCKS_PER_S == 0 else 48_000
    block = rate // BLOCKS_PER_S
    stop = None if job.stop_block is None else (job.stop_block + _TAIL_BLOCKS) * block
    channels = max(1, track.channels)
    return SoundTask(
        track.index, rate, channels, job.zero, max(0, job.first_block - LEAD_BLOCKS) * block, stop, str(folder)
    )


def _sound(job: GateJob, task: SoundTask, track: AudioStream, folder: Path) -> SoundMeasures:
    block = task.rate // BLOCKS_PER_S
    blocks = None if job.stop_block is None else job.stop_block - job.first_block
    skip = job.first_block * block - task.start
    levels = read_levels(folder / f"sound{track.index}.f32", task.channels, block, skip=skip, blocks=blocks)
    loud = momentary(_text(folder, f"sound{track.index}"), job.first_block * block, len(levels.peak), block)
    start = Fraction(job.first_block, BLOCKS_PER_S)
    end = Fraction(task.start + levels.samples, task.rate)
    stop = end if job.stop_block is None else min(end, Fraction(job.stop_block, BLOCKS_PER_S))
    spans = within(spans_of(_text(folder, f"spans{track.index}")), start, stop)
    columns = (levels.peak, levels.true_peak, levels.level, array("h", loud))
    for column in columns:
        column.extend([FLOOR] * ((blocks or 0) - len(column)))
    levels.clipped.extend([0] * ((blocks or 0) - len(levels.clipped)))
    return SoundMeasures(
        track.index, job.first_block, *columns, levels.clipped, spans=tuple(spans), loudest=levels.loudest
    )


def _starts_late(job: GateJob, measured: SoundMeasures, track: AudioStream) -> bool:
    """Whether the track's first sound here comes so late that decoding may have begun behind it."""
    start = Fraction(job.first_block, BLOCKS_PER_S)
    if track.start - job.zero >= start or job.index == 0:
        return False
    return not measured.spans or measured.spans[0][0] > start


def _damage(job: GateJob, *, decoding: bool) -> list[Damage]:
    start, stop = job.span
    streams = (job.video.index, *(t.index for t in job.sounds))
    search = Search(job.location, job.where, job.video.index, streams, job.seeks[0], job.zero, start, stop, decoding)
    try:
        return find_damage(search)
    except MatineeError:
        return []  # the frames that are missing tell enough


def _thumbnails(job: GateJob, folder: Path, small: Sequence[int], measured: PictureMeasures) -> dict[int, bytes]:
    """JPEGs of the frames with the source times `small`, of those that are worth it."""
    path = folder / "small.mjpeg"
    wanted = worth_showing(measured, [job.time(n) for n in range(job.start, job.stop)], job.limits)
    number = {time: job.context + i for i, time in enumerate(job.pts)}
    pictures = pictures_of(path.read_bytes()) if path.exists() else []
    return {n: jpeg for time, jpeg in zip(small, pictures, strict=False) if (n := number.get(time, -1)) in wanted}
