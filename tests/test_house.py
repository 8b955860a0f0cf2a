"""The house itself: names, packages and the documents that describe them."""

from __future__ import annotations

import configparser
import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def setup() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    return parser


def rooms() -> set[str]:
    """The top-level packages that the distribution installs."""
    include = setup()["options.packages.find"]["include"].split()
    return {name for name in include if "*" not in name}


def test_no_other_installed_distribution_owns_one_of_our_names() -> None:
    ours = rooms() | {"cli"}
    owners = {
        name: {o for o in importlib.metadata.packages_distributions().get(name, []) if o != "matinee"} for name in ours
    }
    assert {name: found for name, found in owners.items() if found} == {}


def test_every_package_of_the_tree_is_installed_and_the_other_way_round() -> None:
    found = {p.parent.name for p in ROOT.glob("*/__init__.py")}
    assert found == rooms()


def test_every_installed_room_is_under_the_import_rules_and_in_the_architecture() -> None:
    linted = set(setup()["importlinter"]["root_packages"].split())
    assert rooms() - {"samples"} == linted
    text = (ROOT / "ARCHITECTURE.md").read_text()
    assert [room for room in sorted(rooms()) if f"`{room}/`" not in text] == []


def test_every_dependency_has_its_reason_in_the_architecture() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    names = [line.split(">=")[0].strip() for line in setup()["options"]["install_requires"].split()]
    assert [n for n in names if f"`{n}`" not in text] == []


def test_the_distribution_can_not_be_uploaded_by_accident() -> None:
    assert "Private :: Do Not Upload" in setup()["metadata"]["classifiers"]


def test_every_module_says_what_belongs_in_it() -> None:
    import ast

    silent = [
        str(path.relative_to(ROOT))
        for room in sorted(rooms())
        for path in (ROOT / room).rglob("*.py")
        if not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


@pytest.mark.parametrize("name", ["requirements.lock", "tests/players/package-lock.json"])
def test_lock_files_name_no_registry(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text.replace("https://opencollective.com", "").replace("https://github.com", "") or not any(
        word in text for word in ("registry.", "pypi.", "--index-url", "--extra-index-url", '"resolved"')
    )


def test_help_is_shown_without_loading_ray_or_ffmpeg() -> None:
    code = "import cli, sys; cli.main(['--help'])"
    probe = "import sys, cli; print(sorted({'ray', 'av', 'boto3', 'aiohttp'} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "onboard" in shown.stdout
    assert loaded.stdout.strip() == "[]"
