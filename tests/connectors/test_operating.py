"""What operators see of connectors and do to them: contacts with partners' hubs, pausing, going on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.configuring import pause, resume
from connectors.queries import connector_named, contacts
from connectors.records import Connector
from tests.connectors.test_run import breaking
from tests.connectors.workshop import Listed, Workshop, place_row

QINDU = "hub:xianyang-qindu"


@pytest.fixture
def partner(workshop: Workshop) -> Workshop:
    """A hub that has read a partner's once, with success."""
    workshop.connect(QINDU)
    workshop.run(QINDU, place_row("a"))
    return workshop


def reached(workshop: Workshop) -> list[bool | None]:
    """Say whether the partner's hub answered last."""
    with workshop.database.reading() as session:
        return contacts(session, ["xianyang-qindu"])


def test_a_rehearsal_says_nothing_of_whether_a_partner_answers(partner: Workshop) -> None:
    partner.extra["listed"] = breaking
    partner.run(QINDU, dry_run=True)
    assert reached(partner) == [True]
    partner.run(QINDU)
    assert reached(partner) == [False]


def test_a_resumed_connector_goes_on_at_its_next_due_time(partner: Workshop) -> None:
    partner.sources[QINDU] = Listed([])
    with partner.database.transaction() as session:
        pause(session, connector_named(session, QINDU), clock=partner.clock)
    partner.clock.advance(timedelta(minutes=30))
    with partner.database.transaction() as session:
        resume(session, connector_named(session, QINDU), clock=partner.clock)
    told: Connector = partner.connector(QINDU)
    assert told.paused_at is None
    assert told.next_due_at is not None and told.next_due_at > partner.clock.now()
