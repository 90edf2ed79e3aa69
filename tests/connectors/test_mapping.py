"""Mappings: checked when loaded, tolerant of form, exact in value, and clear about what is wrong."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.faults import MappingMalformed, UnknownColumn, UnknownField
from connectors.mapping_file import load, read_yaml
from connectors.protocol import RawRow
from connectors.rows import RowIncomplete, RowUnfit

PLACES: dict[str, Any] = {
    "target": "service_point",
    "remote_id": ["id"],
    "fields": {"code": "id", "name_zh": "title", "kind": {"constant": "HALL"}, "address_zh": "address"},
}


def changed(**changes: Any) -> dict[str, Any]:
    """Return the mapping of places with some keys changed."""
    return PLACES | changes


def with_fields(**fields: Any) -> dict[str, Any]:
    """Return the mapping of places with some fields changed."""
    return changed(fields=PLACES["fields"] | fields)


def converted(document: dict[str, Any], fields: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return one record's values, and the warnings."""
    warnings: list[str] = []
    values = load(document).values_of(RawRow(1, fields), lambda _zh, en: warnings.append(en))
    return values, warnings


def test_a_column_the_source_has_not_is_named_with_those_it_has() -> None:
    with pytest.raises(UnknownColumn) as failed:
        load(PLACES).check_columns(("id", "titel", "address"))
    assert (failed.value.code, failed.value.column) == ("mapping.unknown_column", "title")
    assert failed.value.columns == ("id", "titel", "address")
    assert "titel" in failed.value.message_zh


def test_a_field_the_target_has_not_is_named_with_those_it_has() -> None:
    with pytest.raises(UnknownField) as failed:
        load(with_fields(titel="title"))
    assert failed.value.code == "mapping.unknown_field"
    assert "name_zh" in failed.value.fields


@pytest.mark.parametrize(
    "document",
    [
        changed(target="elsewhere"),
        changed(remote_id=[]),
        changed(remote_id=[7]),
        changed(fields={"code": "id"}),
        changed(surprise=1),
        changed(local=["nonsense"]),
        with_fields(kind={"constant": "CASTLE"}),
        with_fields(kind={}),
        with_fields(kind={"from": "a", "constant": "HALL"}),
        with_fields(code={"from": "id", "typ": "text"}),
        with_fields(code={"from": "id", "type": "int"}),
        {},
    ],
)
def test_a_mapping_that_is_none_is_refused_when_it_is_loaded(document: dict[str, Any]) -> None:
    with pytest.raises(MappingMalformed):
        load(document)


def test_a_yaml_mapping_becomes_plain_json() -> None:
    text = "target: service_point\nremote_id: id\nfields: {code: id, name_zh: title, kind: {constant: HALL}}\n"
    assert read_yaml(text)["fields"]["code"] == "id"


@pytest.mark.parametrize("text", ["a: [", "- 1\n- 2\n", "!!python/object/apply:os.system ['true']"])
def test_yaml_that_is_no_mapping_is_refused(text: str) -> None:
    with pytest.raises(MappingMalformed):
        read_yaml(text)


def test_a_required_column_that_is_empty_names_the_column_and_what_stood_there() -> None:
    with pytest.raises(RowIncomplete) as refused:
        converted(PLACES, {"id": "1", "title": " "})
    assert (refused.value.field, refused.value.value_class) == ("title", "text")


def test_a_value_that_does_not_fit_names_the_column_and_never_the_value() -> None:
    document = with_fields(kind="kind")
    with pytest.raises(RowUnfit) as refused:
        converted(document, {"id": "1", "title": "x", "kind": "13812345678"})
    assert (refused.value.field, refused.value.value_class) == ("kind", "text")
    assert "13812345678" not in refused.value.message_zh + refused.value.message_en


def test_a_number_where_text_is_wanted_is_taken_with_a_warning() -> None:
    values, warnings = converted(PLACES, {"id": 12, "title": Decimal("7.50")})
    assert (values["code"], values["name_zh"]) == ("12", "7.5")
    assert len(warnings) == 2


def test_a_null_list_is_taken_as_an_empty_one_with_a_warning() -> None:
    values, warnings = converted(with_fields(hours="hours"), {"id": "1", "title": "x", "hours": None})
    assert values["hours"] == []
    assert len(warnings) == 1


def test_extra_columns_are_told_and_left_aside() -> None:
    assert load(PLACES).check_columns(("id", "title", "address", "more")) == ["more"]


def test_a_column_missing_from_one_record_is_an_empty_value() -> None:
    assert converted(PLACES, {"id": "1", "title": "x"})[0]["address_zh"] is None


def test_source_values_are_translated_by_the_mapping() -> None:
    document = with_fields(kind={"from": "kind", "values": {"大厅": "HALL"}})
    assert converted(document, {"id": "1", "title": "x", "kind": "大厅"})[0]["kind"] == "HALL"


@pytest.mark.parametrize(("text", "truth"), [("是", True), ("否", False), ("true", True), ("0", False)])
def test_yes_and_no_are_understood(text: str, truth: bool) -> None:
    assert converted(with_fields(demonstration="d"), {"id": "1", "title": "x", "d": text})[0]["demonstration"] is truth


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_a_text_no_database_can_keep_is_refused(text: str) -> None:
    with pytest.raises(RowUnfit):
        converted(PLACES, {"id": "1", "title": text})


INDICATORS: dict[str, Any] = {
    "target": "dataset_indicators",
    "remote_id": ["code"],
    "fields": {
        **{name: name for name in ("code", "chapter", "name_zh", "value", "as_printed", "unit", "period")},
        "qualifier": {"constant": "exact"},
    },
    "about": {
        "code": "x",
        "title_zh": "数据",
        "openness": "UNCONDITIONAL",
        "update_frequency": "ANNUAL",
        "reuse_terms": {"name_zh": "条款", "url": "https://example.org/"},
        "source": {"title_zh": "来源", "publisher_zh": "单位"},
        "fields": [{"key": "code", "name_zh": "代码", "type": "text"}],
    },
}


def figure(value: Any) -> Any:
    """Return what becomes of a figure."""
    row = {"code": "a", "chapter": "c", "name_zh": "甲", "as_printed": "甲", "unit": "个", "period": "2023"}
    return converted(INDICATORS, row | {"value": value})[0]["value"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("220000", "220000"),
        ("57.80", "57.8"),
        ("１２", "12"),
        (7, "7"),
        (Decimal("0.10"), "0.1"),
        ("-3", "-3"),
        ("100", "100"),
    ],
)
def test_a_figure_stays_exact(value: Any, text: str) -> None:
    assert figure(value) == text


@pytest.mark.parametrize("value", ["1,234", "1e5", "NaN", "inf", "7余", "1_000", True, [1], "9" * 19, "九"])
def test_what_would_have_to_be_guessed_is_no_figure(value: Any) -> None:
    with pytest.raises(RowUnfit):
        figure(value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("openness", "OPEN"),
        ("code", ""),
        ("reuse_terms", {"name_zh": "x"}),
        ("fields", [{"key": "x"}]),
        ("source", None),
    ],
)
def test_what_is_said_about_a_data_set_is_checked_when_it_is_loaded(key: str, value: Any) -> None:
    with pytest.raises(MappingMalformed):
        load(INDICATORS | {"about": INDICATORS["about"] | {key: value}})
