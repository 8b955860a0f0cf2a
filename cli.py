"""The command `matinee`: parse, call, render."""

from __future__ import annotations

import click


@click.group()
@click.version_option(package_name="matinee")
def main() -> None:
    """From a master file to a playing title."""
