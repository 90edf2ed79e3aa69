"""What a caller is shown of a license: its rows opened, then every field masked that no grant of the caller covers.

Personal by nature: the holder of a natural person's code (and of a sole trader's), a natural person's license number, and face elements by
the class the catalog gives them. An organisation's name and code are public. Nothing here decides whether the license may be seen at all.

Source: GB/T 36903-2018 (short names of the metadata); docs/decisions on disclosure; masks in `hub.licenses.masking`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from hub.licenses.contents import Holder, content_of, holder_of
from hub.licenses.masking import FieldClass, holder_class, mask
from hub.licenses.records import License, LicenseHolder, LicenseType
from hub.licenses.rules import in_force
from hub.licenses.vault import LicenseVault

NUMBER, HOLDER, HOLDER_CODE = "ZZBH", "CZZT", "CZZTDM"
"""Short names of GB/T 36903 for the fields a grant must cover: the number as printed, the holder's name, the holder's code."""
Shows = Callable[[str], bool]


@dataclass(frozen=True)
class SeenHolder:
    """A holder as the caller sees it."""

    name: str = field(repr=False)
    code: str = field(repr=False)
    code_type: str


@dataclass(frozen=True)
class SeenElement:
    """A face element as the caller sees it; `masked` says that more is known."""

    key: str
    name_zh: str
    value: str = field(repr=False)
    masked: bool


@dataclass(frozen=True)
class LicenseView:
    """A license as one caller sees it; `license` are its rows, whose content and holders stay encrypted.

    `clear` are the keys of personal fields given unmasked, for the record of the read.
    """

    license: License = field(repr=False)
    kind: LicenseType | None = field(repr=False)
    number: str = field(repr=False)
    holders: tuple[SeenHolder, ...]
    face: tuple[SeenElement, ...]
    in_force: bool
    clear: tuple[str, ...]


def view(license: License, kind: LicenseType | None, *, shows: Shows, vault: LicenseVault, on: date) -> LicenseView:
    """Return the license as somebody sees it for whom `shows` says which keys are covered; raises VaultUnreadable."""
    content = content_of(license, vault)
    clear: dict[str, None] = {}

    def seen(key: str, value: str, field_class: FieldClass) -> str:
        if field_class is FieldClass.PUBLIC:
            return mask(field_class, value)
        if shows(key):
            clear[key] = None
            return value
        return mask(field_class, value)

    personal = any(row.personal for row in license.holders)
    number = seen(NUMBER, content.number, FieldClass.ID_NUMBER if personal else FieldClass.PUBLIC)
    holders = tuple(_holder(holder_of(license, row, vault), row, seen) for row in license.holders)
    face = tuple(_elements(content.face, kind, personal=personal, seen=seen))
    usable = in_force(license.status, license.valid_from, license.valid_until, on)
    return LicenseView(license, kind, number, holders, face, usable, tuple(clear))


def classes_of(kind: LicenseType | None) -> dict[str, FieldClass]:
    """Return the class of each face element of a type, as the catalog says; elements it says nothing of are left out."""
    elements = [] if kind is None else kind.face_elements
    return {element["key"]: FieldClass(element["field_class"]) for element in elements if element.get("field_class")}


def _holder(holder: Holder, row: LicenseHolder, seen: Callable[[str, str, FieldClass], str]) -> SeenHolder:
    name_class = FieldClass.PERSON_NAME if row.personal else FieldClass.PUBLIC
    code_class = holder_class(holder.code_type) if row.personal else FieldClass.PUBLIC
    return SeenHolder(
        seen(HOLDER, holder.name, name_class), seen(HOLDER_CODE, holder.code, code_class), holder.code_type
    )


def _elements(
    face: tuple[tuple[str, str], ...],
    kind: LicenseType | None,
    *,
    personal: bool,
    seen: Callable[[str, str, FieldClass], str],
) -> list[SeenElement]:
    classes = classes_of(kind)
    names = {element["key"]: element["name_zh"] for element in (kind.face_elements if kind else ())}
    unclassed = FieldClass.PERSONAL if personal else FieldClass.PUBLIC
    shown = []
    for key, value in face:
        given = seen(key, value, classes.get(key, unclassed))
        shown.append(SeenElement(key, names.get(key, key), given, masked=given != value))
    return shown
