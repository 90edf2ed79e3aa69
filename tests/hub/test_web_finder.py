"""The finder and the item page over a real database: what is found, what is hidden, and what it costs in statements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from hub.catalog.finder import Asked, find, offer_counts
from hub.clock import FixedClock
from hub.projections import publish
from hub.web.compose import Hub
from seeds.items import handled, implementation_code
from seeds.places import HOME
from seeds.reference import SeedRecord, records_of
from tests.web_hub import (
    FOOD,
    STANDING_AT,
    application,
    composed,
    counted,
    open_ledgers,
    plant,
    publish_own,
    standing_database,
)

PAGE = {"Accept": "text/html"}
NEIGHBOUR = "xianyang-weicheng"
CODES = tuple(sorted({FOOD, *handled(HOME)[:40]}))
FEW = (FOOD, "000131001000")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def hub(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, font_file: Path) -> Iterator[Hub]:
    """The home hub with forty-odd items of every region, once on each database; tests only read it."""
    folder = tmp_path_factory.mktemp("finder")
    with standing_database(request, request.param, folder) as address:
        made = composed(folder / "hub", address, font_file, FixedClock(STANDING_AT))
        open_ledgers(made)
        plant(made, CODES)
        yield made
        made.database.close()


@pytest.fixture
def client(hub: Hub) -> FlaskClient:
    """A browser without JavaScript."""
    return application(hub).test_client()


@pytest.fixture
def changing(database_url: str, tmp_path: Path, font_file: Path, clock: FixedClock) -> Iterator[Hub]:
    """A hub of its own for a test that changes records, with one item of every region."""
    made = composed(tmp_path / "hub", database_url, font_file, clock)
    open_ledgers(made)
    plant(made, FEW)
    yield made
    made.database.close()


def page(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address, headers=PAGE)
    assert answer.status_code == status, answer.text
    return answer.text


def total(text: str) -> int:
    found = re.search(r"共 (\d+) 项", text)
    assert found is not None
    return int(found[1])


def change(hub: Hub, record: SeedRecord, **changes: object) -> None:
    with hub.database.transaction() as session:
        publish_own(session, hub, SeedRecord(record.kind, record.record_id, {**record.content, **changes}))


def own(kind: str, *, item: str) -> SeedRecord:
    return next(
        record
        for record in records_of(HOME, {})
        if record.kind == kind and item in (record.content.get("implementation_code"), record.content.get("item"))
    )


def any_offer() -> SeedRecord:
    """A home item's offer that is planted."""
    return next(
        record
        for record in records_of(HOME, {})
        if record.kind == "cross_region_offer" and record.content["item"][19:31] in FEW
    )


def test_the_list_behind_a_number_of_the_home_page_is_that_long(hub: Hub, client: FlaskClient) -> None:
    with hub.database.reading() as session:
        counts = offer_counts(session, on=hub.clock.today())
    lengths = {
        (accepting, handling): total(page(client, f"/services?accepting={accepting}&handling={handling}"))
        for accepting, handling in counts
    }
    assert lengths == counts


def test_the_same_region_twice_shows_its_local_items(client: FlaskClient) -> None:
    assert total(page(client, f"/services?accepting={HOME}&handling={HOME}")) == len(CODES)


def test_a_wish_for_a_mode_is_passed_over_among_local_items(client: FlaskClient) -> None:
    text = page(client, f"/services?accepting={HOME}&handling={HOME}&mode=FULLY_ONLINE")
    assert total(text) == len(CODES)


def test_without_a_handling_region_local_items_and_offers_are_found(hub: Hub) -> None:
    with hub.database.reading() as session:
        accepted = sum(n for (where, _), n in offer_counts(session, on=hub.clock.today()).items() if where == HOME)
        assert find(session, Asked(HOME), on=hub.clock.today()).total == len(CODES) + accepted


def test_a_mode_leaves_only_offers_of_that_mode(hub: Hub) -> None:
    from hub.catalog.records import OfferMode

    with hub.database.reading() as session:
        found = find(session, Asked(HOME, mode=OfferMode.ACCEPTED_ELSEWHERE), on=hub.clock.today())
    assert {row.mode for row in found.rows} == {OfferMode.ACCEPTED_ELSEWHERE}


@pytest.mark.parametrize("text", ["食", "食品", "经营许可"])
def test_one_and_two_characters_of_chinese_are_enough_to_find(client: FlaskClient, text: str) -> None:
    assert "食品经营许可" in page(client, f"/services?q={text}")


@pytest.mark.parametrize("text", ["%25", "_", "食_经", "%5C"])
def test_wildcards_are_only_characters(client: FlaskClient, text: str) -> None:
    assert total(page(client, f"/services?q={text}")) == 0


def test_text_in_a_search_is_shown_and_not_obeyed(client: FlaskClient) -> None:
    text = page(client, "/services?q=%22%3E%3Cscript%3E")
    assert "<script>" not in text.replace("<script src=", "")


def test_every_item_is_met_once_on_the_way_through_the_pages(hub: Hub) -> None:
    with hub.database.reading() as session:
        first = find(session, Asked(HOME), on=hub.clock.today())
        seen = [
            row.item.implementation_code
            for number in range(1, first.pages + 1)
            for row in find(session, Asked(HOME, page=number), on=hub.clock.today()).rows
        ]
    assert len(seen) == len(set(seen)) == first.total > 40


def test_both_databases_list_in_the_order_of_the_national_catalogue(hub: Hub) -> None:
    with hub.database.reading() as session:
        rows = find(session, Asked(HOME), on=hub.clock.today()).rows
    keys = [(row.item.base_code, row.item.region != HOME, row.item.region) for row in rows]
    assert keys == sorted(keys)


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/services?accepting=nowhere", 404, "region.unknown"),
        ("/services?handling=nowhere", 404, "region.unknown"),
        ("/services?mode=BY_PIGEON", 400, "validation.failed"),
        ("/services?page=0", 400, "validation.failed"),
        ("/services?page=-1", 400, "validation.failed"),
        ("/services?page=%E4%B8%89", 400, "validation.failed"),
        ("/services?page=9999999999999999999999", 400, "validation.failed"),
        ("/services?page=999", 404, "catalog.page_unknown"),
        ("/services?q=" + "食" * 41, 400, "validation.failed"),
        ("/services?q=%00", 400, "validation.failed"),
        ("/items/none", 404, "catalog.item_unknown"),
        ("/items/" + "x" * 500, 404, "catalog.item_unknown"),
    ],
)
def test_an_address_that_names_nothing_is_a_coded_problem_page(
    client: FlaskClient, address: str, status: int, code: str
) -> None:
    assert f"<code>{code}</code>" in page(client, address, status)


def test_a_withdrawn_item_is_found_nowhere(changing: Hub) -> None:
    code = implementation_code(HOME, FOOD)
    with changing.database.transaction() as session:
        publish(
            session, region=HOME, kind="service_item", record_id=code, content={"tombstone": True}, clock=changing.clock
        )
    page(application(changing).test_client(), f"/items/{code}", 404)
    assert total(page(application(changing).test_client(), f"/services?handling={HOME}")) == len(FEW) - 1


def test_an_expired_item_is_found_nowhere(changing: Hub) -> None:
    code = implementation_code(HOME, FOOD)
    yesterday = changing.clock.today() - timedelta(days=1)
    change(changing, own("service_item", item=code), valid_to=yesterday.isoformat())
    page(application(changing).test_client(), f"/items/{code}", 404)
    assert total(page(application(changing).test_client(), f"/services?handling={HOME}")) == len(FEW) - 1


def test_an_item_holds_on_the_last_day_of_its_validity(changing: Hub) -> None:
    code = implementation_code(HOME, FOOD)
    change(changing, own("service_item", item=code), valid_to=changing.clock.today().isoformat())
    assert "食品经营许可" in page(application(changing).test_client(), f"/items/{code}")


def test_an_offer_that_has_ended_is_hidden_where_it_was_accepted(changing: Hub) -> None:
    offer = any_offer()
    address = f"/services?accepting={offer.content['accepting_region']}&handling={HOME}"
    before = total(page(application(changing).test_client(), address))
    change(changing, offer, valid_to=(changing.clock.today() - timedelta(days=1)).isoformat())
    assert total(page(application(changing).test_client(), address)) == before - 1


def test_the_item_page_compares_the_same_item_of_every_region(client: FlaskClient) -> None:
    text = page(client, f"/items/{implementation_code(HOME, FOOD)}")
    compared = re.search(r'<table class="compare">.*?</table>', text, re.DOTALL)
    assert compared is not None
    assert [name for name in ("沣东新城", "西安高新区", "秦都区", "渭城区") if name not in compared[0]] == []


def test_the_item_page_marks_what_was_invented_and_nothing_else(client: FlaskClient) -> None:
    text = page(client, f"/items/{implementation_code(HOME, FOOD)}")
    assert ("承诺时限<sup" in text, "法定时限<sup" in text) == (True, False)


def test_the_item_page_names_the_license_that_makes_a_paper_needless(client: FlaskClient) -> None:
    assert "凭电子证照“居民身份证”免交" in page(client, f"/items/{implementation_code(HOME, FOOD)}")


def test_english_readers_see_english_names_where_there_are_some(client: FlaskClient) -> None:
    text = page(client, f"/items/{implementation_code(HOME, FOOD)}?lang=en")
    assert "Resident identity card" in text
    assert '<span lang="zh-CN">食品经营许可</span>' in text


@pytest.mark.parametrize(
    ("address", "statements"),
    [
        ("/services?q=食品经营", 4),
        (f"/services?accepting={HOME}&handling={HOME}", 4),
        ("/services", 4),
        ("/services?page=2", 4),
        (f"/items/{implementation_code(HOME, FOOD)}", 9),
        (f"/items/{implementation_code(HOME, CODES[0])}", 9),
    ],
)
def test_a_page_asks_the_database_so_many_times_and_no_more(
    hub: Hub, client: FlaskClient, address: str, statements: int
) -> None:
    page(client, address)
    with counted(hub.database.read_engine) as asked:
        page(client, address)
    assert len(asked) == statements, "\n".join(asked)
