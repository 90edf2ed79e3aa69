"""Service items of every district: valid codes, and the rules of consistency that city checkers apply (GB/T 39554)."""

from collections import Counter
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from hub.codes import items, licenses, uscc
from seeds.reference import HOME, NMPA_EXAMPLE, REGIONS, bodies, records_of
from seeds.tables import rows

KEYS = set(
    [
        "implementation_code",
        "base_code",
        "handling_code",
        "region",
        "name_zh",
        "name_en",
        "item_type",
        "case_type",
        "exercise_level",
        "service_objects",
        "implementing_body",
        "legal_limit_days",
        "promised_limit_days",
        "site_visits",
        "labels",
        "legal_basis",
        "conditions_zh",
        "channels",
        "result",
        "materials",
        "steps",
        "fees",
        "route",
        "guide",
        "valid_from",
        "valid_to",
        "item_version",
        "state",
        "group",
        "demonstration_fields",
    ]
)


@cache
def items_of(region: str) -> list[dict[str, Any]]:
    return [record.content for record in records_of(region, {}) if record.kind == "service_item"]


def every_item() -> list[dict[str, Any]]:
    return [item for region in REGIONS for item in items_of(region)]


def test_every_district_handles_the_pinned_number_of_items() -> None:
    assert [len(items_of(region)) for region in REGIONS] == [618, 430, 352, 388, 401]


def test_every_item_has_exactly_the_keys_of_its_kind() -> None:
    assert all(set(item) == KEYS for item in every_item())


def test_every_code_is_valid_and_built_from_the_one_before() -> None:
    for item in every_item():
        code = items.parse_handling(item["handling_code"])
        assert code.implementation.text == item["implementation_code"]
        assert code.implementation.body == item["implementing_body"]["uscc"]
        assert (code.implementation.base.text, code.implementation.level) == (item["base_code"], item["exercise_level"])


def test_base_codes_are_unique_national_and_of_the_item_s_type_and_department() -> None:
    departments = {row["code"]: row["department"] for row in rows("groups")}
    codes = [items.parse_base(item["base_code"]) for item in items_of(HOME)]
    assert len({code.text for code in codes}) == len(codes)
    for item, code in zip(items_of(HOME), codes, strict=True):
        assert (code.region_prefix, code.item_type, code.department) == (
            "00",
            item["item_type"],
            departments[item["group"]],
        )


def test_implementation_codes_are_unique_over_all_districts() -> None:
    assert max(Counter(item["implementation_code"] for item in every_item()).values()) == 1


def test_the_partner_contract_s_example_item_is_handled_in_every_district() -> None:
    assert all(NMPA_EXAMPLE in {item["base_code"] for item in items_of(region)} for region in REGIONS)
    assert all("base_code" in item["demonstration_fields"] for item in every_item())


def test_the_home_body_is_the_one_the_partner_contract_names() -> None:
    assert bodies(HOME)["approval"] == {"name_zh": "沣东新城行政审批局（演示）", "uscc": "11610100MB0000000J"}


def test_every_body_is_marked_as_a_demonstration_and_has_a_sound_code_of_its_own() -> None:
    found = [body for region in REGIONS for body in bodies(region).values()]
    assert all(body["name_zh"].endswith("（演示）") for body in found)
    assert all(uscc.parse(body["uscc"]).warnings == () for body in found)
    assert len({body["uscc"] for body in found}) == len(found) == 20


def test_at_once_and_a_promise_of_no_days_are_the_same_thing() -> None:
    assert all((item["case_type"] == "IMMEDIATE") == (item["promised_limit_days"] == 0) for item in every_item())


def test_no_promise_is_longer_than_the_law_allows() -> None:
    limited = [item for item in every_item() if item["legal_limit_days"] is not None]
    assert all(0 <= item["promised_limit_days"] <= item["legal_limit_days"] for item in limited)
    assert all(item["legal_limit_days"] for item in every_item() if item["item_type"] == "01")


def test_the_days_of_the_steps_sum_to_the_promise() -> None:
    for item in every_item():
        assert sum(step["days"] for step in item["steps"]) == item["promised_limit_days"]
        assert [step["order"] for step in item["steps"]] == list(range(1, len(item["steps"]) + 1))


def test_every_item_has_three_steps_and_licensing_has_five() -> None:
    assert all(len(item["steps"]) >= (5 if item["item_type"] == "01" else 3) for item in every_item())


def test_only_an_item_decided_at_once_has_a_route_of_one_stage() -> None:
    assert all((item["route"] == "ONE_STAGE") == (item["case_type"] == "IMMEDIATE") for item in every_item())
    assert {item["route"] for item in every_item()} == {"STANDARD", "DOUBLE_CHECK", "ONE_STAGE"}


def test_an_item_without_a_visit_can_be_had_online_and_by_mail() -> None:
    assert all({"ONLINE", "MAIL"} <= set(item["channels"]) for item in every_item() if item["site_visits"] == 0)
    assert all(item["channels"] for item in every_item())


@pytest.mark.parametrize(
    ("ending", "kind"), [("证", "LICENSE"), ("证书", "LICENSE"), ("执照", "LICENSE"), ("批复", "APPROVAL")]
)
def test_the_kind_of_result_follows_from_the_end_of_its_name(ending: str, kind: str) -> None:
    found = [item["result"] for item in every_item() if item["result"]["name_zh"].endswith(ending)]
    assert {result["type"] for result in found} == {kind}


def test_materials_are_two_to_six_with_ids_of_their_own_and_no_name_twice() -> None:
    for item in every_item():
        asked = item["materials"]
        assert 2 <= len(asked) <= 6
        assert len({paper["id"] for paper in asked}) == len({paper["name_zh"] for paper in asked}) == len(asked)


def test_some_materials_of_every_kind_are_replaced_by_a_known_license_type() -> None:
    known = {record.record_id for record in records_of(HOME, {}) if record.kind == "license_type"}
    replaced = {paper["replaced_by"] for item in every_item() for paper in item["materials"]} - {None}
    assert replaced <= known
    assert len(replaced) >= 20
    assert all(licenses.parse_type(code).text == code for code in replaced)


def test_fees_are_decimal_strings_with_a_basis_and_few() -> None:
    charged = [item for item in items_of(HOME) if item["fees"]]
    assert 12 <= len(charged) <= 25
    assert all(Decimal(fee["amount"]) > 0 and fee["basis_zh"] for item in charged for fee in item["fees"])


def test_every_item_names_the_law_it_rests_on() -> None:
    assert all(basis["law_zh"] for item in every_item() for basis in item["legal_basis"])
    assert sum(item["legal_basis"][0]["article"] is not None for item in items_of(HOME)) > 300


def test_what_is_invented_is_listed_and_is_a_field_of_the_item() -> None:
    assert all(
        {"promised_limit_days", "materials"} <= set(item["demonstration_fields"]) <= set(item) for item in every_item()
    )


def test_the_home_labels_are_those_of_the_published_report() -> None:
    counted = Counter(label for item in items_of(HOME) for label in item["labels"])
    assert counted == {"ALWAYS_OPEN": 90, "FIFTEEN_MINUTE": 100, "IN_PARK": 400}


def test_only_items_decided_at_once_take_fifteen_minutes() -> None:
    assert all(item["case_type"] == "IMMEDIATE" for item in items_of(HOME) if "FIFTEEN_MINUTE" in item["labels"])


def test_the_home_guides_are_those_of_the_published_report() -> None:
    guides = [item["guide"] for item in items_of(HOME)]
    assert [sum(bool(guide[kind]) for guide in guides) for kind in ("chart", "video_url", "vr_url")] == [239, 16, 7]


def test_partners_items_carry_neither_labels_nor_guides() -> None:
    assert not any(item["labels"] or any(item["guide"].values()) for item in every_item() if item["region"] != HOME)


def test_an_item_about_food_is_always_open_at_home() -> None:
    assert any("食品" in item["name_zh"] and "ALWAYS_OPEN" in item["labels"] for item in items_of(HOME))


@pytest.mark.parametrize("region", REGIONS[1:])
def test_a_district_differs_from_home_in_some_promises_and_some_materials_and_never_in_names(region: str) -> None:
    home = {item["base_code"]: item for item in items_of(HOME)}
    both = [(home[item["base_code"]], item) for item in items_of(region)]
    assert sum(ours["promised_limit_days"] != theirs["promised_limit_days"] for ours, theirs in both) > 50
    assert sum(ours["materials"] != theirs["materials"] for ours, theirs in both) > 50
    assert all(ours["name_zh"] == theirs["name_zh"] for ours, theirs in both)
