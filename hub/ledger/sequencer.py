"""The sequencer: it alone gives entries their place and signs checkpoints, and it never signs a fork.

Any number may run; the database lets one place at a time. After its start, and whenever the database knows less than this
process has seen signed (a lost failover), it signs nothing until a majority of the hub's witnesses has answered and none of
them holds a larger or another tree. A ledger once stopped stays stopped until it is recovered or a person clears it.

Source: exchange.md section 2.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from hub.clock import Clock
from hub.database import Database
from hub.errors import HubError
from hub.ledger.cupboard import Cupboard
from hub.ledger.evidence import keep_evidence
from hub.ledger.faults import AwaitingWitnesses, Disputed, LedgerBehindWitness, LedgerForked
from hub.ledger.names import BATCH
from hub.ledger.placing import locked_ledger, place_batch
from hub.ledger.queries import newest_checkpoint, open_ledgers
from hub.ledger.records import Ledger, LedgerEntry
from hub.ledger.standing import Witnesses, compare, mark, stopped
from hub.signing.keys import KeyStore

PAUSE_SECONDS: Final = 0.5
"""How long the loop rests when there was nothing to place."""
RETRY_SECONDS: Final = 5.0
"""How long it rests after a refusal, a silent majority or an unreachable database."""
OWN_MEMORY: Final = "self"
"""Who told it, in evidence, when this process itself remembers the larger tree."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Seen:
    """The largest checkpoint of a ledger this process has seen committed since the witnesses agreed."""

    size: int
    note: str


class Sequencer:
    """Places the entries of both ledgers. `witnesses` is asked without a transaction being open."""

    def __init__(self, database: Database, keys: KeyStore, clock: Clock, witnesses: Witnesses) -> None:
        self._database = database
        self._cupboard = Cupboard(keys)
        self._clock = clock
        self._witnesses = witnesses
        self._agreed: dict[int, _Seen] = {}
        self._remembered: dict[int, _Seen] = {}

    def await_witnesses(self) -> None:
        """Write down that the witnesses are to be heard first: until then nothing is signed, whoever looks, and nothing sealed.

        For the start of a process, which cannot know whether it was given an old copy of the database.
        """
        with self._database.transaction() as session:
            for ledger in open_ledgers(session):
                if ledger.stopped_code is None:
                    mark(ledger, code=AwaitingWitnesses.code, by=None, clock=self._clock)

    def step(self) -> int:
        """Place up to BATCH entries of each ledger and return how many in all; a checkpoint is signed over each batch.

        A ledger that may not sign does not hinder the other. Raises LedgerBehindWitness or LedgerForked for a stopped one
        after the other was served; while witnesses are awaited it places nothing and raises nothing (`Ledger.stopped_code`).
        """
        with self._database.reading() as session:
            ledgers = open_ledgers(session)
        placed, refusals = 0, list[HubError]()
        for ledger in ledgers:
            try:
                placed += self._step_of(ledger)
            except (LedgerBehindWitness, LedgerForked) as refusal:
                refusals.append(refusal)
        if refusals:
            raise refusals[0]
        return placed

    def run(self, stop: threading.Event) -> None:
        """Step twice a second until `stop` is set, every five seconds after a refusal, which is logged when it changes."""
        last = ""
        while not stop.is_set():
            pause = PAUSE_SECONDS
            try:
                if self.step() >= BATCH:
                    continue
                last = ""
            except (HubError, OperationalError) as error:
                pause = RETRY_SECONDS
                if str(error) != last:
                    last = str(error)
                    _log.error("The sequencer signs nothing: %s", error)
            stop.wait(pause)

    def _step_of(self, ledger: Ledger) -> int:
        if not self._may_sign(ledger):
            return 0
        with self._database.reading() as session:
            waiting = session.scalar(
                select(LedgerEntry.id).where(LedgerEntry.ledger_id == ledger.id, LedgerEntry.index.is_(None)).limit(1)
            )
        if waiting is None:
            return 0
        placed, seen = self._place(ledger.id)
        if seen is not None:  # only now: the transaction has committed
            self._agreed[ledger.id] = self._remembered[ledger.id] = seen
        return placed

    def _place(self, ledger_id: int) -> tuple[int, _Seen | None]:
        with self._database.transaction() as session:
            ledger = locked_ledger(session, ledger_id)
            if ledger is None or ledger.closed_at is not None or ledger.stopped_code is not None:
                return 0, None
            if ledger.size < self._agreed[ledger_id].size:
                del self._agreed[ledger_id]
                return 0, None
            placed = place_batch(session, ledger, cupboard=self._cupboard, clock=self._clock)
            newest = newest_checkpoint(session, ledger_id)
            return placed, None if newest is None else _Seen(newest.size, newest.note)

    def _may_sign(self, ledger: Ledger) -> bool:
        """Say whether the witnesses agree, asking them if they have not been asked since this process had to."""
        if ledger.stopped_code not in (None, AwaitingWitnesses.code):
            self._agreed.pop(ledger.id, None)
            raise stopped(ledger)
        agreed = self._agreed.get(ledger.id)
        if agreed is not None and ledger.size >= agreed.size and ledger.stopped_code is None:
            return True
        self._agreed.pop(ledger.id, None)
        told = list(self._witnesses(ledger.origin))
        try:
            agree = self._compared(ledger.id, told)
        except Disputed as dispute:
            with self._database.transaction() as session:
                keep_evidence(session, dispute, clock=self._clock)
            raise
        self._mark(ledger, None if agree else AwaitingWitnesses.code)
        return agree

    def _compared(self, ledger_id: int, told: list[tuple[str, str | None]]) -> bool:
        """Say whether more than half of the witnesses agree, or there are none; remember what they agreed to."""
        remembered = self._remembered.get(ledger_id)
        with self._database.reading() as session:
            ledger = session.get_one(Ledger, ledger_id)
            if remembered is not None:
                compare(session, ledger, witness=OWN_MEMORY, note=remembered.note, cupboard=self._cupboard)
            notes = [(witness, note) for witness, note in told if note is not None]
            counted = sum(
                compare(session, ledger, witness=witness, note=note, cupboard=self._cupboard) for witness, note in notes
            )
            newest = newest_checkpoint(session, ledger_id)
            majority = counted * 2 > len(told) or not told
            if majority:
                self._agreed[ledger_id] = _Seen(ledger.size, "" if newest is None else newest.note)
        return majority

    def _mark(self, ledger: Ledger, code: str | None) -> None:
        if ledger.stopped_code == code:
            return
        with self._database.transaction() as session:
            mark(session.get_one(Ledger, ledger.id), code=code, by=None, clock=self._clock)
