"""The metadata of a license under the standard's short names, as it stands in the license's files and in the sharing envelope.

Several holders are joined by one separator, in one order over the four holder members. What is masked for a reader is masked here too:
everything is read off a `LicenseView`. Pure.

Source: GB/T 36903-2018 (names), GB/T 36905-2018 (custom data of the file).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from hub.clock import SHANGHAI
from hub.codes.holders import TYPES
from hub.licenses.sharing_records import AnnotatedCopy
from hub.licenses.views import LicenseView

SEPARATOR: Final = "^"
"""Between holders; the standard's own character is not known, systems in use have this one."""


def metadata_of(seen: LicenseView) -> dict[str, str]:
    """Return the members in the standard's order; optional ones without a value are left out."""
    license, kind = seen.license, seen.kind
    members = {
        "ZZMC": kind.name_zh if kind else license.type_code,
        "ZZLXDM": license.type_code,
        "ZZBH": seen.number,
        "ZZBS": license.identifier,
        "ZZBFJG": license.issuer_zh,
        "ZZBFJGDM": license.issuer_uscc,
        "ZZBFRQ": _day(license.issued_on),
        "CZZT": SEPARATOR.join(holder.name for holder in seen.holders),
        "CZZTDM": SEPARATOR.join(holder.code for holder in seen.holders),
        "CZZTDMLX": SEPARATOR.join(TYPES[holder.code_type].name_zh for holder in seen.holders),
        "CZZTDMLXDM": SEPARATOR.join(holder.code_type for holder in seen.holders),
        "ZZYXQQSRQ": _day(license.valid_from),
        "ZZYXQJZRQ": _day(license.valid_until),
    }
    members |= {element.key: element.value for element in seen.face}
    return {key: value for key, value in members.items() if value}


def copy_metadata_of(copy: AnnotatedCopy) -> dict[str, str]:
    """Return the four members every annotated copy (加注件) carries."""
    return {
        "JZJZZSJ": _instant(copy.made_at),
        "JZJZZZ": copy.made_by_zh,
        "JZJZZSY": copy.purpose,
        "JZJYXQJZSJ": _day(copy.valid_until),
    }


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def _instant(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
