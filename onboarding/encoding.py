"""The encode stage: what an earlier run has done is found, the rest is run on the workers. Yields events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from encoder.job import ChunkJob, ChunkResult, MeasureJob
from encoder.schedule import Done, Failed, Job, Retry, Tick
from encoder.sound_job import AudioResult, SoundResult
from onboarding.film import Film, chunk_jobs
from onboarding.resume import find_results, find_sound
from onboarding.settings import QUALITY, OnboardSettings
from onboarding.sound import sound_jobs
from onboarding.workers import Workers
from storage import Store
from values.events import ChunkFinished, ChunkRetried, Event, Progressed


@dataclass(slots=True)
class Tally:
    """What one run has done so far: `chunks` by recipe, `sound` by rendition; CPU seconds of encoding, and of measuring
    quality."""

    chunks: dict[str, ChunkResult] = field(default_factory=dict)
    sound: dict[str, SoundResult] = field(default_factory=dict)
    reused: int = 0
    cpu_s: float = 0.0
    measure_cpu_s: float = 0.0
    frames: int = 0


def encode_film(
    film: Film, settings: OnboardSettings, store: Store, work_dir: str, workers: Workers, tally: Tally
) -> Iterator[Event]:
    """Fill `tally` with the results of all chunks and the sound, measured as the settings ask."""
    location = store.locate(film.master.key)
    chunks = chunk_jobs(
        film,
        location=location,
        store_url=store.url,
        work_dir=work_dir,
        tolerant=settings.allow_damaged,
        every=QUALITY[settings.quality],
    )
    sounds = sound_jobs(film, settings.wishes, location=location, store_url=store.url, work_dir=work_dir)
    if not settings.force:
        tally.chunks = find_results(store, film.title_id, chunks)
        tally.sound = find_sound(store, film.title_id, sounds)
        tally.reused = len(tally.chunks)
    done = [j for j in chunks if j.recipe in tally.chunks]
    for number, job in enumerate(done, 1):
        frames = tally.chunks[job.recipe].frames_out
        tally.frames += frames
        yield ChunkFinished(job.chunk.index, frames, True, 0.0, number, len(chunks), _codec(film, job))
    jobs: list[Job] = [j for j in chunks if j.recipe not in tally.chunks]
    jobs += _unmeasured(done, tally.chunks)
    for sound in sounds:
        missing = tuple(o for o in sound.outputs if o.rendition not in tally.sound)
        jobs += [replace(sound, outputs=missing)] if missing else []
    if jobs:
        workers.start()
        yield from _run(jobs, workers, film, tally, len(chunks))


def _unmeasured(done: Sequence[ChunkJob], results: Mapping[str, ChunkResult]) -> list[MeasureJob]:
    """Chunks that were encoded without their quality being measured, or not at the frames that are asked for."""
    return [
        MeasureJob(job, results[job.recipe])
        for job in done
        if job.measuring and not _covers(results[job.recipe].every, job.measuring.every)
    ]


def _covers(known: int, asked: int) -> bool:
    """Whether measuring each `known`th frame has measured each `asked`th."""
    return known > 0 and asked % known == 0


def _run(jobs: Sequence[Job], workers: Workers, film: Film, tally: Tally, total: int) -> Iterator[Event]:
    shown = -1
    whole = film.frames * len(film.encodes)
    to_measure = sum(isinstance(j, MeasureJob) for j in jobs)
    measured = 0
    for event in workers.run(jobs):
        match event:
            case Done(job=MeasureJob(), result=ChunkResult() as result):
                tally.chunks[result.recipe] = result
                tally.measure_cpu_s += result.measure_cpu_s
                measured += 1
                yield Progressed("quality", measured, to_measure)
            case Done(job=ChunkJob() as job, result=ChunkResult() as result):
                tally.chunks[result.recipe] = result
                tally.cpu_s += result.cpu_s
                tally.measure_cpu_s += result.measure_cpu_s
                tally.frames += result.frames_out
                yield ChunkFinished(
                    result.index, result.frames_out, False, result.cpu_s, len(tally.chunks), total, _codec(film, job)
                )
            case Done(result=AudioResult() as result):
                tally.sound |= {r.part.rendition: r for r in result.results}
                tally.cpu_s += result.cpu_s
                yield ChunkFinished(-1, 0, False, result.cpu_s, len(tally.chunks), total)
            case Retry(job=job, attempt=attempt, error=error):
                yield ChunkRetried(_index(job), attempt, str(error).splitlines()[0])
            case Tick():
                under_way = sum(n for recipe, n in workers.frames().items() if recipe not in tally.chunks)
                if tally.frames + under_way != shown:
                    shown = tally.frames + under_way
                    yield Progressed("encode", min(whole, shown), whole)
            case Done() | Failed():
                raise TypeError(f"an event of an unknown kind: {event}")


def _index(job: Job) -> int:
    match job:
        case ChunkJob():
            return job.chunk.index
        case MeasureJob():
            return job.chunk_job.chunk.index
        case _:
            return -1


def _codec(film: Film, job: ChunkJob) -> str:
    """The codec's name where it tells chunks apart."""
    return job.settings.codec if len(film.encodes) > 1 else ""
