"""Reads the signatures of an OFD package, and writes the list of them (GB/T 33190-2016 clause 18).

Reading is independent of order, namespace and the vendor's way with paths, but a signature's references must name entries exactly. Ids are
opaque. A description (`Signature.xml`) is never written again once it was signed; the list (`Signatures.xml`) is, as long as no signature
covers it, because each new signature must be entered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from hub.signing.ofd.faults import OfdEntryMissing, OfdMalformed, OfdPathEscapes, OfdTooLarge
from hub.signing.ofd.paths import joined
from hub.signing.ofd.xml import NAMESPACE, child, children, name_of, parsed, text_of

if TYPE_CHECKING:
    from lxml.etree import _Element

ROOT = "OFD.xml"
SEAL, SIGN = "Seal", "Sign"
MD5 = "MD5"  # what GB/T 33190 means by an absent CheckMethod
MAX_SIGNATURES = 64
MAX_REFERENCES = 8192
MAX_BYTES = 2 * 1024 * 1024  # of one XML here; as a tree it takes sixty times as much
MAX_DESCRIBED_BYTES = 4 * 1024 * 1024  # of all descriptions, one that is listed twice counting twice
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True)
class Listed:
    """One line of a list: the signature's opaque id, `Seal` or `Sign`, the entry that describes it, and the id it builds on, if any."""

    id: str
    kind: str
    path: str
    base: str | None = None


@dataclass(frozen=True)
class SignatureList:
    """One document's list of signatures, in its order; `path` is the list's own entry, `document` the entry of its Document.xml."""

    path: str
    document: str
    listed: tuple[Listed, ...]


@dataclass(frozen=True)
class Reference:
    """One protected file: as written, the entry it means (None when there is none), and the digest written for it (base64)."""

    written: str
    entry: str | None
    check_value: str


@dataclass(frozen=True)
class Appearance:
    """Where a seal shows: page object id, boundary and clip in millimetres ("x y w h" as written; the clip is relative to the boundary)."""

    id: str
    page_ref: str
    boundary: str
    clip: str | None


@dataclass(frozen=True)
class Description:
    """What a Signature.xml says; `content` is its bytes, which are what is signed. Paths are entry names, present or not."""

    path: str
    content: bytes
    provider: str
    check_method: str
    references: tuple[Reference, ...]
    appearances: tuple[Appearance, ...]
    value_path: str
    seal_path: str | None


def signature_lists(entries: Mapping[str, bytes]) -> list[SignatureList]:
    """Return the list of each document that has one; raise OfdMalformed and its kin for what cannot be read."""
    if ROOT not in entries:
        raise OfdEntryMissing(ROOT)
    root = parsed(entries[ROOT], ROOT, MAX_BYTES)
    found: list[SignatureList] = []
    for body in children(root, "DocBody"):
        written = text_of(body, "Signatures")
        if written:
            path = _entry(entries, ROOT, written)
            found.append(SignatureList(path, joined(ROOT, text_of(body, "DocRoot")), tuple(_listed(entries, path))))
    if sum(len(each.listed) for each in found) > MAX_SIGNATURES:
        raise OfdMalformed(f"> {MAX_SIGNATURES} Signature")
    if sum(len(entries[one.path]) for each in found for one in each.listed) > MAX_DESCRIBED_BYTES:
        raise OfdTooLarge("Signature")
    return found


def description(entries: Mapping[str, bytes], path: str) -> Description:
    """Return what the entry `path` describes; raise OfdMalformed and its kin for what cannot be read."""
    content = entries[path]
    root = parsed(content, path, MAX_BYTES)
    references = child(root, "SignedInfo", "References")
    provider = child(root, "SignedInfo", "Provider")
    members = [] if references is None else list(children(references, "Reference"))
    if len(members) > MAX_REFERENCES:
        raise OfdMalformed(f"> {MAX_REFERENCES} Reference")
    seal = text_of(root, "SignedInfo", "Seal", "BaseLoc")
    return Description(
        path=path,
        content=content,
        provider="" if provider is None else provider.get("ProviderName", ""),
        check_method=MD5 if references is None else references.get("CheckMethod", MD5),
        references=tuple(_reference(entries, path, each) for each in members),
        appearances=tuple(_appearances(root)),
        value_path=_entry(entries, path, text_of(root, "SignedValue")),
        seal_path=_meant(entries, path, seal) if seal else None,
    )


def written_list(listed: Sequence[Listed], greatest: int) -> bytes:
    """Return Signatures.xml in the one form this hub writes; `greatest` is the greatest number used as an id of signatures and stamps."""
    lines = "".join(
        f"<ofd:Signature ID={quoteattr(each.id)} Type={quoteattr(each.kind)} BaseLoc={quoteattr('/' + each.path)}"
        + (f" Relative={quoteattr(each.base)}/>" if each.base else "/>")
        for each in listed
    )
    body = f"<ofd:MaxSignId>{greatest}</ofd:MaxSignId>{lines}"
    return f'{DECLARATION}<ofd:Signatures xmlns:ofd="{NAMESPACE}">{body}</ofd:Signatures>\n'.encode()


def greatest_id(listed: Sequence[Listed], descriptions: Sequence[Description]) -> int:
    """Return the greatest number used as an id by signatures and their stamps, 0 for none; ids that are no numbers do not count."""
    written = [each.id for each in listed] + [stamp.id for each in descriptions for stamp in each.appearances]
    return max((int(each) for each in written if each.isascii() and each.isdigit() and len(each) < 10), default=0)


def _listed(entries: Mapping[str, bytes], path: str) -> Iterator[Listed]:
    for each in children(parsed(entries[path], path, MAX_BYTES), "Signature"):
        described = _entry(entries, path, each.get("BaseLoc", ""))
        yield Listed(each.get("ID", ""), each.get("Type", SEAL), described, each.get("Relative"))


def _reference(entries: Mapping[str, bytes], path: str, element: _Element) -> Reference:
    written = element.get("FileRef", "")
    meant = _meant(entries, path, written)
    return Reference(written, meant if meant in entries else None, text_of(element, "CheckValue"))


def _appearances(root: _Element) -> Iterator[Appearance]:
    signed = child(root, "SignedInfo")
    for each in () if signed is None else (one for one in signed if name_of(one) == "StampAnnot"):
        yield Appearance(each.get("ID", ""), each.get("PageRef", ""), each.get("Boundary", ""), each.get("Clip"))


def _meant(entries: Mapping[str, bytes], referring: str, written: str) -> str | None:
    """Return the entry name a path means, exactly; vendors also write paths from the root without a slash. None for no path at all."""
    first: str | None = None
    for start in (referring, ROOT):
        try:
            meant = joined(start, written)
        except OfdPathEscapes:
            continue
        if meant in entries:
            return meant
        first = first or meant
    return first


def _entry(entries: Mapping[str, bytes], referring: str, written: str) -> str:
    meant = _meant(entries, referring, written)
    if meant is None or meant not in entries:
        raise OfdEntryMissing(written[:80])
    return meant
