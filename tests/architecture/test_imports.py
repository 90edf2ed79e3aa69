"""Which way the doors open: the import contracts hold, cover every room, and notice a door that opens the wrong way."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.house import ROOT, none_of

PACKAGES = ("hub", "connectors", "schema", "seeds")


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter over the tree at `root`."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)


def contract(name: str) -> configparser.SectionProxy:
    """Return one contract of `.importlinter`."""
    parser = configparser.ConfigParser(comment_prefixes=("#",))
    parser.read(ROOT / ".importlinter", "utf-8")
    return parser[f"importlinter:contract:{name}"]


@pytest.fixture
def copied_tree(tmp_path: Path) -> Path:
    """The project's packages in a folder where something may be planted."""
    shutil.copy(ROOT / ".importlinter", tmp_path)
    leave_out = shutil.ignore_patterns("node_modules", "static", "__pycache__", "data")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=leave_out)
    return tmp_path


def test_every_import_contract_is_kept() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_below_the_web_every_room_is_under_the_contract() -> None:
    rooms = {f"hub.{path.stem}" for path in (ROOT / "hub").iterdir() if (path / "__init__.py").exists()}
    listed = set(contract("below-the-web")["source_modules"].split())
    none_of(sorted(rooms - listed - {"hub.web"}), "Add to the contract below-the-web in .importlinter.")


def test_a_room_that_imports_the_web_breaks_a_contract(copied_tree: Path) -> None:
    room = copied_tree / "hub" / "regions" / "records.py"
    room.write_text("import flask\n" + room.read_text("utf-8"), "utf-8")
    done = lint(copied_tree)
    assert done.returncode != 0
    assert "hub.regions.records -> flask" in done.stdout


def test_a_lower_room_that_imports_a_higher_one_breaks_a_contract(copied_tree: Path) -> None:
    room = copied_tree / "hub" / "ledger" / "names.py"
    room.write_text("import hub.catalog.records\n" + room.read_text("utf-8"), "utf-8")
    done = lint(copied_tree)
    assert done.returncode != 0
    assert "hub.ledger.names -> hub.catalog.records" in done.stdout
