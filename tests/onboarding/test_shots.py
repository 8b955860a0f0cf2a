"""Titles cut at their shots, each shot with a CRF of its own, on real workers."""

from __future__ import annotations

import dataclasses
import json
from fractions import Fraction
from pathlib import Path

import pytest

from chunker.plan import Span, plan_chunks
from ingest.fetch import Master
from ladders.load import load_ladder, parse_ladder
from ladders.rung import FittedRung, fit
from onboarding.film import Cuts
from onboarding.shots import _affordable, _shots
from onboarding.tailored import Tailored, keep_tailored, kept_key, known_tailored, put_together
from onboarding.titles import read_title
from optimizer.points import Sample
from optimizer.prices import Prices
from packager.audit import audit
from storage.memory import MemoryStore
from tests.encoder.jobs import inspected
from tests.onboarding.runs import Run, settings_for
from tests.onboarding.tiny import ladder_files, onboard_tiny
from values.events import Noted

CUTS = (106, 151)
"""Where shots change in the tiny film, by eye: the sample's cuts at 274 and 319, less the 168 frames left out."""


def spans(*starts: int, stop: int) -> tuple[Span, ...]:
    return tuple(Span(i, a, b) for i, (a, b) in enumerate(zip(starts, [*starts[1:], stop], strict=True)))


@pytest.fixture(scope="module")
def shot_run(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The tiny film by shots; judging them may cost a lot, for the film is short."""
    folder = tmp_path_factory.mktemp("shots")
    ladder = ladder_files(folder, "h264")
    return onboard_tiny(folder / "library", tiny, ladder=ladder, shots=True, search_share=90.0, chunk_s=None)


def test_segments_begin_where_shots_do(shot_run: Run) -> None:
    title = read_title(shot_run.store, "sample")
    assert CUTS[0] in title.grid
    assert title.settings["tailored"][0]["shots"]["cuts"] == list(CUTS)
    assert {tuple(s.start for s in r.segments) for r in title.video} == {tuple(n * 1000 for n in title.grid)}
    assert audit(shot_run.store, "sample", deep=True).faults == ()


def test_shots_get_crfs_of_their_own_around_their_rungs(shot_run: Run) -> None:
    title = read_title(shot_run.store, "sample")
    (encode,) = title.settings["encodes"]
    for i, rung in enumerate(encode["rungs"]):
        crfs = [row[i] for row in encode["chunk_crfs"]]
        assert min(crfs) < max(crfs)
        assert all(abs(crf - rung["crf"]) <= 6.5 for crf in crfs)
    assert shot_run.summary["search_cpu_s"] > 0


def test_the_next_run_finds_the_same_cuts_and_all_work_done(shot_run: Run, tiny: Path, tmp_path: Path) -> None:
    ladder = ladder_files(tmp_path, "h264")
    again = onboard_tiny(shot_run.folder, tiny, ladder=ladder, shots=True, search_share=90.0, chunk_s=None)
    assert again.summary["reused_chunks"] == again.summary["chunks"] == shot_run.summary["chunks"]
    assert any("an earlier run found" in e.text for e in again.events if isinstance(e, Noted))


def test_without_the_means_shots_only_place_the_cuts(tiny: Path, tmp_path: Path) -> None:
    ladder = ladder_files(tmp_path, "h264")
    run = onboard_tiny(tmp_path / "library", tiny, ladder=ladder, shots=True, search_share=0.01)
    title = read_title(run.store, "sample")
    assert CUTS[0] in title.grid
    assert title.settings["encodes"][0]["chunk_crfs"] == [[30.0, 26.0]] * len(title.chunks)
    assert any("shots only place the cuts" in note and "--search-share" in note for note in title.notes)


def test_the_largest_picture_that_can_be_paid_for_judges_whole_segments() -> None:
    shapes = [(640, 360, 30), (960, 540, 26), (1920, 1080, 22)]
    rungs = [FittedRung(f"{h}p", w, h, crf, 0, 0) for w, h, crf in shapes]
    segments = spans(0, 96, 192, stop=288)
    prices = Prices((1920, 1080), (1920, 1080), "fast")

    def afforded(budget_s: float) -> tuple[tuple[int, int], set[int]]:
        grid, windows = _affordable(rungs, segments, prices, budget_s)
        return grid[0][0], {w.frames for w in windows}

    assert afforded(1000) == ((960, 540), {96})
    assert afforded(0.1) == ((640, 360), set())
    budgets = [1000.0 / 1.1**i for i in range(120)]
    sizes = [afforded(b) for b in budgets]
    assert ((640, 360), {96}) in sizes
    assert {24} in [frames for _, frames in sizes]


def test_a_segment_without_two_trials_is_not_judged() -> None:
    segments = spans(0, 10, 20, stop=30)
    samples = [
        Sample(window, "h264", 640, 360, crf, 10, 1000, 9000, 90.0 - crf, None, None, 0.1)
        for window, crf in ((0, 20.0), (0, 30.0), (1, 20.0), (2, 20.0), (2, 30.0))
    ]
    assert sorted(_shots(samples, segments, Fraction(24))) == [0, 2]


def tailored(text: str, crfs: dict[str, tuple[float, ...]], ready: dict[str, str]) -> Tailored:
    ladder = parse_ladder(text, where="x.yaml", name="x", adapt=True)
    segments = spans(0, 40, 100, stop=158)
    cuts = Cuts(segments, plan_chunks(segments, 1), True, crfs)
    return Tailored(ladder, fit(ladder, (320, 180)), cuts, ("a note",), 3.5, {"search": {}}, ready)


H264 = "rungs: [{width: 160, height: 90, crf: 21, max_kbps: 100}, {width: 320, height: 180, crf: 22, max_kbps: 300}]"
AV1 = "rungs: [{name: 90p, codec: av1, width: 160, height: 90, crf: 31, max_kbps: 80}]"
FOUND = {"90p": (20.5, 20.5, 22.0), "180p": (21.0, 22.0, 23.0)}


def test_what_was_found_is_read_back_as_it_was(tiny: Path) -> None:
    store, settings = MemoryStore(), settings_for(Path("x"))
    found = tailored(H264, FOUND, {"90p": "k"})
    keep_tailored(store, "k.json", found)
    assert known_tailored(store, "k.json", settings, inspected(tiny).timing) == found
    assert known_tailored(store, "other", settings, inspected(tiny).timing) is None
    store.put("k.json", json.dumps({"rungs": 3}).encode(), media_type="application/json")
    assert known_tailored(store, "k.json", settings, inspected(tiny).timing) is None


def test_rungs_of_several_ladders_keep_their_crfs_under_names_of_their_own() -> None:
    parts = [tailored(H264, FOUND, {"180p": "a"}), tailored(AV1, {"90p": (30.0, 31.0, 32.0)}, {"90p": "b"})]
    both = put_together(parts, (320, 180))
    assert [r.name for r in both.rungs] == ["90p", "180p", "av1-90p"]
    assert both.cuts.crfs == {**FOUND, "av1-90p": (30.0, 31.0, 32.0)}
    assert both.ready == {"180p": "a", "av1-90p": "b"}
    assert (both.notes, both.search_cpu_s, both.record) == (("a note",), 7.0, {"tailored": [{"search": {}}] * 2})


def test_what_was_found_is_found_again_for_the_same_question_alone() -> None:
    master = Master("f" * 32, "film.mp4", "film.mp4", 10, "masters/media/x")
    settings, ladder = settings_for(Path("x")), load_ladder("per-title")

    def key(**changes: object) -> str:
        return kept_key(dataclasses.replace(settings, **changes), ladder, master, "t", "9")  # type: ignore[arg-type]

    same = {key(), key(workers=7), key(quality="full"), key(title="T")}
    other = {key(preset="fast"), key(shots=True), key(search_share=0.5), key(segment_s=Fraction(3))}
    assert len(same) == 1
    assert len(other | same) == 5
