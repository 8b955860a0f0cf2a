"""Rungs that went over their declared peak are encoded again until they keep to it, and joined they do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import encoder.rungs
from coders.table import CODERS
from encoder.argv import Output
from encoder.cut import cut_chunk
from encoder.job import ChunkJob
from encoder.peak import OverPeak, first_ask
from encoder.rungs import Spent, Take, encode_rungs
from encoder.schedule import Job, Schedule
from ladders.rung import FittedRung
from media.fragments import parse_fragments
from media.tracks import parse_init
from packager.audit_bucket import BucketAudit
from packager.audit_facts import Fault
from tests.encoder.small import TIGHT, film_of, jobs_in, rung_of, small_clip
from values.errors import MatineeError
from values.title import Rendition, StoredFile


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_clip(tmp_path_factory.mktemp("clip"))


def encoded(
    path: Path, folder: Path, *rungs: FittedRung, preset: str = "ultrafast"
) -> list[tuple[ChunkJob, list[Take], Spent]]:
    """All chunks of the small film, each in a folder of its own."""
    found = []
    for job in jobs_in(film_of(path, rungs, preset=preset), path, folder):
        mine = folder / str(job.chunk.index)
        mine.mkdir()
        found.append((job, *encode_rungs(job, mine)))
    return found


def audited(rung: FittedRung, chunks: Sequence[tuple[ChunkJob, Take]]) -> list[Fault]:
    """What the auditor says of the joined rendition's bucket."""
    file = StoredFile("", 0, "")
    rendition = Rendition(
        rung.name, "video", "", 24000, file, (), file, 0, 0, max_bps=rung.max_bps, buffer_bits=rung.buffer_bits
    )
    audit = BucketAudit.of(rendition, 24000)
    assert audit
    for job, take in chunks:
        init, segments = cut_chunk(take.path.read_bytes(), job.chunk, job.settings.rate, where="")
        track = parse_init(init)
        for i, segment in enumerate(segments):
            audit.pour(f"{job.chunk.index}.{i}", parse_fragments(b"".join(segment.pieces), track))
    return audit.faults()


@pytest.mark.parametrize("codec", TIGHT)
def test_chunks_that_were_encoded_until_they_kept_to_the_peak_keep_to_it_when_joined(
    codec: str, path: Path, tmp_path: Path
) -> None:
    chunks = encoded(path, tmp_path, TIGHT[codec])
    takes = [take for _, (take,), _ in chunks]
    assert max(take.tries for take in takes) > 1
    for (job, _, spent), take in zip(chunks, takes, strict=True):
        first = first_ask(job, TIGHT[codec], TIGHT[codec].crf)
        if take.tries == 1:
            assert take.coding == first
        else:
            assert take.coding.crf > first.crf
            assert take.coding.max_bps < first.max_bps or not CODERS[codec].strict_vbv
        assert spent.frames_in == job.chunk.frames
        assert spent.peak_bytes > 0
    assert audited(TIGHT[codec], [(job, take) for job, (take,), _ in chunks]) == []


@pytest.mark.parametrize("codec", ["h264", "vp9", "av1"])
def test_without_another_encode_the_joined_rendition_goes_over_its_peak(
    codec: str, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The audit above could find a fault: first encodes are over, H.264's too where its CRF is far from what fits."""
    monkeypatch.setattr(encoder.rungs, "overshoot", lambda job, rung, sizes: 0.0)
    rung = HARD["h264"] if codec == "h264" else TIGHT[codec]
    chunks = encoded(path, tmp_path, rung)
    assert [take.tries for _, (take,), _ in chunks] == [1, 1, 1]
    (fault,) = audited(rung, [(job, take) for job, (take,), _ in chunks])
    assert "a window exceeds the declared peak: the bucket of" in fault.what


HARD = {codec: rung_of(codec, crf=24, max_kbps=16, buffer_s=1) for codec in ("h264", "hevc")}
"""A cap that is met at a CRF much higher than the rung's own."""


@pytest.mark.parametrize("codec", HARD)
def test_a_cap_far_below_the_rungs_quality_is_kept_all_the_same(codec: str, path: Path, tmp_path: Path) -> None:
    chunks = encoded(path, tmp_path, HARD[codec], preset="fast")
    assert max(take.tries for _, (take,), _ in chunks) > 2
    assert audited(HARD[codec], [(job, take) for job, (take,), _ in chunks]) == []


def test_only_what_went_over_is_encoded_again(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loose = replace(rung_of("vp9", crf=45, max_kbps=900), name="loose")
    free = replace(rung_of("vp9", crf=45), name="free")
    commands: list[list[str]] = []
    real = encoder.rungs.chunk_argv

    def noted(binary: str, job: ChunkJob, seek: int | None, outputs: Sequence[Output]) -> tuple[str, ...]:
        commands.append([out.rung.name for out in outputs])
        return real(binary, job, seek, outputs)

    monkeypatch.setattr(encoder.rungs, "chunk_argv", noted)
    job = jobs_in(film_of(path, [loose, TIGHT["vp9"], free]), path, tmp_path)[0]
    takes, spent = encode_rungs(job, tmp_path)
    tries = takes[1].tries
    assert tries > 1
    assert [take.tries for take in takes] == [1, tries, 1]
    assert [take.path.name for take in takes] == ["loose.mp4", "vp9-90p.mp4", "free.mp4"]
    assert commands == [["loose", "vp9-90p", "free"], *[["vp9-90p"]] * (tries - 1)]
    assert takes[0].path.read_bytes() == takes[2].path.read_bytes()
    alone, spent_alone = encode_rungs(
        replace(job, settings=replace(job.settings, rungs=(loose,)), crfs=(45,)), tmp_path
    )
    assert alone[0].tries == 1
    assert spent_alone.cpu_s < spent.cpu_s


def test_an_encode_that_is_there_already_is_taken_if_it_keeps_to_the_peak(path: Path, tmp_path: Path) -> None:
    loose, tight = rung_of("h264", crf=42, max_kbps=60), replace(TIGHT["h264"], name="tight")
    job = jobs_in(film_of(path, [tight, loose]), path, tmp_path)[0]
    ready = trial_encodes(path, tmp_path, tight, loose)
    takes, spent = encode_rungs(job, tmp_path, ready=ready)
    assert (takes[1].path, takes[1].tries) == (ready[1], 0)
    assert takes[0].path.name == "tight.mp4"
    assert takes[0].tries > 1
    assert spent.cpu_s > 0
    alone = replace(job, settings=replace(job.settings, rungs=(loose,)), crfs=(42,))
    taken, none = encode_rungs(alone, tmp_path, ready={0: ready[1]})
    assert [t.tries for t in taken] == [0]
    assert none == Spent(frames_in=48)


@pytest.mark.parametrize(("codec", "max_kbps", "tries"), [("h264", 400, 1), ("hevc", 400, 1), ("av1", 400, 0)])
def test_a_trial_whose_level_has_no_room_for_the_peak_is_encoded_anew(
    codec: str, max_kbps: int, tries: int, path: Path, tmp_path: Path
) -> None:
    """Levels of these two are reckoned with the peak, and a trial had none."""
    rung = rung_of(codec, crf=42, max_kbps=max_kbps)
    job = jobs_in(film_of(path, [rung]), path, tmp_path)[0]
    (taken,), _ = encode_rungs(job, tmp_path, ready=trial_encodes(path, tmp_path, rung))
    (own,), _ = encode_rungs(job, tmp_path)
    inits = {cut_chunk(t.path.read_bytes(), job.chunk, job.settings.rate, where="")[0] for t in (taken, own)}
    assert taken.tries == tries
    assert len(inits) == 1


def trial_encodes(path: Path, folder: Path, *rungs: FittedRung) -> dict[int, Path]:
    """The first chunk in each rung's size and CRF, encoded without a cap."""
    free = [replace(rung, name=f"{rung.name}-free", max_bps=0, buffer_bits=0) for rung in rungs]
    takes, _ = encode_rungs(jobs_in(film_of(path, free), path, folder)[0], folder)
    return {i: take.path for i, take in enumerate(takes)}


IMPOSSIBLE = {"vp9": 24.0, "av1": 6.0, "h264": 6.0}
AT_THE_END = {
    "vp9": "VP9 is [0-9.]+ times over it even at CRF 63",
    "av1": "AV1 is [0-9.]+ times over it even at CRF 63",
    "h264": "H.264 is [0-9.]+ times over it even at CRF 51",
}


class RunsHere:
    """A pool that runs a job when it is asked for its result."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.submitted: list[Job] = []

    def submit(self, job: Job) -> int:
        self.submitted.append(job)
        return len(self.submitted) - 1

    def wait(self, handles: Sequence[int], timeout_s: float) -> Sequence[int]:
        return handles[:1]

    def result(self, handle: int) -> object:
        job = self.submitted[handle]
        assert isinstance(job, ChunkJob)
        return encode_rungs(job, self.folder)

    def cancel(self, handle: int) -> None: ...


@pytest.mark.parametrize("spare", [False, True])
@pytest.mark.parametrize("codec", IMPOSSIBLE)
def test_a_cap_that_can_not_be_met_ends_the_run_at_once_and_says_what_to_change(
    codec: str, spare: bool, path: Path, tmp_path: Path
) -> None:
    rung = rung_of(codec, crf=40, max_kbps=IMPOSSIBLE[codec])
    pool = RunsHere(tmp_path)
    job = jobs_in(film_of(path, [rung]), path, tmp_path)[2 if codec == "vp9" else 0]
    with pytest.raises(OverPeak, match=AT_THE_END[codec]) as caught:
        list(Schedule(pool, in_flight=1, attempts=3).run([job], spare=spare))
    error: MatineeError = caught.value
    assert len(pool.submitted) == 1
    assert error.permanent
    assert error.where == f"{job.where}, {codec}-90p"
    kbps = IMPOSSIBLE[codec]
    assert error.what.startswith(
        f"the picture of 160x90 can't keep to {kbps:g} kbit/s over a buffer of {2 * kbps:g} kbit"
    )
    assert error.hint == "Raise the rung's max_kbps or buffer_kbit in the ladder, or make its picture smaller."
