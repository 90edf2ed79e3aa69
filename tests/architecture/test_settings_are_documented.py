"""docs/how-to/settings.md has a row for each variable the settings read, with the default the program really uses."""

from __future__ import annotations

import dataclasses
import os
import re
from pathlib import Path

import pytest

from hub.settings import SettingInvalid, Settings, settings_from
from tests.architecture.house import ROOT, none_of

PAGE = ROOT / "docs/how-to/settings.md"
ROW = re.compile(r"^\| `(HUB_[A-Z0-9_]+)` \| (?:`([^`]*)`|[^|`]+) \| ([^|]+) \|$", re.MULTILINE)
FOLDER = "HUB_VAR_DIR"  # no setting by itself: others lie in it


class Asked(dict[str, str]):
    """An environment that writes down what it is asked for, and the default that was given."""

    def __init__(self, *given: tuple[str, str]) -> None:
        super().__init__(given)
        self.defaults: dict[str, str] = {}

    def get(self, name: str, default: str | None = None) -> str:  # type: ignore[override]
        """Return the value, and remember the default."""
        self.defaults[name] = default or ""
        return super().get(name, default or "")


def rows(page: str) -> dict[str, str]:
    """Return {variable: documented default}; "" where there is none."""
    return {match[1]: match[2] or "" for match in ROW.finditer(page)}


def asked_defaults() -> dict[str, str]:
    environment = Asked(("HUB_REGION", "xixian-fengdong"))
    settings_from(environment)
    # The one default that depends on where the program is started.
    return {name: value.replace(f"{Path.cwd()}{os.sep}", "") for name, value in environment.defaults.items()}


def test_every_variable_that_is_read_has_its_row() -> None:
    none_of(sorted(set(asked_defaults()) - set(rows(PAGE.read_text("utf-8")))), "Add a row to docs/how-to/settings.md.")


def test_every_row_is_a_variable_that_is_read() -> None:
    none_of(sorted(set(rows(PAGE.read_text("utf-8"))) - set(asked_defaults())), "Take the row out.")


def test_the_documented_defaults_are_the_real_ones() -> None:
    assert rows(PAGE.read_text("utf-8")) == asked_defaults()


def test_every_setting_is_read_from_the_variable_of_its_name() -> None:
    fields = {f"HUB_{field.name.upper()}" for field in dataclasses.fields(Settings)}
    assert set(asked_defaults()) - {FOLDER} == fields


def test_every_row_says_its_meaning_in_chinese_first_and_english() -> None:
    meanings = {match[1]: match[3] for match in ROW.finditer(PAGE.read_text("utf-8"))}
    assert [
        name for name, meaning in meanings.items() if not re.match(r".*[\u4e00-\u9fff].*[A-Za-z]{3}", meaning)
    ] == []


def test_a_required_variable_that_is_missing_is_named() -> None:
    with pytest.raises(SettingInvalid, match="HUB_REGION"):
        settings_from({})


def test_an_undocumented_variable_would_be_noticed() -> None:
    environment = Asked(("HUB_REGION", "xixian-fengdong"))
    environment.get("HUB_PLANTED", "7")
    assert environment.defaults == {"HUB_PLANTED": "7"}
    assert "HUB_PLANTED" not in rows(PAGE.read_text("utf-8"))
