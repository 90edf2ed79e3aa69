"""Sees that what the tests need from the system is there: PostgreSQL 15+, Chromium (with libatomic), poppler-utils, openssl, SoftHSM2.

As root on Debian it installs what is missing; elsewhere it says what to install and goes on, and the tests that need it are
reported as left out. Standard library only; quick when everything is present. Nothing here is needed to run a hub.

Usage: .venv/bin/python -m deploy.services
"""

from __future__ import annotations

import ctypes
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.bootstrap import say

LEAST_POSTGRESQL = 15
POSTGRESQL_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM_ON_MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def postgresql_programs() -> Path | None:
    """Return the folder of the newest PostgreSQL server programs (initdb, postgres), None below version 15."""
    folders = [folder for place in POSTGRESQL_PLACES for folder in Path("/").glob(place.lstrip("/"))]
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    found = [(postgresql_major(folder), folder) for folder in folders if (folder / "initdb").exists()]
    version, folder = max(found, default=(0, Path()))
    return folder if version >= LEAST_POSTGRESQL else None


def postgresql_major(folder: Path) -> int:
    """Return the major version of the server programs in `folder`, 0 when they do not run."""
    answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"(\d+)", answer.stdout)
    return int(version.group(1)) if answer.returncode == 0 and version else 0


def chromium_program() -> Path | None:
    """Return the Chromium or Chrome to drive: the one the variable CHROMIUM names, or the first found; None without."""
    for name in (os.environ.get("CHROMIUM", ""), *CHROMIUM_NAMES):
        path = shutil.which(name) if name else None
        if path:
            return Path(path)
    return CHROMIUM_ON_MACOS if CHROMIUM_ON_MACOS.exists() else None


def driver_library() -> bool:
    """Say whether libatomic can be loaded: Playwright's driver on Linux needs it, and a minimal system lacks it."""
    if sys.platform != "linux":
        return True
    try:
        ctypes.CDLL("libatomic.so.1")
    except OSError:
        return False
    return True


def missing() -> dict[str, str]:
    """Return what is absent: the Debian package for each, with the name people know it by."""
    present = {
        ("postgresql", "PostgreSQL 15+"): postgresql_programs(),
        ("chromium", "Chromium"): chromium_program(),
        ("libatomic1", "libatomic"): driver_library(),
        ("poppler-utils", "poppler-utils (pdfsig, pdftotext)"): shutil.which("pdfsig") and shutil.which("pdftotext"),
        ("openssl", "OpenSSL 3"): shutil.which("openssl"),
        ("softhsm2", "SoftHSM 2"): shutil.which("softhsm2-util"),
    }
    return {package: name for (package, name), found in present.items() if not found}


def on_debian_as_root() -> bool:
    """Say whether apt-get may be used here: Debian itself (Ubuntu's chromium package is an empty shell), and root."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    try:
        return platform.freedesktop_os_release().get("ID") == "debian"
    except OSError:
        return False


def apt_install(packages: list[str]) -> None:
    """Install Debian packages without questions; failures show in what `missing` says afterwards."""
    say(f"正在安装测试所需的系统软件：{' '.join(packages)}……", f"Installing for the tests: {' '.join(packages)} ...")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        subprocess.run(
            ["apt-get", *command], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False
        )


def main() -> int:
    """Install or name what is missing; always return 0, because the tests that can run shall run."""
    lacking = missing()
    if lacking and on_debian_as_root():
        apt_install(list(lacking))
        lacking = missing()
    if lacking:
        names, packages = "、".join(lacking.values()), " ".join(lacking)
        say(
            f"测试还缺：{names}。需要它们的测试将被略过；在 Debian 上可运行 apt-get install {packages}。",
            f"Tests still lack: {', '.join(lacking.values())}. Tests that need them will be left out; "
            f"on Debian run apt-get install {packages}.",
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
