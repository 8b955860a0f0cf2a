"""A master encoded into one rung a codec, chunk by chunk, as the line does it: for tests that look at what came out."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from encoder.cut import cut_chunk
from encoder.job import ChunkJob
from encoder.rungs import encode_rungs
from ladders.rung import FittedRung
from media.boxes import split_init
from media.fragments import parse_fragments
from media.tracks import Track, parse_init
from tests.encoder.small import film_of, jobs_in
from treatment.picture import Look
from treatment.wishes import NO_WISHES, Wishes

_CRF = 4


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendition in one file, its init's track, and the jobs of its chunks."""

    path: Path
    track: Track
    jobs: tuple[ChunkJob, ...]

    @property
    def look(self) -> Look:
        return self.jobs[0].settings.look

    def samples(self) -> list[bytes]:
        """The coded frames, in decoding order."""
        _, media = split_init(self.path.read_bytes())
        found = [s for f in parse_fragments(media, self.track) for s in f.samples]
        return [media[s.offset : s.offset + s.size] for s in found]


def render(
    master: Path, folder: Path, codec: str, size: tuple[int, int], *, wishes: Wishes = NO_WISHES, crf: float = _CRF
) -> Rendered:
    """All of the master in one rung, in chunks of one second; their init segments must be equal."""
    film = film_of(master, [FittedRung(codec, *size, crf, 0, 0, codec)], chunk_s=1, wishes=wishes)
    jobs = jobs_in(film, master, folder)
    inits: set[bytes] = set()
    pieces: list[bytes] = []
    for job in jobs:
        with tempfile.TemporaryDirectory(dir=folder) as work:
            (take,), _ = encode_rungs(job, Path(work))
            data = take.path.read_bytes()
        init, segments = cut_chunk(
            data, job.chunk, job.settings.rate, where="test", colour=job.settings.look.colour
        )  # fmt: skip
        inits.add(init)
        pieces += [piece for segment in segments for piece in segment.pieces]
    assert len(inits) == 1, f"{codec}: chunks have {len(inits)} init segments"
    (init,) = inits
    path = folder / f"{master.stem}-{codec}.mp4"
    path.write_bytes(init + b"".join(pieces))
    return Rendered(path, parse_init(init), jobs)
