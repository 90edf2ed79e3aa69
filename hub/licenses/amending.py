"""What the next version of a license says: the version before, but for what was changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from hub.licenses.contents import Issuer, NewLicense, content_of, holder_of
from hub.licenses.records import License
from hub.licenses.vault import LicenseVault


@dataclass(frozen=True, kw_only=True)
class Amendment:
    """What the next version says differently; None leaves a part as it was, `without_end` takes its last day away."""

    valid_from: date | None = None
    valid_until: date | None = None
    without_end: bool = False
    number: str | None = None
    face: tuple[tuple[str, str], ...] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON, for idempotency digests."""
        return {
            "valid_from": None if self.valid_from is None else self.valid_from.isoformat(),
            "valid_until": None if self.valid_until is None else self.valid_until.isoformat(),
            "without_end": self.without_end,
            "number": self.number,
            "face": None if self.face is None else [list(pair) for pair in self.face],
        }


def amended(license: License, to: Amendment, vault: LicenseVault) -> NewLicense:
    """Return what is asked to be issued as the next version; raises VaultUnreadable."""
    content = content_of(license, vault)
    face = dict(content.face) | dict(to.face or ())
    return NewLicense(
        type_code=license.type_code,
        number=to.number or content.number,
        issuer=Issuer(license.issuer_zh, license.issuer_uscc),
        holders=[holder_of(license, row, vault) for row in license.holders],
        valid_from=to.valid_from or license.valid_from,
        valid_until=None if to.without_end else to.valid_until or license.valid_until,
        face=tuple(face.items()),
        case_number=license.case_number,
        seal_id=license.seal_id,
    )
