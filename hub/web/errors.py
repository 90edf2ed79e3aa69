"""The page of error codes: what each means and what to do. The docstring of each error is its paragraph, so it cannot drift."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from flask import Blueprint, render_template

import connectors
import hub
from hub.access.policy import Level
from hub.errors import HubError
from hub.web.authentication import answers
from hub.web.problems import HTTP_TEXTS

errors = Blueprint("errors", __name__)

CURE = "Cure:"
PROGRAMS = ("hub.__main__", "hub.migrations")  # they do something of their own; neither raises to a reader of pages


@dataclass(frozen=True)
class Entry:
    """One code: its meaning and its cure, in English; `kind` is the room before the dot."""

    code: str
    meaning: str
    cure: str

    @property
    def kind(self) -> str:
        """Return what stands before the dot."""
        return self.code.partition(".")[0]


@errors.get("/errors")
@answers(Level.PUBLIC)
def listing() -> str:
    """Show every code, each under an anchor of its own name."""
    return render_template("errors.html", entries=entries(), http=sorted(HTTP_TEXTS.values()))


@cache
def entries() -> tuple[Entry, ...]:
    """Return every code that a HubError of this program declares, by code, once each."""
    _import_all()
    found = {kind.code: _entry(kind) for kind in _kinds(HubError) if "code" in vars(kind)}
    return tuple(found[code] for code in sorted(found))


def _kinds(kind: type[HubError]) -> Iterator[type[HubError]]:
    for each in kind.__subclasses__():
        yield from _kinds(each)
        if each.__module__.startswith(("hub.", "connectors.", "schema.")):
            yield each


def _entry(kind: type[HubError]) -> Entry:
    meaning, _, cure = (inspect.getdoc(kind) or "").partition(CURE)
    told = " ".join(cure.split())
    return Entry(kind.code, " ".join(meaning.split()), told[:1].upper() + told[1:])


def _import_all() -> None:
    for package in (hub, connectors):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name not in PROGRAMS:
                importlib.import_module(module.name)
