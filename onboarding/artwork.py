"""The artwork stage: thumbnails, poster and candidate artwork of a film, made on the workers. Yields events."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction

from artwork.frames import spread
from artwork.pick import pick
from artwork.plan import (
    EVERY_MS,
    LOOKS_A_JOB,
    STILL_BOX,
    TILE_BOX,
    Grid,
    Moment,
    View,
    every_ms,
    fit,
    grid_of,
    looks_per_tile,
    moments_ms,
)
from artwork.record import (
    Pictures,
    dump_pictures,
    index_key,
    load_pictures,
    poster_key,
    recipe_of,
    sheet_key,
    still_key,
)
from artwork.sheet import index_vtt, sheets
from artwork.task import Still, StillJob, ThumbJob, Tile, Tiles
from chunker.grid import source_frames
from encoder.schedule import Done, Failed, Job, Retry
from onboarding.film import Film, seeks
from onboarding.workers import Workers
from storage import Store
from values.digest import digest_bytes, digest_value
from values.errors import NotFoundError
from values.events import ChunkRetried, Event, Noted, Progressed
from values.keys import work_key
from values.title import Artwork, StoredFile, Thumbnails

STAGE = "artwork"
_TRIES = 3
ARTWORKS = 8
_STILLS = 12
"""Scenes looked at in full size, from which the artworks are taken."""
_AROUND_MS = (-400, -200, 0, 200, 400)
"""Where a scene's sharpest picture is looked for, from the moment of its tile."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be made of a film, which is looked at at `moments`: every `looks`th is a tile, which are `every_ms`
    apart, on sheets as `grid` says, shown as `tile`; stills as `still`. `recipe` names it all."""

    moments: tuple[Moment, ...]
    looks: int
    every_ms: int
    tile: View
    still: View
    grid: Grid
    recipe: str


def plan_artwork(film: Film, wanted_ms: int = EVERY_MS) -> Plan:
    """Decide where the film is looked at; `wanted_ms` is the step between tiles, less for a short film."""
    duration = film.frames / film.rate
    step_ms = every_ms(duration, wanted_ms)
    looks = looks_per_tile(duration, step_ms)
    moments = tuple(moment_of(film, t) for t in moments_ms(duration, step_ms // looks))
    picture, shown = film.picture, film.inspection.display_size
    tile, still = (View(picture, picture.rotation, fit(shown, box), picture.mirrored) for box in (TILE_BOX, STILL_BOX))
    grid = grid_of(len(moments[::looks]), tile.size)
    recipe = recipe_of(film.master.fingerprint, repr(film.inspection.timing), tile, still, grid, step_ms, looks)
    return Plan(moments, looks, step_ms, tile, still, grid, recipe)


def make_artwork(
    film: Film, store: Store, workers: Workers, *, wanted_ms: int = EVERY_MS, force: bool = False
) -> Generator[Event, None, Pictures]:
    """The film's pictures, stored; those of an earlier run where they are all there, unless `force`.

    A part of the film that doesn't decode leaves gaps and a note. Raises MatineeError where the store or the workers
    fail.
    """
    plan = plan_artwork(film, wanted_ms)
    record = work_key(film.title_id, plan.recipe)
    if not force and (known := _known(store, record)):
        return known
    name, location = film.master.name, store.locate(film.master.key)
    jobs = [ThumbJob(name, location, run, plan.tile) for run in spread(plan.moments, LOOKS_A_JOB)]
    results = yield from _run(jobs, workers, before=0, total=len(jobs) + _STILLS)
    seen = [t for job in jobs for t in _tiles_of(job, results)]
    tiles = seen[:: plan.looks]
    chosen = pick([t.candidate for t in seen if t], _STILLS)
    later = [StillJob(name, location, _around(film, c.at_ms), plan.still) for c in chosen]
    results |= yield from _run(later, workers, before=len(jobs), total=len(jobs) + len(later))
    if None in tiles:
        yield Noted(f"{tiles.count(None)} of {len(tiles)} thumbnails could not be made: the picture does not decode")
    failed = [job.where for job in jobs if job not in results] + [job.where for job in later if job not in results]
    if failed:  # other bytes than the recipe's: under a name of their own, and to be made again
        plan = replace(plan, recipe=digest_value([plan.recipe, failed])[: len(plan.recipe)])
    thumbnails = _put_thumbnails(film, store, plan, tiles) if any(tiles) else None
    stills = [r for job in later if isinstance(r := results.get(job), Still)]
    pictures = _put_stills(film, store, plan, stills, thumbnails)
    if not failed:
        store.put(record, dump_pictures(pictures), media_type="application/json")
    return pictures


def moment_of(film: Film, at_ms: int) -> Moment:
    """The frame that the film shows at `at_ms`, as its grid has it; its first where it has none yet."""
    number = min(film.frames - 1, max(0, int(Fraction(at_ms, 1000) * film.rate)))
    timing, pts = film.inspection.timing, film.inspection.index.pts
    source = max(pts[0], source_frames(timing, pts, number, number + 1)[0])
    # A thumbnail that is late is no reason to decode a long film from its start.
    return Moment(at_ms, source, seeks(film.inspection, film.picture, source)[:_TRIES])


def _known(store: Store, record: str) -> Pictures | None:
    """What an earlier run has recorded, if every object of it is there in full size."""
    with suppress(NotFoundError, ValueError, KeyError, TypeError):
        pictures = load_pictures(store.get(record))
        if all(store.head(f.key).size_bytes == f.size_bytes for f in pictures.files()):
            return pictures
    return None


def _tiles_of(job: ThumbJob, results: Mapping[Job, object]) -> Sequence[Tile | None]:
    result = results.get(job)
    return result.tiles if isinstance(result, Tiles) else (None,) * len(job.moments)


def _around(film: Film, at_ms: int) -> tuple[Moment, ...]:
    """The moments from which the scene at `at_ms` is shown at its best, each of a source frame of its own."""
    last = max(0, int(film.frames / film.rate * 1000) - 1)
    times = sorted({min(last, max(0, at_ms + step)) for step in _AROUND_MS})
    return tuple({m.source: m for m in (moment_of(film, t) for t in times)}.values())


def _run(
    jobs: Sequence[Job], workers: Workers, *, before: int, total: int
) -> Generator[Event, None, dict[Job, object]]:
    """The results of the jobs that did not fail for good. `before` of `total` jobs are done."""
    results: dict[Job, object] = {}
    yield Progressed(STAGE, before, total)
    for event in workers.run(jobs, spare=True) if jobs else ():
        match event:
            case Done(job=job, result=result):
                results[job] = result
                yield Progressed(STAGE, before + len(results), total)
            case Retry(job=job, attempt=attempt, error=error):
                yield ChunkRetried(-1, attempt, error.what, job.where)
            case Failed(job=job, error=error):
                yield Noted(f"{job.where}: {error.what}")
    return results


def _put_thumbnails(film: Film, store: Store, plan: Plan, tiles: Sequence[Tile | None]) -> Thumbnails:
    """Store the sheets and their index. A tile that is missing shows what the one before it does."""
    grid = plan.grid
    rows = [next(t.rows for t in tiles if t)]
    for tile in tiles:
        rows.append(tile.rows if tile else rows[-1])
    stored = tuple(
        _put(store, sheet_key(film.title_id, plan.recipe, n), sheet, "image/jpeg")
        for n, sheet in enumerate(sheets(rows[1:], grid))
    )
    index = index_vtt(grid, plan.every_ms, int(film.frames / film.rate * 1000))
    return Thumbnails(
        sheets=stored,
        index=_put(store, index_key(film.title_id, plan.recipe), index, "text/vtt"),
        columns=grid.columns,
        rows=grid.rows,
        width=grid.width,
        height=grid.height,
        every_ms=plan.every_ms,
        count=grid.count,
    )


def _put_stills(
    film: Film, store: Store, plan: Plan, stills: Sequence[Still], thumbnails: Thumbnails | None
) -> Pictures:
    """Store the artworks, best first, and the best once more as the poster, under a name that says its bytes."""
    best = [next(s for s in stills if s.candidate is c) for c in pick([s.candidate for s in stills], ARTWORKS)]
    artwork = tuple(
        Artwork(
            _put(store, still_key(film.title_id, plan.recipe, n), still.jpeg, "image/jpeg"),
            still.candidate.at_ms, still.width, still.height, round(still.candidate.score, 3),
        )
        for n, still in enumerate(best, 1)
    )  # fmt: skip
    if not best:
        return Pictures(None, (), thumbnails)
    poster = _put(store, poster_key(film.title_id, artwork[0].file.xxh3), best[0].jpeg, "image/jpeg")
    return Pictures(poster, artwork, thumbnails)


def _put(store: Store, key: str, data: bytes, media_type: str) -> StoredFile:
    store.put(key, data, media_type=media_type)
    return StoredFile(key, len(data), digest_bytes(data))
