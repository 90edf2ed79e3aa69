"""Paths inside an OFD package: entry names, and ST_Loc references (GB/T 33190 7.3) from the package's root or from the file that has them.

Never touches a file system; a path that leaves the package is refused, not repaired.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from hub.signing.ofd.faults import OfdEntryMissing, OfdPathEscapes

MAX_NAME = 512
UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]|^[A-Za-z]:")


def checked_name(name: str, *, folder_allowed: bool = False) -> str:
    """Return `name` when it may be an entry's: relative, no `..`, no empty part, no backslash, at most 512 characters.

    Raises OfdPathEscapes.
    """
    parts = (name[:-1] if folder_allowed and name.endswith("/") else name).split("/")
    if len(name) > MAX_NAME or UNSAFE.search(name) or any(part in ("", ".", "..") for part in parts):
        raise OfdPathEscapes(name[:80])
    return name


def joined(referring: str, reference: str) -> str:
    """Return the entry name that `reference` means in the file `referring`; raise OfdPathEscapes when it leaves the package.

    A leading slash counts from the package's root, anything else from the folder of the referring file.
    """
    reference = reference.strip()
    if reference.startswith("/"):
        target = posixpath.normpath(reference.lstrip("/"))
    else:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(referring), reference))
    return checked_name(target)


def located(entries: Mapping[str, bytes], referring: str, reference: str) -> str:
    """Return the name of the entry that `reference` in the file `referring` means; raise OfdEntryMissing.

    Exact names come first. Vendors also write paths from the root without a slash, repeat their folder, and change the case of letters:
    these are found for reading; a signature's references must be exact.
    """
    wanted = joined(referring, reference)
    for candidate in (wanted, joined("", reference)):
        if candidate in entries:
            return candidate
    folded = {name.casefold(): name for name in entries}
    for candidate in (wanted, joined("", reference)):
        if (name := folded.get(candidate.casefold())) is not None:
            return name
    raise OfdEntryMissing(wanted)
