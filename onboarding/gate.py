"""The quality gate as a stage: an inspected master measured on the workers, then judged. Yields events."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from encoder.schedule import Done, Failed, Retry
from gate.detect import detect
from gate.facts import Facts
from gate.job import GateJob, GatePart, unmeasured
from gate.limits import LIMITS, Limits
from gate.measures import join
from gate.plan import plan_jobs, plan_parts
from gate.report import GateReport, refuse_if_strict, report
from gate.thumbs import illustrated
from ingest.inspect import Inspection
from onboarding.workers import Workers
from values.events import ChunkRetried, Event, Progressed, StageStarted

__all__ = ["gate_facts", "refuse_if_strict", "run_gate"]


def gate_facts(inspection: Inspection) -> Facts:
    """What the gate needs to know of an inspected master."""
    timing, index = inspection.timing, inspection.index
    return Facts(
        pts=index.pts, time_base=index.time_base, origin=timing.origin, last_duration=index.last_duration,
        constant=timing.constant, video=inspection.video, audio=inspection.probe.audio,
        damage=inspection.damage,
    )  # fmt: skip


def run_gate(
    inspection: Inspection,
    location: str,
    *,
    name: str,
    work_dir: str,
    workers: Workers,
    limits: Limits = LIMITS,
    parts: Sequence[tuple[int, int]] | None = None,
) -> Generator[Event, None, GateReport]:
    """Look at all of the master at `location` (a path or URL, reachable by the workers), called `name` in messages.

    `parts` are source frames ``[start, stop)`` that tile the film, by default chunks planned for the workers. Progress
    is in source frames. A master that can't be decoded is no error here: that is what the report says.
    """
    yield StageStarted("qc")
    index = inspection.index
    facts = gate_facts(inspection)
    jobs = plan_jobs(
        plan_parts(index, workers.count) if parts is None else parts, index, inspection.video, inspection.probe.audio,
        origin=inspection.timing.origin, location=location, name=name, work_dir=work_dir, limits=limits,
    )  # fmt: skip
    found: list[GatePart] = []
    for event in workers.run(jobs, spare=True):
        match event:
            case Done(result=GatePart() as part):
                found.append(part)
            case Failed(job=GateJob() as job, error=error):
                found.append(unmeasured(job, f"looking at it failed: {error.what}"))
            case Retry(job=job, attempt=attempt, error=error):
                yield ChunkRetried(-1, attempt, str(error).splitlines()[0], job.where)
                continue
            case _:
                continue
        yield Progressed("qc", sum(len(part.measures.picture.seen) for part in found), facts.frames)
    measures = join([part.measures for part in found])
    thumbnails = {n: jpeg for part in found for n, jpeg in part.thumbnails.items()}
    findings = illustrated(detect(measures, facts, limits), facts, thumbnails)
    return report(name, facts, measures, findings, chunks=len(jobs), cpu_s=sum(part.cpu_s for part in found))
