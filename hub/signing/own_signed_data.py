"""Reads CMS SignedData in the one form this hub writes (`signed_data.canonical_form`), a tenth of the cost of a general reader.

A form is believed only when it can be written again to the very same bytes; anything else, also another's well-formed signature, is left
to `verify_cms`. Nothing is verified here, and nothing is trusted.
"""

from __future__ import annotations

from dataclasses import dataclass

from hub.signing.der import OCTET_STRING, SET
from hub.signing.der import first_element_length as length_of_first
from hub.signing.keys import P256, RSA, SM2
from hub.signing.signed_data import (
    DATA,
    MESSAGE_DIGEST,
    SUITES,
    TST_INFO,
    canonical_form,
    issuer_and_serial,
    signed_attributes,
)

ALGORITHMS = {suite.signature_identifier: name for name, suite in SUITES.items() if name in (P256, RSA, SM2)}
DIGEST_HEADER = SET + b"\x22" + OCTET_STRING + b"\x20"
DIGEST_BYTES = 32
NAMES = {DATA: "data", TST_INFO: "tst_info"}
MAX_CERTIFICATES = 16


@dataclass(frozen=True)
class OwnForm:
    """The parts of a signature in this hub's form; `certificates` is the signer's first, then the others in the order of the file."""

    algorithm: str
    certificates: tuple[bytes, ...]
    content_type: str
    message_digest: bytes
    attributes: bytes
    signature: bytes
    content: bytes | None
    token: bytes | None


class _OtherForm(Exception):
    """The bytes are not in this hub's form."""


def own_form(encoded: bytes) -> OwnForm | None:
    """Return the parts of `encoded` (ContentInfo), None when it is not, to the last byte, in this hub's form."""
    try:
        found = _taken_apart(encoded)
    except _OtherForm:
        return None
    again = canonical_form(
        found.certificates,
        found.attributes,
        found.signature,
        algorithm=found.algorithm,
        content=found.content,
        token=found.token,
    )
    return found if again == encoded else None


def _taken_apart(encoded: bytes) -> OwnForm:
    _, wrapped = _members(_inner(encoded), 2)
    _, _, encapsulated, certificates, signers = _members(_inner(_inner(wrapped)), 5)
    signer = _members(_inner(_inner(signers)), 6, 7)
    attributes = SET + signer[3][1:]
    algorithm = ALGORITHMS.get(signer[4])
    listed = _members(_inner(certificates), 1, MAX_CERTIFICATES)
    own = [each for each in listed if issuer_and_serial(each) == signer[1]]
    kind, *content = _members(_inner(encapsulated), 1, 2)
    if algorithm is None or len(own) != 1 or kind not in NAMES or bool(content) != (kind == TST_INFO):
        raise _OtherForm
    at = attributes.find(MESSAGE_DIGEST + DIGEST_HEADER) + len(MESSAGE_DIGEST + DIGEST_HEADER)
    digest = attributes[at : at + DIGEST_BYTES]
    if attributes != signed_attributes(kind, digest, own[0], SUITES[algorithm]):
        raise _OtherForm
    return OwnForm(
        algorithm=algorithm,
        certificates=(own[0], *(each for each in listed if each != own[0])),
        content_type=NAMES[kind],
        message_digest=digest,
        attributes=attributes,
        signature=_inner(signer[5]),
        content=_inner(_inner(content[0])) if content else None,
        token=_token(signer[6]) if len(signer) > 6 else None,
    )


def _token(unsigned: bytes) -> bytes:
    _, values = _members(_inner(_inner(unsigned)), 2)
    return _inner(values)


def _members(content: bytes, least: int, most: int | None = None) -> list[bytes]:
    """Return the elements that `content` is made of, `least` to `most` of them, each as it stands."""
    found: list[bytes] = []
    at = 0
    while at < len(content) and len(found) <= (most or least):
        length = length_of_first(content[at:])
        if length is None:
            raise _OtherForm
        found.append(content[at : at + length])
        at += length
    if not least <= len(found) <= (most or least):
        raise _OtherForm
    return found


def _inner(element: bytes) -> bytes:
    """Return the content of one element, which must be all there is."""
    if length_of_first(element) != len(element):
        raise _OtherForm
    return element[2 + (element[1] & 0x7F if element[1] & 0x80 else 0) :]
