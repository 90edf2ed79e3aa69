"""What the tests of verifying OFD share: where things stand in a sealed package, and packages described or packed anew."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from hub.signing.ofd.package import read_package
from hub.signing.verdict import Outcome
from tests.seal_desk import SealDesk, with_entries

PASSED, FAILED, CANNOT_TELL = Outcome.PASSED, Outcome.FAILED, Outcome.CANNOT_TELL
FOLDER = "Doc_0/Signs/Sign_0"
DESCRIPTION, VALUE, SEAL = f"{FOLDER}/Signature.xml", f"{FOLDER}/SignedValue.dat", f"{FOLDER}/Seal.esl"
LIST = "Doc_0/Signs/Signatures.xml"
IN_2021 = datetime(2021, 1, 1, tzinfo=UTC)


def described_anew(desk: SealDesk, change: Callable[[str], str]) -> bytes:
    """A sealed document whose description says something else."""
    sealed = desk.sealed()
    text = read_package(sealed).entries[DESCRIPTION].decode()
    assert change(text) != text
    return with_entries(sealed, {DESCRIPTION: change(text).encode()})


def deflated(entries: Mapping[str, bytes], *more: tuple[str, bytes]) -> bytes:
    """The entries packed by another writer."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in [*entries.items(), *more]:
            packed.writestr(name, content)
    return held.getvalue()
