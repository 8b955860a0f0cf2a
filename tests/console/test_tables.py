"""Tables as a terminal shows them."""

from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console
from rich.table import Table

from console.tables import probe_table, search_table
from tests.encoder.jobs import inspected
from tests.parts import SAMPLE
from tests.reports.searches import made


def shown(table: Table) -> str:
    console = Console(file=io.StringIO(), width=160, markup=False)
    console.print(table, highlight=False)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_search_shows_its_rungs_with_reasons_and_its_cost() -> None:
    search = made()
    lines = shown(search_table(search)).splitlines()
    assert lines[0].rstrip() == (
        "300 trial encodes in 12 windows took 99.8 CPU s, 20% of the final encode (25% allowed)"
    )
    assert lines[1].split() == ["RUNG", "SIZE", "CRF", "AVERAGE", "AT", "MOST", "VMAF", "STEP", "WHY"]
    top = search.choices[-1]
    row = next(line for line in lines if line.startswith("1080p "))
    assert row.split()[:9] == [
        "1080p", "1920x1080", f"{top.point.crf:g}", *f"{top.point.bps / 1e6:.1f} Mbit/s".split(),
        *f"{top.max_bps / 1e6:.1f} Mbit/s".split(), f"{top.point.vmaf:.1f}", "top:",
    ]  # fmt: skip
    assert len([line for line in lines[2:] if not line.startswith(" ")]) == len(search.choices)


def test_a_search_of_several_codecs_names_them() -> None:
    lines = shown(search_table(made(("h264", "av1")))).splitlines()
    assert lines[1].split()[:2] == ["RUNG", "CODEC"]
    assert [line.split()[1] for line in lines[2:] if line.startswith("av1-1080p ")] == ["av1"]


def test_a_probe_shows_what_was_found_and_decided_and_why_a_line_a_rule() -> None:
    lines = shown(probe_table(inspected(SAMPLE), "sample.mp4")).splitlines()
    rows = {line.split()[0]: line for line in lines[2:] if not line.startswith(" ")}
    assert list(rows) == [
        "container", "video", "frames", "length", "keyframes",
        "rate", "scan", "start", "shape", "crop", "colour", "renditions", "sound", "loudness",
    ]  # fmt: skip
    assert lines[1].split() == ["FOUND", "DECIDED", "WHY"]
    assert rows["rate"].split(maxsplit=1)[1].split("  ")[0] == "constant, 24 fps"
    assert "24 fps, 360 frames" in rows["rate"]
    assert rows["rate"].rstrip().endswith("as the source")
    assert "pictures are taken as they are" in rows["scan"]


def test_a_probe_tells_notes_and_damage_that_no_rule_has_shown() -> None:
    found = inspected(SAMPLE)
    told = replace(found, notes=(found.decisions[0].sentence, "a word of caution"), damage=("cut short",))
    lines = shown(probe_table(told, "sample.mp4")).splitlines()
    assert [line.split(maxsplit=1) for line in (s.rstrip() for s in lines[-2:])] == [
        ["note", "a word of caution"], ["damage", "cut short"],
    ]  # fmt: skip
    assert sum("24 fps, 360 frames" in line for line in lines) == 1
