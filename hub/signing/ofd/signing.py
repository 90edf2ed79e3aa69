"""Seals and signs OFD packages: GB/T 33190-2016 clause 18 with GB/T 38540 e-seals, or with GB/T 35275 signatures that carry a certificate.

A signature covers every entry but its own two; the list of signatures only when it closes the document. Signed XML is never parsed and
written again: entries are taken over byte for byte, the one line that names the list goes into OFD.xml before the first signature, as
text. The container is written in the canonical form that the verifier insists on for files with this hub's mark.
"""

from __future__ import annotations

import base64
import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import quoteattr

from hub.errors import HubError
from hub.signing.keys import Key
from hub.signing.ofd.faults import OfdMalformed, OfdPageMissing
from hub.signing.ofd.package import read_package, write_package
from hub.signing.ofd.signatures import (
    DECLARATION,
    ROOT,
    SEAL,
    SIGN,
    Listed,
    SignatureList,
    description,
    greatest_id,
    signature_lists,
    written_list,
)
from hub.signing.ofd.xml import NAMESPACE, child, children, parsed, text_of
from hub.signing.placing import Impression
from hub.signing.ses_checks import SM2_WITH_SM3
from hub.signing.ses_making import bytes_to_sign, sign_with_seal, signature_from
from hub.signing.signed_data import sm2_signed_data
from hub.signing.sm2 import sm3

MARK = "Tongban"
MARK_VERSION = "1"
SM3_OID = "1.2.156.10197.1.401"
BODY_END = re.compile(rb"</(?:([A-Za-z_][\w.-]*):)?DocBody\s*>")
Stamper = Callable[[bytes], bytes]


class OfdLocked(HubError):
    """A signature covers the list of signatures: the document is closed, and any further signature would break that one.

    Cure: sign the document before it is closed, or issue a new one.
    """

    code = "ofd.locked"

    def __init__(self) -> None:
        super().__init__(
            "文件已被锁定，不能再加盖印章或签名。", "The document is closed; no further seal or signature can be added."
        )


@dataclass(frozen=True)
class OfdSealing:
    """Who seals, with what, where and when: `seal` is the e-seal, `certificate` (DER) the one of `key`; `signed_at` is aware.

    `timestamp` maps the SM3 of the signature value to a token (DER); `lock` closes the document to further signatures.
    """

    seal: bytes
    key: Key
    certificate: bytes
    places: Sequence[Impression]
    signed_at: datetime
    timestamp: Stamper | None
    lock: bool = False


def seal_ofd(ofd: bytes, act: OfdSealing) -> bytes:
    """Return the package sealed with an e-seal, shown at every one of `act.places`, in the canonical container.

    Raises OfdMalformed and its kin for the package, OfdLocked, OfdPageMissing, and what `sign_with_seal` raises; nothing is kept then.
    """
    draft = _Draft(ofd, SEAL, lock=act.lock)
    draft.entries[draft.seal_path] = act.seal
    signed = draft.described(act.signed_at, act.places)
    draft.entries[draft.value_path] = sign_with_seal(
        act.seal,
        data_hash=sm3(signed),
        property_info=f"/{draft.path}",
        key=act.key,
        certificate=act.certificate,
        signed_at=act.signed_at,
        timestamp=act.timestamp,
    )
    return write_package(draft.entries)


@dataclass(frozen=True)
class PreparedOfd:
    """A package that waits for the signature value of its e-seal: the container without it, where it goes, and what is to be signed."""

    content: bytes
    value_path: str
    to_sign: bytes  # TBS_Sign, DER, before hashing and without ZA


def prepare_seal(
    ofd: bytes, *, seal: bytes, certificate: bytes, places: Sequence[Impression], signed_at: datetime, lock: bool
) -> PreparedOfd:
    """Return the package with everything but the value, for a key that is elsewhere; arguments as in `OfdSealing`, raises as `seal_ofd`."""
    draft = _Draft(ofd, SEAL, lock=lock)
    draft.entries[draft.seal_path] = seal
    digest, told = sm3(draft.described(signed_at, places)), f"/{draft.path}"
    signed = bytes_to_sign(seal, data_hash=digest, property_info=told, certificate=certificate, signed_at=signed_at)
    return PreparedOfd(write_package(draft.entries), draft.value_path, signed)


def complete_seal(prepared: PreparedOfd, value: bytes, *, certificate: bytes, timestamp: Stamper | None) -> bytes:
    """Return the sealed package, in the form `seal_ofd` writes; `value` (DER) is not checked here. Raises what the time stamp raises."""
    entries = dict(read_package(prepared.content).entries)
    entries[prepared.value_path] = signature_from(prepared.to_sign, value, certificate=certificate, timestamp=timestamp)
    return write_package(entries)


def sign_ofd(
    ofd: bytes, *, key: Key, chain: Sequence[bytes], signed_at: datetime, timestamp: Stamper | None, lock: bool = False
) -> bytes:
    """Return the package signed without a seal (`Type="Sign"`), the certificate inside the signature (GB/T 35275).

    `chain` is DER, the signer's certificate first; the other arguments are as in `OfdSealing`. Raises OfdMalformed and its kin, OfdLocked,
    KeyAlgorithmUnsupported.
    """
    draft = _Draft(ofd, SIGN, lock=lock)
    signed = draft.described(signed_at, ())
    draft.entries[draft.value_path] = sm2_signed_data(signed, key=key, chain=chain, timestamp=timestamp)
    return write_package(draft.entries)


class _Draft:
    """A package that one more signature is being added to: its entries, and the paths and ids of the new signature."""

    def __init__(self, ofd: bytes, kind: str, *, lock: bool) -> None:
        self.entries = dict(read_package(ofd).entries)
        self.kind, self.lock = kind, lock
        known = _list(self.entries)
        described = [description(self.entries, each.path) for each in known.listed]
        if any(reference.entry == known.path for each in described for reference in each.references):
            raise OfdLocked
        folder = _free_folder(self.entries, posixpath.dirname(known.path))
        self.path, self.value_path = f"{folder}/Signature.xml", f"{folder}/SignedValue.dat"
        self.seal_path = f"{folder}/Seal.esl"
        self.list_path, self.document = known.path, known.document
        self.listed, self.first_id = known.listed, greatest_id(known.listed, described) + 1

    def described(self, at: datetime, places: Sequence[Impression]) -> bytes:
        """Enter the new signature in the list, write its description, and return it: what is to be signed."""
        new = Listed(str(self.first_id), self.kind, self.path)
        self.entries[self.list_path] = written_list([*self.listed, new], self.first_id + len(places))
        covered = [name for name in sorted(self.entries) if self.lock or name != self.list_path]
        pages = _page_ids(self.entries, self.document) if places else []
        content = "".join(
            (
                f'{DECLARATION}<ofd:Signature xmlns:ofd="{NAMESPACE}"><ofd:SignedInfo>',
                f'<ofd:Provider ProviderName="{MARK}" Company="{MARK}" Version="{MARK_VERSION}"/>',
                f"<ofd:SignatureMethod>{SM2_WITH_SM3}</ofd:SignatureMethod>",
                f"<ofd:SignatureDateTime>{at.astimezone(UTC):%Y%m%d%H%M%SZ}</ofd:SignatureDateTime>",
                f'<ofd:References CheckMethod="{SM3_OID}">',
                *(_reference(name, self.entries[name]) for name in covered),
                "</ofd:References>",
                *(_stamp(self.first_id + number, place, pages) for number, place in enumerate(places, start=1)),
                f"<ofd:Seal><ofd:BaseLoc>/{self.seal_path}</ofd:BaseLoc></ofd:Seal>" if self.kind == SEAL else "",
                f"</ofd:SignedInfo><ofd:SignedValue>/{self.value_path}</ofd:SignedValue></ofd:Signature>\n",
            )
        ).encode()
        self.entries[self.path] = content
        return content


def _list(entries: dict[str, bytes]) -> SignatureList:
    """Return the first document's list of signatures; name a new one in OFD.xml where there is none."""
    known = signature_lists(entries)
    if known:
        return known[0]
    root = parsed(entries[ROOT], ROOT)
    document = text_of(root, "DocBody", "DocRoot").lstrip("/")
    path = posixpath.join(posixpath.dirname(document), "Signs", "Signatures.xml")
    if path in entries:
        raise OfdMalformed(path)
    entries[ROOT] = _naming(entries[ROOT], path)
    return SignatureList(path, document, ())


def _naming(root: bytes, path: str) -> bytes:
    """Return OFD.xml with the list's path at the end of the first DocBody, under the prefix that stands there; nothing else changes."""
    end = BODY_END.search(root)
    if end is None:
        raise OfdMalformed("DocBody")
    prefix = f"{end[1].decode()}:" if end[1] else ""
    line = f"<{prefix}Signatures>/{path}</{prefix}Signatures>".encode()
    named = root[: end.start()] + line + root[end.start() :]
    if text_of(parsed(named, ROOT), "DocBody", "Signatures") != f"/{path}":
        raise OfdMalformed("DocBody")
    return named


def _free_folder(entries: Mapping[str, bytes], folder: str) -> str:
    number = 0
    while any(name.startswith(f"{folder}/Sign_{number}/") for name in entries):
        number += 1
    return f"{folder}/Sign_{number}"


def _page_ids(entries: Mapping[str, bytes], document: str) -> list[str]:
    pages = child(parsed(entries.get(document, b""), document), "Pages")
    return [] if pages is None else [each.get("ID", "") for each in children(pages, "Page")]


def _reference(name: str, content: bytes) -> str:
    value = base64.b64encode(sm3(content)).decode("ascii")
    return f"<ofd:Reference FileRef={quoteattr('/' + name)}><ofd:CheckValue>{value}</ofd:CheckValue></ofd:Reference>"


def _stamp(number: int, place: Impression, pages: Sequence[str]) -> str:
    if not 0 <= place.page < len(pages):
        raise OfdPageMissing(str(place.page + 1))
    boundary = _box(place.x_mm, place.y_mm, place.side_mm, place.side_mm)
    clip = ""
    if place.strip:
        first, last = place.strip
        clip = f' Clip="{_box(first, 0, last - first, place.side_mm)}"'
    return f'<ofd:StampAnnot ID="{number}" PageRef={quoteattr(pages[place.page])} Boundary="{boundary}"{clip}/>'


def _box(*numbers: float) -> str:
    return " ".join(f"{number:.3f}".rstrip("0").rstrip(".") for number in numbers)
