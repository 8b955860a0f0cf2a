"""A film's pictures as onboarding makes them: of the right moments, stored once, found again, and never in the way."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from artwork.record import Pictures
from artwork.task import ThumbJob
from encoder.schedule import Done, Failed, Job, Retry, Task, Tick
from ingest.fetch import Master
from ingest.inspect import inspect
from onboarding.artwork import make_artwork
from onboarding.film import Cuts, Film, plan_cuts, plan_film
from onboarding.settings import OnboardSettings
from onboarding.workers import Workers
from storage.folder import FolderStore
from tests.artwork.clips import counting_film, ffmpeg
from tests.parts import SAMPLE, clip
from values.errors import EncodeError
from values.events import Event, Noted, Progressed
from values.keys import work_key
from values.title import StoredFile


class Inline(Workers):
    """Runs jobs in this process, and counts them. `lost` names jobs that fail for good."""

    def __init__(self, lost: str = "") -> None:
        self.jobs: list[Job] = []
        self.lost = lost

    def run(self, jobs: Sequence[Job], *, spare: bool = False) -> Iterator[Done | Retry | Tick | Failed]:
        assert spare
        self.jobs += jobs
        for job in jobs:
            assert isinstance(job, Task)
            if self.lost and self.lost in job.where:
                yield Failed(job, EncodeError("a worker died"))
            else:
                yield Tick()
                yield Done(job, job.run())


def film_of(path: Path, store: FolderStore) -> Film:
    def read(start: int, stop: int) -> bytes:
        return path.read_bytes()[start:stop]

    key = "masters/media/one"
    store.put(key, path.read_bytes())
    found = inspect(str(path), size=path.stat().st_size, read=read, where=path.name)
    settings = OnboardSettings(str(path), store.url)
    master = Master("f" * 32, path.name, str(path), path.stat().st_size, key)
    cuts: Cuts = plan_cuts(settings, found.timing)
    return plan_film(
        settings, (), cuts, master, found, audio_bps=0, title_id="film", name="Film", encoder_version="test"
    )


def made(film: Film, store: FolderStore, workers: Workers, **options: bool) -> tuple[Pictures, list[Event]]:
    events, work = [], make_artwork(film, store, workers, **options)
    while True:
        try:
            events.append(next(work))
        except StopIteration as end:
            return end.value, events


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "library")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample at a size that is quick to look at."""
    path: Path = tmp_path_factory.mktemp("small") / "small.mp4"
    ffmpeg("-i", str(SAMPLE), "-an", "-vf", "scale=320:180", "-c:v", "libx264", "-preset", "ultrafast", str(path))
    return path


def image(store: FolderStore, file: StoredFile) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(store.get(file.key))))


def test_a_film_gets_thumbnails_artworks_and_a_poster(store: FolderStore, small: Path) -> None:
    film = film_of(small, store)
    pictures, events = made(film, store, Inline())
    thumbs = pictures.thumbnails
    assert thumbs is not None
    assert (thumbs.count, thumbs.every_ms, thumbs.columns, thumbs.rows) == (15, 1000, 10, 2)
    assert (thumbs.width, thumbs.height) == (192, 108)
    (sheet,) = thumbs.sheets
    folder = sheet.key.rsplit("/", 1)[0]
    assert folder.startswith("titles/film/media/thumbnails/")
    assert (sheet.key, thumbs.index.key) == (f"{folder}/1.jpg", f"{folder}/index.vtt")
    assert image(store, sheet).shape == (216, 1920, 3)
    assert store.get(thumbs.index.key).startswith(b"WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n1.jpg#xywh=0,0,192,108")
    assert 1 <= len(pictures.artwork) <= 8
    for number, art in enumerate(pictures.artwork, 1):
        assert art.file.key == f"titles/film/media/artwork/{folder.rsplit('/')[-1]}/{number}.jpg"
        height, width, _ = image(store, art.file).shape
        assert (art.width, art.height) == (width, height)
        assert (width, height) == (320, 180)
        assert 0 < art.score <= 1
        assert 0 <= art.at_ms < 15_000
    assert pictures.poster is not None
    assert pictures.poster.key == f"titles/film/poster-{pictures.poster.xxh3[:16]}.jpg"
    assert store.get(pictures.poster.key) == store.get(pictures.artwork[0].file.key)
    done = [e for e in events if isinstance(e, Progressed)]
    assert (done[-1].stage, done[-1].done) == ("artwork", done[-1].total)


def test_each_tile_shows_the_film_at_its_time(store: FolderStore, tmp_path: Path) -> None:
    """Frame n is of brightness n: the tile of second s shows frame 24 s, in a file whose clock starts elsewhere."""
    path = counting_film(tmp_path / "film.mp4")
    later = tmp_path / "later.ts"
    ffmpeg("-i", str(path), "-c", "copy", "-muxdelay", "7", "-output_ts_offset", "100", str(later))
    for source in (path, later):
        thumbs = made(film_of(source, store), store, Inline())[0].thumbnails
        assert thumbs is not None
        assert thumbs.count == 4
        sheet = image(store, thumbs.sheets[0]).astype(float)
        tiles = [sheet[:, n * thumbs.width : (n + 1) * thumbs.width].mean() for n in range(4)]
        assert [round(t * 219 / 255 / 2) for t in tiles] == [0, 24, 48, 72]


def test_artworks_are_of_distinct_scenes_and_none_is_black(store: FolderStore, small: Path) -> None:
    pictures, _ = made(film_of(clip("bbb_trailer_720p24_55s_mp3.mp4"), store), store, Inline())
    assert len(pictures.artwork) == 8
    stills = [image(store, a.file).astype(float) for a in pictures.artwork]
    assert all(s.mean() > 25 for s in stills)
    small = [s[::90, ::80].reshape(-1) for s in stills]
    nearest = [min(np.abs(a - b).mean() for b in small if b is not a) for a in small]
    assert min(nearest) > 12
    assert [a.at_ms for a in pictures.artwork] != sorted(a.at_ms for a in pictures.artwork)  # best first, not in order


def test_what_is_there_is_not_made_again(store: FolderStore, small: Path) -> None:
    film, workers = film_of(small, store), Inline()
    first, _ = made(film, store, workers)
    count = len(workers.jobs)
    assert made(film, store, workers) == (first, [])
    assert len(workers.jobs) == count
    store.delete(first.artwork[0].file.key)
    again, _ = made(film, store, workers)
    assert again == first  # the same names and the same bytes
    assert len(workers.jobs) == 2 * count
    assert made(film, store, workers, force=True)[0] == first
    assert len(workers.jobs) == 3 * count


def test_a_damaged_record_is_passed_over(store: FolderStore, small: Path) -> None:
    film = film_of(small, store)
    first, _ = made(film, store, Inline())
    recipe = first.artwork[0].file.key.split("/")[-2]
    assert json.loads(store.get(work_key("film", recipe)))["poster"]["key"] == first.poster.key  # type: ignore[union-attr]
    store.put(work_key("film", recipe), b'{"poster": 3')
    assert made(film, store, Inline())[0] == first


def test_what_a_lost_worker_leaves_out_is_said_and_made_by_the_next_run(store: FolderStore, small: Path) -> None:
    film = film_of(small, store)
    broken, events = made(film, store, Inline(lost="artwork of"))
    assert broken.thumbnails is not None
    assert (broken.poster, broken.artwork) == (None, ())
    assert any(isinstance(e, Noted) and "a worker died" in e.text for e in events)
    whole, _ = made(film, store, Inline())
    assert whole.poster is not None
    assert {f.key for f in whole.files()}.isdisjoint(f.key for f in broken.files())  # names keep their bytes


def test_without_any_picture_the_title_goes_on(store: FolderStore, small: Path) -> None:
    pictures, events = made(film_of(small, store), store, Inline(lost="thumbnails of"))
    assert pictures == Pictures()
    assert any(isinstance(e, Noted) and "15 of 15 thumbnails" in e.text for e in events)


def test_one_frame_is_a_tile_an_artwork_and_a_poster(store: FolderStore, tmp_path: Path) -> None:
    path = tmp_path / "one.mp4"
    ffmpeg("-ss", "5", "-i", str(SAMPLE), "-frames:v", "1", "-c:v", "libx264", "-preset", "ultrafast", str(path))
    pictures, _ = made(film_of(path, store), store, Inline())
    assert pictures.thumbnails is not None
    assert pictures.thumbnails.count == len(pictures.artwork) == 1
    assert pictures.poster is not None


def test_a_black_film_has_a_poster_and_one_artwork(store: FolderStore, tmp_path: Path) -> None:
    path = tmp_path / "black.mp4"
    ffmpeg("-f", "lavfi", "-i", "color=black:s=64x36:r=24:d=3", "-c:v", "libx264", "-preset", "ultrafast", str(path))
    pictures, _ = made(film_of(path, store), store, Inline())
    assert len(pictures.artwork) == 1
    assert pictures.poster is not None
    assert (pictures.artwork[0].width, pictures.artwork[0].height) == (64, 36)


def test_jobs_of_a_long_film_are_many_and_decode_no_part_twice(store: FolderStore, tmp_path: Path) -> None:
    path = tmp_path / "long.mp4"
    ffmpeg(
        "-f",
        "lavfi",
        "-i",
        "testsrc=s=32x32:r=5:d=600",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-g",
        "300",
        str(path),
    )
    workers = Inline()
    thumbs = made(film_of(path, store), store, workers)[0].thumbnails
    assert thumbs is not None
    assert (thumbs.count, thumbs.every_ms) == (60, 10_000)
    jobs = [j for j in workers.jobs if isinstance(j, ThumbJob)]
    assert [len(j.moments) for j in jobs] == [24, 24, 12]  # whole minutes: six tiles share a keyframe
    keys = [{m.seeks[0] for m in j.moments} for j in jobs]
    assert all(a.isdisjoint(b) for n, a in enumerate(keys) for b in keys[:n])
