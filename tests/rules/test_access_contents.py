"""Which contents of a ledger a caller is given."""

from __future__ import annotations

import pytest

from hub.access.actors import PUBLIC_ACTOR, Actor
from hub.access.contents import Contents, contents_of
from hub.access.records import ActorKind, Role

NOTHING = Contents(None, frozenset(), every=False)


def test_a_partner_is_given_what_is_addressed_to_its_region_and_what_it_was_granted() -> None:
    qindu = Actor(ActorKind.PARTNER, "qindu-system", "秦都系统", region="xianyang-qindu")
    assert contents_of(qindu, ["approval"]) == Contents("xianyang-qindu", frozenset({"approval"}), every=False)


def test_whoever_runs_the_hub_is_given_every_content() -> None:
    assert contents_of(Actor(ActorKind.OPERATOR, "operator-1", "甲"), ()) == Contents(None, frozenset(), every=True)


@pytest.mark.parametrize(
    "actor",
    [PUBLIC_ACTOR, Actor(ActorKind.OFFICER, "o-1", "乙", region="xixian-fengdong", roles=frozenset({Role.APPROVER}))],
)
def test_nobody_else_is_given_an_exchange_content_whatever_was_granted(actor: Actor) -> None:
    assert contents_of(actor, ["approval"]) == NOTHING
