"""The title's poster frame. Does I/O."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from encoder.argv import poster_argv
from media.ffmpeg import FFmpegError, ffmpeg_path, run
from onboarding.film import Film
from storage import Store
from values.digest import digest_bytes
from values.keys import title_prefix
from values.title import StoredFile

_WIDTH = 960
_AT = Fraction(1, 3)


def make_poster(film: Film, store: Store, work_dir: str) -> StoredFile | None:
    """Take a picture a third into the film and store it as JPEG; None where ffmpeg finds none to take."""
    path = Path(work_dir) / "poster.jpg"
    at = film.inspection.start + film.frames / film.rate * _AT
    argv = poster_argv(ffmpeg_path(), store.locate(film.master.key), film.picture, at=at, width=_WIDTH, path=str(path))
    try:
        run(argv, where=f"poster of {film.master.name}", timeout_s=120)
    except FFmpegError:
        return None  # a title without a poster is whole: the page shows its name
    if not path.is_file() or not path.stat().st_size:
        return None
    data = path.read_bytes()
    digest = digest_bytes(data)
    key = f"{title_prefix(film.title_id)}poster-{digest[:16]}.jpg"
    store.put(key, data, media_type="image/jpeg")
    return StoredFile(key, len(data), digest)
