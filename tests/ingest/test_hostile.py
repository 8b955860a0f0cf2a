"""Damaged and hostile files: each ends within its bounds, as a film or as a refusal that says why."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from ingest.limits import Bounds
from media.ffmpeg import FFmpegError, ffmpeg_path, run
from media.foreign import foreign_input
from media.index import index_frames
from media.probe import open_media, probe
from tests.ingest.bases import Bases
from tests.ingest.damaged import FLIPPED, ID3, OTHER_KINDS, PLAYLIST, TRUNCATED
from tests.ingest.hostile import ANY, TAKEN, Hostile
from tests.ingest.looking import Seen, guarded
from tests.ingest.lying_mp4 import LYING_MP4
from tests.ingest.lying_others import LYING_OTHERS
from values.errors import MasterRefused

ALL = (*OTHER_KINDS, *TRUNCATED, *FLIPPED, *LYING_MP4, *LYING_OTHERS)
MOST_BYTES = 768 << 20
"""A tenth of the bound: what is held while a hostile file is looked at. The bound itself is for 8K."""


@pytest.fixture(scope="session")
def bases(tmp_path_factory: pytest.TempPathFactory) -> Bases:
    return Bases(tmp_path_factory.mktemp("bases"))


def test_there_are_many_of_them_and_no_two_alike() -> None:
    assert len({h.name for h in ALL}) == len(ALL) > 100


@pytest.mark.parametrize("hostile", ALL, ids=lambda h: h.name)
def test_a_hostile_file_ends_within_its_bounds(hostile: Hostile, bases: Bases, tmp_path: Path) -> None:
    path = hostile.write(bases, tmp_path)
    plain = guarded(path)
    check(hostile, plain)
    assert not plain.found or not plain.found.damage
    if plain.refusal:
        allowed = guarded(path, allow_damaged=True)
        if hostile.partial and hostile.fate != ANY:
            assert allowed.found, allowed.text
        if allowed.found:
            assert allowed.found.damage, "a partial film does not say what is missing"
        else:
            check(hostile, allowed)
        assert not allowed.found or hostile.partial
    assert sorted(p.name for p in tmp_path.iterdir()) == [hostile.name]


def check(hostile: Hostile, seen: Seen) -> None:
    """Whatever came of it came in our words, and within an ordinary film's memory and time."""
    assert seen.usage.peak_bytes < MOST_BYTES
    assert seen.usage.wall_s < Bounds().wall_s
    if hostile.fate == TAKEN:
        assert seen.found, seen.text
    elif hostile.fate != ANY:
        assert seen.refusal, seen.found
    if seen.refusal:
        assert seen.refusal.where == hostile.name
        assert seen.refusal.hint
        assert "crashed" not in seen.refusal.what
        assert "can't be understood" not in seen.refusal.what
        assert re.search(hostile.fate, seen.text), seen.text


def test_a_playlist_in_disguise_reaches_no_host(bases: Bases, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        place = f"http://127.0.0.1:{server.getsockname()[1]}/film.ts"
        for name, start in (("list.m3u8", b""), ("list.mp3", ID3)):
            path = tmp_path / name
            path.write_bytes(start + PLAYLIST.format(place=place).encode())
            with pytest.raises(MasterRefused):
                probe(str(path), where=name)
            with pytest.raises(FFmpegError):
                run(reading(str(path), **foreign_input(str(path))), where=name)
        with pytest.raises(BlockingIOError):
            server.accept()


def test_a_script_in_disguise_reads_no_other_file(bases: Bases, tmp_path: Path) -> None:
    """That ffmpeg would follow it, asked plainly, shows that the options matter."""
    path = tmp_path / "script.mp4"
    path.write_text(f"ffconcat version 1.0\nfile {bases.path('mp4')}\n")
    with pytest.raises(MasterRefused, match="not a kind of file that masters come in"):
        probe(str(path), where="script")
    run(reading(str(path), safe="0"), where="script")
    with pytest.raises(FFmpegError, match="exited"):
        run(reading(str(path), safe="0", **foreign_input(str(path))), where="script")


@pytest.mark.parametrize("form", ["subfile,,start,0,end,0,,:{}", "concat:{}", "cache:{}", "async:{}", "crypto:{}"])
def test_a_place_that_is_no_plain_file_is_not_opened(form: str, bases: Bases) -> None:
    with pytest.raises(MasterRefused), open_media(form.format(bases.path("mp4")), where="place"):
        pass


def test_a_picture_that_grows_on_the_way_is_not_decoded_by_ffmpeg(bases: Bases, tmp_path: Path) -> None:
    """What inspection saw was small; the encoder's ffmpeg does not take 12000x12000 either."""
    large = next(h for h in LYING_OTHERS if h.name == "png-12000.mkv").write(bases, tmp_path)
    with pytest.raises(FFmpegError):
        run(reading(str(large), **foreign_input(str(large))), where="large")


def test_a_store_is_read_over_http_alone() -> None:
    options = foreign_input("https://store/masters/media/1?X-Amz-Signature=2")
    assert options["protocol_whitelist"] == "http,https,httpproxy,tcp,tls"
    assert options["rw_timeout"] == "60000000"
    assert foreign_input("/library/masters/media/1")["protocol_whitelist"] == "file"


def test_a_film_of_too_many_pictures_is_refused(bases: Bases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media.index.MAX_PACKETS", 74)
    with pytest.raises(MasterRefused, match=r"more than 74 pictures(.|\n)*Cut the film into parts"):
        index_frames(bases.path("mp4"), 0, where="film")


def reading(place: str, **options: str) -> list[str]:
    """An ffmpeg command that decodes the picture of `place`."""
    words = [word for key, value in options.items() for word in (f"-{key}", value)]
    return [ffmpeg_path(), "-v", "error", "-xerror", *words, "-i", place, "-map", "0:v", "-f", "null", "-"]
