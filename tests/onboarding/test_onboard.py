"""The whole line on the bundled sample: from a master to a title that passes its audit, once and again."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from media.ffmpeg import ffmpeg_path
from onboarding.pipeline import onboard
from onboarding.titles import list_titles, read_title, remove_title
from packager.audit import audit
from storage import open_store
from storage.memory import MemoryStore
from tests.onboarding.runs import Run, onboard_sample, settings_for
from tests.parts import SAMPLE, clip
from tests.servers import S3Server
from values.errors import MasterRefused, NotFoundError, TitleError, UsageError
from values.events import ChunkFinished, ChunkRetried, Completed, Noted, StageStarted


def test_the_sample_becomes_a_title_that_passes_the_deep_audit(sample_run: Run) -> None:
    report = audit(sample_run.store, "sample", deep=True)
    assert report.faults == ()
    assert report.decoded == 360 * 3


def test_the_summary_says_what_was_made(sample_run: Run) -> None:
    summary = sample_run.summary
    assert {k: summary[k] for k in ("title_id", "duration", "frames", "chunks", "reused_chunks")} == {
        "title_id": "sample", "duration": 15.0, "frames": 360, "chunks": 4, "reused_chunks": 0,
    }  # fmt: skip
    assert [r["id"] for r in summary["renditions"]] == ["234p", "360p", "540p", "audio"]
    assert sample_run.store.get(summary["hls"]).startswith(b"#EXTM3U")
    assert b"<MPD" in sample_run.store.get(summary["dash"])
    assert summary["wall_s"] > 0
    assert summary["encode_cpu_s"] > 0


def test_events_tell_each_stage_and_each_chunk_once(sample_run: Run) -> None:
    stages = [e.stage for e in sample_run.events if isinstance(e, StageStarted)]
    assert stages == ["ingest", "inspect", "text", "encode", "artwork", "package", "publish"]
    chunks = sorted(e.index for e in sample_run.events if isinstance(e, ChunkFinished))
    assert chunks == [-1, 0, 1, 2, 3]


def test_the_title_is_listed_with_its_poster(sample_run: Run) -> None:
    title = read_title(sample_run.store, "sample")
    assert list(list_titles(sample_run.store)) == [title]
    assert title.poster is not None
    assert sample_run.store.get(title.poster.key).startswith(b"\xff\xd8\xff")


def test_an_unknown_title_names_the_nearest(sample_run: Run) -> None:
    with pytest.raises(TitleError, match=r"there is no title 'simple'\nDid you mean 'sample'"):
        read_title(sample_run.store, "simple")


def test_the_same_command_again_encodes_nothing_and_changes_no_byte(run_copy: Run) -> None:
    before = run_copy.bytes_of("titles/sample/media/")
    again = onboard_sample(run_copy.folder)
    assert again.summary["reused_chunks"] == again.summary["chunks"] == 4
    assert again.summary["encode_cpu_s"] == 0
    assert again.bytes_of("titles/sample/media/") == before
    assert len(list(again.store.list("masters/media/"))) == 1
    assert any(isinstance(e, Noted) and "in the store already" in e.text for e in again.events)


def test_a_chunk_whose_segment_is_gone_is_encoded_again_to_the_same_bytes(run_copy: Run) -> None:
    before = run_copy.bytes_of("titles/sample/media/")
    title = read_title(run_copy.store, "sample")
    run_copy.store.delete(title.video[1].segments[5].file.key)
    again = onboard_sample(run_copy.folder)
    assert again.summary["reused_chunks"] == 3
    assert again.bytes_of("titles/sample/media/") == before


def test_a_title_onboarded_again_keeps_its_name_unless_given_another(run_copy: Run) -> None:
    onboard_sample(run_copy.folder, title="A Name")
    onboard_sample(run_copy.folder)
    assert read_title(run_copy.store, "sample").name == "A Name"


def test_force_encodes_everything_again_to_the_same_bytes(run_copy: Run) -> None:
    before = run_copy.bytes_of("titles/sample/media/")
    again = onboard_sample(run_copy.folder, force=True)
    assert again.summary["reused_chunks"] == 0
    assert again.bytes_of("titles/sample/media/") == before


def test_other_settings_make_another_generation_beside_the_old_one(run_copy: Run) -> None:
    old = read_title(run_copy.store, "sample")
    onboard_sample(run_copy.folder, preset="superfast")
    new = read_title(run_copy.store, "sample")
    assert {s.file.key for s in new.video[0].segments}.isdisjoint(s.file.key for s in old.video[0].segments)
    for file in old.files():
        assert run_copy.store.head(file.key).size_bytes == file.size_bytes
    assert audit(run_copy.store, "sample").faults == ()


def test_a_removed_title_is_gone_and_its_master_stays(run_copy: Run) -> None:
    assert remove_title(run_copy.store, "sample") > 30
    with pytest.raises(TitleError):
        read_title(run_copy.store, "sample")
    assert list(run_copy.store.list("titles/")) == []
    assert len(list(run_copy.store.list("masters/media/"))) == 1


def test_a_refused_master_leaves_no_title(tmp_path: Path) -> None:
    with pytest.raises(MasterRefused, match="has no video"):
        onboard_sample(tmp_path / "library", clip("audio_eac3_51.mp4"))
    assert list(open_store(f"file:{tmp_path / 'library'}").list("titles/")) == []


def test_a_title_without_sound_has_no_audio_rendition(tmp_path: Path) -> None:
    run = onboard_sample(tmp_path / "library", clip("marathon_400p2997_5s.mp4"))
    assert [r["kind"] for r in run.summary["renditions"]] == ["video"] * 3
    assert audit(run.store, "sample", deep=True).faults == ()


def test_one_frame_becomes_a_title(tmp_path: Path) -> None:
    one = tmp_path / "one.mp4"
    subprocess.run([ffmpeg_path(), "-v", "error", "-i", str(SAMPLE), "-frames:v", "1", "-an", str(one)], check=True)
    run = onboard_sample(tmp_path / "library", one)
    assert (run.summary["frames"], run.summary["chunks"]) == (1, 1)
    assert audit(run.store, "sample", deep=True).faults == ()


def test_a_run_killed_at_any_time_is_completed_by_the_next(sample_run: Run, tmp_path: Path) -> None:
    """kill -9 once the first chunk is stored: the next run goes on from there, to the same bytes."""
    folder = tmp_path / "library"
    wanted = dataclasses.asdict(settings_for(folder))
    args = [
        "onboard", wanted["master"], "--id", "sample", "--store", wanted["store_url"], "--ladder", "mobile",
        "--preset", "ultrafast", "--segment", "2", "--chunk", "4", "--workers", "1", "--json",
    ]  # fmt: skip
    code = f"import cli; cli.main({args!r})"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if b'"chunk"' in line and b'"index": -1' not in line:
                os.killpg(process.pid, signal.SIGKILL)
                break
    store = open_store(f"file:{folder}")
    with pytest.raises(NotFoundError):
        store.get("titles/sample/title.json")
    again = onboard_sample(folder)
    assert again.summary["reused_chunks"] >= 1
    media = "titles/sample/media/"
    assert again.bytes_of(media) == sample_run.bytes_of(media)
    assert audit(again.store, "sample").faults == ()


def test_a_killed_ffmpeg_is_tried_again(tmp_path: Path) -> None:
    killed = False
    retried = []
    summary = None
    for event in onboard(settings_for(tmp_path / "library", workers=1, preset="medium")):
        if not killed and isinstance(event, StageStarted) and event.stage == "encode":
            killed = None
        if killed is None and _kill_one_ffmpeg(tmp_path):
            killed = True
        if isinstance(event, ChunkRetried):
            retried.append(event.reason)
        if isinstance(event, Completed):
            summary = event.summary
    assert killed is True
    assert any("SIGKILL" in reason for reason in retried)
    assert summary is not None
    assert audit(open_store(f"file:{tmp_path / 'library'}"), "sample").faults == ()


def _kill_one_ffmpeg(folder: Path, tries: int = 200) -> bool:
    """Kill an ffmpeg that works on a master under `folder`; False if none is there for a while."""
    for _ in range(tries):
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    command = (entry / "cmdline").read_bytes()
                except OSError:
                    continue
                if b"libx264" in command and str(folder).encode() in command:
                    os.kill(int(entry.name), signal.SIGKILL)
                    return True
        time.sleep(0.05)
    return False


def test_a_memory_store_is_refused_for_work_in_other_processes() -> None:
    assert MemoryStore()
    with pytest.raises(UsageError, match="a store in memory can't be shared with workers"):
        list(onboard(settings_for(Path("x"), store_url="memory:test")))


@pytest.mark.parametrize("client", ["s3", "minio"])
def test_a_title_is_onboarded_into_a_bucket_from_a_bucket(
    client: str, swift_server: S3Server, s3_keys: None, sample_run: Run
) -> None:
    """On a real S3 server: the master comes from a bucket, ffmpeg reads it by a signed URL, the audit passes."""
    url = swift_server.s3_url("library") if client == "s3" else swift_server.minio_url("library")
    source = open_store(swift_server.s3_url(f"masters-{client}"))
    source.put("film.mp4", SAMPLE.read_bytes())
    bucket, _, query = source.url.removeprefix("s3://").partition("?")
    settings = settings_for(Path(), store_url=url, title_id=client)
    events = list(onboard(dataclasses.replace(settings, master=f"s3://{bucket}/film.mp4?{query}")))
    store = open_store(url)
    report = audit(store, client)
    assert report.faults == ()
    ours = read_title(store, client)
    theirs = read_title(sample_run.store, "sample")
    for mine, other in zip(ours.renditions, theirs.renditions, strict=True):
        assert [s.file.xxh3 for s in mine.segments] == [s.file.xxh3 for s in other.segments]
    assert isinstance(events[-1], Completed)


def test_another_film_never_replaces_a_title_unless_its_id_is_given(run_copy: Run, tmp_path: Path) -> None:
    other = tmp_path / "sample.mp4"
    shutil.copy(clip("marathon_400p2997_5s.mp4"), other)
    with pytest.raises(UsageError, match=r"'sample' is already there, made of another film(.|\n)*--id sample"):
        onboard_sample(run_copy.folder, other, title_id=None)
    assert read_title(run_copy.store, "sample").frames == 360
    onboard_sample(run_copy.folder, other)
    assert read_title(run_copy.store, "sample").frames == 150
    assert read_title(run_copy.store, "sample").name == "sample"


def test_sigterm_leaves_no_process_and_no_temporary_file(tmp_path: Path) -> None:
    args = ["onboard", str(SAMPLE), "--store", f"file:{tmp_path / 'library'}", "--preset", "slower", "--json"]
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    code = f"import cli; cli.main({args!r})"
    env = {**os.environ, "TMPDIR": str(temporary), "RAY_TMPDIR": "/tmp"}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=env) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if b'"progress", "stage": "encode"' in line and b'"done": 0' not in line:
                process.terminate()
                break
        process.stdout.read()
    assert process.returncode == 128 + signal.SIGTERM
    assert list(temporary.glob("matinee-*")) == []
    assert not _kill_one_ffmpeg(tmp_path, tries=40)
