"""Download links: good for fifteen minutes, for one published file, and only if this hub made them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.approvals.records import Approval
from hub.approvals.sealing import seal
from hub.clock import FixedClock
from hub.seals.records import Seal
from hub.web.compose import Hub, desk_of
from hub.web.files import LASTING, link_to
from seeds.officers import officer_actor
from seeds.places import HOME
from seeds.rehearsal import plant_approvals, plant_seals
from tests.web_hub import application, composed, open_ledgers

JSON = {"Accept": "application/json"}


@pytest.fixture
def hub(sqlite_url: str, tmp_path: Path, font_file: Path, clock: FixedClock) -> Iterator[Hub]:
    """A hub with approvals that wait for their seal."""
    made = composed(tmp_path / "hub", sqlite_url, font_file, clock)
    open_ledgers(made)
    plant_seals(made)
    plant_approvals(made)
    yield made
    made.database.close()


@pytest.fixture
def sha256(hub: Hub) -> str:
    """The digest of a published file."""
    with hub.database.reading() as session:
        seal_id = session.scalars(select(Seal.id)).one()
        approval_id = session.scalars(select(Approval.id).order_by(Approval.number)).first()
    assert approval_id is not None
    return seal(desk_of(hub), approval_id, seal_id=seal_id, actor=officer_actor(HOME, "keeper-1"), key="seal-1").sha256


def path(link: str) -> str:
    return link.removeprefix("http://hub.example")


def test_a_link_gives_the_exact_file_as_a_download(hub: Hub, sha256: str) -> None:
    answer = application(hub).test_client().get(path(link_to(hub, sha256)))
    assert answer.data == hub.files.read(sha256)
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_link_holds_for_a_quarter_of_an_hour_and_no_longer(hub: Hub, sha256: str) -> None:
    client, link, clock = application(hub).test_client(), link_to(hub, sha256), hub.clock
    assert isinstance(clock, FixedClock)
    clock.advance(LASTING - timedelta(seconds=1))
    assert client.get(path(link)).status_code == 200
    clock.advance(timedelta(seconds=1))
    assert client.get(path(link), headers=JSON).get_json()["code"] == "file.link_expired"


@pytest.mark.parametrize(
    "change", [lambda link: link[:-1] + "~", lambda link: link + "x" * 600, lambda link: link[:-30]]
)
def test_an_altered_link_gives_nothing(hub: Hub, sha256: str, change) -> None:  # type: ignore[no-untyped-def]
    answer = application(hub).test_client().get(change(path(link_to(hub, sha256))), headers=JSON)
    assert (answer.status_code, answer.get_json()["code"]) == (404, "file.link_invalid")


def test_a_stored_file_that_was_never_published_is_not_served(hub: Hub) -> None:
    orphan = hub.files.put(b"signed, and then the power failed")
    answer = application(hub).test_client().get(path(link_to(hub, orphan)), headers=JSON)
    assert answer.get_json()["code"] == "file.link_invalid"


def test_another_hubs_link_gives_nothing(hub: Hub, sha256: str, tmp_path: Path, font_file: Path) -> None:
    other = composed(tmp_path / "other", hub.settings.database_url, font_file, hub.clock)
    link = link_to(other, sha256)
    other.database.close()
    answer = application(hub).test_client().get(path(link), headers=JSON)
    assert answer.get_json()["code"] == "file.link_invalid"
