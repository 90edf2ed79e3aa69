"""`make run` on a bare machine: what is fetched is pinned, names no private host, and an old Python gets a sentence."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "hub/web/front/package-lock.json"
REQUIREMENTS = ("requirements.txt", "requirements-dev.txt", "requirements-node.txt", "constraints.txt")


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_every_python_requirement_is_pinned_to_one_release(name: str) -> None:
    lines = [line.split("#")[0].strip() for line in (ROOT / name).read_text("utf-8").splitlines()]
    wanted = [line for line in lines if line and not line.startswith("-r ")]
    assert [line for line in wanted if not re.fullmatch(r"[\w.-]+(\[[\w,-]+\])?==[\w.]+", line)] == []


def test_constraints_agree_with_the_requirements() -> None:
    def pins(name: str) -> dict[str, str]:
        found = re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==([\w.]+)", (ROOT / name).read_text("utf-8"), re.MULTILINE)
        return {re.sub(r"[-_.]+", "-", package).lower(): version for package, version in found}

    constraints = pins("constraints.txt")
    wanted = pins("requirements.txt") | pins("requirements-dev.txt")
    assert {package: constraints.get(package) for package in wanted} == wanted


def test_the_front_end_lock_file_names_no_registry_host() -> None:
    packages = json.loads(LOCK.read_text("utf-8"))["packages"]
    assert [name for name, entry in packages.items() if "resolved" in entry] == []


def test_every_front_end_package_is_locked_by_its_digest() -> None:
    packages = json.loads(LOCK.read_text("utf-8"))["packages"]
    assert [name for name, entry in packages.items() if name and not entry.get("integrity")] == []


def test_the_first_step_can_be_read_by_a_python_too_old_to_take_it() -> None:
    source = (ROOT / "deploy/bootstrap.py").read_text("utf-8")
    ast.parse(source, feature_version=(3, 6))
    assert "from __future__" not in source
