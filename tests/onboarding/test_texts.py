"""A title's text from master and files to objects in a store."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from ingest.inspect import Inspection, inspect
from media.ffmpeg import ffmpeg_path
from onboarding.texts import Texts, make_texts, read_sidecars
from storage.memory import MemoryStore
from storage.protocol import ObjectInfo
from subtitles.cue import BadSubtitles, Cue
from subtitles.webvtt import read_webvtt
from tests.parts import clip
from tests.subtitles.test_extract import bitmap_subtitles, made
from values.digest import digest_bytes
from values.errors import StoreError, UsageError
from values.title import Chapter

SRT = "1\n00:00:00,400 --> 00:00:01,200\nHello\n\n2\n00:00:01,500 --> 00:00:02,500\nSchön\n"
EDGES = (Fraction(0), Fraction(1001, 1000), Fraction(2002, 1000))


def looked_at(path: Path) -> Inspection:
    data = path.read_bytes()
    return inspect(str(path), size=len(data), read=lambda a, b: data[a:b], where=path.name)


def texts(path: Path, *options: str, store: MemoryStore | None = None, duration: Fraction = Fraction(3)) -> Texts:
    inspection = looked_at(path)
    return make_texts(
        inspection, read_sidecars(options), store or MemoryStore(), str(path), title_id="film", edges=EDGES,
        duration=duration, where=path.name,
    )  # fmt: skip


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Three seconds with sound in English, German subtitles, English ones for the deaf, and two chapters."""
    words = tmp_path / "words.srt"
    words.write_text(SRT)
    meta = tmp_path / "meta"
    meta.write_text(
        ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1000\ntitle=One & only\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=1000\nEND=9000\n"
    )
    return made(
        tmp_path / "film.mkv", "-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=3", "-f", "lavfi", "-i", "sine=d=3",
        "-i", str(words), "-i", str(words), "-i", str(meta), "-map", "0", "-map", "1", "-map", "2", "-map", "3",
        "-map_chapters", "4", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-c:s:0", "srt", "-c:s:1",
        "ass", "-metadata:s:a:0", "language=eng", "-metadata:s:s:0", "language=ger", "-metadata:s:s:1", "language=eng",
        "-metadata:s:s:1", "title=English (SDH)", "-disposition:s:0", "default", "-disposition:s:1", "0",
    )  # fmt: skip


def test_tracks_chapters_and_their_objects_are_stored(film: Path) -> None:
    store = MemoryStore()
    made_texts = texts(film, store=store)
    german, english = made_texts.drafts
    assert (german.id, german.language, german.role, german.forced, german.default) == (
        "text-de", "de", "subtitles", False, True,
    )  # fmt: skip
    assert (english.id, english.role, english.default, english.cues) == ("text-en-sdh", "captions", False, 2)
    assert german.source == "stream 2 (subrip)"
    for draft in made_texts.drafts:
        folder = draft.whole.key.removesuffix("whole.vtt")
        assert folder.startswith(f"titles/film/media/{draft.id}/")
        assert [s.file.key for s in draft.segments] == [f"{folder}{n}.vtt" for n in (1, 2, 3)]
        assert [(s.start, s.duration, s.samples) for s in draft.segments] == [
            (0, 1001, 1), (1001, 1001, 2), (2002, 998, 1),
        ]  # fmt: skip
        for file in (draft.whole, *(s.file for s in draft.segments)):
            data = store.get(file.key)
            assert (file.size_bytes, file.xxh3) == (len(data), digest_bytes(data))
    whole = read_webvtt(store.get(german.whole.key).decode(), where="own")
    assert whole.cues == (Cue(400, 1200, "Hello"), Cue(1500, 2500, "Schön"))
    second = store.get(german.segments[1].file.key).decode()
    assert second == (
        "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n00:00:00.400 --> 00:00:01.200\nHello\n\n"
        "00:00:01.500 --> 00:00:02.500\nSchön\n"
    )
    assert made_texts.chapters == (Chapter(0, 1000, "One & only"), Chapter(1000, 3000, "Chapter 2"))
    assert made_texts.chapters_file is not None
    assert b"One &amp; only" in store.get(made_texts.chapters_file.key)
    assert made_texts.chapters_file.key.startswith("titles/film/chapters-")
    assert json.loads(json.dumps(made_texts.record))[0]["decided"]["name"] == german.name


def test_storing_again_writes_nothing_and_a_broken_run_is_finished(film: Path) -> None:
    class Counting(MemoryStore):
        puts = 0
        broken = False

        def put(self, key: str, data: bytes | Iterator[bytes], *, media_type: str = "") -> ObjectInfo:  # type: ignore[override]
            assert media_type == "text/vtt"
            if self.broken and key.endswith("/2.vtt"):
                raise StoreError("no room", where=key)
            self.puts += 1
            return super().put(key, data, media_type=media_type)

    store = Counting()
    store.broken = True
    with pytest.raises(StoreError):
        texts(film, store=store)
    store.broken = False
    first = texts(film, store=store)
    puts = store.puts
    assert texts(film, store=store) == first
    assert store.puts == puts + 1  # the chapters are one small object


def test_what_an_interrupted_sweep_left_of_a_track_is_made_whole(film: Path) -> None:
    store = MemoryStore()
    (german, _) = texts(film, store=store).drafts
    store.delete(german.segments[1].file.key)
    assert texts(film, store=store).drafts[0] == german
    assert store.head(german.segments[1].file.key).size_bytes == german.segments[1].file.size_bytes


def test_files_join_the_masters_text_and_replace_their_kind(film: Path, tmp_path: Path) -> None:
    file = tmp_path / "film.de.srt"
    file.write_bytes(SRT.replace("Hello", "Grüß Gott, schöne Wölfin").encode("cp1252"))
    found = texts(film, f"{file}:de", f"{file}:de:forced")
    assert [(d.id, d.source) for d in found.drafts] == [
        ("text-de", "film.de.srt (srt)"), ("text-de-forced", "film.de.srt (srt)"), ("text-en-sdh", "stream 3 (ass)"),
    ]  # fmt: skip
    assert "film.de.srt (srt): read as cp1252" in found.notes
    assert "stream 2 (subrip): is replaced by film.de.srt (srt)" in found.notes
    left = [r for r in found.record if r["decided"] is None]
    assert [(r["source"], r["detected"]["codec"]) for r in left] == [("stream 2 (subrip)", "subrip")]


def test_times_of_a_tape_are_moved_and_foreign_files_refused(film: Path, tmp_path: Path) -> None:
    tape = tmp_path / "tape.srt"
    tape.write_text(SRT.replace("00:00:0", "10:00:0"))
    found = texts(film, f"{tape}:fr")
    assert found.drafts[0].segments[0].samples == 1
    assert "tape.srt (srt): its times count from 10:00:00, which is taken as the film's start" in found.notes
    other = tmp_path / "other.srt"
    other.write_text(SRT.replace("00:00:0", "00:40:0"))
    with pytest.raises(BadSubtitles, match="none of its 2 cues is seen in the film") as caught:
        texts(film, f"{other}:fr")
    assert "begins at 0:40:00.400" in str(caught.value)
    assert caught.value.where == str(other)


def test_a_time_stamp_map_is_followed_only_where_there_is_such_a_clock(film: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.vtt"
    file.write_text(
        "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:10.500\n\n00:00:10.700 --> 00:00:11.000\nx\n"
        "\n00:00:01.000 --> 00:00:02.000\ny\n"
    )
    found = texts(film, f"{file}:fr")
    assert found.drafts[0].segments[0].samples == 1
    assert any("time stamp map is passed over" in n for n in found.notes)
    stream = made(tmp_path / "a.ts", "-i", str(film), "-map", "0:v", "-c", "copy", "-output_ts_offset", "8")
    shift = looked_at(stream).start
    store = MemoryStore()
    found = texts(stream, f"{file}:fr", store=store)
    cues = read_webvtt(store.get(found.drafts[0].whole.key).decode(), where="own").cues
    assert [c.start_ms for c in cues] == [round(1000 * (Fraction("10.2") - shift))]


def test_broken_files_are_refused_before_anything_else(tmp_path: Path) -> None:
    broken = tmp_path / "broken.srt"
    broken.write_text(SRT + "\n3\n00:00:0x,000 --> 00:00:04,000\nx\n")
    with pytest.raises(BadSubtitles) as caught:
        read_sidecars([f"{broken}:en"])
    assert caught.value.where == f"{broken}, line 10"
    with pytest.raises(UsageError, match="there is no such file") as missing:
        read_sidecars([f"{tmp_path / 'no.srt'}:en"])
    assert "--subtitle" in missing.value.where
    with pytest.raises(UsageError, match="can't be read"):
        read_sidecars([f"{tmp_path}:en"])


def test_pictures_of_text_are_reported_and_left_out(film: Path, tmp_path: Path) -> None:
    path = made(tmp_path / "b.mkv", "-i", str(film), *bitmap_subtitles(tmp_path, "dvd_subtitle"))
    found = texts(path)
    assert found.drafts == ()
    assert any(n.startswith("stream 1 (dvd_subtitle): bitmap subtitles (VobSub) are pictures") for n in found.notes)
    assert found.record[0]["why"] == [found.notes[0].partition(": ")[2]]


def test_captions_of_a_real_clip_become_a_track_in_the_language_of_its_sound() -> None:
    path = clip("captions_cea608_2s.ts")
    store = MemoryStore()
    found = make_texts(
        looked_at(path), (), store, str(path), title_id="film", edges=(Fraction(0),), duration=Fraction(5, 2),
        where="captions",
    )  # fmt: skip
    (draft,) = found.drafts
    assert (draft.id, draft.role, draft.language, draft.source) == (
        "text-und-cc", "captions", "und", "CEA-608 CC1 (pictures)",
    )  # fmt: skip
    assert b"First subtitle" in store.get(draft.segments[0].file.key)


def test_a_film_without_text_gets_none() -> None:
    path = clip("seattle_360p30_msmpeg4.avi")
    assert texts(path) == Texts((), (), None, (), [])


def test_ffmpeg_reads_what_was_written(film: Path, tmp_path: Path) -> None:
    store = MemoryStore()
    found = texts(film, store=store)
    path = tmp_path / "whole.vtt"
    path.write_bytes(store.get(found.drafts[1].whole.key))
    argv = [ffmpeg_path(), "-v", "error", "-i", str(path), "-f", "srt", "-"]
    out = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    assert "00:00:01,500 --> 00:00:02,500\nSchön" in out
