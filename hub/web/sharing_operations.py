"""What each sharing operation of GB/T 36906 does: read the data, call one verb of the licenses, name the answer as the standard's files do.

Metadata travel under the short names of GB/T 36903. A file that is handed out is an annotated copy (加注件), never the original.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from hub.access.grants import LICENSE
from hub.access.records import ActorKind
from hub.access.tokens import TokenInvalid, actor_of, mint_token
from hub.clock import iso
from hub.codes import licenses as codes
from hub.licenses import life
from hub.licenses.acting import Ground
from hub.licenses.checking import CheckOutcome, check
from hub.licenses.copies import make_copy
from hub.licenses.faults import LicenseMissing, LicenseTypeUnknown
from hub.licenses.handing_over import COPY_DAYS, hand_over
from hub.licenses.metadata import metadata_of
from hub.licenses.queries import license_by_verify_id, license_of_file, license_type
from hub.licenses.reading import Search, by_identifier, held_by, require_seen, retrieve
from hub.licenses.rules import LicenseAct, LicenseStatus
from hub.licenses.views import LicenseView
from hub.seals.sealing import OFD, PDF, Format
from hub.signing.pdf_show import page_png
from hub.signing.verdict import Outcome, Verdict
from hub.web.compose import Hub
from hub.web.sharing_data import Asked, DataMissing, Desk
from hub.web.verify import verify_desk

TOKEN_LASTING = timedelta(hours=2)
FILE_OK, SEAL_REFUSED, FILE_REFUSED = "0", "1", "2"
PNG_DPI = 150
FORMS: Mapping[str, Format] = {"ofd": OFD, "pdf": PDF}
STATUS_CODES: Mapping[LicenseStatus, str] = {
    LicenseStatus.ISSUED: "01",
    LicenseStatus.SUSPENDED: "02",
    LicenseStatus.WITHDRAWN: "03",
    LicenseStatus.CANCELLED: "04",
    LicenseStatus.LAPSED: "05",
    LicenseStatus.TRANSFERRED_OUT: "06",
    LicenseStatus.REVOKED: "07",
    LicenseStatus.RECALLED: "99",
    LicenseStatus.SUPERSEDED: "99",
    LicenseStatus.OTHER: "99",
}
"""The construction feed's codes; 撤回 and superseded versions have none and are 99 with a text."""
ACTS: Mapping[str, LicenseAct] = {
    "01": LicenseAct.RESUME,
    "02": LicenseAct.SUSPEND,
    "03": LicenseAct.WITHDRAW,
    "04": LicenseAct.CANCEL,
    "05": LicenseAct.LAPSE,
    "06": LicenseAct.TRANSFER_OUT,
    "07": LicenseAct.REVOKE,
    "99": LicenseAct.OTHER,
}


def token(hub: Hub, access_id: str, data: Mapping[str, Any]) -> dict[str, str]:
    """Return a token good for two hours for the partner whose lasting one is `accessSecret`; raises TokenInvalid."""
    secret = Asked(data).text("accessSecret", 256)
    with hub.database.transaction() as session:
        actor = actor_of(session, secret, clock=hub.clock)
        if actor.kind is not ActorKind.PARTNER or actor.code != access_id:
            raise TokenInvalid("令牌无效或已过期。", "The token is not valid, or no longer.")
        minted = mint_token(session, ActorKind.PARTNER, actor.code, clock=hub.clock, valid=TOKEN_LASTING)
    return {"accessToken": minted, "expiresAt": iso(hub.clock.now() + TOKEN_LASTING)}


def _retrieve(desk: Desk, asked: Asked) -> list[dict[str, Any]]:
    return [
        {"identifier": seen.license.identifier, "name": _name(seen), "status": _status(seen)}
        for seen in _found(desk, asked)
    ]


def _found(desk: Desk, asked: Asked) -> list[LicenseView]:
    search = Search(
        holder_code=asked.text("holderCode", 64),
        type_code=asked.text("licenseTypeCode", 64),
        code_type=asked.maybe("holderCodeType", 8),
        holder_name=asked.maybe("holderName", 200),
        number=asked.maybe("licenseNumber", 128),
        status=_wanted_status(asked.maybe("status", 8)),
    )
    with desk.hub.database.transaction() as session:
        return retrieve(session, search, asking=desk.asking(asked), office=desk.hub.office)


def _information(desk: Desk, asked: Asked) -> dict[str, Any]:
    return _members(_seen(desk, asked, asked.text("identifier", 200)), asked)


def _information_by_code(desk: Desk, asked: Asked) -> dict[str, Any]:
    """The QR code of a license of ours holds the address of its verification."""
    printed = asked.text("qrCode", 400)
    prefix = f"{desk.hub.settings.public_url}/verify/"
    with desk.hub.database.reading() as session:
        found = license_by_verify_id(session, printed.removeprefix(prefix)) if printed.startswith(prefix) else None
    # A code that leads nowhere is asked for like one that may not be read, so that both answer alike.
    return _members(_seen(desk, asked, _nowhere() if found is None else found.identifier), asked)


def _file(desk: Desk, asked: Asked) -> dict[str, str]:
    wanted, form = _wanted_form(asked, {**FORMS, "png": PDF})
    until = _until(desk, asked)
    identifier = asked.text("identifier", 200)
    made = make_copy(desk.licenses(), identifier, form=form, valid_until=until, asking=desk.asking(asked))
    if made is None:
        raise LicenseMissing
    content = page_png(made.content, 0, PNG_DPI) if wanted == "png" else made.content
    return {"contentType": wanted, "content": base64.b64encode(content).decode(), "copyId": made.copy.id}


def _address(desk: Desk, asked: Asked) -> dict[str, str]:
    seen = _seen(desk, asked, asked.text("identifier", 200))
    return _handed_over(desk, asked, seen)


def _addresses(desk: Desk, asked: Asked) -> list[dict[str, str]]:
    return [_handed_over(desk, asked, seen) for seen in _found(desk, asked)]


def _verify_file(desk: Desk, asked: Asked) -> dict[str, str]:
    """Whoever brings a file has it: its type must be one the grant reads, the verdict says nothing of a person."""
    type_code, content = codes.parse_type(asked.text("licenseTypeCode", 64)).text, asked.content()
    asking, digest = desk.asking(asked), hashlib.sha256(content).hexdigest()
    with desk.hub.database.reading() as session:
        held = held_by(session, asking, desk.hub.office)
        license = license_of_file(session, digest)
        named = license is None or license.type_code == type_code
        if not (named and any(leave.covers(LICENSE, type_code=type_code) for leave in held)):
            raise LicenseMissing
        verdict = verify_desk(desk.hub).verify(session, content)
    return {"result": _file_result(verdict), "outcome": verdict.outcome.value, "sha256": digest}


def _verify_information(desk: Desk, asked: Asked) -> dict[str, str]:
    codes.parse_type(asked.text("licenseTypeCode", 64))
    elements = _elements(asked)
    identifier = asked.maybe("identifier", 200) or elements.pop("ZZBS", None)
    asking = desk.asking(asked)
    if identifier is None:
        return _checked(CheckOutcome.INCOMPLETE)
    with desk.hub.database.transaction() as session:
        found = check(session, identifier, list(elements.items()), asking=asking, office=desk.hub.office)
    return _checked(found.outcome)


def _dictionary(desk: Desk, asked: Asked) -> list[dict[str, Any]]:
    code = codes.parse_type(asked.text("licenseTypeCode", 64)).text
    with desk.hub.database.reading() as session:
        kind = license_type(session, code)
    if kind is None:
        raise LicenseTypeUnknown
    return [
        {"key": each["key"], "name": each["name_zh"], "type": each["type"], "required": each["required"]}
        for each in kind.face_elements
    ]


def _change_status(desk: Desk, asked: Asked) -> dict[str, str]:
    act = ACTS.get(asked.text("status", 8))
    if act is None:
        raise DataMissing("status")
    identifier, reason = asked.text("identifier", 200), asked.text("reason", 2000)
    ground = Ground(reason=reason, basis=asked.maybe("basis", 2000), text=asked.maybe("statusText", 2000))
    key = (
        asked.maybe("requestId", 100)
        or hashlib.sha256(json.dumps(dict(asked.data), sort_keys=True).encode()).hexdigest()
    )
    with desk.hub.database.transaction() as session:
        license = life.act(session, act, identifier, ground, office=desk.hub.office, actor=desk.actor, key=key)
        return {"identifier": license.identifier, "status": STATUS_CODES[license.status]}


OPERATIONS: Mapping[str, Callable[[Desk, Asked], Any]] = {
    "retrieve": _retrieve,
    "information": _information,
    "information-by-code": _information_by_code,
    "file": _file,
    "address": _address,
    "addresses": _addresses,
    "verify-file": _verify_file,
    "verify-information": _verify_information,
    "face-elements": _dictionary,
    "status": _change_status,
}


def _seen(desk: Desk, asked: Asked, identifier: str) -> LicenseView:
    with desk.hub.database.transaction() as session:
        seen = by_identifier(session, identifier, asking=desk.asking(asked), office=desk.hub.office)
    return require_seen(seen)


def _members(seen: LicenseView, asked: Asked) -> dict[str, Any]:
    """Return the metadata, those alone that `metadata` lists (comma-separated) where it is given."""
    members = metadata_of(seen) | {"ZZZT": _status(seen)}
    wanted = {name.strip() for name in (asked.maybe("metadata", 2000) or "").split(",") if name.strip()}
    return {key: value for key, value in members.items() if not wanted or key in wanted}


def _handed_over(desk: Desk, asked: Asked, seen: LicenseView) -> dict[str, str]:
    _, form = _wanted_form(asked, FORMS)
    identifier = seen.license.identifier
    with desk.hub.database.transaction() as session:
        given = hand_over(session, identifier, form=form, asking=desk.asking(asked), clock=desk.hub.clock)
    url = f"{desk.hub.settings.public_url}/copies/{given.code}"
    return {"identifier": identifier, "url": url, "expiresAt": iso(given.expires_at)}


def _wanted_form(asked: Asked, forms: Mapping[str, Format]) -> tuple[str, Format]:
    """Return what `fileType` says, ofd by default, and the format it is made from; raises DataMissing."""
    wanted = (asked.maybe("fileType", 8) or "ofd").lower()
    if wanted not in forms:
        raise DataMissing("fileType")
    return wanted, forms[wanted]


def _until(desk: Desk, asked: Asked) -> date:
    stated = asked.maybe("copyValidUntil", 10)
    if stated is None:
        return desk.hub.clock.today() + timedelta(days=COPY_DAYS)
    try:
        return date.fromisoformat(stated)
    except ValueError:
        raise DataMissing("copyValidUntil") from None


def _elements(asked: Asked) -> dict[str, str]:
    """Return the face elements: an object of texts, or that object as JSON text."""
    given = asked.data.get("faceElements")
    if isinstance(given, str) and len(given) <= 20_000:
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            given = None
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise DataMissing("faceElements")
    return dict(given)


def _file_result(verdict: Verdict) -> str:
    if verdict.outcome is Outcome.PASSED:
        return FILE_OK
    worst = [finding.code for finding in verdict.findings if finding.outcome is not Outcome.PASSED]
    return SEAL_REFUSED if any(code.startswith(("SEAL_", "SIG_SEAL")) for code in worst) else FILE_REFUSED


def _checked(outcome: CheckOutcome) -> dict[str, str]:
    return {"result": outcome.standard_code, "message": f"{outcome.message()} {outcome.message('en')}"}


def _name(seen: LicenseView) -> str:
    return seen.license.type_code if seen.kind is None else seen.kind.name_zh


def _status(seen: LicenseView) -> str:
    return STATUS_CODES[seen.license.status]


def _wanted_status(code: str | None) -> LicenseStatus | None:
    if code is None:
        return None
    found = next((status for status, known in STATUS_CODES.items() if known == code), None)
    if found is None:
        raise DataMissing("status")
    return found


def _nowhere() -> str:
    """Return an identifier in normal form that no license has: its serial is drawn now, from 128 bits."""
    return codes.mint("11100000000013338W011", "11610100MB0000000J", secrets.token_hex(16)).text
