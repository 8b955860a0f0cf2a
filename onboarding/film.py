"""From an inspected master to the work to be done: rungs, chunks, recipes and jobs. Pure."""

from __future__ import annotations

from array import array
from dataclasses import asdict, dataclass
from typing import Any

from chunker.grid import source_frames
from chunker.plan import Chunk, Span, plan_chunks, plan_segments, segment_length, segments_per_chunk
from encoder.job import AudioJob, ChunkJob, Picture, VideoSettings
from ingest.fetch import Master
from ingest.inspect import Inspection
from ladders.rung import FittedRung, Ladder, fit
from media.probe import AudioStream
from onboarding.settings import OnboardSettings
from packager.names import FIRST_NUMBER, init_key, segment_key
from values.digest import digest_value
from values.keys import work_key

ENCODER_FORMAT = 1
"""Raised whenever the same recipe would give other bytes, so that nothing old is taken for new."""

_RECIPE_DIGITS = 16
_PREROLL_FORMATS = {"mpegts", "mpeg", "mpegvideo", "h264", "hevc"}  # sought by bytes: they may land late
_BORDER_FRAMES = 2  # frames that bwdif looks at on either side


@dataclass(frozen=True, slots=True)
class Film:
    """All that is decided before the first frame is encoded. `recipe` is the digest of everything that shapes bytes."""

    title_id: str
    name: str
    master: Master
    inspection: Inspection
    picture: Picture
    settings: VideoSettings
    segments: tuple[Span, ...]
    chunks: tuple[Chunk, ...]
    audio: AudioStream | None
    audio_bps: int
    encoder_version: str
    recipe: str

    @property
    def frames(self) -> int:
        return self.inspection.timing.frames


def plan_film(
    settings: OnboardSettings,
    ladder: Ladder,
    master: Master,
    inspection: Inspection,
    *,
    title_id: str,
    name: str,
    encoder_version: str,
) -> Film:
    """Decide how this master becomes a title."""
    timing = inspection.timing
    length = segment_length(timing.rate, settings.segment_s)
    segments = plan_segments(timing.frames, length)
    per_chunk = segments_per_chunk(
        timing.frames, timing.rate, length, workers=settings.worker_count, target_s=settings.chunk_s
    )
    video = VideoSettings(settings.preset, _rungs(ladder, inspection), timing.rate, length, settings.threads)
    picture = Picture(
        inspection.video.index, inspection.video.interlaced, inspection.video.hdr, inspection.closing_frames
    )
    chunks = plan_chunks(segments, per_chunk)
    made_of = {
        "format": ENCODER_FORMAT,
        "encoder": encoder_version,
        "master": master.fingerprint,
        "timing": _plain(asdict(timing)),
        "picture": asdict(picture),
        "settings": _plain(asdict(video)),
        "segments": [s.start for s in segments],
        "chunks": [c.start for c in chunks],
        "tolerant": settings.allow_damaged,
    }
    return Film(
        title_id,
        name,
        master,
        inspection,
        picture,
        video,
        segments,
        chunks,
        inspection.probe.audio[0] if inspection.probe.audio else None,
        ladder.audio_kbps * 1000,
        encoder_version,
        digest_value(made_of)[:_RECIPE_DIGITS],
    )


def chunk_jobs(film: Film, *, location: str, store_url: str, work_dir: str, tolerant: bool) -> tuple[ChunkJob, ...]:
    """One job a chunk, in the film's order."""
    return tuple(_chunk_job(film, chunk, location, store_url, work_dir, tolerant) for chunk in film.chunks)


def audio_job(film: Film, *, location: str, store_url: str, work_dir: str) -> AudioJob | None:
    """The job of the title's sound, None where the master has none."""
    if film.audio is None:
        return None
    rate = film.settings.rate
    edges = tuple(s.start / rate for s in film.segments)
    start = film.inspection.start
    recipe = digest_value({
        "format": ENCODER_FORMAT, "encoder": film.encoder_version, "master": film.master.fingerprint,
        "stream": film.audio.index, "bps": film.audio_bps, "start": str(start), "edges": [str(e) for e in edges],
        "duration": str(film.frames / rate),
    })[:_RECIPE_DIGITS]  # fmt: skip
    name = "audio"
    keys = tuple(segment_key(film.title_id, name, recipe, FIRST_NUMBER + i) for i in range(len(edges)))
    return AudioJob(
        film.title_id, film.master.name, location, store_url, film.audio.index, name, start, film.frames / rate, edges,
        film.audio_bps, recipe, work_key(film.title_id, recipe), init_key(film.title_id, name, recipe), keys, work_dir,
    )  # fmt: skip


def _chunk_job(
    film: Film, chunk: Chunk, location: str, store_url: str, work_dir: str, tolerant: bool
) -> ChunkJob:  # fmt: skip
    index, rungs = film.inspection.index, film.settings.rungs
    expected = source_frames(film.inspection.timing, index.pts, chunk.start, chunk.stop)
    seek, fallbacks = _seeks(film, expected)
    recipe = digest_value([film.recipe, chunk.start, chunk.stop])
    return ChunkJob(
        title_id=film.title_id,
        master_name=film.master.name,
        location=location,
        store_url=store_url,
        chunk=chunk,
        timing=film.inspection.timing,
        picture=film.picture,
        settings=film.settings,
        seek=seek,
        fallbacks=fallbacks,
        expected=expected,
        tolerant=tolerant,
        recipe=recipe,
        record_key=work_key(film.title_id, recipe),
        init_keys=tuple(init_key(film.title_id, r.name, film.recipe) for r in rungs),
        segment_keys=tuple(
            tuple(segment_key(film.title_id, r.name, film.recipe, FIRST_NUMBER + s.index) for s in chunk.segments)
            for r in rungs
        ),
        work_dir=work_dir,
    )


def _seeks(film: Film, expected: array[int]) -> tuple[int | None, tuple[int | None, ...]]:
    """Where decoding starts for a chunk's first source frame: the keyframe at or before it, then ever earlier ones."""
    index = film.inspection.index
    skip = int(bool(_PREROLL_FORMATS & set(film.inspection.probe.format.split(","))))
    first = expected[0]
    if film.picture.deinterlace:
        at = index.pts.index(first)
        first = index.pts[max(0, at - _BORDER_FRAMES)]
    tries: list[int | None] = []
    for back in (skip, skip + 1, skip + 4):
        key = index.keyframe_before(first, back)
        tries.append(key if key > index.pts[0] else None)
    tries = list(dict.fromkeys([*tries, None]))
    return tries[0], tuple(tries[1:])


def _rungs(ladder: Ladder, inspection: Inspection) -> tuple[FittedRung, ...]:
    return fit(ladder, inspection.video.display_size)


def _plain(value: Any) -> Any:
    """Fractions as text, so that the value has one JSON form."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value if isinstance(value, int | float | str | bool | None) else str(value)
