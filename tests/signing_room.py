"""What the tests of applicants' signatures share: a hub with a table to sign at, and requests brought as far as wanted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select

from hub.access.actors import Actor
from hub.clock import FixedClock
from hub.ledger.records import LedgerEntry
from hub.signatures.asking import Wanted, ask, fresh_id, hand_over_of
from hub.signatures.materials import materials_of
from hub.signatures.opening import open_on_phone
from hub.signatures.records import ApplicantSignature, SigningRequest
from hub.signatures.signers import Signer, signer_of
from hub.signatures.signing import Phone, SigningTable, identify
from hub.signatures.strokes import drawing_of
from hub.web.compose import Hub
from seeds.officers import officer_actor
from seeds.places import HOME

OFFICER = officer_actor(HOME, "examiner-1")
SIGNER = signer_of("张三丰", "111", "11010519491231002X")
FILES = (("申请表.pdf", b"%PDF-1.7\nform"), ("照片.png", b"\x89PNG\r\n\x1a\nphoto"))
STROKES = drawing_of("[[[100, 200], [400, 100], [700, 300]]]")
PURPOSE = "确认申请材料真实有效"


@dataclass(frozen=True)
class Room:
    """A hub with open ledgers, and what signing needs of it."""

    hub: Hub
    table: SigningTable
    clock: FixedClock

    def ask(self, *, actor: Actor = OFFICER, signer: Signer = SIGNER, purpose: str = PURPOSE) -> str:
        """Ask for a signature; return the secret of the page that watches."""
        request_id, materials = fresh_id(), materials_of(FILES)
        for each in materials:
            self.table.shelf.of(request_id).put(each.content)
        wanted = Wanted(signer.shown(self.table.index_key), purpose, materials)
        with self.hub.database.transaction() as session:
            return ask(session, request_id, wanted, actor=actor, region=HOME, clock=self.clock)

    def open(self, watch: str) -> Phone:
        """Open the code of a watching page on a phone."""
        code = hand_over_of(watch)
        with self.hub.database.transaction() as session:
            return Phone(open_on_phone(session, code, clock=self.clock), code)

    def identified(self) -> Phone:
        """Return a phone whose signer may sign."""
        phone = self.open(self.ask())
        identify(self.table, phone, SIGNER)
        return phone

    def request(self) -> SigningRequest:
        """Return the one request there is."""
        with self.hub.database.reading() as session:
            return session.scalars(select(SigningRequest)).one()

    def counts(self) -> tuple[int, int]:
        """Return how many signatures and how many ledger entries about signatures there are."""
        with self.hub.database.reading() as session:
            kept = session.scalar(select(func.count()).select_from(ApplicantSignature)) or 0
            told = session.scalar(select(func.count(LedgerEntry.id)).where(LedgerEntry.kind == "signature")) or 0
        return kept, told

    def with_table(self, **changes: Any) -> Room:
        """Return this room with another signing table."""
        return replace(self, table=replace(self.table, **changes))
