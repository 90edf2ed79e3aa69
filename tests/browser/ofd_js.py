"""An OFD reader that is not ours, ofd.js 0.2.6 (Apache-2.0), as its authors publish it on npm: one script that needs nothing else.

Fetched with npm when a test first needs it, checked against the digest below, kept in `var/strangers`, never shipped or committed.
Later releases have their reader in a licensed binary, so this is the newest that is open.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "ofd.js@0.2.6"
SHA512 = "qBC4bD5fC2e+qWg2ap6pajAU1Rl/G6+l6NUxMVgdcXTtjWcdRSYD6e63WGgmKAEuE4fjmntzIXZwODawjWmQuw=="
SCRIPT = "package/lib/ofd.umd.min.js"
KEPT = ROOT / "var/strangers/ofd.js-0.2.6.js"
NPM_SECONDS = 60
SHOW = """async ([content, width]) => {
  const file = new File([Uint8Array.from(atob(content), (each) => each.charCodeAt(0))], 'document.ofd');
  const read = await new Promise((success, fail) => ofd.parseOfdDocument({ofd: file, success, fail}));
  document.body.replaceChildren(...ofd.renderOfd(width, read[0]));
}"""


def ofd_js_lacks() -> str | None:
    """Return why the reader cannot be had, in words, or None when it lies in `var/strangers`."""
    if KEPT.exists():
        return None
    npm = shutil.which("npm")
    if npm is None:
        return "ofd.js: npm is not installed"
    with tempfile.TemporaryDirectory() as folder:
        command = [npm, "pack", PACKAGE, "--ignore-scripts", "--loglevel=error"]
        asked = subprocess.run(command, cwd=folder, capture_output=True, timeout=NPM_SECONDS, check=False)
        packed = next(Path(folder).glob("*.tgz"), None)
        if asked.returncode or packed is None:
            return "ofd.js: the npm registry cannot be reached"
        assert base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode() == SHA512, (
            "not the ofd.js we know"
        )
        with tarfile.open(packed) as archive:
            script = archive.extractfile(SCRIPT)
            assert script is not None
            KEPT.parent.mkdir(parents=True, exist_ok=True)
            KEPT.write_bytes(script.read())
    return None


def show_with_ofd_js(page: Page, content: bytes, width: int) -> None:
    """Show the document in the empty page as ofd.js renders it, as wide as asked; leaves the test out where it cannot be had."""
    lacks = ofd_js_lacks()
    if lacks is not None:
        pytest.skip(lacks)
    page.set_content("<!DOCTYPE html><body style='margin:0'></body>")
    page.add_script_tag(path=KEPT)
    page.evaluate(SHOW, [base64.b64encode(content).decode(), width])
