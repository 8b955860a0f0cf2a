"""Tables and detail pages for titles, ladders, probes and audits. Draws."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from coders.table import coder_of
from console.text import bits, size_text
from values.clock import clock_text
from values.title import Rendition, TextTrack, Title

if TYPE_CHECKING:  # types alone: a table of titles should not load PyAV
    from ingest.inspect import Inspection
    from ladders.rung import FittedRung, Ladder, Policy
    from onboarding.quality import TitleQuality
    from onboarding.search import Search
    from packager.audit import AuditReport
    from theatre.check import CheckReport
    from treatment.decision import Decision


def draw(table: Table) -> None:
    """Print a table to standard output, whole even where the terminal's width is not known."""
    console = Console(file=sys.stdout, markup=False)
    if not console.is_terminal:
        console = Console(file=sys.stdout, width=160, markup=False)
    console.print(table, highlight=False)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, title: str | None = None) -> Table:
    """A plain table; columns whose name ends in ``>`` are set to the right."""
    out = Table(
        title=Text(title) if title else None, box=None, pad_edge=False, title_justify="left", header_style="bold"
    )
    for name in columns:
        out.add_column(name.rstrip(">"), justify="right" if name.endswith(">") else "left", overflow="fold")
    for row in rows:
        out.add_row(*(Text(cell) for cell in row))
    return out


def titles_table(titles: Sequence[Title]) -> Table:
    rows = [
        (t.id, t.name, clock_text(t.duration), _renditions(t),
         str(len(t.audio)), size_text(sum(f.size_bytes for f in t.files())), t.created)
        for t in titles
    ]  # fmt: skip
    return table(("ID", "TITLE", "LENGTH>", "RENDITIONS", "AUDIO>", "SIZE>", "CREATED"), rows)


def _renditions(title: Title) -> str:
    """The heights of a title's renditions, codec by codec where it has several."""
    heights: dict[str, list[int]] = {}
    for r in title.video:
        heights.setdefault(r.codec.partition(".")[0], []).append(min(r.width, r.height))
    shown = {entry: " ".join(f"{h}p" for h in sorted(set(found))) for entry, found in heights.items()}
    if len(shown) == 1:
        return next(iter(shown.values()))
    labels = {entry: coder.label if (coder := coder_of(entry)) else entry for entry in shown}
    return "; ".join(f"{labels[entry]} {text}" for entry, text in shown.items())


def title_table(title: Title) -> Table:
    rows = [
        (r.id, r.kind, r.codec, _shape(r),
         bits(r.average_bps), bits(r.peak_bps), str(len(r.segments)),
         size_text(sum(s.file.size_bytes for s in r.segments)))
        for r in title.renditions
    ] + [
        (t.id, "text", "WebVTT", _text_about(t), "", "", str(len(t.segments)),
         size_text(t.whole.size_bytes + sum(s.file.size_bytes for s in t.segments)))
        for t in title.texts
    ]  # fmt: skip
    head = (
        f"{title.name} ({title.id}): {clock_text(title.duration)}, {title.frames} frames at {title.rate} fps, "
        f"{len(title.chunks)} chunks, master {title.master_name}"
    )
    return table(("RENDITION", "KIND", "CODEC", "SIZE", "AVERAGE>", "PEAK>", "SEGMENTS>", "BYTES>"), rows, title=head)


def _shape(rendition: Rendition) -> str:
    """A picture's size and, if high, its dynamic range; a sound's channels, language and role."""
    if rendition.kind == "video":
        more = f" {rendition.video_range}" if rendition.video_range != "SDR" else ""
        return f"{rendition.width}x{rendition.height}{more}"
    words = [f"{rendition.channels} ch", *([rendition.language] if rendition.language != "und" else [])]
    return " ".join([*words, *([rendition.role] if rendition.role != "main" else [])])


def _text_about(text: TextTrack) -> str:
    return " ".join([text.language, text.role, *(["forced"] if text.forced else [])])


def ladders_table(ladders: Sequence[Ladder]) -> Table:
    """One line a ladder."""
    rows = [(one.name, ", ".join(one.codecs), _rung_count(one), one.description) for one in ladders]
    return table(("LADDER", "CODECS", "RUNGS>", "DESCRIPTION"), rows)


def _rung_count(ladder: Ladder) -> str:
    return f"up to {ladder.policy.max_rungs * len(ladder.codecs)}" if ladder.policy else str(len(ladder.rungs))


def ladder_table(ladder: Ladder) -> Table:
    """All rungs, or the policy that finds them."""
    head = f"{ladder.name}: {ladder.description} ({', '.join(ladder.codecs)}, audio {ladder.audio_kbps} kbit/s)"
    if ladder.policy:
        return table(("POLICY", ""), _policy_rows(ladder.policy), title=head)
    several = len(ladder.codecs) > 1
    rows = [
        (r.name, *((r.codec,) if several else ()), f"{r.width}x{r.height}", f"{r.crf:g}", f"{r.max_kbps} kbit/s",
         f"{r.buffer_kbit} kbit")
        for r in ladder.rungs
    ]  # fmt: skip
    return table(("RUNG", *(("CODEC",) if several else ()), "BOX", "CRF>", "AT MOST>", "BUFFER>"), rows, title=head)


def _policy_rows(policy: Policy) -> list[tuple[str, str]]:
    return [
        ("quality", f"VMAF {policy.top:g} at the top, rungs at least {policy.step:g} apart"),
        ("bitrate", f"averages from {policy.floor_kbps} to {policy.ceiling_kbps} kbit/s, "
                    f"peaks at most {policy.peak_ratio:g} times the average"),
        ("rungs", f"at most {policy.max_rungs} of each codec"),
        ("shots", "a CRF for each shot" if policy.shots else "one CRF for the whole of a rung"),
        ("boxes", " ".join(f"{width}x{height}" for width, height in policy.boxes)),
    ]  # fmt: skip


def fitted_table(rungs: Sequence[FittedRung], display_size: tuple[int, int]) -> Table:
    """What one source gets from a ladder."""
    rows = [
        (r.name, r.codec, f"{r.width}x{r.height}", f"{r.crf:g}", bits(r.max_bps), f"{r.buffer_bits // 1000} kbit")
        for r in rungs
    ]
    head = f"for a source of {display_size[0]}x{display_size[1]}"
    return table(("RUNG", "CODEC", "SIZE", "CRF>", "AT MOST>", "BUFFER>"), rows, title=head)


def search_table(found: Search) -> Table:
    """The rungs that a search found, why, and what it cost. All averages and scores are predicted."""
    several = len(found.ladder.codecs) > 1
    rows = [
        (rung.name, *((rung.codec,) if several else ()), f"{c.point.width}x{c.point.height}", f"{c.point.crf:g}",
         bits(round(c.point.bps)), bits(c.max_bps), f"{c.point.vmaf:.1f}", "" if c.step is None else f"{c.step:.1f}",
         c.reason)
        for rung, c in zip(found.ladder.rungs, found.choices, strict=True)
    ]  # fmt: skip
    cost = found.cost
    head = (
        f"{len(found.samples)} trial encodes in {len(found.windows)} windows took {cost.spent_s:.1f} CPU s, "
        f"{cost.share:.0%} of the final encode ({cost.allowed_share:.0%} allowed)"
    )
    codec = ("CODEC",) if several else ()
    return table(("RUNG", *codec, "SIZE", "CRF>", "AVERAGE>", "AT MOST>", "VMAF>", "STEP>", "WHY"), rows, title=head)


def probe_table(found: Inspection, where: str) -> Table:
    """What the file is, and below it, a line a rule, what was found, what becomes of it, and why."""
    rows = [*_file_rows(found), *_decision_rows(found.decisions), *_told_rows(found)]
    return table(("", "FOUND", "DECIDED", "WHY"), rows, title=where)


def _file_rows(found: Inspection) -> list[tuple[str, str, str, str]]:
    """The file as it is, area by area."""
    video, timing = found.video, found.timing
    return [
        (name, what, "", "")
        for name, what in (
            ("container", found.probe.format),
            ("video", f"{video.codec} {video.width}x{video.height} {video.pixel_format}"),
            ("frames", f"{len(found.index.pts)} in the file, {timing.frames} in the title"),
            ("length", clock_text(timing.frames / timing.rate)),
            ("keyframes", str(len(found.index.keyframes))),
        )
    ]  # fmt: skip


def _decision_rows(decisions: Sequence[Decision]) -> list[tuple[str, str, str, str]]:
    return [(d.rule, d.detected, d.decided, d.why) for d in decisions]


def _told_rows(found: Inspection) -> list[tuple[str, str, str, str]]:
    """Notes that are not decisions already shown, and damage."""
    shown = {d.sentence for d in found.decisions}
    notes = [("note", n, "", "") for n in found.notes if n not in shown]
    return [*notes, *(("damage", d, "", "") for d in found.damage)]


def quality_table(found: TitleQuality) -> Table:
    rows = [
        (r.rendition.id, r.rendition.codec, f"{r.rendition.width}x{r.rendition.height}", bits(r.rendition.average_bps),
         f"{r.quality.mean:.2f}", f"{r.quality.harmonic_mean:.2f}", f"{r.quality.p1:.2f}", f"{r.quality.p5:.2f}",
         f"{r.quality.worst_ten_s:.2f}", clock_text(Fraction(r.quality.worst_at_s)))
        for r in found.renditions
    ]  # fmt: skip
    first = found.renditions[0].quality
    every = "every frame" if first.every == 1 else f"one frame in {first.every}"
    head = (
        f"{found.title.name} ({found.title.id}): VMAF of {every} against the film at {first.width}x{first.height}, "
        f"model {first.model}"
    )
    columns = (
        "RENDITION", "CODEC", "SIZE", "AVERAGE>", "MEAN>", "HARMONIC>", "P1>", "P5>", "WORST 10 S>", "FROM>"
    )  # fmt: skip
    return table(columns, rows, title=head)


def audit_table(report: AuditReport) -> Table:
    return table(("FILE", "WHAT IS WRONG"), [(f.file, f.what) for f in report.faults])


def check_table(report: CheckReport) -> Table:
    rows = [
        (t.protocol, t.rendition, t.kind, str(t.segments), size_text(t.size_bytes), clock_text(t.duration),
         str(t.edge_hits))
        for t in report.tracks
    ]  # fmt: skip
    return table(("", "RENDITION", "KIND", "SEGMENTS>", "BYTES>", "PLAYED>", "EDGE HITS>"), rows)


def audit_line(report: AuditReport) -> str:
    """One line that says how an audit ended."""
    verdict = f"{len(report.faults)} faults" if report.faults else "sound"
    decoded = f", {report.decoded} frames decoded" if report.decoded else ""
    return (
        f"{report.title_id}: {verdict} ({report.files} objects, {size_text(report.size_bytes)}, "
        f"{report.segments} segments{decoded})"
    )
