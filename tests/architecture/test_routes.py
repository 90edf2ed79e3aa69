"""Every route of the real application says whom it answers; a route that says nothing would answer anybody."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Blueprint, Flask

import hub.web
from hub.access.policy import Level
from hub.settings import settings_from
from hub.web.app import create_app
from hub.web.compose import compose
from tests.architecture.house import none_of


def undeclared(app: Flask) -> list[str]:
    """List the routes whose view declares no level, or none the policy knows."""
    return [
        f"{rule.rule} -> {rule.endpoint}"
        for rule in app.url_map.iter_rules()
        if not isinstance(getattr(app.view_functions[rule.endpoint], "answers", None), Level)
    ]


def blueprints() -> list[Blueprint]:
    """Return every blueprint that a module of hub.web defines, whether the composition serves it or not."""
    names = [f"hub.web.{module.name}" for module in pkgutil.iter_modules(hub.web.__path__)]
    found = [thing for name in names for thing in vars(importlib.import_module(name)).values()]
    return list({thing.name: thing for thing in found if isinstance(thing, Blueprint)}.values())


@pytest.fixture
def app(sqlite_url: str, tmp_path: Path, font_file: Path) -> Iterator[Flask]:
    """The application of one hub with every blueprint there is."""
    environment = {
        "HUB_REGION": "xixian-fengdong",
        "HUB_DATABASE_URL": sqlite_url,
        "HUB_VAR_DIR": str(tmp_path),
        "HUB_FONT_FILE": str(font_file),
    }
    composed = compose(settings_from(environment))
    yield create_app(composed, blueprints())
    composed.database.close()


def test_every_route_declares_whom_it_answers(app: Flask) -> None:
    none_of(undeclared(app), "Put @answers(Level...) on the view.")


def test_the_application_under_test_has_routes_from_every_blueprint(app: Flask) -> None:
    served = {rule.endpoint.split(".")[0] for rule in app.url_map.iter_rules()}
    assert served >= {blueprint.name for blueprint in blueprints()}
    assert {"ledgers", "graphql", "static"} <= served


def test_a_route_that_declares_nothing_is_noticed(app: Flask) -> None:
    app.add_url_rule("/planted", "planted", lambda: "")
    assert undeclared(app) == ["/planted -> planted"]


def test_a_level_that_the_policy_does_not_know_is_noticed(app: Flask) -> None:
    def view() -> str:
        return ""

    view.answers = "EVERYBODY"  # type: ignore[attr-defined]
    app.add_url_rule("/planted", "planted", view)
    assert undeclared(app) == ["/planted -> planted"]
