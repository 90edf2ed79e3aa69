"""Makes the rows of a new license version and of its history; adds nothing to a session and decides nothing."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from hub.codes import licenses as codes
from hub.licenses.contents import NewLicense, checked, holder_row, seal_content
from hub.licenses.glyphs import require_glyphs
from hub.licenses.records import License, LicenseHistory, LicenseType
from hub.licenses.rules import LicenseAct, LicenseStatus
from hub.licenses.status_lists import Place
from hub.licenses.vault import LicenseVault
from hub.signing.fonts import FontSet

SERIAL_DIGITS = 12
"""Random characters after the day of issue: a serial tells no count and holds nothing of the holder."""


@dataclass(frozen=True, kw_only=True)
class Pen:
    """Who writes, when, where and why; `previous` is the version before, None for the first."""

    region: str
    vault: LicenseVault
    at: datetime
    on: date
    by: str
    demonstration: bool
    deed: LicenseAct
    stated: tuple[str, str]  # reason, basis
    previous: codes.LicenseIdentifier | None = None
    fonts: FontSet | None = None  # of the files; None: what they lack shows only when files are made


def new_rows(wanted: NewLicense, kind: LicenseType, pen: Pen, place: Place) -> License:
    """Return a version with its holders and first event, not yet added; raises what `checked` and `require_glyphs` raise."""
    content, named = checked(wanted, kind)
    if pen.fonts is not None:
        require_glyphs(content, [holder for holder, _ in named], wanted.issuer.name_zh.strip(), pen.fonts)
    identifier = _identifier(wanted, pen)
    license = License(
        identifier=identifier.text,
        lineage=identifier.lineage,
        version=identifier.version,
        type_code=kind.code,
        region=pen.region,
        issuer_zh=wanted.issuer.name_zh.strip(),
        issuer_uscc=identifier.issuer,
        content=seal_content(content, identifier.text, pen.vault),
        status=LicenseStatus.ISSUED,
        status_text=None,
        valid_from=wanted.valid_from,
        valid_until=wanted.valid_until,
        issued_on=pen.on,
        issued_at=pen.at,
        previous=None if pen.previous is None else pen.previous.text,
        case_number=wanted.case_number,
        seal_id=wanted.seal_id,
        verify_id=secrets.token_hex(16),
        list_id=place.list_id,
        list_index=place.index,
        demonstration=pen.demonstration,
        revision=1,
    )
    license.holders = [
        holder_row(position, holder, code, identifier=identifier.text, vault=pen.vault)
        for position, (holder, code) in enumerate(named, 1)
    ]
    license.history = [_line(pen.deed, LicenseStatus.ISSUED, pen.stated, pen)]
    license.files = []
    return license


def history_line(license: License, deed: LicenseAct, stated: tuple[str, str], pen: Pen) -> LicenseHistory:
    """Return the history's line that `deed` brought the license to the status it has now; `stated` is reason and basis."""
    written = _line(deed, license.status, stated, pen)
    written.license_id = license.id
    return written


def _line(deed: LicenseAct, status: LicenseStatus, stated: tuple[str, str], pen: Pen) -> LicenseHistory:
    reason, basis = stated
    return LicenseHistory(at=pen.at, act=deed, status=status, reason=reason, basis=basis, by=pen.by)


def _identifier(wanted: NewLicense, pen: Pen) -> codes.LicenseIdentifier:
    if pen.previous is not None:
        return codes.next_version(pen.previous)
    serial = wanted.serial or f"{pen.on:%Y%m%d}{_random_serial()}"
    return codes.mint(wanted.type_code, wanted.issuer.uscc, serial)


def _random_serial() -> str:
    return "".join(secrets.choice(codes.ALPHABET) for _ in range(SERIAL_DIGITS))
