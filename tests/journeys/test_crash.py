"""Thirty power cuts while five hubs exchange and seal: nothing acknowledged is lost, nothing is there twice.

An outside client writes down every acknowledgement before it goes on. Afterwards the ledgers are read over HTTP from all five
hubs and verified here. The plan follows from a seed, which is printed: CRASH_SEED=… deals the same blows again.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from hub.ledger.names import LedgerName
from hub.ledger.note import Checkpoint
from hub.ledger.origin import parse_origin
from tests.journeys.client import record_id
from tests.journeys.five import Demonstration, until
from tests.journeys.killing import IN_SEALING, KILLS, STEPS, Blow, carry_out, plan, ready
from tests.journeys.reading import Read, Said, held_headers, read_own, said, witnessed

DRAIN_SECONDS = 300.0  # a dead sealer's lease has to end before another may take its document
CLIENT_ENDS_SECONDS = 60
WAITING = "{ approvals(filter: { stage: { eq: APPROVED } }, first: 1) { totalCount } }"


@dataclass(frozen=True)
class Acknowledged:
    """What a hub told the client it had done."""

    region: str
    record_id: str
    version: int


@dataclass(frozen=True)
class Aftermath:
    """Everything as it stands when the last victim is up again, the queues are empty and all have read all."""

    blows: list[Blow]
    acknowledged: list[Acknowledged]
    ledgers: dict[str, Read]
    said: dict[str, list[Said]]  # by region: what its exchange ledger says
    held: dict[tuple[str, str], list[bytes]]  # (reader, origin): headers there
    witnessed: dict[tuple[str, str], Checkpoint]


@pytest.fixture(scope="module")
def aftermath(demonstration: Demonstration, tmp_path_factory: pytest.TempPathFactory) -> Aftermath:
    seed = int(os.environ.get("CRASH_SEED") or random.SystemRandom().randrange(2**32))
    print(f"\nCRASH_SEED={seed}")
    log = tmp_path_factory.mktemp("client") / "acknowledged.jsonl"
    began = time.monotonic()
    with _client(demonstration, log) as client:

        def watch() -> None:
            assert client.poll() is None, "the client met an answer it should not have: see its output"

        blows = carry_out(demonstration, plan(seed, list(demonstration.urls)), watch)
    killed = time.monotonic()
    until(lambda: _quiet(demonstration), DRAIN_SECONDS, wanted="every queue is empty and all have read all")
    print(f"{len(blows)} kills in {killed - began:.0f} s, quiet after {time.monotonic() - killed:.0f} s more")
    return _read(demonstration, blows, log)


def test_hubs_were_killed_thirty_times_and_an_equal_share_died_in_each_step_of_sealing(aftermath: Aftermath) -> None:
    steps = Counter(blow.step for blow in aftermath.blows)
    wanted = dict.fromkeys([None, *STEPS], IN_SEALING // len(STEPS)) | {None: KILLS - IN_SEALING}
    assert steps == wanted


def test_the_client_was_told_of_changes_on_every_hub(aftermath: Aftermath, demonstration: Demonstration) -> None:
    assert {one.region for one in aftermath.acknowledged} == set(demonstration.urls)


def test_every_acknowledged_change_is_in_its_ledger_exactly_once(aftermath: Aftermath) -> None:
    written = Counter(
        (region, one.record_id, one.version)
        for region, ledger in aftermath.said.items()
        for one in ledger
        if one.kind == "approval"
    )
    wrong = [one for one in aftermath.acknowledged if written[one.region, one.record_id, one.version] != 1]
    assert wrong == []


def test_no_version_of_any_record_was_written_twice(aftermath: Aftermath) -> None:
    written = Counter(
        (region, one.kind, one.record_id, one.version) for region, ledger in aftermath.said.items() for one in ledger
    )
    assert [key for key, times in written.items() if times != 1] == []


def test_every_acknowledged_approval_was_sealed_once_with_an_original_and_a_rendition(aftermath: Aftermath) -> None:
    wanted = {one.record_id for one in aftermath.acknowledged}
    sealed = [one for one in _approvals(aftermath) if one.body["stage"] == "SEALED" and one.record_id in wanted]
    passed = {one.record_id for one in _approvals(aftermath) if one.body["stage"] == "APPROVED"} & wanted
    assert sorted(one.record_id for one in sealed) == sorted(passed)
    assert {tuple(sorted(file["format"] for file in one.body["files"])) for one in sealed} == {("OFD", "PDF")}


def test_every_sealed_document_has_one_use_of_the_seal_and_no_use_stands_without_one(aftermath: Aftermath) -> None:
    documents = [
        f"approval:{one.record_id}:{one.body['document_version']}"
        for one in _approvals(aftermath)
        if one.body["stage"] == "SEALED"
    ]
    documents += [
        f"license:{one.record_id}" for one in _everything(aftermath) if one.kind == "license" and one.body["files"]
    ]
    uses = [str(one.body["document"]) for one in _everything(aftermath) if one.kind == "seal_use"]
    assert sorted(uses) == sorted(documents)


def test_every_place_in_every_ledger_is_taken_once_and_none_is_empty(aftermath: Aftermath) -> None:
    for ledger in aftermath.ledgers.values():
        assert [entry.index for entry in ledger.entries] == list(range(len(ledger.entries)))


def test_all_five_hold_the_same_entries_of_every_ledger(aftermath: Aftermath) -> None:
    differing = [key for key, headers in aftermath.held.items() if headers != aftermath.ledgers[key[1]].headers]
    assert differing == []


def test_all_five_vouch_for_the_same_checkpoint_of_every_ledger(aftermath: Aftermath) -> None:
    differing = [
        key
        for key, checkpoint in aftermath.witnessed.items()
        if (checkpoint.size, checkpoint.root)
        != (len(aftermath.ledgers[key[1]].entries), aftermath.ledgers[key[1]].root)
    ]
    assert differing == []


@contextmanager
def _client(demonstration: Demonstration, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Yield the client at work; at the end it finishes what it began, and must have met nothing it should not have."""
    command = [sys.executable, "-m", "tests.journeys.client", str(demonstration.var / "demo.json"), str(log)]
    client = subprocess.Popen(command, start_new_session=True)
    try:
        yield client
        client.send_signal(signal.SIGTERM)
        assert client.wait(CLIENT_ENDS_SECONDS) == 0
    finally:
        client.kill()
        client.wait()


def _quiet(demonstration: Demonstration) -> bool:
    return (
        all(ready(url) for url in demonstration.urls.values())
        and all(
            demonstration.graphql(region, WAITING, token=demonstration.officer(region, "examiner-1"))["approvals"][
                "totalCount"
            ]
            == 0
            for region in demonstration.urls
        )
        and demonstration.settled()
        and all(_vouched(demonstration))
    )


def _vouched(demonstration: Demonstration) -> Iterator[bool]:
    for origin, size in demonstration.sizes().items():
        for reader in demonstration.urls:
            if reader != parse_origin(origin).region:
                yield witnessed(demonstration, reader, origin).size == size


def _read(demonstration: Demonstration, blows: list[Blow], log: Path) -> Aftermath:
    ledgers = {
        read.origin: read
        for region in demonstration.urls
        for name in LedgerName
        for read in [read_own(demonstration, region, name)]
    }
    pairs = [
        (reader, origin) for origin in ledgers for reader in demonstration.urls if reader != parse_origin(origin).region
    ]
    return Aftermath(
        blows,
        [_acknowledged(line) for line in log.read_text("utf-8").splitlines()],
        ledgers,
        {parse_origin(origin).region: list(said(read)) for origin, read in ledgers.items() if "/exchange/" in origin},
        {(reader, origin): held_headers(demonstration, reader, origin) for reader, origin in pairs},
        {(reader, origin): witnessed(demonstration, reader, origin) for reader, origin in pairs},
    )


def _acknowledged(line: str) -> Acknowledged:
    told = json.loads(line)
    return Acknowledged(told["region"], record_id(told["id"]), told["version"])


def _approvals(aftermath: Aftermath) -> list[Said]:
    return [one for one in _everything(aftermath) if one.kind == "approval"]


def _everything(aftermath: Aftermath) -> list[Said]:
    return [one for ledger in aftermath.said.values() for one in ledger]
