"""The command that measures one chunk: the picture small and whole, and every sound track, in one decode. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from media.foreign import foreign_input
from media.probe import VideoStream
from values.clock import seconds_text

SIDE = 256
"""The longer side of the small picture that is measured and shown, in pixels."""

_STRIPE = 1920  # columns at the picture's middle that are searched for combing: all lines, at a bounded cost
_TURNS = {90: "transpose=cclock,", 180: "hflip,vflip,", 270: "transpose=clock,"}


@dataclass(frozen=True, slots=True)
class PictureTask:
    """The picture of a chunk: the frames with source times ``[start, stop)``, in ticks.

    `folder` gets ``small.txt`` and ``change.txt`` (metadata of the small picture, and of its difference from the one
    before), ``lines.txt`` (of the full one), ``top.txt`` and ``bottom.txt`` (the frames that are flagged as interlaced
    with that field first) and ``small.mjpeg`` (a JPEG for each frame of ``small.txt``).
    """

    video: VideoStream
    start: int
    stop: int
    folder: str

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the small picture, in the source's orientation and square pixels."""
        width, height = self.video.width * self.video.sar, Fraction(self.video.height)
        scale = min(Fraction(SIDE) / max(width, height), Fraction(1))
        return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


@dataclass(frozen=True, slots=True)
class SoundTask:
    """A sound track of a chunk, of `channels`: samples ``[start, stop)`` at `rate` (Hz), counted from the film's start;
    `stop` None takes all there is. `zero` is the film's start on the container's clock in seconds.

    `folder` gets ``sound<stream>.f32`` (interleaved samples), ``sound<stream>.txt`` (loudness by block) and
    ``spans<stream>.txt`` (the times of the decoded frames, in seconds of the film).
    """

    stream: int
    rate: int
    channels: int
    zero: Fraction
    start: int
    stop: int | None
    folder: str


def measure_argv(
    binary: str, location: str, seek: Fraction | None, picture: PictureTask | None, sounds: Sequence[SoundTask]
) -> tuple[str, ...]:
    """One ffmpeg that decodes `location` once from `seek` on (seconds on the container's clock; None: from the start).

    The source's own times are kept: they say which frame is which. The graph is written out, because ffmpeg-python has
    no branch that ends in nullsink, and an output that gets no frame fails.
    """
    argv = [binary, *_GLOBAL, *_INPUT, *_foreign(location), *_seek(seek), "-i", location]
    if picture:
        argv += ["-filter_complex", ";".join(picture_graph(picture)), *_picture_output(picture)]
    for sound in sounds:
        argv += ["-filter_complex", sound_graph(sound), *_sound_output(sound)]
    return tuple(argv)


_GLOBAL = (
    "-y", "-nostdin", "-hide_banner", "-nostats", "-loglevel", "level+error", "-copyts", "-filter_complex_threads", "1",
    "-max_error_rate", "1",  # a chunk that is all damage is measured too: as damage
)  # fmt: skip
_INPUT = (
    "-threads", "1", "-err_detect", "crccheck+bitstream+buffer",
    "-noautorotate",  # margins and field lines are those of the stored picture
    # A change in mid-stream must not begin the files of metadata anew: pictures are scaled to the size they had, sound
    # of another format is left out.
    "-reinit_filter:v", "0", "-drop_changed:a", "1",
)  # fmt: skip


def _foreign(location: str) -> tuple[str, ...]:
    return tuple(word for key, value in foreign_input(location).items() for word in (f"-{key}", value))


def _seek(seek: Fraction | None) -> tuple[str, ...]:
    if seek is None:
        return ()
    # A millisecond more, so that rounding can't land on the keyframe before.
    return ("-ss", seconds_text(seek + Fraction(1, 1000)), "-seek_timestamp", "1", "-noaccurate_seek")


def picture_graph(task: PictureTask) -> list[str]:
    """The filters of the picture, which end in ``[small]``; all else goes to files."""
    video, (width, height), folder = task.video, task.size, task.folder
    stripe = f"crop={_STRIPE}:ih:{(video.width - _STRIPE) // 4 * 2}:0," if video.width > _STRIPE else ""
    return [
        # The first scale does nothing until the stream changes its size.
        f"[0:{video.index}]trim=start_pts={task.start}:end_pts={task.stop},scale={video.width}:{video.height},"
        "split[whole][full]",
        # Everything is measured in limited range: full range comes down to it, limited stays as it is.
        f"[full]scale={width}:{height}:flags=area:out_range=tv,format=yuv444p,signalstats=stat=brng,"
        f"blackframe=amount=0:threshold=32,{_print(folder, 'small')},split[now][shown]",
        f"[now]tblend=all_mode=difference,signalstats,{_print(folder, 'change')},nullsink",
        f"[shown]{_TURNS.get(video.rotation % 360, '')}scale=out_range=pc,format=yuv420p[small]",
        # reset=1 judges each frame alone; so does idet's "single". idet changes the flags, so they are read before it.
        "[whole]cropdetect=limit=24/255:round=2:skip=0:reset=1,split=3[lines][tops][bottoms]",
        # At idet's own threshold of 1.04 vertical motion passes for combing; real combing is far above 1.2.
        f"[lines]{stripe}idet=intl_thres=1.2,{_print(folder, 'lines')},nullsink",
        f"[tops]select=eq(interlace_type\\,TOPFIRST),{_print(folder, 'top')},nullsink",
        f"[bottoms]select=eq(interlace_type\\,BOTTOMFIRST),{_print(folder, 'bottom')},nullsink",
    ]


def sound_graph(task: SoundTask) -> str:
    """The filters of a sound track, which end in ``[sound<stream>]``."""
    stop = f"atrim=end_pts={task.stop}," if task.stop is not None else ""
    return (
        # Metadata is printed of frames that have some; the mark itself means nothing.
        f"[0:{task.stream}]asetpts=PTS-({seconds_text(task.zero, 9)})/TB,ametadata=add:key=decoded:value=1,"
        f"a{_print(task.folder, f'spans{task.stream}')},"
        # Gaps become silence, and the first sample is the one wanted: blocks lie on the film's grid in every chunk.
        f"aresample={task.rate}:async=1:first_pts={task.start}:min_hard_comp=0.02,{stop}"
        f"asetnsamples={task.rate // 10}:pad=0,ebur128=metadata=1:framelog=quiet,"
        f"a{_print(task.folder, f'sound{task.stream}')}[sound{task.stream}]"
    )


def _picture_output(task: PictureTask) -> tuple[str, ...]:
    return (
        "-map", "[small]", "-c:v", "mjpeg", "-q:v", "6", "-fps_mode", "passthrough", "-enc_time_base:v", "filter",
        "-f", "mjpeg", f"{task.folder}/small.mjpeg",
    )  # fmt: skip


def _sound_output(task: SoundTask) -> tuple[str, ...]:
    return (
        "-map", f"[sound{task.stream}]", "-c:a", "pcm_f32le", "-ac", str(task.channels),
        "-f", "f32le", f"{task.folder}/sound{task.stream}.f32",
    )  # fmt: skip


def _print(folder: str, name: str) -> str:
    """A filter that writes each frame's metadata to a file, whose path is escaped for its option and for the graph."""
    path = re.sub(r"([\\':])", r"\\\1", f"{folder}/{name}.txt")
    return "metadata=print:file=" + re.sub(r"([\\'\[\],;])", r"\\\1", path)
