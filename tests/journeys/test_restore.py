"""An old copy of a hub is brought back: it refuses to sign, its partners give it its ledgers back, and it goes on.

The copy is the database alone, taken while the hub ran; keys and files are those of the hub. What was published after the copy is in
the partners' hands only: headers of both ledgers, and the contents of the public one. Contents of the exchange ledger were
addressed to nobody, so nobody can give them back, and the hub says so instead of sealing again what it may have sealed.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub.ledger.faults import LedgerBehindWitness
from hub.ledger.names import LedgerName, Withheld
from hub.projections import publish
from hub.settings import settings_from
from hub.web.compose import compose
from seeds.hubs import addresses
from seeds.reference import records_of
from seeds.supervisor import ROOT
from tests.journeys.client import ACT, DRAFT, SEAL, SEALS, draft_input
from tests.journeys.five import Demonstration, until
from tests.journeys.killing import ready
from tests.journeys.reading import Read, held_headers, read_own

VICTIM, READER = "xianyang-qindu", "xian-hightech"
HALL = "xianyang-qindu-hall"
NEW_ADDRESS = "秦都区（演示地址，备份之后新迁）"
SECONDS = 180.0
QUEUE_SECONDS = 20.0  # several runs of the signing queue
APPROVAL = "query($id: ID!) { node(id: $id) { ... on Approval { stage version } } }"
HALLS = "{ servicePoints(first: 100) { edges { node { code addressZh } } } }"


@dataclass(frozen=True)
class Restored:
    """What was seen: before the copy came back, while the hub refused, after the recovery, and after it had gone on."""

    held_before: dict[LedgerName, list[bytes]]  # what a partner held when the hub was lost
    readiness: dict[str, Any]
    sizes_while_stopped: dict[LedgerName, int]
    drafted_while_stopped: str
    stage_while_stopped: str
    recovery: subprocess.CompletedProcess[str]
    stage_after: str
    ledgers: dict[LedgerName, Read]
    held_after: dict[LedgerName, list[bytes]]
    hall_here: str
    drafted_after: str


@pytest.fixture(scope="module")
def restored(demonstration: Demonstration, tmp_path_factory: pytest.TempPathFactory) -> Restored:
    district = _District(demonstration)
    copy = tmp_path_factory.mktemp("backup") / "hub.db"
    sealed_later = district.backed_up_before_it_was_sealed(copy)
    district.publish_new_address()
    until(lambda: district.stage(sealed_later) == "SEALED", SECONDS, wanted="the queue seals it")
    until(demonstration.settled, SECONDS, wanted="partners hold what was published after the copy")
    held_before = district.held()

    district.bring_back(copy)
    until(lambda: district.codes() == {LedgerBehindWitness.code}, SECONDS, wanted="both ledgers are behind")
    drafted_while_stopped = district.draft("while-stopped")
    time.sleep(QUEUE_SECONDS)
    readiness, sizes, stage = district.readiness(), district.sizes(), district.stage(sealed_later)

    recovery = district.recover()
    until(lambda: ready(district.url), SECONDS, wanted="it signs again")
    time.sleep(QUEUE_SECONDS)
    stage_after = district.stage(sealed_later)
    drafted_after = district.draft("after")
    district.seal_by_hand(sealed_later)  # a person has looked; the queue is empty again for whoever comes next
    until(demonstration.settled, SECONDS, wanted="partners hold what it published after its recovery")
    return Restored(
        held_before,
        readiness,
        sizes,
        drafted_while_stopped,
        stage,
        recovery,
        stage_after,
        {name: read_own(demonstration, VICTIM, name) for name in LedgerName},
        district.held(),
        district.hall(),
        drafted_after,
    )


def test_the_old_copy_refuses_to_sign_and_says_so_where_operators_look(restored: Restored) -> None:
    told = {ledger["code"] for ledger in restored.readiness["ledgers"]}
    assert (restored.readiness["status"], told) == ("degraded", {"ledger.behind_witness"})


def test_the_old_copy_signs_nothing_before_it_is_recovered(restored: Restored) -> None:
    assert all(size < len(restored.held_before[name]) for name, size in restored.sizes_while_stopped.items())


def test_the_old_copy_does_not_seal_again_what_was_sealed_after_it_was_taken(restored: Restored) -> None:
    assert restored.stage_while_stopped == "APPROVED"


def test_recovery_takes_both_tails_back_in_one_command(restored: Restored) -> None:
    assert (restored.recovery.returncode, restored.recovery.stdout.count("recovered")) == (0, len(LedgerName))


def test_after_the_recovery_every_old_entry_stands_at_its_old_place(restored: Restored) -> None:
    for name, headers in restored.held_before.items():
        assert restored.ledgers[name].headers[: len(headers)] == headers


def test_a_public_record_published_after_the_copy_is_back_on_the_hubs_own_pages(restored: Restored) -> None:
    assert restored.hall_here == NEW_ADDRESS


def test_what_nobody_could_give_back_is_marked_and_nothing_else_is(restored: Restored) -> None:
    withheld = {entry.withheld for ledger in restored.ledgers.values() for entry in ledger.entries}
    assert withheld == {None, Withheld.ERASED}


def test_the_queue_leaves_to_a_person_what_may_be_sealed_already(restored: Restored) -> None:
    assert restored.stage_after == "APPROVED"


@pytest.mark.parametrize("when", ["drafted_while_stopped", "drafted_after"])
def test_a_document_drafted_in_the_old_copy_or_after_it_is_in_the_ledger_once(restored: Restored, when: str) -> None:
    entries = restored.ledgers[LedgerName.EXCHANGE].entries
    found = [
        entry for entry in entries if entry.body is not None and entry.body.get("title") == getattr(restored, when)
    ]
    assert [entry.version for entry in found] == [1]


def test_partners_read_on_in_the_recovered_ledgers(restored: Restored) -> None:
    for name, ledger in restored.ledgers.items():
        assert len(ledger.entries) > len(restored.held_before[name]) or name is LedgerName.PUBLIC
        assert restored.held_after[name] == ledger.headers


@dataclass(frozen=True)
class _District:
    """The victim's officers and its operator at work."""

    five: Demonstration

    @property
    def url(self) -> str:
        return self.five.urls[VICTIM]

    def backed_up_before_it_was_sealed(self, copy: Path) -> str:
        """Return an approval that the copy shows APPROVED; the queue may be quicker than we, then another one is."""
        for number in range(10):
            approval = self._passed(f"before-{number}")
            _back_up(self.five.var / VICTIM / "hub.db", copy)
            if _stages(copy)[-1:] == ["APPROVED"]:
                return approval
        raise AssertionError("the queue was always quicker")

    def publish_new_address(self) -> None:
        """Publish another address of the service hall, as the district's catalogue does: a record and its entry."""
        hub = compose(settings_from(self.five.processes[VICTIM].environment))
        hall = next(one for one in records_of(VICTIM, addresses(self.five.ports)) if one.record_id == HALL)
        content = {**hall.content, "address_zh": NEW_ADDRESS}
        with hub.database.transaction() as session:
            publish(session, region=VICTIM, kind=hall.kind, record_id=HALL, content=content, clock=hub.clock)
        hub.database.close()

    def bring_back(self, copy: Path) -> None:
        """Lose the hub's database as it is and start the hub on the old copy."""
        process, database = self.five.processes[VICTIM], self.five.var / VICTIM / "hub.db"
        process.kill()
        for suffix in ("", "-wal", "-shm"):
            database.with_name(database.name + suffix).unlink(missing_ok=True)
        database.write_bytes(copy.read_bytes())
        process.start()
        process.wait_ready(SECONDS)

    def recover(self) -> subprocess.CompletedProcess[str]:
        """Run the operator's command beside the running hub."""
        return subprocess.run(
            [sys.executable, "-m", "hub", "ledger", "recover"],
            cwd=ROOT,
            env={**os.environ, **self.five.processes[VICTIM].environment},
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )

    def draft(self, title: str) -> str:
        """Draft a document and return its title."""
        wanted = draft_input(f"restore-{title}")
        assert self._done(DRAFT, {"input": wanted}, "examiner-1")["stage"] == "EXAMINE"
        return str(wanted["title"])

    def seal_by_hand(self, approval: str) -> None:
        """Seal it with the keeper's hand."""
        token = self.five.officer(VICTIM, "keeper-1")
        seal = self.five.graphql(VICTIM, SEALS, token=token)["seals"]["edges"][0]["node"]["id"]
        assert self._done(SEAL, {"id": approval, "sealId": seal, "key": "restore"}, "keeper-1")["stage"] == "SEALED"

    def stage(self, approval: str) -> str:
        """Return where an approval rests on its own hub."""
        token = self.five.officer(VICTIM, "keeper-1")
        return str(self.five.graphql(VICTIM, APPROVAL, {"id": approval}, token)["node"]["stage"])

    def hall(self) -> str:
        """Return the hall's address as the hub's own readers see it."""
        edges = self.five.graphql(VICTIM, HALLS)["servicePoints"]["edges"]
        return next(str(edge["node"]["addressZh"]) for edge in edges if edge["node"]["code"] == HALL)

    def readiness(self) -> dict[str, Any]:
        """Return what /readyz says."""
        return dict(httpx.get(f"{self.url}/readyz", timeout=30).json())

    def codes(self) -> set[str]:
        """Return why the ledgers sign nothing."""
        return {str(ledger["code"]) for ledger in self.readiness()["ledgers"]}

    def sizes(self) -> dict[LedgerName, int]:
        """Return the sizes of both ledgers."""
        return {LedgerName(ledger["name"]): ledger["size"] for ledger in self.readiness()["ledgers"]}

    def held(self) -> dict[LedgerName, list[bytes]]:
        """Return the headers a partner holds of both ledgers."""
        return {name: held_headers(self.five, READER, f"tongban/{VICTIM}/{name.lower()}/1") for name in LedgerName}

    def _passed(self, title: str) -> str:
        told = self._done(DRAFT, {"input": draft_input(f"restore-{title}")}, "examiner-1")
        for officer in ("examiner-1", "checker-1", "approver-1"):
            variables = {"id": told["id"], "version": told["version"], "key": f"{title}-{officer}"}
            told = self._done(ACT, variables, officer)
        return str(told["id"])

    def _done(self, document: str, variables: dict[str, Any], officer: str) -> dict[str, Any]:
        answer = self.five.graphql(VICTIM, document, variables, self.five.officer(VICTIM, officer))["done"]
        assert answer["__typename"] == "Approval", answer
        return dict(answer)


def _back_up(database: Path, copy: Path) -> None:
    """Copy a database that is in use, whole and at one instant, as sqlite3's `.backup` does."""
    copy.unlink(missing_ok=True)
    source, target = sqlite3.connect(database), sqlite3.connect(copy)
    try:
        source.backup(target)
    finally:
        source.close()
        target.close()


def _stages(copy: Path) -> list[str]:
    connection = sqlite3.connect(copy)
    try:
        return [stage for (stage,) in connection.execute("SELECT stage FROM approvals ORDER BY drafted_at")]
    finally:
        connection.close()
