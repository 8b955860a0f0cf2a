"""`matinee onboard`: the line from a master to a published title, as a stream of events. Does I/O."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePath

from artwork.plan import EVERY_MS
from encoder.cluster import check_address
from ingest.fetch import Master, fetch
from ingest.guard import guarded_inspect
from ingest.inspect import Inspection
from ingest.source import Source, open_source
from ladders.check import require_encoders
from ladders.load import load_ladders
from ladders.rung import Ladder, check_met, check_together
from media.encoders import available_encoders, require_filters
from media.ffmpeg import ffmpeg_version
from onboarding.artwork import make_artwork
from onboarding.encoding import Tally, encode_film
from onboarding.film import Film, plan_film
from onboarding.gated import gated
from onboarding.package import package
from onboarding.present import Beside
from onboarding.search import Keeper
from onboarding.settings import QUALITY, OnboardSettings
from onboarding.tailor import tailor
from onboarding.tailored import Tailored, Together, keep_tailored, kept_key, known_tailored, put_together
from onboarding.texts import Given, Texts, make_texts, read_sidecars
from onboarding.titles import read_title
from onboarding.workers import Workers
from packager.publish import publish
from storage import Store
from storage.memory import MemoryStore
from storage.open import open_store
from values.clock import clock_text
from values.digest import digest_value
from values.errors import TitleError, UsageError
from values.events import Completed, Event, Noted, Progressed, StageStarted
from values.keys import check_slug, slug, work_key
from values.title import Title

_TICK_S = 0.5


def onboard(settings: OnboardSettings) -> Iterator[Event]:
    """Run the whole line, yielding events as they happen; the last is `Completed`.

    Raises MatineeError for anything the user can act on. Closing the iterator stops the work; whatever chunks are
    done by then are found again by the next run.
    """
    begun = time.monotonic()
    ladders = load_ladders(settings.ladder)
    store = open_store(settings.store_url)
    store.check()
    if isinstance(store, MemoryStore):
        raise UsageError(
            "a store in memory can't be shared with workers",
            where=store.url,
            hint="Use a folder: --store file:library.",
        )
    check_together(ladders)
    by_shots = settings.shots or any(ladder.policy and ladder.policy.shots for ladder in ladders)
    settings = replace(settings, shots=by_shots)  # all of a title's ladders share its cuts
    for ladder in ladders:
        require_encoders(ladder, available_encoders())
    if QUALITY[settings.quality]:
        require_filters(("libvmaf",), hint="Go on without measuring: --quality off. Or use a build that has it.")
    if settings.shots or any(ladder.policy for ladder in ladders):
        require_filters(("libvmaf",), hint="A search needs it: use a build that has it, or a ladder with rungs.")
    given = read_sidecars(settings.subtitles)
    source = open_source(settings.master)
    check_address(settings.ray_address)
    title_id = check_slug(settings.title_id) if settings.title_id else slug(PurePath(source.name).stem)
    workers = Workers(count=settings.worker_count, address=settings.ray_address, attempts=settings.attempts)
    with tempfile.TemporaryDirectory(prefix="matinee-") as work_dir, workers:
        master, found = yield from bring_in(source, store, settings)
        name = settings.title or _known_name(store, title_id, master, settings) or PurePath(source.name).stem
        for ladder in ladders:
            check_met(ladder, found.display_size)  # before any hour is spent
        checks = yield from gated(settings, master, found, title_id, store, work_dir, workers)
        parts = []
        for ladder in ladders:
            part = yield from _tailored(settings, ladder, master, found, title_id, store, work_dir, workers)
            parts.append(part)
        tailored = put_together(parts, found.display_size)
        film = plan_film(
            settings,
            tailored.rungs,
            tailored.cuts,
            master,
            found,
            audio_bps=ladders[0].audio_kbps * 1000,
            ready=tailored.ready,
            title_id=title_id,
            name=name,
            encoder_version=ffmpeg_version(),
        )
        yield StageStarted("text")
        texts = _texts(film, given, store)
        for text in texts.notes:
            yield Noted(text)
        yield StageStarted("encode", _outline(film))
        tally = Tally()
        yield from encode_film(film, settings, store, work_dir, workers, tally)
        yield StageStarted("artwork")
        every_ms = 1000 * settings.thumbnails_s
        pictures = yield from make_artwork(film, store, workers, wanted_ms=every_ms or EVERY_MS, force=settings.force)
        if not every_ms:
            pictures = replace(pictures, thumbnails=None)
        yield StageStarted("package")
        presentation = package(
            film,
            store,
            tally,
            Beside(pictures, texts, checks=checks),
            now=datetime.now(UTC),
            every=QUALITY[settings.quality],
            notes=(*tailored.notes, *_replaced(film, tally)),
            extra=tailored.record,
        )
        yield StageStarted("publish")
        published = publish(store, presentation, now=datetime.now(UTC))
        if published.sweep_error:
            yield Noted(f"old objects could not be removed: {published.sweep_error}")
        yield Completed(_summary(published.title, film, tally, tailored, time.monotonic() - begun))


def bring_in(
    source: Source, store: Store, settings: OnboardSettings
) -> Generator[Event, None, tuple[Master, Inspection]]:
    """Bring a master into the store and look at it. Raises MasterRefused."""
    yield StageStarted("ingest", source.place)
    master, known = yield from _fetch(source, store)
    if known:
        yield Noted(f"this master is in the store already (as {master.name})")
    yield Progressed("ingest", master.size_bytes, master.size_bytes)
    yield StageStarted("inspect")
    found = _inspect(master, store, settings)
    for text in (*found.notes, *found.damage):
        yield Noted(text)
    return master, found


def _tailored(
    settings: OnboardSettings,
    ladder: Ladder,
    master: Master,
    found: Inspection,
    title_id: str,
    store: Store,
    work_dir: str,
    workers: Workers,
) -> Generator[Event, None, Tailored]:
    """One ladder's rungs and cuts: what an earlier run found, or found now and kept for the next run."""
    key = kept_key(settings, ladder, master, title_id, ffmpeg_version())
    known = None if settings.force else known_tailored(store, key, settings, found.timing)
    if known:
        yield Noted(f"{ladder.name}: rungs and cuts are those that an earlier run found for this film")
        return known
    tailored = yield from tailor(
        settings,
        ladder,
        found,
        store.locate(master.key),
        name=master.name,
        work_dir=work_dir,
        workers=workers,
        keeper=Keeper(store.url, work_key(title_id, digest_value(key)).removesuffix(".json") + "-"),
    )
    if tailored.record:
        keep_tailored(store, key, tailored)
    return tailored


def _known_name(store: Store, title_id: str, master: Master, settings: OnboardSettings) -> str | None:
    """The name of the title that this one replaces, if it is of the same film.

    Raises UsageError if another film has the id and the user did not ask for this id.
    """
    try:
        known = read_title(store, title_id)
    except TitleError:
        return None
    if known.master_fingerprint == master.fingerprint:
        return known.name
    if settings.title_id is None:
        raise UsageError(
            f"the title {title_id!r} is already there, made of another film ({known.master_name})",
            where=settings.master,
            hint=f"Give this one an id with --id, or replace the other with --id {title_id}.",
        )
    return None


def _fetch(source: Source, store: Store) -> Generator[Event, None, tuple[Master, bool]]:
    """Bring the master into the store, with an event about every half second."""
    seen = [0]
    with ThreadPoolExecutor(1, thread_name_prefix="fetch") as thread:
        work = thread.submit(fetch, source, store, on_bytes=lambda done: seen.__setitem__(0, done))
        while not wait((work,), timeout=_TICK_S).done:
            yield Progressed("ingest", seen[0], source.size_bytes or seen[0])
        return work.result()


def _inspect(master: Master, store: Store, settings: OnboardSettings) -> Inspection:
    def read(start: int, stop: int) -> bytes:
        return b"".join(store.read(master.key, start, stop))

    return guarded_inspect(
        store.locate(master.key),
        size=master.size_bytes,
        read=read,
        where=settings.master,
        allow_damaged=settings.allow_damaged,
        wishes=settings.wishes,
    )


def _texts(film: Film, given: Sequence[Given], store: Store) -> Texts:
    return make_texts(
        film.inspection,
        given,
        store,
        store.locate(film.master.key),
        title_id=film.title_id,
        edges=[s.start / film.rate for s in film.segments],
        duration=film.frames / film.rate,
        where=film.master.name,
    )


def _replaced(film: Film, tally: Tally) -> Iterator[str]:
    """What the title of a damaged master must say: how many of its pictures are not the master's, and where."""
    lost: dict[int, int] = {}
    for result in tally.chunks.values():
        lost[result.index] = max(result.replaced, lost.get(result.index, 0))
    first = next((c for c in film.chunks if lost.get(c.index)), None)
    if first:
        at = clock_text(first.start / film.rate)
        count = sum(lost.values())
        yield f"pictures that do not decode and show a neighbour's: {count}, the first in the chunk at {at}"


def _outline(film: Film) -> str:
    rungs = ", ".join(r.name for r in film.rungs)
    codecs = f" in {len(film.encodes)} codecs" if len(film.encodes) > 1 else ""
    return f"{film.frames} frames at {film.rate} fps in {len(film.chunks)} chunks{codecs}, rungs {rungs}"


def _summary(title: Title, film: Film, tally: Tally, tailored: Together, wall_s: float) -> dict[str, object]:
    return {
        "title_id": title.id,
        "hls": title.hls.key,
        "dash": title.dash.key,
        "duration": float(title.duration),
        "frames": title.frames,
        "chunks": len(film.chunks) * len(film.encodes),
        "reused_chunks": tally.reused,
        "renditions": [
            {
                "id": r.id, "language": r.language, "role": r.role, "kind": r.kind, "codec": r.codec,
                "width": r.width, "height": r.height,
                "segments": len(r.segments), "peak_bps": r.peak_bps, "average_bps": r.average_bps,
                "size_bytes": sum(s.file.size_bytes for s in r.segments),
                "vmaf": r.quality.mean if r.quality else None,
            }
            for r in title.renditions
        ],
        "wall_s": round(wall_s, 3),
        "encode_cpu_s": round(tally.cpu_s, 3),
        "measure_cpu_s": round(tally.measure_cpu_s, 3),
        "search_cpu_s": round(tailored.search_cpu_s, 3),
    }  # fmt: skip
