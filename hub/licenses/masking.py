"""What a value looks like to somebody whose grant does not cover its field: masks by class of field, all in one table.

By class and never by column name: the catalog says the class of each face element. Masked values keep enough to recognise what one
already knows, and no more. Free text is searched for citizens' numbers and mobile numbers whatever its class.

Source: GB/T 35273-2020, GB/T 37964-2019; the widths are common practice, to be changed here and nowhere else.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable

from hub.codes import citizens
from hub.codes.faults import CodeInvalid

STAR = "*"
CITIZEN = re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])")
MOBILE = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")
DISTRICT = re.compile(r"^.*?(?:街道|镇|乡|区|县|市)")
COMPOUND_SURNAMES = frozenset(
    {"欧阳", "司马", "上官", "诸葛", "夏侯", "皇甫", "尉迟", "公孙", "长孙", "慕容", "令狐", "宇文"}
)


class FieldClass(enum.StrEnum):
    """What kind of thing a field holds."""

    PUBLIC = "PUBLIC"  # shown, after numbers of persons in it are masked
    PERSON_NAME = "PERSON_NAME"
    ID_NUMBER = "ID_NUMBER"
    MOBILE = "MOBILE"
    ADDRESS = "ADDRESS"
    BANK_CARD = "BANK_CARD"
    PLATE = "PLATE"
    BIRTH_DATE = "BIRTH_DATE"
    PASSPORT = "PASSPORT"
    PERSONAL = "PERSONAL"  # nothing is shown


def mask(field_class: FieldClass, value: str) -> str:
    """Return `value` as somebody without a grant for the field sees it; equal to it only for public text."""
    return MASKS[field_class](value)


def holder_class(code_type: str) -> FieldClass:
    """Return the class of a natural person's code of that type (GB/T 36903 annex A)."""
    return FieldClass.PASSPORT if code_type.startswith(("41", "5")) else FieldClass.ID_NUMBER


def scan(text: str) -> str:
    """Return free text with citizens' numbers that pass their check, and mobile numbers, masked."""

    def citizen(found: re.Match[str]) -> str:
        return _number(found[0]) if _is_citizen(found[0]) else found[0]

    return MOBILE.sub(lambda found: _mobile(found[0]), CITIZEN.sub(citizen, text))


def _is_citizen(text: str) -> bool:
    try:
        citizens.parse(text)
    except CodeInvalid:
        return False
    return True


def _keep(value: str, first: int, last: int) -> str:
    """Return the ends with stars between; a value too short to hide half of itself becomes stars alone."""
    if len(value) <= (first + last) * 3 // 2:
        return STAR * max(len(value), 1)
    return value[:first] + STAR * (len(value) - first - last) + value[len(value) - last :]


def _name(value: str) -> str:
    surname = 2 if value[:2] in COMPOUND_SURNAMES and len(value) > 2 else 1
    return value[:surname] + STAR * max(len(value) - surname, 1)


def _number(value: str) -> str:
    return _keep(value, 3, 2)  # the stricter of the two usual widths


def _mobile(value: str) -> str:
    return _keep(value, 3, 4)


def _address(value: str) -> str:
    found = DISTRICT.match(value)
    return (found[0] if found else "") + STAR * 4


def _card(value: str) -> str:
    return STAR * max(len(value) - 4, 4) + (value[-4:] if len(value) > 8 else "")


def _plate(value: str) -> str:
    return _keep(value, 2, 2)


def _birth(value: str) -> str:
    return value[:4] + "-**-**" if value[:4].isdigit() else STAR * 4


def _passport(value: str) -> str:
    return _keep(value, 2, 3)


def _nothing(_value: str) -> str:
    return STAR * 4


MASKS: dict[FieldClass, Callable[[str], str]] = {
    FieldClass.PUBLIC: scan,
    FieldClass.PERSON_NAME: _name,
    FieldClass.ID_NUMBER: _number,
    FieldClass.MOBILE: _mobile,
    FieldClass.ADDRESS: _address,
    FieldClass.BANK_CARD: _card,
    FieldClass.PLATE: _plate,
    FieldClass.BIRTH_DATE: _birth,
    FieldClass.PASSPORT: _passport,
    FieldClass.PERSONAL: _nothing,
}
