"""Every public name says what is true after it: modules, classes, functions and methods have a docstring."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from tests.architecture.house import Module, none_of, planted, product, public, suite


def undocumented(modules: Iterable[Module]) -> list[str]:
    found = []
    for module in modules:
        if module.text.strip() and not ast.get_docstring(module.tree):
            found.append(f"{module.path}: the module")
        found += [
            f"{module.at(node)} {name}"
            for name, node in public(module.tree.body)
            if not (ast.get_docstring(node) or "").strip()
        ]
    return found


def modules_without_docstring(modules: Iterable[Module]) -> list[str]:
    return [module.path for module in modules if module.text.strip() and not ast.get_docstring(module.tree)]


def test_every_public_name_has_a_docstring() -> None:
    none_of(undocumented(product()))


def test_every_test_module_says_what_it_is_about() -> None:
    none_of(modules_without_docstring(suite()))


def test_a_missing_docstring_is_noticed_at_every_level() -> None:
    text = "class Seal:\n    def use(self): ...\n    def _inner(self): ...\ndef keep(): ...\ndef _own(): ...\n"
    assert undocumented([planted(text)]) == [
        "hub/planted.py: the module",
        "hub/planted.py:1 Seal",
        "hub/planted.py:2 Seal.use",
        "hub/planted.py:4 keep",
    ]
