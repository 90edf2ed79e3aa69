"""The signing queue: seals what is approved, within the keepers' standing authorisations, and sweeps what a crash left behind.

A scheduled run calls `seal_due`. What cannot be sealed stays APPROVED and visible, with the reason; nothing is dropped. Any number of
workers may run at once: intents decide. Without a time stamp a run ends early, because no other document would get one. While the exchange
ledger may not sign, nothing is sealed; what may have been sealed in entries that were lost is left to a person.

Source: docs/decisions/0005-one-intent-one-seal-use.md.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session

from hub.approvals.faults import TimeStampUnavailable
from hub.approvals.intents import GRACE, any_dead, any_held, in_flight, release_dead
from hub.approvals.plans import PermitFor
from hub.approvals.publishing import require_whole_history
from hub.approvals.records import Approval, ApprovalFile, DeviceRequest, SealingIntent
from hub.approvals.rules import ApprovalKind, ApprovalStage
from hub.approvals.sealing import Desk, carry_out
from hub.clock import Clock
from hub.database import Database
from hub.errors import HubError
from hub.filestore import SHARDS, FileStore
from hub.ledger.faults import AwaitingWitnesses, LedgerBehindWitness, LedgerForked
from hub.ledger.names import LedgerName
from hub.ledger.standing import require_signing
from hub.licenses.records import LicenseFile, LicenseIntent
from hub.seals.permits import Permit, permit_for_queue
from hub.signing.keys_held import HeldKeys

MAX_CANDIDATES = 1_000
"""How many approvals one run looks at, however many of them fail."""


@dataclass(frozen=True)
class QueueReport:
    """What one run did.

    `sealed` and `failed` name approvals (failed with the code of the refusal), `waiting` is how many are still APPROVED afterwards,
    `reasons` is how many of them waited for which code, `swept` is how many orphaned files were removed.
    """

    sealed: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]
    waiting: int
    reasons: dict[str, int] = field(default_factory=dict)
    swept: int = 0


def seal_due(desk: Desk, *, limit: int = 100) -> QueueReport:
    """Seal up to `limit` approvals, those with the fewest failed attempts first, then by due date; opens its own transactions.

    Safe to run twice at once and to kill at any point. Raises nothing the hub foresaw: refusals are in the report.
    """
    desk = replace(desk, keys=HeldKeys(desk.keys))
    stopped = _may_not_sign(desk)
    if stopped is not None:
        left = _waiting(desk.database)
        return QueueReport((), (), left, {stopped.code: left} if left else {})
    swept = _swept_after_death(desk) if _worker_died(desk) else 0
    reasons, open_kinds = _kinds(desk)
    sealed: list[str] = []
    failed: list[tuple[str, str]] = []
    for approval_id in _candidates(desk, open_kinds):
        if len(sealed) == limit:
            break
        try:
            carry_out(desk, approval_id, _permit_for(desk), also=lambda _session: None)
            sealed.append(approval_id)
        except HubError as refused:
            failed.append((approval_id, refused.code))
            if isinstance(refused, TimeStampUnavailable):
                break
    reasons.update(code for _, code in failed)
    return QueueReport(tuple(sealed), tuple(failed), _waiting(desk.database), dict(reasons), swept)


def sweep_orphans(database: Database, files: FileStore, *, clock: Clock) -> int:
    """Remove stored files that no row names, and unfinished parts; return how many. Does nothing while somebody is sealing.

    Reads the whole store: for a daily run, and for after a worker died. A file is listed before the database is asked, and a claim that is
    held, or ended less than a minute ago, protects every file, so that none is removed which is about to be published.
    """
    parts = list(files.parts())
    swept = 0
    for shard in SHARDS:
        listed = files.shard(shard)
        with database.reading() as session:
            if any_held(session, clock=clock) or _license_held(session, clock):
                return swept
            known = _named(session, shard, clock)
        for sha256 in listed:
            if sha256 not in known:
                files.remove(sha256)
                swept += 1
    for part in parts:
        part.unlink(missing_ok=True)
    return swept + len(parts)


def _license_held(session: Session, clock: Clock) -> bool:
    """Say whether somebody may be about to publish the stored files of a license: the store is one."""
    held = LicenseIntent.done_at.is_(None), LicenseIntent.lease_until > clock.now() - GRACE
    return bool(session.scalar(select(exists().where(*held))))


def _named(session: Session, shard: str, clock: Clock) -> set[str]:
    """Return the digests in the shard that a row names: published files, and what still waits for a device's signature."""
    waits = DeviceRequest.completed_at.is_(None) & (DeviceRequest.expires_at > clock.now())
    named = (
        select(ApprovalFile.sha256).where(ApprovalFile.sha256.startswith(shard)),
        select(LicenseFile.sha256).where(LicenseFile.sha256.startswith(shard)),
        select(DeviceRequest.prepared_sha256).where(DeviceRequest.prepared_sha256.startswith(shard), waits),
    )
    return {found for statement in named for found in session.scalars(statement)}


def waiting() -> Select[Approval, SealingIntent]:
    """Return the statement of the queue: approvals that wait for their seal, each with its intent (attempts, last error) or None."""
    joined = (Approval.id == SealingIntent.approval_id) & (Approval.document_version == SealingIntent.document_version)
    return (
        select(Approval, SealingIntent)
        .outerjoin(SealingIntent, joined)
        .where(Approval.stage == ApprovalStage.APPROVED)
        .order_by(func.coalesce(SealingIntent.attempts, 0), Approval.due_on, Approval.id)
    )


def _permit_for(desk: Desk) -> PermitFor:
    def permit_for(session: Session, approval: Approval) -> Permit:
        require_whole_history(session, approval)
        sealing = in_flight(session, besides=approval.id, clock=desk.clock)
        return permit_for_queue(
            session, kind=approval.kind.value, region=approval.region, clock=desk.clock, in_flight=sealing
        )

    return permit_for


def _kinds(desk: Desk) -> tuple[Counter[str], list[tuple[str, ApprovalKind]]]:
    """Return how many approvals wait for which refusal of the seals, and the (region, kind) pairs that may be sealed."""
    reasons: Counter[str] = Counter()
    allowed: list[tuple[str, ApprovalKind]] = []
    with desk.database.transaction() as session:
        pairs = session.execute(
            select(Approval.region, Approval.kind, func.count(Approval.id))
            .where(Approval.stage == ApprovalStage.APPROVED)
            .group_by(Approval.region, Approval.kind)
        ).all()
        for region, kind, count in pairs:
            try:
                permit_for_queue(session, kind=kind.value, region=region, clock=desk.clock)
                allowed.append((region, kind))
            except HubError as refused:
                reasons[refused.code] += count
    return reasons, allowed


def _may_not_sign(desk: Desk) -> HubError | None:
    """Return why the exchange ledger may not sign: then this may be an old copy of the hub, which may have sealed everything before."""
    try:
        with desk.database.reading() as session:
            require_signing(session, LedgerName.EXCHANGE)
    except (AwaitingWitnesses, LedgerBehindWitness, LedgerForked) as refused:
        return refused
    return None


def _candidates(desk: Desk, allowed: list[tuple[str, ApprovalKind]]) -> list[str]:
    if not allowed:
        return []
    free = or_(SealingIntent.lease_until.is_(None), SealingIntent.lease_until <= desk.clock.now())
    fitting = or_(*((Approval.region == region) & (Approval.kind == kind) for region, kind in allowed))
    with desk.database.reading() as session:
        rows = session.execute(waiting().with_only_columns(Approval.id).where(free, fitting).limit(MAX_CANDIDATES))
        return [approval_id for (approval_id,) in rows]


def _swept_after_death(desk: Desk) -> int:
    """Sweep, and let the dead rest unless somebody who sealed meanwhile stopped the sweep; return how many files went."""
    began = desk.clock.now()
    swept = sweep_orphans(desk.database, desk.files, clock=desk.clock)
    with desk.database.transaction() as session:
        if not any_held(session, clock=desk.clock) and not _license_held(session, desk.clock):
            release_dead(session, before=began)
    return swept


def _worker_died(desk: Desk) -> bool:
    with desk.database.reading() as session:
        return any_dead(session, clock=desk.clock)


def _waiting(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count(Approval.id)).where(Approval.stage == ApprovalStage.APPROVED)) or 0
