"""A hub as tests of seals and approvals need it: two open ledgers, officers, an issuer, an active demonstration seal, a desk.

Everything is real: keys in files, certificates of the demonstration authority, time stamps of the hub's own authority.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.access.actors import Actor
from hub.access.records import ActorKind, Role
from hub.approvals.decisions import Draft, act, draft
from hub.approvals.numbering import register_issuer
from hub.approvals.queries import approval_by_id
from hub.approvals.records import Approval, ApprovalFile
from hub.approvals.rules import ApprovalAction, ApprovalKind, ApprovalStage, Route
from hub.approvals.sealing import Desk
from hub.approvals.texts import Addressee, DocumentText, Paragraph
from hub.clock import FixedClock
from hub.database import Database
from hub.errors import HubError
from hub.filestore import FileStore
from hub.ledger.names import LedgerName
from hub.ledger.records import LedgerEntry
from hub.ledger.writing import open_ledger
from hub.seals.custody import activate
from hub.seals.making import NewSeal, Owner, Workshop, make_own_seal
from hub.seals.permits import authorise_queue, grant_use
from hub.seals.records import SealUse
from hub.seals.sealing import certify_renditions
from hub.signing.authority import certify_time_stamps
from hub.signing.fonts import FontSet
from hub.signing.key_files import FileKeyStore
from hub.signing.keys import P256, SM2, Purpose
from hub.signing.timestamp import TimeStampAuthority, TimeStampKey
from hub.signing.timestamp_client import TimeStampClient

REGION = "xixian-fengdong"
OWNER = Owner("沣东新城行政审批局（演示）", "11610100MB0000000J")
TEMPLATE = "沣东审批（演示）〔{year}〕{serial}号"
KINDS = ("GRANT", "REPLY")
TEXT = DocumentText(
    "关于设立示例餐馆的批复",
    Addressee("示例企业（演示）", "91350100M000100Y43", "001"),
    (Paragraph(None, "你单位申请收悉。经审查，符合法定条件，准予许可。"),),
)
DRAFT = Draft(ApprovalKind.GRANT, TEXT, Route.STANDARD)
_keys = itertools.count(1)


def officer(code: str, *roles: Role, region: str = REGION) -> Actor:
    """Return an officer of the region with the roles."""
    return Actor(ActorKind.OFFICER, code, f"经办人{code}", region, frozenset(roles))


EXAMINER = officer("examiner", Role.EXAMINER)
CHECKER = officer("checker", Role.CHECKER)
SECOND_CHECKER = officer("checker-2", Role.CHECKER)
APPROVER = officer("approver", Role.APPROVER)
KEEPER = officer("keeper", Role.SEAL_KEEPER)


class TimeStampsDown(HubError):
    """The time-stamp authority does not answer.

    Cure: wait.
    """

    code = "timestamp.unavailable"


def no_time_stamp(_digest: bytes, _algorithm: str = "sha256") -> bytes:
    """Behave as an authority that is down."""
    raise TimeStampsDown("时间戳机构无应答。", "The time-stamp authority does not answer.")


@dataclass(frozen=True)
class Room:
    """The hub and its desk; `seal_id` is the active demonstration seal."""

    database: Database
    clock: FixedClock
    keys: FileKeyStore
    fonts: FontSet
    desk: Desk
    seal_id: str

    def draft(self, wanted: Draft = DRAFT, *, key: str | None = None) -> Approval:
        """Draft and commit."""
        with self.database.transaction() as session:
            return draft(
                session,
                wanted,
                actor=EXAMINER,
                key=key or fresh_key(),
                fonts=self.fonts,
                demonstration=True,
                clock=self.clock,
            )

    def act(
        self,
        approval: Approval,
        action: ApprovalAction,
        actor: Actor,
        *,
        opinion: str | None = "同意。",
        version: int | None = None,
        key: str | None = None,
    ) -> Approval:
        """Act and commit; the version is the present one unless given."""
        with self.database.transaction() as session:
            present = approval_by_id(session, approval.id).version
            return act(
                session,
                approval.id,
                action,
                opinion=opinion,
                version=present if version is None else version,
                actor=actor,
                key=key or fresh_key(),
                clock=self.clock,
            )

    def approved(self, wanted: Draft = DRAFT) -> Approval:
        """Draft and pass through every stage of the standard route."""
        approval = self.draft(wanted)
        for actor in (EXAMINER, CHECKER, APPROVER):
            approval = self.act(approval, ApprovalAction.PASS, actor)
        assert approval.stage is ApprovalStage.APPROVED
        return approval

    def grant(self, officer: Actor = KEEPER, kinds: Collection[str] = KINDS, *, days: int = 30) -> None:
        """Let an officer use the seal by hand."""
        with self.database.transaction() as session:
            until = self.clock.now() + timedelta(days=days)
            grant_use(
                session, self.seal_id, officer=officer.code, kinds=kinds, until=until, by=KEEPER, clock=self.clock
            )

    def authorise(self, *, ceiling: int = 100, kinds: Collection[str] = KINDS, days: int = 30) -> int:
        """Let the queue use the seal; return the authorisation's id."""
        with self.database.transaction() as session:
            given = authorise_queue(
                session,
                self.seal_id,
                kinds=kinds,
                daily_ceiling=ceiling,
                until=self.clock.now() + timedelta(days=days),
                by=KEEPER,
                clock=self.clock,
            )
            return given.id

    def stage(self, approval: Approval) -> ApprovalStage:
        """Return where the approval rests."""
        with self.database.reading() as session:
            return approval_by_id(session, approval.id).stage

    def uses(self) -> int:
        """Return how many seal uses the register holds."""
        return self._count(select(func.count(SealUse.id)))

    def published(self) -> list[str]:
        """Return the digests of the published files, sorted."""
        with self.database.reading() as session:
            return sorted(session.scalars(select(ApprovalFile.sha256)))

    def stored(self) -> list[str]:
        """Return the digests of the files in the store, published or not."""
        return [sha256 for shard in range(256) for sha256 in self.desk.files.shard(f"{shard:02x}")]

    def entries(self, kind: str) -> int:
        """Return how many ledger entries of the kind there are."""
        return self._count(select(func.count(LedgerEntry.id)).where(LedgerEntry.kind == kind))

    def _count(self, statement: object) -> int:
        with self.database.reading() as session:
            return int(session.scalar(statement) or 0)  # type: ignore[call-overload]

    def desk_with(self, **changes: object) -> Desk:
        """Return the desk with other parts, such as `timestamp` or `reached`."""
        return replace(self.desk, **changes)  # type: ignore[arg-type]


def fresh_key() -> str:
    """Return an idempotency key that no other request of this run has."""
    return f"key-{next(_keys)}"


def open_room(
    database: Database, clock: FixedClock, folder: Path, font_file: Path, *, algorithm: str = P256, version: int = 4
) -> Room:
    """Return a hub with everything an approval needs, in `folder`; its seal is P-256 (PDF originals) or SM2 (OFD originals)."""
    keys = FileKeyStore(folder / "keys", b"passphrase of the tests")
    with database.transaction() as session:
        seal_id = _furnish(session, Workshop(keys, FontSet(font_file), algorithm, version), clock)
    certify_renditions(keys, "沣东新城通办枢纽", clock.now())
    own, sm2 = (_time_stamp_key(keys, algorithm, clock) for algorithm in (P256, SM2))
    authority = TimeStampAuthority(own.key, own.chain, clock, sm2=sm2)
    fonts = FontSet(font_file)
    desk = Desk(
        database=database,
        keys=keys,
        clock=clock,
        files=FileStore(folder / "files"),
        fonts=fonts,
        public_url="https://hub.example",
        timestamp=TimeStampClient(authority.respond, own.chain[0], sm2.chain[0]).token,
    )
    return Room(database, clock, keys, fonts, desk, seal_id)


def _time_stamp_key(keys: FileKeyStore, algorithm: str, clock: FixedClock) -> TimeStampKey:
    name = f"tsa-{algorithm.lower()}"
    chain = certify_time_stamps(keys, name, "沣东新城通办枢纽", clock.now(), algorithm=algorithm)
    return TimeStampKey(keys.open(Purpose.TIMESTAMP, name), chain)


def _furnish(session: Session, workshop: Workshop, clock: FixedClock) -> str:
    for name in LedgerName:
        open_ledger(session, region=REGION, name=name, hash_name="SHA-256", keys=workshop.keys, clock=clock)
    register_issuer(session, region=REGION, name_zh=OWNER.name_zh, uscc_code=OWNER.uscc, number_template=TEMPLATE)
    seal = make_own_seal(session, NewSeal(REGION, OWNER), by=KEEPER, workshop=workshop, clock=clock)
    return activate(session, seal.id, by=KEEPER, clock=clock).id
