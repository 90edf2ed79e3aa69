"""Which seals stand on a page, where, and with what picture; shows only, judges nothing (that is the verifier's).

A seal that cannot be read leaves an empty stamp at its place: whoever looks sees that something was to be there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hub.signing.ofd.faults import OfdMalformed
from hub.signing.ofd.package import Package
from hub.signing.ofd.signatures import Description, description, signature_lists
from hub.signing.ofd.values import Box, box
from hub.signing.ses_structures import parse_seal, parse_signature
from hub.signing.ses_values import Picture, SealMalformed, SesSignatureMalformed

MAX_STAMPS = 256


@dataclass(frozen=True)
class Stamp:
    """One appearance of a seal: its place on the page in millimetres, the part of it that shows, and its picture, None when unreadable."""

    box: Box
    clip: Box | None
    picture: Picture | None


def stamps(package: Package, page_id: str) -> Iterator[Stamp]:
    """Yield the stamps on the page of that object id, at most 256, in the order of the signatures; unreadable signatures have none."""
    count = 0
    for described in _descriptions(package):
        picture: Picture | None = None
        read = False
        for appearance in described.appearances:
            place = box(appearance.boundary)
            if appearance.page_ref != page_id or place is None or count >= MAX_STAMPS:
                continue
            if not read:
                picture, read = _picture(package, described), True
            count += 1
            yield Stamp(place, box(appearance.clip), picture)


def _descriptions(package: Package) -> Iterator[Description]:
    try:
        listed = [each for found in signature_lists(package.entries) for each in found.listed]
    except OfdMalformed:
        return
    for each in listed:
        try:
            yield description(package.entries, each.path)
        except OfdMalformed:
            continue


def _picture(package: Package, described: Description) -> Picture | None:
    """The seal of its own file, or the one inside the signature."""
    apart = package.entries.get(described.seal_path or "")
    signed = package.entries.get(described.value_path, b"")
    try:
        return parse_seal(apart).picture if apart else parse_signature(signed).seal.picture
    except (SealMalformed, SesSignatureMalformed):
        return None
