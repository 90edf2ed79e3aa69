"""Every error has a code nobody else has, and a paragraph in docs/errors.md that says in two languages what it means and what cures it.

The English of a paragraph is the docstring of the class, so the two cannot drift; the Chinese is written by hand.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterable
from functools import cache
from types import ModuleType

import schema.wording
from hub.errors import HubError, NotFound
from hub.web.problems import HTTP_TEXTS
from tests.architecture.house import ROOT, none_of

PACKAGES = ("hub", "connectors", "schema", "seeds")
STABLE = re.compile(r"[a-z][a-z_]*\.[a-z][a-z0-9_]*")
HEADING = re.compile(r"^### `([^`]+)`\n", re.MULTILINE)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PAGE = ROOT / "docs/errors.md"
CURE_ZH = "**办法：**"
CURE_EN = "**Cure:**"


@cache
def errors() -> tuple[type[HubError], ...]:
    """Return HubError and everything that descends from it in the product, sorted by code."""
    for package in PACKAGES:
        _import_all(importlib.import_module(package))
    return tuple(sorted(_descendants(HubError) | {HubError}, key=lambda error: (error.code, error.__qualname__)))


def speakers() -> list[type[HubError]]:
    """Return one class for each code, whose docstring is the paragraph: the ancestor of those that share it."""
    return [
        e
        for e in errors()
        if not any(e.code == parent.code for parent in e.__mro__[1:] if issubclass(parent, HubError))
    ]


@cache
def transport_codes() -> frozenset[str]:
    """Return the codes that are answered where no class of ours was raised: by HTTP and by GraphQL itself."""
    over_http = {code for code, _, _ in HTTP_TEXTS.values()} | _codes_in("hub/web/problems.py")
    in_graphql = {thing.code for thing in vars(schema.wording).values() if isinstance(thing, schema.wording.Sentence)}
    return frozenset(over_http | in_graphql)


def _codes_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {text for text in texts if text == "internal" or re.fullmatch(r"http\.[a-z_]+", text)}


def without_own_code(classes: Iterable[type[HubError]]) -> list[str]:
    return [_place(error) for error in classes if "code" not in vars(error)]


def unstable_codes(classes: Iterable[type[HubError]]) -> list[str]:
    return [f"{_place(error)}: {error.code}" for error in classes if not STABLE.fullmatch(error.code)]


def shared_codes(classes: Iterable[type[HubError]]) -> list[str]:
    """List what shares a code; a subclass may keep its parent's, written down, where callers need not tell them apart."""
    by_code: dict[str, list[type[HubError]]] = {}
    for error in classes:
        by_code.setdefault(error.code, []).append(error)
    return [
        f"{code}: {', '.join(map(_place, sharing))}"
        for code, sharing in by_code.items()
        if not any(all(issubclass(one, first) for one in sharing) for first in sharing)
    ]


def without_cure(classes: Iterable[type[HubError]]) -> list[str]:
    return [_place(error) for error in classes if "\nCure: " not in _docstring(error)]


def paragraphs(page: str) -> dict[str, str]:
    """Return {code: text} of the page's paragraphs."""
    parts = HEADING.split(page)
    return {code: text.split("\n## ")[0].strip() for code, text in zip(parts[1::2], parts[2::2], strict=True)}


def english_of(error: type[HubError]) -> str:
    """Return the English paragraph the page must hold: the docstring in one line, the cure set off."""
    return " ".join(_docstring(error).split()).replace("Cure: ", f"{CURE_EN} ", 1)


def _import_all(package: ModuleType) -> None:
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def _descendants(kind: type[HubError]) -> set[type[HubError]]:
    own = {child for child in kind.__subclasses__() if child.__module__.split(".")[0] in PACKAGES}
    return own.union(*(_descendants(child) for child in own))


def _place(error: type[HubError]) -> str:
    return f"{error.__module__}.{error.__qualname__}"


def _docstring(error: type[HubError]) -> str:
    return inspect.cleandoc(vars(error).get("__doc__") or "")


def test_every_error_has_a_code_of_its_own() -> None:
    none_of(without_own_code(errors()), 'Give the class its `code = "room.reason"`.')


def test_every_code_is_a_room_and_a_reason() -> None:
    none_of(unstable_codes(errors()), "A code is lower-case words with underscores: room.reason.")


def test_no_two_errors_share_a_code() -> None:
    none_of(shared_codes(errors()), "Rename one of them; codes that were published stay.")


def test_every_error_says_what_cures_it() -> None:
    none_of(without_cure(errors()), 'End the docstring with a line "Cure: ...".')


def test_every_code_has_its_paragraph() -> None:
    written = paragraphs(PAGE.read_text("utf-8"))
    missing = [e for e in speakers() if e.code not in written]
    wanted = [f"\n### `{e.code}`\n<中文：含义。{CURE_ZH} 怎么办。>\n\n{english_of(e)}" for e in missing]
    none_of(wanted, "Add these to docs/errors.md under their room, in the order of codes, and write the Chinese line:")
    none_of(sorted(transport_codes() - set(written)), "Add a paragraph to docs/errors.md, under the last heading.")


def test_every_paragraph_has_its_code() -> None:
    known = {error.code for error in errors()} | transport_codes()
    none_of([code for code in paragraphs(PAGE.read_text("utf-8")) if code not in known], "Take them out.")


def test_the_english_paragraph_is_the_docstring_of_the_error() -> None:
    written = paragraphs(PAGE.read_text("utf-8"))
    wanted = {error.code: english_of(error) for error in speakers() if error.code in written}
    drifted = [f"\n{code}: {text}" for code, text in wanted.items() if written[code].split("\n\n")[-1] != text]
    none_of(
        drifted, "Replace the English paragraph in docs/errors.md, and see whether the Chinese still says the same:"
    )


def test_every_paragraph_says_meaning_and_cure_in_chinese_first() -> None:
    def complete(text: str) -> bool:
        first = text.split("\n\n")[0]
        return bool(CHINESE.search(first)) and CURE_ZH in first and CURE_EN in text.split("\n\n")[-1]

    none_of([code for code, text in paragraphs(PAGE.read_text("utf-8")).items() if not complete(text)])


def test_a_missing_code_a_shared_one_and_a_missing_cure_are_noticed() -> None:
    class Planted(HubError):
        """Means something."""

        code = "Planted"

    class Again(Planted):
        """Means something else. Cure: on the wrong line."""

    class Twice(HubError):
        """Has another's code."""

        code = NotFound.code

    place = f"{__name__}.{Planted.__qualname__.rsplit('.', 1)[0]}"
    assert without_own_code([Planted, Again]) == [f"{place}.Again"]
    assert unstable_codes([Planted]) == [f"{place}.Planted: Planted"]
    assert shared_codes([NotFound, Twice]) == [f"record.not_found: hub.errors.NotFound, {place}.Twice"]
    assert without_cure([Planted, Again]) == [f"{place}.Planted", f"{place}.Again"]


def test_a_page_is_read_by_its_headings() -> None:
    page = "# 标题\n\n### `a.b`\n甲。\n\nA.\n\n## 其他\n\n### `c.d`\n乙。\n"
    assert paragraphs(page) == {"a.b": "甲。\n\nA.", "c.d": "乙。"}
