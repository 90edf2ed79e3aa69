"""Carries out a run against another hub: its ledgers are read to their end, compared with what others hold, and vouched for.

A page is applied in one transaction, whole or not at all. A ledger that is disputed (a fork, a page that does not verify)
applies nothing more and keeps both notes as evidence; the partner's other ledger goes on, and the run ends as failed.

Source: exchange.md sections 3 and 4.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.adapters.hub import PAGE_SIZE, HubAdapter, Question
from connectors.faults import AnswerStatus, LeaseLost, LedgerNotFollowed, RunStopped, RunTimedOut
from connectors.partners import PartnerHub, partner_hubs, region_of
from connectors.protocol import RawBody, RawPage
from connectors.pulling import pages_of
from connectors.rows import RowNotTheirs
from connectors.transport import Transport
from connectors.work import Work
from hub.errors import HubError
from hub.ledger.erasing import confirm_erasures
from hub.ledger.evidence import keep_evidence
from hub.ledger.faults import Disputed
from hub.ledger.feed import from_ndjson
from hub.ledger.following import PageReport, WitnessCheck, apply_page, check_witness_note, followed_ledger
from hub.ledger.names import LedgerName
from hub.ledger.queries import open_ledgers
from hub.ledger.records import FollowedLedger
from hub.ledger.trust import trusted_key_ids
from hub.ledger.witness import observe, vouch
from hub.projections import project

if TYPE_CHECKING:
    from hub.signing.keys import KeyStore

TransportMaker = Callable[[], Transport]
NAMES: Final = tuple(name.value.lower() for name in LedgerName)


@dataclass
class HubRun:
    """One run against the hub of `partner`, by the hub of `region` with its own `keys`."""

    work: Work
    region: str
    keys: KeyStore
    partner: str
    fault: HubError | None = None
    refused: set[str] = field(default_factory=set)  # ledger names and origins nothing more is done with in this run
    notes: list[RawBody] = field(default_factory=list)

    def take(self, page: RawPage) -> None:
        """Apply a page of a feed, or keep an answer about a checkpoint for the end; a dispute is remembered for the end too."""
        if not isinstance(page, RawBody):
            return
        kind, name = page.subject[0], page.subject[1]
        if kind == "refused":
            self._remember(name, _refused(name, int(page.subject[2])))
        elif kind != "feed":
            self.notes.append(page)
        elif name not in self.refused:
            try:
                self._feed(name, page.body)
            except (RunTimedOut, RunStopped, LeaseLost):
                raise
            except HubError as fault:
                self._remember(name, fault)
                self._keep([fault])

    def end(self) -> None:
        """Compare every note with what was applied, vouch for every ledger that holds, then raise the first dispute if any."""
        if not self.work.claim.dry_run:
            disputes: list[HubError] = []
            with self.work.page() as session:
                for note in self.notes:
                    self._apart(session, disputes, note.subject[2], partial(self._said, session, note))
                for followed in _newest(session, self.partner).values():
                    self._apart(session, disputes, followed.origin, partial(self._vouch, session, followed))
            self._keep(disputes)
        if self.fault is not None:
            raise self.fault

    def _feed(self, name: str, body: bytes) -> None:
        page = from_ndjson(body.splitlines())
        with self.work.page() as session:
            followed = _followed(session, self.partner, name, page.origin)
            report = apply_page(session, followed, page, clock=self.work.place.clock, project=project)
            confirm_erasures(session, followed, report.erased, clock=self.work.place.clock)
            self._count(report, followed.origin)

    def _count(self, report: PageReport, origin: str) -> None:
        told = self.work.report
        for name in ("seen", "created", "updated", "unchanged", "tombstoned"):
            setattr(told, name, getattr(told, name) + getattr(report, name))
        if report.refused:
            told.refuse(
                origin,
                RowNotTheirs(
                    f"{report.refused} 条记录不归该来源管辖。", f"{report.refused} record(s) of another authority."
                ),
            )
            told.rejected += report.refused - 1
        if report.not_understood:
            told.warn(
                f"{origin} 有 {report.not_understood} 条目本版本尚不理解，已原样保存，升级后再应用",
                f"{report.not_understood} entries of {origin} are not understood yet; kept raw for after an upgrade",
            )

    def _said(self, session: Session, page: RawBody) -> None:
        """Compare what a hub holds of an origin with our own tree: of the partner's ledger, or of one of ours."""
        kind, region, origin = page.subject
        if kind == "silent":
            self.work.report.warn(f"未能向 {region} 核对 {origin}", f"{region} could not be asked about {origin}")
        if kind != "note":
            return
        note, clock = page.body.decode("utf-8", "replace"), self.work.place.clock
        followed = followed_ledger(session, origin)
        if followed is None:
            proves = observe(session, origin=origin, witness=region, note=note, keys=self.keys, clock=clock)
        else:
            check = check_witness_note(session, followed, note, told_by=region, clock=clock)
            proves = check is not WitnessCheck.UNVERIFIABLE
        if not proves:
            self.work.report.warn(
                f"{region} 出示的 {origin} 检查点未采用", f"the note {region} shows of {origin} was not taken"
            )

    def _vouch(self, session: Session, followed: FollowedLedger) -> None:
        if not {followed.origin, followed.name.lower()} & self.refused:
            vouch(session, followed, keys=self.keys, region=self.region, clock=self.work.place.clock)

    def _apart(self, session: Session, disputes: list[HubError], origin: str, step: Callable[[], None]) -> None:
        """Take one step in a savepoint; a dispute undoes this step alone and is remembered."""
        try:
            with session.begin_nested():
                step()
        except Disputed as dispute:
            self._remember(origin, dispute)
            disputes.append(dispute)

    def _remember(self, subject: str, fault: HubError) -> None:
        self.refused.add(subject)
        self.fault = self.fault or fault

    def _keep(self, faults: Sequence[HubError]) -> None:
        """Store the evidence of every dispute, in a transaction after the one that met it."""
        for dispute in faults:
            if isinstance(dispute, Disputed) and not self.work.claim.dry_run:
                with self.work.place.database.transaction() as session:
                    keep_evidence(session, dispute, clock=self.work.place.clock)


def carry_hub(work: Work, *, region: str, keys: KeyStore, transport: TransportMaker) -> None:
    """Read the partner's ledgers to their end, compare, vouch; raises the first dispute after all that."""
    with work.place.database.reading() as session:
        partner = region_of(work.claim.source, work.claim.settings)
        hubs = partner_hubs(session)
        adapter = HubAdapter(
            transport(),
            _url(hubs, partner),
            token=partner,
            questions=_questions(session, hubs, partner),
            page_size=int(work.claim.settings.get("page_size", PAGE_SIZE)),
            signed_by={
                name.lower(): trusted_key_ids(session, followed.origin)
                for name, followed in _newest(session, partner).items()
            },
        )
        cursor = _cursor(session, partner)
    run = HubRun(work, region, keys, partner)
    for page in pages_of(adapter, cursor, work.deadline):
        run.take(page)
        if work.claim.dry_run:
            run.refused.update(NAMES)  # a page taken back is followed by none
        adapter.leave(run.refused)
    run.end()


def _refused(name: str, status: int) -> AnswerStatus:
    return AnswerStatus(
        f"对方拒绝提供 {name} 账本（HTTP {status}）。",
        f"The partner refused us its {name} ledger (HTTP {status}).",
        status=status,
    )


def _url(hubs: Sequence[PartnerHub], partner: str) -> str:
    return next((hub.url for hub in hubs if hub.region == partner), "")


def _questions(session: Session, hubs: Sequence[PartnerHub], partner: str) -> list[Question]:
    """Return what to ask: every other hub about the partner's ledgers, the partner about ours."""
    theirs = [followed.origin for followed in _newest(session, partner).values()]
    ours = [ledger.origin for ledger in open_ledgers(session)]
    others = [Question(hub.region, hub.url, origin) for hub in hubs if hub.region != partner for origin in theirs]
    return others + [Question(hub.region, hub.url, origin) for hub in hubs if hub.region == partner for origin in ours]


def _cursor(session: Session, partner: str) -> dict[str, Any]:
    """Return how many entries are held of each ledger of the partner that is followed. Raises LedgerNotFollowed for none."""
    held = {name.lower(): followed.applied_size for name, followed in _newest(session, partner).items()}
    if not held:
        raise LedgerNotFollowed(
            f"尚未跟读 {partner} 的账本：须先由人确认其公钥。",
            f"No ledger of {partner} is followed: a person must confirm its key first.",
        )
    return held


def _newest(session: Session, partner: str) -> dict[str, FollowedLedger]:
    rows = session.scalars(select(FollowedLedger).where(FollowedLedger.region == partner).order_by(FollowedLedger.id))
    return {row.name: row for row in rows}


def _followed(session: Session, partner: str, name: str, origin: str) -> FollowedLedger:
    """Return the ledger a page belongs to; one of another origin is given to the newest, which refuses it by name."""
    rows = _newest(session, partner)
    exact = session.scalar(
        select(FollowedLedger).where(
            FollowedLedger.region == partner, FollowedLedger.name == name.upper(), FollowedLedger.origin == origin
        )
    )
    return exact or rows[name.upper()]
