"""Trial encodes: a window of the film at several CRFs, encoded and measured."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from coders.table import CODERS
from encoder.measure import measure
from encoder.rungs import encode_rungs
from encoder.trial import TrialJob, run_trial
from media.boxes import split_init
from media.ffmpeg import FFmpegError
from media.fragments import parse_fragments
from media.tracks import parse_init
from onboarding.search import Keeper, Trials
from optimizer.windows import Window
from quality.settings import MeasureSettings
from storage.open import open_store
from tests.encoder.jobs import inspected
from tests.encoder.small import small_clip

WINDOW = Window(3, 50, 68, 40)
MEASURING = MeasureSettings((320, 180), every=3, psnr=True, xpsnr=True)
CRFS = {"h264": (20, 28, 36), "hevc": (20, 28, 36), "vp9": (24, 40, 56), "av1": (24, 40, 56)}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_clip(tmp_path_factory.mktemp("clip"))


def trial_of(path: Path, folder: Path, codec: str, window: Window = WINDOW) -> TrialJob:
    trials = Trials(inspected(path), str(path), path.name, "ultrafast", 96, str(folder))
    return trials.job(window, codec, (((160, 90), CRFS[codec]),), MEASURING)


@pytest.mark.parametrize("codec", CODERS)
def test_bits_and_quality_fall_as_the_crf_rises(codec: str, path: Path, tmp_path: Path) -> None:
    result = run_trial(trial_of(path, tmp_path, codec))
    assert result.window == 3
    assert [(s.window, s.codec, s.width, s.height, s.crf, s.frames) for s in result.samples] == [
        (3, codec, 160, 90, crf, 18) for crf in CRFS[codec]
    ]
    for low, high in pairwise(result.samples):
        assert low.first_bits > high.first_bits > 0
        assert low.rest_bits > high.rest_bits > 0
        assert 100 >= low.vmaf > high.vmaf > 0
        assert (low.psnr_y or 0) > (high.psnr_y or 0) > 10
        assert (low.xpsnr_y or 0) > (high.xpsnr_y or 0) > 10
    assert result.encode_cpu_s == pytest.approx(sum(s.cpu_s for s in result.samples))
    assert result.measure_cpu_s > 0
    assert list(tmp_path.iterdir()) == []


def test_sizes_that_share_a_trial_share_what_it_cost_by_their_pixels(path: Path, tmp_path: Path) -> None:
    trials = Trials(inspected(path), str(path), path.name, "ultrafast", 96, str(tmp_path))
    grid = (((320, 180), (30.0,)), ((160, 90), (20.0, 30.0)))
    result = run_trial(trials.job(WINDOW, "h264", grid, MEASURING))
    assert [(s.width, s.height, s.crf) for s in result.samples] == [(320, 180, 30), (160, 90, 20), (160, 90, 30)]
    large, *small = (s.cpu_s for s in result.samples)
    assert small == pytest.approx([large / 4, large / 4])
    assert large + sum(small) == pytest.approx(result.encode_cpu_s)
    assert result.samples[0].vmaf > result.samples[2].vmaf


def test_a_trial_of_a_whole_film_is_kept_where_it_is_told_to(path: Path, tmp_path: Path) -> None:
    store = open_store(f"file:{tmp_path / 'store'}")
    trials = Trials(
        inspected(path), str(path), path.name, "ultrafast", 144, str(tmp_path / "work"),
        keeper=Keeper(store.url, "work/trials-"),
    )  # fmt: skip
    whole, part = (
        trials.job(Window(0, 0, stop, 144), "h264", (((160, 90), (30.0, 40.0)),), MEASURING) for stop in (144, 143)
    )
    assert (whole.keep, part.keep) == (("work/trials-h264-160x90-30.mp4", "work/trials-h264-160x90-40.mp4"), ())
    run_trial(part)
    assert list(store.list("work/")) == []
    samples = run_trial(whole).samples
    for key, sample in zip(whole.keep, samples, strict=True):
        init, media = split_init(store.get(key))
        sizes = [s.size for f in parse_fragments(media, parse_init(init)) for s in f.samples]
        assert 8 * sum(sizes) == sample.first_bits + sample.rest_bits


def test_a_sample_is_what_its_encode_weighs_and_scores(path: Path, tmp_path: Path) -> None:
    trial = trial_of(path, tmp_path, "h264")
    takes, _ = encode_rungs(trial.job, tmp_path)
    measured = measure(trial.job, [str(t.path) for t in takes], MEASURING, seeks=trial.seeks)
    for sample, part in zip(run_trial(trial).samples, measured.parts, strict=True):
        assert part.vmaf.first == 51
        assert len(part.vmaf.values) == 6
        assert sample.vmaf == pytest.approx(sum(part.vmaf.values) / 6)
        assert part.psnr_y
        assert sample.psnr_y == pytest.approx(sum(part.psnr_y.values) / 6)


def test_a_window_between_two_measured_frames_gives_no_sample(path: Path, tmp_path: Path) -> None:
    """Not one of quality 0."""
    result = run_trial(trial_of(path, tmp_path, "h264", Window(0, 49, 51, 2)))
    assert result.samples == ()
    assert result.encode_cpu_s > 0


def test_a_trial_says_which_it_is_and_costs_what_its_encodes_do(path: Path, tmp_path: Path) -> None:
    trial = trial_of(path, tmp_path, "av1")
    assert trial.where == "trial of small-144.mp4 in av1 at 160x90 (frames 50 to 68)"
    assert trial.cost == pytest.approx(18 * 3 * 160 * 90 * CODERS["av1"].slowness)
    assert trial.job.crfs == (24, 40, 56)
    assert {(r.max_bps, r.buffer_bits) for r in trial.job.settings.rungs} == {(0, 0)}


def test_a_trial_of_a_film_that_is_gone_fails_with_ffmpegs_words(path: Path, tmp_path: Path) -> None:
    trial = trial_of(path, tmp_path, "h264")
    lost = replace(trial, job=replace(trial.job, location=str(tmp_path / "gone.mp4")))
    with pytest.raises(FFmpegError, match=r"(?s)ffmpeg exited .*No such file or directory.*gone.mp4"):
        run_trial(lost)
