"""Seals behind GraphQL: what an officer reads of one, and what its keeper does; each request once, each refusal a problem."""

from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from hub.access.actors import Actor
from hub.access.records import ActorKind, Role
from hub.clock import FixedClock
from hub.database import Database
from hub.signing.anchors import Anchors
from hub.signing.authority import certify_seal, found_authority
from hub.signing.keys import SM2, Purpose
from hub.signing.ses_making import SealWanted, make_seal
from hub.signing.ses_values import Picture
from schema.nodes import node_id
from tests.approval_desk import EXAMINER, KEEPER, OWNER, REGION, Room, open_room
from tests.schema.planting import OPERATOR, Hub
from tests.seal_desk import DRAWING

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ANSWER = """{ __typename
  ... on Seal { id status moves { status by reason } grants { officer kinds revokedAt }
    authorisations { kinds dailyCeiling stoppedAt } }
  ... on Problem { code path } }"""
ELSEWHERE = Actor(ActorKind.OFFICER, "keeper-q", "外区保管人", "xianyang-qindu", frozenset({Role.SEAL_KEEPER}))


@pytest.fixture
def room(database: Database, clock: FixedClock, tmp_path: Path, font_file: Path) -> Room:
    """A hub with an active SM2 seal."""
    return open_room(database, clock, tmp_path, font_file, algorithm=SM2)


@pytest.fixture
def desk(room: Room) -> Hub:
    """The same hub behind GraphQL."""
    hub = Hub(room.database, room.clock, room.keys)
    root = x509.load_der_x509_certificate(found_authority(room.keys, room.clock.now(), SM2))
    hub.context = {"fonts": room.fonts, "desk": lambda: room.desk, "anchors": lambda _session: Anchors((root,))}
    return hub


def kept(desk: Hub, room: Room, act: str, arguments: str = "", actor: Actor = KEEPER) -> dict[str, Any]:
    """Send one act on the seal."""
    seal = node_id("seal_status", REGION, room.seal_id)
    document = f'mutation {{ done: {act}(sealId: "{seal}" {arguments}) {ANSWER} }}'
    found: dict[str, Any] = desk.data(document, actor=actor)["done"]
    return found


def issued(room: Room) -> str:
    """Return an organ's seal as the competent system issues it, in base64."""
    chain = certify_seal(room.keys, "organ", OWNER.name_zh, room.clock.now(), algorithm=SM2)
    wanted = SealWanted(
        es_id="61019900000001",
        name_zh=f"{OWNER.name_zh}行政审批专用章",
        kind=3,
        certificates=(chain[0],),
        created_at=room.clock.now(),
        valid_from=room.clock.now() - timedelta(hours=1),
        valid_until=room.clock.now() + timedelta(days=365),
        picture=Picture("SVG", DRAWING, 42, 42),
    )
    maker = room.keys.open(Purpose.SEAL_MAKER, "built-in")
    chain = room.keys.certificates(Purpose.SEAL_MAKER, "built-in")
    return base64.b64encode(make_seal(wanted, maker=maker, maker_certificate=chain[0])).decode()


def brought(desk: Hub, structure: str, actor: Actor = KEEPER) -> dict[str, Any]:
    """Import a structure."""
    asked = {
        "structure": structure,
        "filingNumber": "6101990000000001",
        "ownerNameZh": OWNER.name_zh,
        "ownerUscc": OWNER.uscc,
    }
    document = f"mutation ($input: ImportSealInput!) {{ done: importSeal(input: $input) {ANSWER} }}"
    found: dict[str, Any] = desk.data(document, {"input": asked}, actor=actor)["done"]
    return found


def test_an_officer_reads_what_a_seal_is(desk: Hub) -> None:
    document = """{ seals { edges { node { kind source structureVersion esId makerZh keyElsewhere filingNumber
        shape { outline diameterMm purposeLineZh } } } } }"""
    (edge,) = desk.data(document, actor=EXAMINER)["seals"]["edges"]
    es_id = edge["node"].pop("esId")
    assert len(es_id) == 32 and edge["node"] == {
        "kind": "DEMONSTRATION",
        "source": "BUILT_IN",
        "structureVersion": 4,
        "makerZh": f"通办枢纽 {REGION}印章制作",
        "keyElsewhere": False,
        "filingNumber": None,
        "shape": {"outline": "ROUND", "diameterMm": 42, "purposeLineZh": "行政审批专用章"},
    }


@ONE_DATABASE
def test_a_seal_is_suspended_with_its_reason_and_returns(desk: Hub, room: Room) -> None:
    kept(desk, room, "suspendSeal", 'reason: "变更名称" idempotencyKey: "1"')
    found = kept(desk, room, "activateSeal", 'idempotencyKey: "2"')
    assert found["status"] == "ACTIVE"
    assert [(move["status"], move["reason"]) for move in found["moves"]] == [
        ("ACTIVE", None),
        ("SUSPENDED", "变更名称"),
        ("ACTIVE", None),
    ]


@ONE_DATABASE
def test_a_repeated_request_does_not_undo_what_came_between(desk: Hub, room: Room) -> None:
    kept(desk, room, "suspendSeal", 'idempotencyKey: "1"')
    kept(desk, room, "activateSeal", 'idempotencyKey: "2"')
    assert kept(desk, room, "suspendSeal", 'idempotencyKey: "1"')["status"] == "ACTIVE"


@ONE_DATABASE
def test_a_key_that_stands_for_another_reason_is_a_conflict(desk: Hub, room: Room) -> None:
    kept(desk, room, "suspendSeal", 'reason: "甲" idempotencyKey: "1"')
    assert kept(desk, room, "suspendSeal", 'reason: "乙" idempotencyKey: "1"')["__typename"] == "Conflict"


@ONE_DATABASE
def test_a_cancelled_seal_never_returns(desk: Hub, room: Room) -> None:
    kept(desk, room, "cancelSeal", 'reason: "撤并" idempotencyKey: "1"')
    assert kept(desk, room, "activateSeal", 'idempotencyKey: "2"')["code"] == "seal.move_refused"


@ONE_DATABASE
def test_a_reason_that_is_too_long_is_named(desk: Hub, room: Room) -> None:
    refused = kept(desk, room, "cancelSeal", f'reason: "{"长" * 2001}" idempotencyKey: "1"')
    assert (refused["code"], refused["path"]) == ("seal.terms_invalid", "reason")


@ONE_DATABASE
@pytest.mark.parametrize("actor", [EXAMINER, ELSEWHERE])
@pytest.mark.parametrize(
    ("act", "arguments"),
    [
        ("cancelSeal", 'idempotencyKey: "1"'),
        ("stopSigningQueue", ""),
        ("revokeSealGrants", 'officer: "keeper"'),
    ],
)
def test_only_a_keeper_of_the_region_acts(desk: Hub, room: Room, actor: Actor, act: str, arguments: str) -> None:
    assert kept(desk, room, act, arguments, actor)["__typename"] == "NotPermitted"


def test_a_grant_is_given_once_and_taken_back(desk: Hub, room: Room) -> None:
    asked = 'officer: "keeper" kinds: ["REPLY", "GRANT"] until: "2027-01-01T00:00:00Z" idempotencyKey: "g"'
    first, again = kept(desk, room, "grantSealUse", asked), kept(desk, room, "grantSealUse", asked)
    assert first["grants"] == again["grants"] == [{"officer": "keeper", "kinds": ["GRANT", "REPLY"], "revokedAt": None}]
    (taken,) = kept(desk, room, "revokeSealGrants", 'officer: "keeper"')["grants"]
    assert taken["revokedAt"] == "2026-11-25T02:00:00Z"


def test_the_queue_is_authorised_once_and_stopped(desk: Hub, room: Room) -> None:
    asked = 'kinds: ["GRANT"] dailyCeiling: 5 until: "2027-01-01T00:00:00Z" idempotencyKey: "a"'
    first, again = kept(desk, room, "authoriseSigningQueue", asked), kept(desk, room, "authoriseSigningQueue", asked)
    assert first["authorisations"] == again["authorisations"]
    assert first["authorisations"] == [{"kinds": ["GRANT"], "dailyCeiling": 5, "stoppedAt": None}]
    (stopped,) = kept(desk, room, "stopSigningQueue")["authorisations"]
    assert stopped["stoppedAt"] is not None


@ONE_DATABASE
def test_a_ceiling_of_nothing_is_refused(desk: Hub, room: Room) -> None:
    asked = 'kinds: ["GRANT"] dailyCeiling: 0 until: "2027-01-01T00:00:00Z" idempotencyKey: "a"'
    assert kept(desk, room, "authoriseSigningQueue", asked)["path"] == "dailyCeiling"


def test_a_seal_is_imported_and_importing_it_again_is_the_same(desk: Hub, room: Room) -> None:
    structure = issued(room)
    found = brought(desk, structure)
    assert found["status"] == "REGISTERED" and brought(desk, structure)["id"] == found["id"]


@ONE_DATABASE
def test_a_structure_that_is_none_is_refused_with_what_is_wrong(desk: Hub) -> None:
    assert brought(desk, "AAAA")["code"] == "seal.structure_refused"


@ONE_DATABASE
def test_a_structure_must_be_base64(desk: Hub) -> None:
    assert brought(desk, "印章")["path"] == "structure"


@ONE_DATABASE
def test_only_a_keeper_imports(desk: Hub, room: Room) -> None:
    assert brought(desk, issued(room), EXAMINER)["__typename"] == "NotPermitted"


PREVIEW = "{ approvals { edges { node { previewUrl } } } }"


def previewed(desk: Hub, actor: Actor) -> list[str | None]:
    """Return the preview addresses an actor is told."""
    found = desk.data(PREVIEW, actor=actor, preview_link=lambda approval, _seal: f"https://hub.example/{approval}")
    return [edge["node"]["previewUrl"] for edge in found["approvals"]["edges"]]


@ONE_DATABASE
def test_an_officer_is_told_where_a_document_that_waits_can_be_previewed(desk: Hub, room: Room) -> None:
    approval = room.approved()
    assert previewed(desk, KEEPER) == [f"https://hub.example/{approval.id}"]


@ONE_DATABASE
def test_nothing_is_previewed_before_it_is_approved(desk: Hub, room: Room) -> None:
    room.draft()
    assert previewed(desk, KEEPER) == [None]


@ONE_DATABASE
def test_nobody_but_officers_is_told_of_previews(desk: Hub, room: Room) -> None:
    room.approved()
    assert previewed(desk, OPERATOR) == [None]
