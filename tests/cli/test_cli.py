"""The command line as a user meets it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import cli
from quality.scores import FrameScores
from storage import open_store
from tests.onboarding.runs import onboard_sample
from tests.parts import SAMPLE, clip
from tests.quality.titles import store_title


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("cli") / "library"
    onboard_sample(folder)
    return folder


def matinee(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    code = 0
    try:
        cli.main(list(args))
    except SystemExit as stop:
        code = int(stop.code or 0)
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def test_onboard_prints_json_lines_and_last_the_summary(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = matinee(
        capsys, "onboard", str(SAMPLE), "--store", f"file:{tmp_path}", "--ladder", "mobile", "--preset", "ultrafast",
        "--title", "Big Buck Bunny", "--id", "bbb", "--json",
    )  # fmt: skip
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert {line["event"] for line in lines[:-1]} >= {"stage", "chunk", "progress"}
    summary = lines[-1]
    assert set(summary) >= {
        "title_id", "hls", "dash", "duration", "frames", "chunks", "reused_chunks", "renditions", "wall_s",
        "encode_cpu_s",
    }  # fmt: skip
    assert (tmp_path / summary["hls"]).is_file()
    assert (tmp_path / summary["dash"]).is_file()
    assert json.loads((tmp_path / "titles/bbb/title.json").read_text())["name"] == "Big Buck Bunny"


def test_a_refused_master_is_an_error_on_standard_error_with_a_hint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = matinee(capsys, "onboard", "/no/film.mp4", "--store", f"file:{tmp_path}")
    assert (code, out) == (1, "")
    assert err == "error: /no/film.mp4: there is no such file\nCheck the path.\n"


def test_an_error_is_an_event_too_where_json_was_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = matinee(capsys, "onboard", str(clip("audio_eac3_51.mp4")), "--store", f"file:{tmp_path}", "--json")
    assert code == 1
    assert json.loads(out.splitlines()[-1])["event"] == "error"


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["onboard", "x", "--preset", "quick"], "there is no preset 'quick'"),
        (["onboard", "x", "--segment", "4s"], "'4s' is not a positive number of seconds"),
        (["onboard", "x", "--segment", "90"], "--segment: a segment lasts 0.5 to 30 seconds"),
        (["onboard", "x", "--workers", "0"], "at least one worker"),
        (["onboard", "x", "--chunk", "1"], "a chunk is at least one segment long"),
        (["onboard", "x", "--ladder", "web-h265"], "Did you mean 'web-h264'"),
        (["onboard", "x", "--store", "s4://bucket"], "no kind of store is called 's4'"),
        (["onboard", str(SAMPLE), "--id", "Not A Slug"], "is not a title id"),
        (["onboard"], "Missing argument 'MASTER'"),
        (["onbord"], "No such command 'onbord'"),
        (["ladders", "show", "nope.yaml"], "the ladder file can't be read"),
        (["edge", "--origin", "ftp://x"], "ftp://x"),
    ],
)
def test_wrong_usage_exits_2_and_says_what_is_wrong(
    args: list[str], says: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _out, err = matinee(capsys, *args)
    assert code == 2
    assert says in err
    assert err.startswith("error: ")


def test_titles_are_listed_shown_and_removed(library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(library, tmp_path / "copy")
    store = ["--store", f"file:{tmp_path / 'copy'}"]
    code, out, _ = matinee(capsys, "titles", "list", *store)
    assert code == 0
    assert "sample" in out
    assert "0:00:15.000" in out
    code, out, _ = matinee(capsys, "titles", "list", *store, "--json")
    assert [t["id"] for t in json.loads(out)] == ["sample"]
    code, out, _ = matinee(capsys, "titles", "show", "sample", *store)
    assert "avc1." in out
    assert "mp4a.40.2" in out
    code, out, _ = matinee(capsys, "titles", "rm", "sample", *store)
    assert code == 0
    assert out.startswith("removed sample: ")
    code, _, err = matinee(capsys, "titles", "show", "sample", *store)
    assert code == 1
    assert "there is no title 'sample'" in err


def test_verify_exits_0_on_a_sound_title_and_1_on_a_damaged_one(
    library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(library, tmp_path / "copy")
    store = ["--store", f"file:{tmp_path / 'copy'}"]
    code, out, _ = matinee(capsys, "verify", "sample", "--deep", *store)
    assert (code, "sound" in out) == (0, True)
    segment = sorted((tmp_path / "copy/titles/sample/media/360p").rglob("2.m4s"))[0]
    data = bytearray(segment.read_bytes())
    data[-100] ^= 0xFF
    segment.write_bytes(data)
    code, out, _ = matinee(capsys, "verify", "sample", *store)
    assert code == 1
    assert "2.m4s" in out
    code, out, _ = matinee(capsys, "verify", "sample", *store, "--json")
    assert code == 1
    assert any("2.m4s" in f["file"] for f in json.loads(out)["faults"])


def test_quality_is_shown_as_a_table_as_json_and_as_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"file:{tmp_path / 'library'}"
    scores = {"360p": FrameScores(0, 1, (70.0,) * 480), "720p": FrameScores(0, 1, (90.0,) * 240 + (80.5,) * 240)}
    store_title(open_store(url), scores)
    code, out, err = matinee(capsys, "quality", "bbb", "--store", url)
    assert (code, err) == (0, "")
    assert "VMAF of every frame against the film at 1280x720, model vmaf_v0.6.1" in out
    row = next(line.split() for line in out.splitlines() if line.startswith("720p"))
    assert row == [
        "720p", "avc1.64001f", "1280x720", "1.8", "Mbit/s", "85.25", "84.99", "80.50", "80.50", "80.50", "0:00:10.000"
    ]  # fmt: skip
    code, out, err = matinee(capsys, "quality", "bbb", "--store", url, "--json", "--html", str(tmp_path / "q.html"))
    assert (code, err) == (0, f"wrote {tmp_path / 'q.html'}\n")
    assert [r["mean"] for r in json.loads(out)["renditions"]] == [70.0, 85.25]
    assert (tmp_path / "q.html").read_text().startswith("<!doctype html>")


def test_quality_that_was_not_measured_and_a_page_that_can_not_be_written_are_errors(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"file:{tmp_path / 'library'}"
    store_title(open_store(url), {"360p": None})
    code, _, err = matinee(capsys, "quality", "bbb", "--store", url)
    assert code == 1
    assert err.endswith("Onboard it again with --quality fast or full.\n")
    store_title(open_store(url), {"360p": FrameScores(0, 1, (70.0,) * 480)})
    code, _, err = matinee(capsys, "quality", "bbb", "--store", url, "--html", str(tmp_path / "no" / "q.html"))
    assert code == 2
    assert f"{tmp_path / 'no' / 'q.html'}: the file can't be written (No such file or directory)" in err


def test_probe_describes_a_master_and_refuses_another(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = matinee(capsys, "probe", str(SAMPLE), "--json")
    found = json.loads(out)
    assert code == 0
    assert (found["rate"], found["frames"], found["video"]["codec"]) == ("24", 360, "h264")
    code, out, _ = matinee(capsys, "probe", str(SAMPLE))
    assert "constant, 24 fps" in out
    code, _, err = matinee(capsys, "probe", "/etc/hostname")
    assert code == 1
    assert "not a media file" in err


def test_ladders_are_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = matinee(capsys, "ladders", "list")
    assert code == 0
    assert "web-h264" in out
    code, out, _ = matinee(capsys, "ladders", "show", "mobile", "--json")
    assert [r["name"] for r in json.loads(out)["rungs"]] == ["234p", "360p", "540p"]


def test_the_config_file_sets_defaults_and_options_win(
    library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MATINEE_STORE", raising=False)
    (tmp_path / "matinee.toml").write_text(f'store = "file:{library}"\npreset = "medium"\n')
    assert "sample" in matinee(capsys, "titles", "list")[1]
    assert "sample" not in matinee(capsys, "titles", "list", "--store", f"file:{tmp_path / 'other'}")[1]
    monkeypatch.setenv("MATINEE_STORE", f"file:{tmp_path / 'other'}")
    assert "sample" not in matinee(capsys, "titles", "list")[1]


def test_names_that_look_like_markup_are_shown_as_they_are(
    library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = tmp_path / "[red] a[ {%03d}.mp4"
    shutil.copy(SAMPLE, odd)
    assert str(odd.name) in matinee(capsys, "probe", str(odd))[1].replace("\n", "")
    record = tmp_path / "copy/titles/sample/title.json"
    shutil.copytree(library, tmp_path / "copy")
    record.write_text(record.read_text().replace('"name": "bbb-15s"', '"name": "x [/red] y"'))
    assert "x [/red] y" in matinee(capsys, "titles", "list", "--store", f"file:{tmp_path / 'copy'}")[1]


def test_a_ray_cluster_that_is_not_there_is_an_error_before_any_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = matinee(capsys, "onboard", str(SAMPLE), "--store", f"file:{tmp_path}", "--ray", "127.0.0.1:9")
    assert code == 1
    assert "127.0.0.1:9: no Ray cluster answers there" in err
    assert list(tmp_path.rglob("masters/*")) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('stroe = "x"', "unknown key 'stroe'\nDid you mean 'store'"),
        ("workers = true", "workers is True"),
        ("x", "no TOML"),
    ],
)
def test_a_wrong_config_file_is_refused(
    text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "c.toml"
    path.write_text(text)
    code, _, err = matinee(capsys, "--config", str(path), "titles", "list")
    assert code == 2
    assert says in err
