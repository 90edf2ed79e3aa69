"""The contract's mutations, verbatim: draft, act, seal; every refusal is a problem in the union, audited, and changes nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hub.access.actors import PUBLIC_ACTOR, Actor
from hub.access.records import Refusal
from hub.clock import FixedClock
from hub.database import Database
from tests.approval_desk import APPROVER, CHECKER, EXAMINER, KEEPER, Room, no_time_stamp, open_room
from tests.schema.planting import CONTRACT, OPERATOR, Hub
from tests.schema.test_schema_contract import OPERATIONS

EXAMPLE: dict[str, Any] = json.loads((CONTRACT / "variables.json").read_text())


@pytest.fixture
def room(database: Database, clock: FixedClock, tmp_path: Path, font_file: Path) -> Room:
    """A hub with officers, an issuer and an active seal."""
    return open_room(database, clock, tmp_path, font_file)


@pytest.fixture
def desk(room: Room) -> Hub:
    """The same hub behind GraphQL."""
    hub = Hub(room.database, room.clock, room.keys)
    hub.context = {"fonts": room.fonts, "desk": lambda: room.desk}
    return hub


def draft(desk: Hub, actor: Actor = EXAMINER, **changes: Any) -> dict[str, Any]:
    """Send the contract's draft with its example input."""
    asked = EXAMPLE["Draft"]["input"] | {"itemCode": None} | changes
    found: dict[str, Any] = desk.data(OPERATIONS["Draft"], {"input": asked}, actor=actor)["draftApproval"]
    return found


def act(desk: Hub, document: Mapping[str, Any], actor: Actor, version: int, **changes: Any) -> dict[str, Any]:
    """Send the contract's act."""
    asked = {
        "id": document["id"],
        "action": "PASS",
        "opinion": "同意。",
        "version": version,
        "key": f"{actor.code}-{version}",
    }
    found: dict[str, Any] = desk.data(OPERATIONS["Act"], asked | changes, actor=actor)["actOnApproval"]
    return found


def approved(desk: Hub) -> dict[str, Any]:
    """Return a document that waits for its seal."""
    document = draft(desk)
    for version, actor in enumerate((EXAMINER, CHECKER, APPROVER), start=1):
        document = act(desk, document, actor, version)
    return document


def seal_id(desk: Hub) -> str:
    """Return the node id of the active seal, as the contract's document tells it."""
    return str(desk.data(OPERATIONS["Seals"], actor=KEEPER)["seals"]["edges"][0]["node"]["id"])


def seal(desk: Hub, document: Mapping[str, Any], actor: Actor = KEEPER, **changes: Any) -> dict[str, Any]:
    """Send the contract's sealing."""
    asked = {"id": document["id"], "sealId": seal_id(desk), "key": "s1"} | changes
    found: dict[str, Any] = desk.data(OPERATIONS["Seal"], asked, actor=actor)["sealApproval"]
    return found


def test_a_draft_waits_for_its_examiner(desk: Hub) -> None:
    found = draft(desk)
    assert (found["__typename"], found["stage"], found["version"], found["number"]) == ("Approval", "EXAMINE", 1, None)


def test_a_draft_repeated_with_its_key_is_the_same_document(desk: Hub) -> None:
    assert draft(desk) == draft(desk)


def test_a_key_that_stands_for_another_draft_is_a_conflict(desk: Hub) -> None:
    draft(desk)
    assert (draft(desk, title="另一件")["__typename"], draft(desk, title="另一件")["code"]) == (
        "Conflict",
        "record.conflict",
    )


def test_the_public_may_not_draft_and_the_attempt_is_audited(desk: Hub) -> None:
    found = draft(desk, PUBLIC_ACTOR)
    with desk.database.reading() as session:
        audited = [(row.act, row.code, row.request_id) for row in session.scalars(select(Refusal))]
    assert (found["__typename"], audited) == ("NotPermitted", [("draftApproval", "access.not_permitted", "req-1")])


def test_an_unknown_item_is_a_not_found_problem(desk: Hub) -> None:
    assert draft(desk, itemCode="nowhere")["code"] == "approval.item_unknown"


def test_a_missing_text_is_a_validation_problem(desk: Hub) -> None:
    found = draft(desk, title="  ")
    assert (found["__typename"], found["code"]) == ("ValidationProblem", "approval.text_missing")


def test_problems_speak_the_callers_language(desk: Hub) -> None:
    asked = {"input": EXAMPLE["Draft"]["input"] | {"title": " "}}
    told = desk.data(OPERATIONS["Draft"], asked, actor=EXAMINER, language="en")["draftApproval"]["message"]
    assert told.isascii()


def test_three_officers_bring_a_document_to_its_seal(desk: Hub) -> None:
    found = approved(desk)
    assert (found["stage"], [done["officer"]["name"] for done in found["actions"]]) == (
        "APPROVED",
        [EXAMINER.name, CHECKER.name, APPROVER.name],
    )


def test_an_act_on_an_old_version_is_a_conflict(desk: Hub) -> None:
    assert act(desk, draft(desk), EXAMINER, 7)["__typename"] == "Conflict"


def test_an_act_out_of_turn_is_not_permitted(desk: Hub) -> None:
    assert act(desk, draft(desk), APPROVER, 1)["__typename"] == "NotPermitted"


def test_an_act_on_nothing_is_not_found(desk: Hub) -> None:
    assert act(desk, {"id": "bm9wZQ"}, EXAMINER, 1)["__typename"] == "NotFound"


def test_the_public_learns_nothing_of_an_id_by_acting_on_it(desk: Hub) -> None:
    document = draft(desk)
    told = [act(desk, {"id": id_}, PUBLIC_ACTOR, 1) for id_ in (document["id"], "bm9wZQ")]
    assert [found["__typename"] for found in told] == ["NotPermitted", "NotPermitted"]


def test_a_sealed_document_has_a_file_whose_digest_is_that_of_its_bytes(desk: Hub, room: Room) -> None:
    room.grant()
    found = seal(desk, approved(desk))
    digest = found["files"][0]["digest"]["value"]
    stored = hashlib.sha256(room.desk.files.read(digest)).hexdigest()
    assert (found["stage"], stored) == ("SEALED", digest)


def test_a_sealing_repeated_with_its_key_uses_the_seal_once(desk: Hub, room: Room) -> None:
    room.grant()
    document = approved(desk)
    assert (seal(desk, document) == seal(desk, document), room.uses()) == (True, 1)


def test_a_keeper_without_a_grant_may_not_seal(desk: Hub) -> None:
    assert seal(desk, approved(desk))["code"] == "seal.not_granted"


def test_a_document_that_is_not_approved_cannot_be_sealed(desk: Hub, room: Room) -> None:
    room.grant()
    assert seal(desk, draft(desk))["__typename"] == "MoveRefused"


def test_a_silent_time_stamp_authority_is_an_error_with_its_own_code(desk: Hub, room: Room) -> None:
    room.grant()
    document = approved(desk)
    desk.context["desk"] = lambda: room.desk_with(timestamp=no_time_stamp)
    asked = {"id": document["id"], "sealId": seal_id(desk), "key": "s1"}
    body = desk.ask(OPERATIONS["Seal"], asked, actor=KEEPER)
    assert (body["data"], body["errors"][0]["extensions"]["code"]) == (
        {"sealApproval": None},
        "approval.time_stamp_unavailable",
    )


def test_the_list_of_approvals_is_filtered_by_stage(desk: Hub) -> None:
    draft(desk)
    told = [
        desk.data(OPERATIONS["Approvals"], {"stage": stage}, actor=EXAMINER)["approvals"]["totalCount"]
        for stage in (None, "EXAMINE", "SEALED")
    ]
    assert told == [1, 1, 0]


def test_an_approval_is_found_by_the_case_it_names_or_by_naming_none(desk: Hub) -> None:
    draft(desk, caseNumber="C-1", idempotencyKey="with-case")
    draft(desk)
    document = "query Q($f: ApprovalFilter) { approvals(filter: $f) { edges { node { case { number } } } } }"
    told = [
        [edge["node"]["case"] for edge in desk.data(document, {"f": asked}, actor=EXAMINER)["approvals"]["edges"]]
        for asked in ({"caseNumber": {"eq": "C-1"}}, {"caseNumber": {"isNull": True}})
    ]
    assert told == [[{"number": "C-1"}], [None]]


def test_a_hub_without_connectors_says_that_it_is_not_set_up(desk: Hub) -> None:
    found = desk.data(OPERATIONS["RunNow"], {"connector": "hub:x", "dryRun": True}, actor=OPERATOR)["runConnector"]
    assert (found["__typename"], found["code"]) == ("MoveRefused", "hub.not_set_up")


def test_two_mutations_in_one_document_commit_each_for_itself(desk: Hub) -> None:
    document = """mutation Two($a: DraftApprovalInput!, $b: DraftApprovalInput!) {
      a: draftApproval(input: $a) { __typename ... on Approval { id actions { at } } }
      b: draftApproval(input: $b) { __typename }
    }"""
    good = EXAMPLE["Draft"]["input"] | {"itemCode": None}
    told = desk.data(document, {"a": good, "b": good | {"title": "", "idempotencyKey": "d2"}}, actor=EXAMINER)
    left = desk.data(OPERATIONS["Approvals"], {"stage": None}, actor=EXAMINER)["approvals"]["totalCount"]
    assert (told["a"]["__typename"], told["b"]["__typename"], left) == ("Approval", "ValidationProblem", 1)
