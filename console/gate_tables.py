"""What the quality gate found, as a terminal shows it. Draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from gate.finding import KINDS
from values.clock import clock_text

if TYPE_CHECKING:
    from gate.report import GateReport

_STYLES = {"error": "bold red", "warning": "yellow", "info": "dim"}


def gate_table(found: GateReport) -> Table:
    """One line a finding, the worst first, then by time."""
    out = Table(title=Text(gate_line(found)), box=None, pad_edge=False, title_justify="left", header_style="bold")
    for name in ("SEVERITY", "FROM", "TO", "KIND"):
        out.add_column(name, no_wrap=True)
    out.add_column("FINDING", overflow="fold")
    for f in found.findings:
        out.add_row(
            Text(f.severity, style=_STYLES[f.severity]), Text(clock_text(f.start)), Text(clock_text(f.stop)),
            Text(KINDS[f.kind]), Text(f.text),
        )  # fmt: skip
    return out


def gate_line(found: GateReport) -> str:
    """The whole in a line: ``talk.mp4: 0:09:56.458, 1 error, 2 warnings, 3 notes``."""
    return f"{found.name}: {clock_text(found.duration)}, {counts_text(found)}"


def counts_text(found: GateReport) -> str:
    """Findings by severity, in words."""
    words = {"error": ("error", "errors"), "warning": ("warning", "warnings"), "info": ("note", "notes")}
    return ", ".join(f"{n} {words[s][n != 1]}" for s, n in found.counts.items())
