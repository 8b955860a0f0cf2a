"""`matinee ladders` as a content engineer meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import cli

MINE = """
description: Two rungs, two codecs
rungs:
  - {width: 640, height: 360, crf: 24, max_kbps: 600}
  - {width: 640, height: 360, crf: 34, max_kbps: 300, codec: av1}
  - {width: 1280, height: 720, crf: 23, max_kbps: 3000}
"""


@pytest.fixture
def mine(tmp_path: Path) -> str:
    path = tmp_path / "mine.yaml"
    path.write_text(MINE)
    return str(path)


def ladders(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    code = 0
    try:
        cli.main(["ladders", *args])
    except SystemExit as stop:
        code = int(stop.code or 0)
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def test_the_list_has_a_line_for_each_built_in_ladder(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ladders(capsys, "list")
    lines = [line.split() for line in out.splitlines()]
    assert code == 0
    assert [line[0] for line in lines] == [
        "LADDER", "apple-h264", "apple-hevc", "av1", "mobile", "per-title", "vp9", "web-h264",
    ]  # fmt: skip
    assert lines[2][:3] == ["apple-hevc", "hevc", "12"]
    assert lines[5][:5] == ["per-title", "h264", "up", "to", "8"]


def test_the_list_as_json_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    found = {ladder["name"]: ladder for ladder in json.loads(ladders(capsys, "list", "--json")[1])}
    assert found["av1"]["rungs"][0] == {
        "name": "av1-234p", "width": 416, "height": 234, "crf": 37.0, "max_kbps": 115, "buffer_kbit": 230,
        "codec": "av1",
    }  # fmt: skip
    assert found["per-title"]["policy"]["boxes"][0] == [416, 234]


def test_a_ladder_of_several_codecs_is_shown_with_them(mine: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = ladders(capsys, "show", mine)
    assert "mine: Two rungs, two codecs (h264, av1, audio 128 kbit/s)" in " ".join(out.split())
    assert ["av1-360p", "av1", "640x360", "34", "300", "kbit/s", "600", "kbit"] in [s.split() for s in out.splitlines()]
    _, out, _ = ladders(capsys, "show", "av1")
    assert "CODEC" not in out


def test_a_policy_is_shown_as_what_it_asks_for(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = ladders(capsys, "show", "per-title")
    assert "VMAF 95 at the top, rungs at least 6 apart" in out
    assert "averages from 100 to 8000 kbit/s, peaks at most 2 times the average" in out
    assert "416x234 640x360" in out
    shown = json.loads(ladders(capsys, "show", "per-title", "--json")[1])
    assert (shown["rungs"], shown["policy"]["codecs"], shown["policy"]["top"]) == ([], ["h264"], 95.0)


def test_a_sound_file_is_said_to_be_sound(mine: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ladders(capsys, "check", mine) == (0, f"{mine}: sound (h264, av1, 3 rungs)\n", "")
    assert ladders(capsys, "check", "per-title")[1] == "per-title: sound (h264, found for each title)\n"


def test_a_check_against_a_source_shows_what_is_left(mine: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ladders(capsys, "check", mine, "--source", "960x540")
    assert code == 0
    assert "note  rung 720p becomes 960x540" in out
    assert "540p" in out
    found = json.loads(ladders(capsys, "check", mine, "--source", "640x360", "--json")[1])
    assert found["sound"] is True
    assert found["source"] == [640, 360]
    assert found["notes"] == ["rung 720p is left out: the source is 640x360"]
    assert [(r["name"], r["max_bps"]) for r in found["rungs"]] == [("360p", 600_000), ("av1-360p", 300_000)]


def test_a_source_smaller_than_every_rung_is_an_error(mine: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = ladders(capsys, "check", mine, "--source", "320x180")
    assert (code, out) == (2, "")
    assert err.startswith("error: ladder mine: every rung is larger than the source, which is 320x180")
    assert "adapt: true" in err
    assert ladders(capsys, "check", "mobile", "--source", "320x180")[0] == 0


def test_an_unsound_file_is_an_error_with_file_rung_and_key(mine: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(mine).write_text(MINE.replace("crf: 34", "crf: 64"))
    code, out, err = ladders(capsys, "check", mine)
    assert (code, out) == (2, "")
    assert err == f"error: {mine}, rung 2: crf is 64\ncrf is a number from 0 to 63.\n"
    code, out, _ = ladders(capsys, "check", mine, "--json")
    assert code == 2
    assert json.loads(out)["where"] == f"{mine}, rung 2"


@pytest.mark.parametrize("size", ["1920", "0x5", "axb", "1920x1080x2", "²x5", ""])
def test_a_source_that_is_no_size_is_refused(size: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = ladders(capsys, "check", "mobile", "--source", size)
    assert code == 2
    assert f"--source: {size!r} is no picture size\nWrite WIDTHxHEIGHT" in err
