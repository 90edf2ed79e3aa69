"""A hub that shares licenses as the demonstration plants them: sealed files, a partner's system with a grant, the sharing operations over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from hub.access.enrolment import enrol_partner
from hub.access.records import ActorKind
from hub.access.tokens import adopt_token
from hub.clock import Clock
from hub.licenses.issuing import make_due
from hub.licenses.queries import license_by_identifier
from hub.licenses.records import License
from hub.web.compose import Hub, desk_of, license_desk_of
from seeds.licenses import plant_licenses
from seeds.officers import Tokens, enrol
from seeds.places import HOME
from seeds.reference import REGIONS, records_of
from seeds.rehearsal import plant_seals
from tests.web_hub import application, composed, open_ledgers, publish_own

PARTNER, STRANGER = f"{REGIONS[1]}-system", "stranger-system"
STRANGERS_TOKEN = "tb_of-a-partner-without-any-grant"
SAFETY, FOOD, HYGIENE = "11100000000013338W011", "JY1", "PH"
PURPOSE = "跨区域通办核验（演示）"
Envelope = dict[str, Any]


@dataclass(frozen=True)
class SharingHub:
    """The hub, a client, and the tokens it was planted with."""

    hub: Hub
    client: FlaskClient
    tokens: Tokens

    def post(self, operation: str, data: Any, *, access_id: str = PARTNER, token: str | None = None) -> Envelope:
        """Return the envelope that answers an operation."""
        head = {"accessId": access_id, "accessToken": self.tokens.partner if token is None else token}
        answer = self.client.post(f"/sharing/{operation}", json={"head": head, "data": data})
        assert answer.status_code == 200, answer.text
        told: Envelope = answer.get_json()
        return told

    def ask(self, operation: str, **data: Any) -> Any:
        """Return the data of a successful operation, with a purpose."""
        told = self.post(operation, {"useCause": PURPOSE} | data)
        assert told["head"]["status"] == 0, told
        return told["data"]

    def status(self, operation: str, data: Mapping[str, Any], **head: Any) -> int:
        """Return the status in the head of the answer."""
        return int(self.post(operation, dict(data), **head)["head"]["status"])

    def licenses(self) -> list[License]:
        """Return the planted licenses, oldest first."""
        with self.hub.database.reading() as session:
            identifiers = session.scalars(select(License.identifier).order_by(License.id)).all()
            return [license_by_identifier(session, each) for each in identifiers]

    def content(self, license: License, form: str) -> bytes:
        """Return the published file of a license."""
        digest = next(file.sha256 for file in license.files if file.format == form)
        return self.hub.files.read(digest)


def open_sharing(folder: Path, database_url: str, font_file: Path, clock: Clock, *, seal: bool = True) -> SharingHub:
    """Return the home hub under the national profile with its six licenses, their files sealed where `seal` says so."""
    hub = composed(folder, database_url, font_file, clock, profile="national")
    open_ledgers(hub)
    tokens = Tokens.fresh()
    with hub.database.transaction() as session:
        for record in records_of(HOME, {}):
            if record.kind in ("region", "license_type"):
                publish_own(session, hub, record)
        enrol(session, region=HOME, neighbours={region: region for region in REGIONS[1:]}, tokens=tokens, clock=clock)
        enrol_partner(session, code=STRANGER, region=REGIONS[2], name_zh="无授权系统", clock=clock)
        adopt_token(session, STRANGERS_TOKEN, ActorKind.PARTNER, STRANGER, clock=clock)
    plant_seals(hub)
    plant_licenses(hub)
    if seal:
        report = make_due(license_desk_of(hub, desk_of(hub)))
        assert report.failed == (), report
    return SharingHub(hub, application(hub).test_client(), tokens)
