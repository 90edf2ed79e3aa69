"""Fetches, bundles and copies what pages and documents serve from others: htmx, the query editor and the fonts.

The packages and versions are those of hub/web/front/package-lock.json; the results lie in hub/web/static/vendor, which git
ignores. Nothing is done while the digest of the lock file, the sources and this script is the one written there.
Needs npm; where there is none, the pinned PyPI package of requirements-node.txt brings Node.js into `.venv`.

Usage: .venv/bin/python -m deploy.frontend
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.bootstrap import CONSTRAINTS, ROOT, VENV, say

FRONT = ROOT / "hub" / "web" / "front"
VENDOR = ROOT / "hub" / "web" / "static" / "vendor"
MARKER = VENDOR / "digest.sha256"
SOURCES = ("package.json", "package-lock.json", "build.mjs", "graphiql.js", "graphiql.css")
LEAST_NODE, LEAST_NPM = 18, 7

PACKAGES = FRONT / "node_modules"
DOCUMENT_FONT = PACKAGES / "@expo-google-fonts/noto-serif-sc"
COPIES: tuple[tuple[Path, str], ...] = (
    (PACKAGES / "htmx.org/dist/htmx.min.js", "htmx/htmx.min.js"),
    (PACKAGES / "htmx.org/LICENSE", "htmx/LICENSE"),
    (FRONT / "built/graphiql", "graphiql"),
    (PACKAGES / "graphiql/LICENSE", "graphiql/LICENSE"),
    (PACKAGES / "@fontsource-variable/noto-sans-sc/index.css", "fonts/noto-sans-sc/index.css"),
    (PACKAGES / "@fontsource-variable/noto-sans-sc/files", "fonts/noto-sans-sc/files"),
    (PACKAGES / "@fontsource-variable/noto-sans-sc/LICENSE", "fonts/noto-sans-sc/LICENSE"),
    (PACKAGES / "@fontsource-variable/noto-serif-sc/index.css", "fonts/noto-serif-sc/index.css"),
    (PACKAGES / "@fontsource-variable/noto-serif-sc/files", "fonts/noto-serif-sc/files"),
    (PACKAGES / "@fontsource-variable/noto-serif-sc/LICENSE", "fonts/noto-serif-sc/LICENSE"),
    (DOCUMENT_FONT / "400Regular/NotoSerifSC_400Regular.ttf", "document/NotoSerifSC-Regular.ttf"),
    (DOCUMENT_FONT / "LICENSE_FONT", "document/LICENSE"),
)


class Unfetched(Exception):
    """The front end's packages could not be fetched, bundled or copied; what happened has been printed."""


def wanted_digest() -> str:
    """Return the SHA-256 (hex) over everything the result depends on."""
    texts = [(FRONT / name).read_bytes() for name in SOURCES]
    return hashlib.sha256(b"\n".join([*texts, Path(__file__).read_bytes()])).hexdigest()


def major(program: str) -> int:
    """Return the major version a program reports, 0 when it is absent or does not run."""
    path = shutil.which(program)
    if path is None:
        return 0
    answer = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    first = answer.stdout.strip().lstrip("v").split(".")[0]
    return int(first) if answer.returncode == 0 and first.isdigit() else 0


def node_present() -> bool:
    """Say whether a Node.js and an npm new enough stand on the search path."""
    return major("node") >= LEAST_NODE and major("npm") >= LEAST_NPM


def bring_node() -> None:
    """Put Node.js into `.venv` from PyPI, unless a good one is on the search path; leave `.venv/bin` first on the path."""
    if node_present():
        return
    say("没有找到 npm，正在把 Node.js 装进 .venv……", "No npm found; installing Node.js into .venv ...")
    os.environ["PATH"] = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    if not node_present():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", str(ROOT / "requirements-node.txt"), "-c", str(CONSTRAINTS)], check=False)
    if not node_present():
        say(
            "Node.js 没有装好；请安装 Node.js 18 以上（含 npm）后重试。",
            "Node.js was not installed; install Node.js 18 or newer with npm and repeat.",
        )
        raise Unfetched


def fetch_packages() -> None:
    """Run `npm ci`, once more if it fails, without running any package's own scripts."""
    say("正在获取页面所需的软件包与字体……", "Fetching scripts and fonts for the pages ...")
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"]
    for attempt in (1, 2):
        if subprocess.run(command, cwd=FRONT, stdin=subprocess.DEVNULL, check=False).returncode == 0:
            return
        if attempt == 1:
            say("没有成功，正在再试一次……", "That failed; trying once more ...")
    say(
        "页面所需的软件包没有取到，原因见上；请检查网络或 npm 源设置后重试。",
        "The front end's packages were not fetched, see above; check the network or npm registry and repeat.",
    )
    raise Unfetched


def bundle() -> None:
    """Bundle the query editor into hub/web/front/built."""
    if subprocess.run(["node", "build.mjs"], cwd=FRONT, stdin=subprocess.DEVNULL, check=False).returncode:
        say("查询编辑器没有打包成功，原因见上。", "The query editor was not bundled, see above.")
        raise Unfetched


def copy(target: Path) -> None:
    """Copy what is served into `target`, which must not exist; of the fonts only woff2 slices and their style sheets."""
    for source, name in COPIES:
        goal = target / name
        goal.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, goal, dirs_exist_ok=True)
        else:
            shutil.copyfile(source, goal)


def refresh(digest: str) -> None:
    """Make hub/web/static/vendor anew; the old one stays in place until the new one is whole."""
    bring_node()
    fetch_packages()
    bundle()
    fresh = VENDOR.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    copy(fresh)
    (fresh / MARKER.name).write_text(digest + "\n", "ascii")
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)


def main() -> int:
    """Bring hub/web/static/vendor to what the lock file asks; return 0, or 1 after saying what failed."""
    digest = wanted_digest()
    if MARKER.exists() and MARKER.read_text("ascii").strip() == digest:
        return 0
    try:
        refresh(digest)
    except Unfetched:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
