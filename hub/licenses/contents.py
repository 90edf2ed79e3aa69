"""What a license says: checked against its type before it is issued, and kept encrypted.

The number as printed and the face elements are one encrypted content per version; holders' names and codes are encrypted row by row.
Pure but for the vault; the catalog row is handed in.

Source: GB/T 36902-2018 (face elements of a type), GB/T 36903-2018 (metadata; holders in the order of the face).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hub.codes import holders, uscc
from hub.errors import ValidationFailed
from hub.licenses.faults import FaceElementsRefused, HolderRefused
from hub.licenses.records import License, LicenseHolder, LicenseType
from hub.licenses.rules import require_validity
from hub.licenses.vault import LicenseVault
from hub.signing.canonical import canonical

MAX_HOLDERS = 20
MAX_NAME = 200
MAX_NUMBER = 128
DEFAULT_LENGTH = 2_000


@dataclass(frozen=True)
class Issuer:
    """证照颁发机构: name and USCC."""

    name_zh: str
    uscc: str


@dataclass(frozen=True)
class Holder:
    """持证主体: name, code and code type (GB/T 36903 annex A)."""

    name: str = field(repr=False)
    code: str = field(repr=False)
    code_type: str


@dataclass(frozen=True, kw_only=True)
class NewLicense:
    """What is asked to be issued; `serial` is drawn at random when None, and given when a register is taken over."""

    type_code: str
    number: str = field(repr=False)
    issuer: Issuer
    holders: Sequence[Holder]
    valid_from: date
    valid_until: date | None
    face: Sequence[tuple[str, str]] = field(repr=False)
    case_number: str | None = None
    seal_id: str | None = None
    serial: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON, for idempotency digests."""
        return {
            "type": self.type_code,
            "number": self.number,
            "issuer": [self.issuer.name_zh, self.issuer.uscc],
            "holders": [[holder.name, holder.code, holder.code_type] for holder in self.holders],
            "valid_from": self.valid_from.isoformat(),
            "valid_until": None if self.valid_until is None else self.valid_until.isoformat(),
            "face": [list(pair) for pair in self.face],
            "case_number": self.case_number,
            "seal": self.seal_id,
            "serial": self.serial,
        }


@dataclass(frozen=True)
class Content:
    """The personal part of a version: its number as printed and its face elements in the order of the type."""

    number: str = field(repr=False)
    face: tuple[tuple[str, str], ...] = field(repr=False)


def checked(wanted: NewLicense, kind: LicenseType) -> tuple[Content, list[tuple[Holder, holders.HolderCode]]]:
    """Return the content and the holders in normal form.

    Raises ValidationFailed for the number or issuer, ValidityRefused, HolderRefused, FaceElementsRefused, CodeInvalid for a code.
    """
    number = wanted.number.strip()
    if not 0 < len(number) <= MAX_NUMBER:
        raise ValidationFailed(
            "证照编号须为 1 至 128 个字符。", "A license number has 1 to 128 characters.", path="number"
        )
    if not 0 < len(wanted.issuer.name_zh.strip()) <= MAX_NAME:
        raise ValidationFailed("须写明颁发机构。", "Name the issuer.", path="issuer")
    uscc.parse(wanted.issuer.uscc)
    require_validity(wanted.valid_from, wanted.valid_until)
    return Content(number, _face(wanted.face, kind)), _holders(wanted.holders, kind)


def seal_content(content: Content, identifier: str, vault: LicenseVault) -> bytes:
    """Return the content encrypted for the version of that identifier."""
    plain = canonical({"number": content.number, "face": [list(pair) for pair in content.face]})
    return vault.seal(plain, identifier)


def content_of(license: License, vault: LicenseVault) -> Content:
    """Return the content of a version; raises VaultUnreadable."""
    read = json.loads(vault.open(license.content, license.identifier))
    return Content(read["number"], tuple((key, value) for key, value in read["face"]))


def holder_row(
    position: int, holder: Holder, code: holders.HolderCode, *, identifier: str, vault: LicenseVault
) -> LicenseHolder:
    """Return the encrypted row of one holder."""
    context = _context(identifier, position)
    return LicenseHolder(
        position=position,
        code_type=code.type.code,
        personal=code.personal,
        name=vault.seal(holder.name.encode(), f"{context}/name"),
        code=vault.seal(code.text.encode(), f"{context}/code"),
        code_index=vault.index(code.type.code, code.text),
    )


def holder_of(license: License, row: LicenseHolder, vault: LicenseVault) -> Holder:
    """Return one holder of a version in clear; raises VaultUnreadable."""
    context = _context(license.identifier, row.position)
    name, code = vault.open(row.name, f"{context}/name"), vault.open(row.code, f"{context}/code")
    return Holder(name.decode(), code.decode(), row.code_type)


def _context(identifier: str, position: int) -> str:
    return f"{identifier}#{position}"


def _holders(wanted: Sequence[Holder], kind: LicenseType) -> list[tuple[Holder, holders.HolderCode]]:
    if not 1 <= len(wanted) <= MAX_HOLDERS:
        raise HolderRefused("须有 1 至 20 个持证主体", "1 to 20 holders are needed")
    found = []
    for holder in wanted:
        code = holders.parse(holder.code_type, holder.code)
        if not _allowed(code.type, kind):
            raise HolderRefused("本证照类型不用于这类主体", "this license type is not for holders of that code type")
        tidy = Holder(holder.name.strip(), code.text, code.type.code)
        if not 0 < len(tidy.name) <= MAX_NAME:
            raise HolderRefused("须写明名称", "a name of 1 to 200 characters is needed")
        found.append((tidy, code))
    if len({(code.type.code, code.text) for _, code in found}) < len(found):
        raise HolderRefused("同一主体写了两次", "one of them is named twice")
    return found


def _allowed(code_type: holders.HolderCodeType, kind: LicenseType) -> bool:
    if kind.holder_code_types:
        return code_type.code in kind.holder_code_types
    return kind.holder_kind == "EITHER" or code_type.natural == (kind.holder_kind == "NATURAL_PERSON")


def _face(given: Sequence[tuple[str, str]], kind: LicenseType) -> tuple[tuple[str, str], ...]:
    values = {key: value.strip() for key, value in given}
    known = {element["key"]: element for element in kind.face_elements}
    twice = [key for key, count in Counter(key for key, _ in given).items() if count > 1]
    refused = [key for key in values if key not in known or not _fits(values[key], known[key])]
    absent = [key for key, element in known.items() if element["required"] and not values.get(key)]
    wrong = tuple(dict.fromkeys((*twice, *refused, *absent)))
    if wrong:
        raise FaceElementsRefused(wrong)
    return tuple((key, values[key]) for key in known if values.get(key))


def _fits(value: str, element: dict[str, Any]) -> bool:
    if len(value) > element.get("max_length", DEFAULT_LENGTH):
        return False
    if element["type"] != "DATE" or not value:
        return True
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
