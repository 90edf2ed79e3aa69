"""Cross-region offers: the published numbers by pair, all modes in every direction, joint items joined."""

from collections import Counter, defaultdict
from functools import cache
from typing import Any

import pytest

from seeds.reference import HOME, NMPA_EXAMPLE, REGIONS, SeedRecord, records_of

PUBLISHED = {"xian-hightech": 241, "xianyang-hightech": 202, "xianyang-qindu": 178, "xianyang-weicheng": 265}
DIRECTIONS = [(handling, accepting) for handling in REGIONS for accepting in REGIONS if handling != accepting]


@cache
def told() -> tuple[SeedRecord, ...]:
    return tuple(record for region in REGIONS for record in records_of(region, {}))


@cache
def offers() -> tuple[dict[str, Any], ...]:
    return tuple(record.content for record in told() if record.kind == "cross_region_offer")


def between(handling: str, accepting: str) -> list[dict[str, Any]]:
    return [o for o in offers() if (o["handling_region"], o["accepting_region"]) == (handling, accepting)]


@pytest.mark.parametrize(("partner", "published"), PUBLISHED.items())
def test_both_directions_of_a_pair_sum_to_the_published_number(partner: str, published: int) -> None:
    assert len(between(HOME, partner)) + len(between(partner, HOME)) == published
    assert between(HOME, partner)
    assert between(partner, HOME)


def test_the_number_in_each_direction_is_pinned() -> None:
    rows = [[len(between(handling, accepting)) for accepting in REGIONS] for handling in REGIONS]
    assert rows == [
        [0, 133, 112, 95, 148],
        [108, 0, 36, 28, 33],
        [90, 31, 0, 52, 44],
        [83, 24, 47, 0, 66],
        [117, 27, 41, 58, 0],
    ]


@pytest.mark.parametrize(("handling", "accepting"), DIRECTIONS)
def test_every_direction_has_all_three_modes(handling: str, accepting: str) -> None:
    modes = {offer["mode"] for offer in between(handling, accepting)}
    assert modes == {"FULLY_ONLINE", "ACCEPTED_ELSEWHERE", "HANDLED_JOINTLY"}


@pytest.mark.parametrize(("handling", "accepting"), DIRECTIONS)
def test_joint_offers_meet_their_other_direction_in_one_joint_id(handling: str, accepting: str) -> None:
    there = {o["item"][-12:]: o["joint_id"] for o in between(handling, accepting) if o["joint_id"]}
    back = {o["item"][-12:]: o["joint_id"] for o in between(accepting, handling) if o["joint_id"]}
    assert there == back


def test_several_pairs_of_regions_share_a_joint_id() -> None:
    pairs = defaultdict(set)
    for offer in offers():
        if offer["joint_id"]:
            pairs[offer["joint_id"]].add(frozenset((offer["handling_region"], offer["accepting_region"])))
    assert max(map(len, pairs.values())) >= 3


def test_only_joint_offers_have_a_joint_id() -> None:
    assert all((offer["joint_id"] is not None) == (offer["mode"] == "HANDLED_JOINTLY") for offer in offers())


def test_the_handling_region_publishes_the_offer_and_handles_the_item() -> None:
    region_of = {record.record_id: record.content["region"] for record in told() if record.kind == "service_item"}
    assert all(region_of[offer["item"]] == offer["handling_region"] for offer in offers())


def test_an_item_that_needs_a_visit_is_never_fully_online() -> None:
    visits = {r.record_id: r.content["site_visits"] for r in told() if r.kind == "service_item"}
    assert all(visits[offer["item"]] == 0 for offer in offers() if offer["mode"] == "FULLY_ONLINE")


def test_no_item_is_offered_twice_to_the_same_region() -> None:
    ids = Counter(record.record_id for record in told() if record.kind == "cross_region_offer")
    assert max(ids.values()) == 1


def test_an_offer_s_id_is_its_item_and_its_accepting_region() -> None:
    found = [record for record in told() if record.kind == "cross_region_offer"]
    assert all(r.record_id == f"{r.content['item']}-{r.content['accepting_region']}" for r in found)


def test_the_example_item_is_offered_by_three_districts_at_least() -> None:
    assert len({o["handling_region"] for o in offers() if o["item"].endswith(NMPA_EXAMPLE)}) >= 3
