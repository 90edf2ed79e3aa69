"""Programs of other people that a test runs on files; where one is not installed, its tests are left out and the summary says which."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.journeys.partner import SECONDS


def needs(program: str) -> str:
    """Return the path of a program; leaves the test out where it is not installed."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


def run(*command: str | Path, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Return what became of a program."""
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS)


def kept(path: Path, content: bytes) -> Path:
    """Return the path of a file that now holds `content`."""
    path.write_bytes(content)
    return path
