"""An outside client that drafts, passes and seals on every hub at once, and writes down each acknowledgement before it goes on.

    python -m tests.journeys.client demo.json acknowledged.jsonl

One line an acknowledgement: {"region", "id", "version", "stage"}; it is on the disk (fsync) before the next request is sent. A
request that was not answered is sent again with its key until it is. What is not sealed by its hand is left to the signing queue. SIGTERM: what
was begun is ended, then it exits 0; anything a hub should not have answered ends it with status 1.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

AGAIN_SECONDS = 0.3
PAUSE_SECONDS = 2.5
BY_HAND_OF = 3  # of so many approvals all but one are sealed by hand
ANSWER_SECONDS = 60
DRAFT = """mutation($input: DraftApprovalInput!) { done: draftApproval(input: $input) {
  __typename ... on Approval { id version stage } ... on Problem { code message } } }"""
ACT = """mutation($id: ID!, $version: Int!, $key: String!) {
  done: actOnApproval(id: $id, action: PASS, opinion: "同意。（演示）", version: $version, idempotencyKey: $key) {
  __typename ... on Approval { id version stage } ... on Problem { code message } } }"""
SEAL = """mutation($id: ID!, $sealId: ID!, $key: String!) { done: sealApproval(id: $id, sealId: $sealId, idempotencyKey: $key) {
  __typename ... on Approval { id version stage } ... on Problem { code message } } }"""
SEALS = "{ seals(first: 5) { edges { node { id status } } } }"
LEFT_TO_THE_QUEUE = frozenset(
    {
        "approval.sealing_under_way",
        "approval.sealing_overtaken",
        "approval.move_refused",  # the queue was quicker
        "ledger.awaiting_witnesses",  # the hub has just started
    }
)


class Answered(Exception):
    """A hub answered what it should not have."""


class Log:
    """The file of acknowledgements: a line is on the disk when `write` returns."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()

    def write(self, line: Mapping[str, Any]) -> None:
        """Append one line durably."""
        with self._lock:
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())


class District:
    """The officers of one district at work, until `stop` is set."""

    def __init__(self, entry: Mapping[str, Any], log: Log, stop: threading.Event) -> None:
        self._region, self._url = entry["code"], entry["url"]
        self._tokens = {one["code"]: one["token"] for one in entry["officers"]}
        self._log, self._stop, self._http = log, stop, httpx.Client(timeout=ANSWER_SECONDS)
        self._session = secrets.token_hex(4)  # so that no two clients use one key

    def work(self) -> None:
        """Take one approval after another along its route. Raises Answered."""
        try:
            seal, number = self._seal(), 0
            while not self._stop.is_set():
                number += 1
                self._approval(f"{self._session}-{self._region}-{number}", seal, by_hand=number % BY_HAND_OF != 0)
                self._stop.wait(PAUSE_SECONDS)
        finally:
            self._stop.set()  # a fault of one ends all

    def _approval(self, key: str, seal: str, *, by_hand: bool) -> None:
        told = self._change(DRAFT, {"input": draft_input(key)}, "examiner-1")
        for officer in ("examiner-1", "checker-1", "approver-1"):
            variables = {"id": told["id"], "version": told["version"], "key": f"{key}-{officer}"}
            told = self._change(ACT, variables, officer)
        if by_hand:
            self._change(SEAL, {"id": told["id"], "sealId": seal, "key": key}, "keeper-1", LEFT_TO_THE_QUEUE)

    def _change(
        self, document: str, variables: Mapping[str, Any], officer: str, passed_over: frozenset[str] = frozenset()
    ) -> dict[str, Any]:
        """Return the approval after the change, which has been written down. Raises Answered."""
        answer = self._asked(document, variables, officer)
        done: dict[str, Any] = (answer["data"] or {}).get("done") or {}
        if done.get("__typename") == "Approval":
            self._log.write({"region": self._region, **{name: done[name] for name in ("id", "version", "stage")}})
        elif not _codes(answer, done) <= passed_over:
            raise Answered(f"{self._region}: {answer}")
        return done

    def _seal(self) -> str:
        seals = self._asked(SEALS, {}, "keeper-1")["data"]["seals"]["edges"]
        return next(str(edge["node"]["id"]) for edge in seals if edge["node"]["status"] == "ACTIVE")

    def _asked(self, document: str, variables: Mapping[str, Any], officer: str) -> dict[str, Any]:
        """Return the answer, sending the same request until there is one. Raises Answered."""
        body = {"query": document, "variables": variables}
        headers = {"Authorization": f"Bearer {self._tokens[officer]}"}
        while True:
            try:
                answer = self._http.post(f"{self._url}/graphql", json=body, headers=headers)
            except httpx.HTTPError:  # killed, or starting again
                time.sleep(AGAIN_SECONDS)
                continue
            if answer.status_code != httpx.codes.OK:
                raise Answered(f"{self._region}: {answer.status_code} {answer.text}")
            return dict(answer.json())


def _codes(answer: Mapping[str, Any], done: Mapping[str, Any]) -> set[str]:
    """Return why nothing was done: the problem's code, or those of the errors."""
    return {str(done.get("code"))} if done else {error["extensions"]["code"] for error in answer.get("errors", ())}


def record_id(node_id: str) -> str:
    """Return the ledger's id of a record from its node id (base64url of kind/origin/record id)."""
    text = base64.urlsafe_b64decode(node_id + "=" * (-len(node_id) % 4)).decode()
    return text.split("/", 2)[2]


def main(told: Path, acknowledged: Path) -> int:
    """Work in every district until SIGTERM, or until one meets a fault; return the exit status."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    log = Log(acknowledged)
    entries = json.loads(told.read_text("utf-8"))["regions"]
    with ThreadPoolExecutor(len(entries)) as districts:
        working = [districts.submit(District(entry, log, stop).work) for entry in entries]
        faults = [str(met) for one in working if (met := one.exception()) is not None]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def draft_input(key: str) -> dict[str, Any]:
    """Return the input that drafts one document; its title names `key`."""
    return {
        "idempotencyKey": key,
        "kind": "REPLY",
        "title": f"关于断电演练第 {key} 号的批复（演示）",
        "addressee": {"name": "示例企业（演示）", "code": "91350100M000100Y43", "codeType": "001"},
        "body": [{"heading": None, "text": "你单位报来的请示（演示）收悉。经研究，同意。"}],
        "route": "STANDARD",
    }


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
