"""Status lists: places taken at random, published in batches, and read by strangers and by neighbours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hub.clock import FixedClock
from hub.database import Database
from hub.licenses import status_lists
from hub.licenses.life import Amendment, LicenseAct, renew
from hub.licenses.publishing import STATUS_LIST
from hub.licenses.records import License, LicenseStatusList, OwnStatusList
from hub.licenses.status_bits import Standing, standing_at
from hub.licenses.status_lists import FILLED, list_content, publish_status_lists, take_places
from hub.projections import project
from tests.license_office import APPROVER, CARD, CITIZEN, GROUND, REGION, Bureau, fresh_key, open_bureau


@pytest.fixture
def bureau(database: Database, clock: FixedClock, tmp_path: Path) -> Iterator[Bureau]:
    yield open_bureau(database, clock, tmp_path)


def published(bureau: Bureau) -> int:
    with bureau.database.transaction() as session:
        return publish_status_lists(session, region=REGION, clock=bureau.clock)


def content(bureau: Bureau) -> dict[str, Any]:
    return dict(json.loads(bureau.entries(STATUS_LIST.kind)[-1].content or b""))


def test_a_stranger_reads_the_standing_of_each_license_and_of_no_holder(bureau: Bureau) -> None:
    good, suspended, revoked = bureau.issue(), bureau.issue(), bureau.issue(CARD)
    bureau.act(suspended, LicenseAct.SUSPEND)
    bureau.act(revoked, LicenseAct.REVOKE)
    assert published(bureau) == 1
    told = content(bureau)
    standings = [standing_at(told["bits"], license.list_index) for license in (good, suspended, revoked)]
    assert standings == [Standing.GOOD, Standing.SUSPENDED, Standing.ENDED]
    assert CITIZEN.code not in json.dumps(told)
    assert set(told) == {"list", "region", "entries", "bits_each", "meanings", "encoding", "bits"}


def test_a_list_is_published_again_only_when_something_changed(bureau: Bureau) -> None:
    license = bureau.issue()
    assert [published(bureau), published(bureau)] == [1, 0]
    bureau.issue()
    assert published(bureau) == 0
    bureau.act(license, LicenseAct.SUSPEND)
    bureau.act(license, LicenseAct.RESUME)
    assert published(bureau) == 0
    bureau.act(license, LicenseAct.CANCEL)
    assert published(bureau) == 1
    assert len(bureau.entries(STATUS_LIST.kind)) == 2


def test_places_are_never_given_twice(bureau: Bureau) -> None:
    with bureau.database.transaction() as session:
        places = take_places(session, region=REGION, count=5_000)
    assert len({(place.list_id, place.index) for place in places}) == 5_000
    assert [place.index for place in places] != sorted(place.index for place in places)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_list_half_full_is_followed_by_the_next(bureau: Bureau) -> None:
    first = bureau.issue()
    with bureau.database.transaction() as session:
        session.get_one(OwnStatusList, first.list_id).taken = FILLED
    second = bureau.issue()
    assert (first.list_id, second.list_id) == (f"{REGION}-000001", f"{REGION}-000002")
    assert published(bureau) == 2


def test_a_neighbour_s_list_is_kept_and_nobody_speaks_for_another_region(bureau: Bureau) -> None:
    region = "xianyang-qindu"
    bits = list_content(region, f"{region}-000001", {7: Standing.ENDED})
    told = status_lists._Own(region, f"{region}-000001", 1, bits, 4)
    forged = status_lists._Own(region, f"{REGION}-000009", 1, list_content(REGION, f"{REGION}-000009", {}), 5)
    with bureau.database.transaction() as session:
        outcomes = project(session, STATUS_LIST.kind, [told, forged], bureau.clock)
    assert outcomes == ["created", "refused"]
    with bureau.database.reading() as session:
        (kept,) = session.scalars(select(LicenseStatusList))
        assert standing_at(kept.bits, 7) is Standing.ENDED


@pytest.mark.parametrize("wrong", [{"bits": "AAAA"}, {"entries": 8}, {"encoding": "gzip"}, {"bits": None}])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_bits_of_another_form_are_kept_raw_for_later(bureau: Bureau, wrong: dict[str, Any]) -> None:
    region = "xianyang-qindu"
    said = list_content(region, f"{region}-000001", {}) | wrong
    told = status_lists._Own(region, f"{region}-000001", 1, said, 4)
    with bureau.database.transaction() as session:
        assert project(session, STATUS_LIST.kind, [told], bureau.clock) == ["not_understood"]


def test_renewal_leaves_the_old_version_ended_and_the_new_one_good(bureau: Bureau) -> None:
    old = bureau.issue()
    with bureau.database.transaction() as session:
        to = Amendment(without_end=True)
        new = renew(session, old.identifier, GROUND, to=to, office=bureau.office, actor=APPROVER, key=fresh_key())
    published(bureau)
    bits = content(bureau)["bits"]
    assert [standing_at(bits, each.list_index) for each in (old, new)] == [Standing.ENDED, Standing.GOOD]
    assert bureau.count(License) == 2
