"""The reference records as a whole: order, authority, determinism, places, license types, bundles and the files' sources."""

import hashlib
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from hub.codes import holders, licenses, regions, uscc
from hub.licenses.masking import FieldClass
from seeds.reference import HOME, PORTS, REGIONS, SeedRecord, records_of
from seeds.tables import FOLDER

URLS = {region: f"http://127.0.0.1:{port}" for region, port in PORTS.items()}
ORDER = ["region", "service_point", "license_type", "service_item", "cross_region_offer", "bundle"]
DIGEST = """
import hashlib, json
from seeds.reference import REGIONS, records_of
told = [[r.kind, r.record_id, r.content] for region in REGIONS for r in records_of(region, {})]
print(hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest())
"""


@cache
def records(region: str) -> tuple[SeedRecord, ...]:
    return tuple(records_of(region, URLS))


def told(region: str, kind: str) -> list[dict[str, Any]]:
    return [record.content for record in records(region) if record.kind == kind]


def digest(found: tuple[SeedRecord, ...]) -> str:
    shown = [[record.kind, record.record_id, record.content] for record in found]
    return hashlib.sha256(json.dumps(shown, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def test_two_calls_yield_the_same_records() -> None:
    assert [digest(records(region)) for region in REGIONS] == [digest(tuple(records_of(r, URLS))) for r in REGIONS]


def test_another_process_with_another_hash_seed_yields_the_same_records() -> None:
    here = digest(tuple(record for region in REGIONS for record in records_of(region, {})))
    env = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(FOLDER.parents[1])}
    ran = subprocess.run([sys.executable, "-c", DIGEST], env=env, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == here


def test_changing_what_was_handed_out_changes_nothing_for_the_next_caller() -> None:
    for record in records_of(HOME, URLS):
        for part in record.content.values():
            if isinstance(part, list):
                for each in part:
                    if isinstance(each, dict):
                        each.clear()
                part.clear()
    assert digest(tuple(records_of(HOME, URLS))) == digest(records(HOME))


@pytest.mark.parametrize("region", REGIONS)
def test_kinds_come_in_the_order_in_which_they_refer_to_each_other(region: str) -> None:
    kinds = [record.kind for record in records(region)]
    assert kinds == sorted(kinds, key=ORDER.index)


@pytest.mark.parametrize("region", REGIONS)
def test_record_ids_are_unique_within_their_kind(region: str) -> None:
    ids = [(record.kind, record.record_id) for record in records(region)]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("region", REGIONS)
def test_a_region_yields_only_what_it_is_the_authority_for(region: str) -> None:
    assert [content["code"] for content in told(region, "region")] == [region]
    owned = [content for kind in ("service_point", "service_item", "bundle") for content in told(region, kind)]
    assert {content["region"] for content in owned} == {region}


def test_a_region_carries_the_address_of_its_hub_or_null() -> None:
    assert told(HOME, "region")[0]["hub_url"] == "http://127.0.0.1:8000"
    assert next(records_of(HOME, {})).content["hub_url"] is None


def test_an_unknown_region_is_refused() -> None:
    with pytest.raises(KeyError):
        list(records_of("elsewhere", URLS))


def test_the_hubs_stand_on_five_ports_with_home_first() -> None:
    assert list(PORTS.items())[0] == (HOME, 8000)
    assert sorted(PORTS.values()) == list(range(8000, 8005))


def test_only_districts_have_a_code_of_the_national_divisions() -> None:
    coded = {region: {c["scheme"]: c["code"] for c in told(region, "region")[0]["codes"]} for region in REGIONS}
    assert {region: codes.get(regions.GB2260) for region, codes in coded.items()} == {
        HOME: None,
        "xian-hightech": None,
        "xianyang-hightech": None,
        "xianyang-qindu": "610402",
        "xianyang-weicheng": "610404",
    }
    assert coded[HOME][regions.FISCAL9] == "610150104"


def test_home_has_the_published_places_and_every_partner_a_hall() -> None:
    kinds = [point["kind"] for point in told(HOME, "service_point")]
    assert [kinds.count(kind) for kind in ("HALL", "PARK_STATION", "WINDOW")] == [1, 4, 6]
    assert all([p["kind"] for p in told(region, "service_point")] == ["HALL"] for region in REGIONS[1:])


def test_only_windows_have_a_kind_of_window_and_all_six_differ() -> None:
    points = told(HOME, "service_point")
    assert all((point["window_kind"] is not None) == (point["kind"] == "WINDOW") for point in points)
    assert len({point["window_kind"] for point in points} - {None}) == 6


def test_every_parent_comes_before_what_belongs_to_it() -> None:
    seen: set[str | None] = {None}
    for point in told(HOME, "service_point"):
        assert point["parent"] in seen
        seen.add(point["code"])


def test_some_place_is_always_open_and_some_has_a_night_market() -> None:
    hours = [each for point in told(HOME, "service_point") for each in point["hours"]]
    assert any(each["always_open"] for each in hours)
    assert any(each["night_market"] for each in hours)


def test_fifty_license_types_are_pooled_at_home_and_none_elsewhere() -> None:
    assert [len(told(region, "license_type")) for region in REGIONS] == [50, 0, 0, 0, 0]


def test_every_license_type_s_code_begins_with_its_authority_and_real_ones_are_not_marked() -> None:
    types = told(HOME, "license_type")
    for each in types:
        assert licenses.parse_type(each["code"]).authority == uscc.parse(each["defining_authority"]["uscc"]).text
    real = {each["code"] for each in types if not each["code_is_demonstration"]}
    assert {"11100000MB03271699001", "11100000MB03271699022", "11100000000013338W011"} <= real
    assert len(real) == 9


def test_the_example_type_can_be_issued_to_a_firm_with_the_one_element_the_contract_sends() -> None:
    example = next(each for each in told(HOME, "license_type") if each["code"] == "11100000000013338W011")
    assert example["holder_kind"] == "EITHER"
    assert [element["key"] for element in example["face_elements"] if element["required"]] == ["KZ_SCOPE"]


def test_face_elements_have_extension_keys_that_differ_within_a_type() -> None:
    for each in told(HOME, "license_type"):
        keys = [element["key"] for element in each["face_elements"]]
        assert keys
        assert all(key.startswith("KZ_") for key in keys)
        assert len(set(keys)) == len(keys)


def test_every_license_type_says_who_can_hold_it_how_long_and_what_masks_its_elements() -> None:
    natural = {"NATURAL_PERSON": {True}, "LEGAL_PERSON": {False}, "EITHER": {True, False}}
    classes = {field_class.value for field_class in FieldClass}
    for each in told(HOME, "license_type"):
        found = {holders.TYPES[code].natural for code in each["holder_code_types"]}
        assert found == natural[each["holder_kind"]]
        assert each["validity_zh"]
        assert {element["field_class"] for element in each["face_elements"]} <= classes
        assert [element["order"] for element in each["face_elements"]] == list(range(1, len(each["face_elements"]) + 1))


def test_every_license_type_has_three_face_elements_or_more() -> None:
    assert [each["name_zh"] for each in told(HOME, "license_type") if len(each["face_elements"]) < 3] == []


@pytest.mark.parametrize("region", REGIONS)
def test_bundles_join_items_of_the_region_and_depend_only_on_earlier_steps(region: str) -> None:
    handled = {item["implementation_code"] for item in told(region, "service_item")}
    bundles = told(region, "bundle")
    assert len(bundles) == 11
    for bundle in bundles:
        earlier: set[str] = set()
        for step in bundle["steps"]:
            assert step["item"] in handled
            assert set(step["after"]) <= earlier
            earlier.add(step["item"])
        assert len(earlier) == len(bundle["steps"]) >= 4


@pytest.mark.parametrize(
    "file", sorted(FOLDER.glob("*.csv")) + sorted(FOLDER.glob("*.yaml")), ids=lambda file: file.name
)
def test_every_reference_file_names_its_source(file: Path) -> None:
    first = file.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# source: ") or file.with_suffix(".source.md").exists()


def test_the_published_figures_are_kept_byte_for_byte() -> None:
    found = hashlib.sha256((FOLDER / "fengdong_2023.csv").read_bytes()).hexdigest()
    assert found == "a461ba582b76c27bf867883edc42e675b2a50c5d51f48a03d1254222a9c93465"
