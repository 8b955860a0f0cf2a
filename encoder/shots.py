"""Looking for shots: the differences between a chunk's frames, measured by ffmpeg's scdet and msad. Does I/O.

Each chunk is looked at on its own; `chunker.cuts` joins what they saw and decides. The pictures are compared at 64x36
in RGB: that blurs motion away, sees a change of colour, and adds little to the cost of decoding.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ffmpeg

from chunker.cuts import ACROSS, FrameScores
from encoder.argv import compile_argv
from encoder.cut import MisplacedFrames
from encoder.frames import film_from
from encoder.job import ChunkJob
from media.ffmpeg import ffmpeg_path, run
from treatment.picture import Scan
from values.errors import EncodeError

WIDTH, HEIGHT = 64, 36

_FRAME = "frame:"
_STEP, _ACROSS, _BLACK = "lavfi.scd.mafd", "lavfi.msad.msad_avg", "lavfi.blackframe.pblack"


@dataclass(frozen=True, slots=True)
class ShotJob:
    """One task: measure the frames of this chunk. Its settings and keys are not used, but for `threads`."""

    chunk_job: ChunkJob

    @property
    def where(self) -> str:
        """The work's name in messages: ``'shots of chunk 17 of talk.mp4 (frames 4080 to 4320)'``."""
        return f"shots of {self.chunk_job.where}"

    @property
    def cost(self) -> float:
        """Frames to look at: what orders the work."""
        return float(self.chunk_job.chunk.frames)


@dataclass(frozen=True, slots=True)
class ShotResult:
    """What was measured of the frames of chunk `index`, and the CPU seconds it took."""

    index: int
    scores: FrameScores
    cpu_s: float


def detect_shots(job: ShotJob) -> ShotResult:
    """Measure one chunk. Raises EncodeError (FFmpegError, MisplacedFrames)."""
    chunk = job.chunk_job.chunk
    wide = widened(job.chunk_job)
    cpu_s = 0.0
    last: MisplacedFrames | None = None
    for seek in seeks(wide):
        try:
            with tempfile.TemporaryDirectory(dir=_made(job.chunk_job.work_dir, job.where)) as folder:
                path = Path(folder) / "frames.txt"
                cpu_s += run(shots_argv(ffmpeg_path(), wide, seek, str(path)), where=job.where).cpu_s
                scores = parse_scores(path.read_text() if path.exists() else "", wide, where=job.where)
        except MisplacedFrames as error:
            last = error
            continue
        seen = chunk.start - wide.chunk.start
        kept = FrameScores(chunk.start, scores.step[seen:], scores.across[seen:], scores.black[seen:])
        return ShotResult(chunk.index, kept, cpu_s)
    raise last or EncodeError("there was nothing to look at", where=job.where)


def widened(job: ChunkJob) -> ChunkJob:
    """The job with the frames before its chunk that its first ones are compared with.

    Deinterlacing and tone mapping are left out: neither moves a cut, at this size fields merge anyway, and both cost
    more than all the rest. (Taking back a pulldown moves cuts, and is not left out.)
    """
    chunk = replace(job.chunk, start=max(0, job.chunk.start - ACROSS))
    scan: Scan = "telecine" if job.picture.scan == "telecine" else "progressive"
    return replace(job, chunk=chunk, picture=replace(job.picture, scan=scan))


def seeks(wide: ChunkJob) -> tuple[int | None, ...]:
    """The source times to start from that are not after the widened chunk's first frame, in the order to try them."""
    tries = dict.fromkeys((wide.seek, *wide.fallbacks))
    early = [s for s in tries if s is None or wide.timing.number(s) <= wide.chunk.start]
    return tuple(early) or (None,)


def shots_argv(binary: str, job: ChunkJob, seek: int | None, path: str) -> tuple[str, ...]:
    """The command that measures the frames of `job`'s chunk and writes their metadata to `path`.

    The film's frames are numbered on its grid (`encoder.frames.film_frames`), and the numbers stay.
    """
    film = film_from(job, seek)
    small = film.filter("scale", WIDTH, HEIGHT, flags="area", out_range="tv").filter("format", "yuv444p")
    # amount=0: every frame reports its share of pixels under the threshold (16 is black).
    small = small.filter("blackframe", amount="0", threshold="32")
    # scdet compares luma alone in YUV, and all channels in packed RGB; msad takes planar RGB. threshold=100 keeps it
    # from deciding: it only measures.
    small = small.filter("format", "rgb24").filter("scdet", threshold="100").filter("format", "gbrp")
    compared = _against_earlier(small)
    out = ffmpeg.output(compared.filter("metadata", mode="print", file=path), "-", f="null")
    return compile_argv(out, binary)


def _against_earlier(film: Any) -> Any:
    """Each frame compared with the one ACROSS frames before, which a second copy of the film, moved on, shows.

    The copy ends later: without shortest=1, msad would repeat the last frame until then.
    """
    copies = film.filter_multi_output("split", 2)
    return ffmpeg.filter([copies[0], copies[1].filter("setpts", f"PTS+{ACROSS}")], "msad", shortest="1")


def parse_scores(text: str, job: ChunkJob, *, where: str) -> FrameScores:
    """The scores in what the metadata filter printed for the frames of `job`'s chunk.

    Raises MisplacedFrames unless it is of exactly these frames.
    """
    frames: list[dict[str, str]] = []
    numbers: list[int] = []
    for line in text.splitlines():
        if line.startswith(_FRAME):
            numbers.append(int(line.split("pts:")[1].split()[0]))
            frames.append({})
        elif frames:
            key, _, value = line.partition("=")
            frames[-1][key] = value
    chunk = job.chunk
    if numbers != list(range(chunk.start, chunk.stop)):
        span = f"{len(numbers)} frames from {numbers[0]} to {numbers[-1]}" if numbers else "no frames"
        raise MisplacedFrames(
            f"{span} were looked at, planned {chunk.start} to {chunk.stop}",
            where=where,
            hint="The source is damaged here or can't be sought in. Rewrite its index with: ffmpeg -i IN -c copy "
            "OUT.mkv, or go on without shots.",
        )
    return FrameScores(
        chunk.start,
        tuple(round(float(f[_STEP]) * 1000) for f in frames),  # percent
        tuple(round(float(f.get(_ACROSS, "0")) * 100_000) for f in frames),  # a share of 1
        tuple(int(f[_BLACK]) for f in frames),
    )


def _made(root: str, where: str) -> str:
    try:
        Path(root).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EncodeError(
            f"the work folder {root} can't be written ({error.strerror})",
            where=where,
            hint="Set TMPDIR to a folder with room.",
        ) from error
    return root
