"""The command of the quality gate: `matinee qc`. Parse, call, render."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from console.options import json_option, print_json, store_option, write_file


@click.command()
@click.argument("master")
@click.option("--html", type=click.Path(path_type=Path), metavar="OUT.html", help="Write a report with a timeline.")
@click.option("--strict", is_flag=True, help="Exit 1 if there is any error.")
@click.option("--workers", type=int, metavar="N", help="Chunks looked at at once (default: one a core).")
@click.option("--ray", "ray_address", metavar="ADDRESS", help="A Ray cluster to join (default: a local Ray).")
@click.option("--allow-damaged", is_flag=True, help="Look at a damaged master too: what is broken is found.")
@store_option
@json_option
def qc(as_json: bool, master: str, html: Path | None, strict: bool, **options: Any) -> None:
    """Look for faults in MASTER: black, freezes, silence, damage and more, each with time and severity.

    Nothing is stored, but with --ray: then the master is brought into the store, where a cluster's machines read it.
    """
    from console.gate_tables import counts_text, gate_table
    from console.progress import choose_view, follow_to_value
    from console.tables import draw
    from gate.report import report_json
    from onboarding.checking import check_master
    from onboarding.settings import OnboardSettings

    settings = OnboardSettings(master, **options)
    found = follow_to_value(check_master(settings), choose_view(as_json=False, stream=sys.stderr))
    if as_json:
        print_json(report_json(found))
    elif found.findings:
        draw(gate_table(found))
    else:
        click.echo(f"{found.name}: nothing found")
    if html:
        from reports.gate import gate_report

        write_file(html, gate_report(found))
    if strict and found.counts["error"]:
        click.echo(f"error: {found.name} has {counts_text(found)}", err=True)
        sys.exit(1)
