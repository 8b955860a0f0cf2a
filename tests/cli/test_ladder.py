"""`matinee ladder`: a table, JSON, a ladder file that onboarding takes, and a report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ladders.load import load_ladder
from ladders.rung import fit
from tests.cli.test_cli import matinee
from tests.onboarding.tiny import tiny_master

POLICY = "codecs: [h264]\nper_title: {boxes: [[160, 90], [320, 180]], floor_kbps: 30, step: 4}\n"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a film and the policy it is searched by."""
    folder: Path = tmp_path_factory.mktemp("ladder")
    tiny_master(folder)
    (folder / "policy.yaml").write_text(POLICY)
    return folder


def test_a_ladder_is_found_and_its_files_written(found: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = matinee(
        capsys, "ladder", str(found / "tiny.mp4"), "--ladder", str(found / "policy.yaml"), "--preset", "ultrafast",
        "--search-share", "90", "--out", str(found), "--json",
    )  # fmt: skip
    assert code == 0, err
    result = json.loads(out.splitlines()[-1])
    ladder = load_ladder(str(found / "tiny.ladder.yaml"))
    assert [r["name"] for r in result["rungs"]] == [r.name for r in ladder.rungs]
    sizes = [(r["width"], r["height"]) for r in result["rungs"]]
    assert [(r.width, r.height) for r in fit(ladder, (320, 180))] == sizes
    assert all(r["reason"] and r["psnr_y"] and r["xpsnr_y"] for r in result["rungs"])
    assert 0 < result["cost"]["share"] <= 90
    page = (found / "tiny.ladder.html").read_text()
    assert page.startswith("<!doctype html>")
    assert all(r.name in page for r in ladder.rungs)


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("--codecs", "h265"), "codec 'h265' is not known\nDid you mean 'hevc'?"),
        (("--codecs", "h264,hevc,h264"), "'h264' is named twice"),
        (("--ladder", "web-h264"), "it has rungs of its own, there is nothing to search"),
        (("--out", "/dev/null/x"), "the folder can't be made"),
        (("--search-share", "0"), "a search can't cost 0 of the encode"),
        (("--preset", "fats"), "Did you mean 'fast'"),
    ],
)
def test_what_can_not_be_searched_is_said_before_any_work(
    found: Path, capsys: pytest.CaptureFixture[str], args: tuple[str, ...], says: str
) -> None:
    code, _, err = matinee(capsys, "ladder", str(found / "tiny.mp4"), *args)
    assert code == 2
    assert says in err


def test_a_film_too_short_for_the_share_is_refused_with_the_share_that_would_do(
    found: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = matinee(
        capsys, "ladder", str(found / "tiny.mp4"), "--ladder", str(found / "policy.yaml"), "--search-share", "0.01"
    )
    assert code == 1
    assert "--search-share" in err
