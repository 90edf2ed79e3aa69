"""Nothing is left lying about: no notes to oneself, no paths of one machine, no patched code, no test set aside."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from typing import TypeGuard

from tests.architecture.house import Module, dotted, none_of, planted, product, suite, texts

# Written so that this file does not find itself.
NOTES = re.compile(r"\b(T[O]DO|F[I]XME|X[X]X|H[A]CK)\b")
MACHINE = re.compile(r"(?<![\w.:/-])/(work|farm|home|Users|root|tmp|mnt)/[\w.-]+")
UNFINISHED = frozenset({"NotImplementedError", "NotImplemented"})
PATCHES = frozenset({"monkeypatch.setattr", "monkeypatch.setitem", "monkeypatch.delattr", "mocker.patch"})
SET_ASIDE = frozenset({"pytest.mark.skip", "pytest.mark.xfail", "pytest.mark.skipif", "pytest.xfail", "pytest.skip"})


def notes_to_oneself(files: Mapping[str, str]) -> list[str]:
    return [place for place in _matches(NOTES, files)]


def machine_paths(files: Mapping[str, str]) -> list[str]:
    return [place for place in _matches(MACHINE, files)]


def unfinished(modules: Iterable[Module]) -> list[str]:
    return [f"{module.at(node)} {dotted(node)}" for module, node in _names(modules) if dotted(node) in UNFINISHED]


def patches(modules: Iterable[Module]) -> list[str]:
    found = [f"{module.at(node)} {dotted(node)}" for module, node in _names(modules) if dotted(node) in PATCHES]
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ImportFrom | ast.Import) and "mock" in ast.unparse(node).replace(".", " ").split():
                found.append(f"{module.at(node)} {ast.unparse(node)}")
    return found


def set_aside(modules: Iterable[Module]) -> list[str]:
    """List what sets a test aside, but for a skip where a real program is absent.

    Such a skip stands in shared fixtures, or asks for the program by `shutil.which` and names it in its reason.
    """
    found = []
    for module in modules:
        absent = {id(node.func) for node in ast.walk(module.tree) if _asks_for_a_program(node)}
        shared = not module.name.startswith("test_")
        for node in ast.walk(module.tree):
            if id(node) in absent or (dotted(node) == "pytest.skip" and shared):
                continue
            if dotted(node) in SET_ASIDE:
                found.append(f"{module.at(node)} {dotted(node)}")
    return found


def _asks_for_a_program(node: ast.AST) -> TypeGuard[ast.Call]:
    if not isinstance(node, ast.Call) or dotted(node.func) != "pytest.mark.skipif":
        return False
    asked = node.args and "which(" in ast.unparse(node.args[0])
    return bool(asked) and any(keyword.arg == "reason" for keyword in node.keywords)


def _matches(pattern: re.Pattern[str], files: Mapping[str, str]) -> list[str]:
    return [
        f"{path}:{number} {match[0]}"
        for path, text in files.items()
        for number, line in enumerate(text.splitlines(), start=1)
        for match in pattern.finditer(line)
    ]


def _names(modules: Iterable[Module]) -> Iterable[tuple[Module, ast.AST]]:
    return ((m, node) for m in modules for node in ast.walk(m.tree) if isinstance(node, ast.Name | ast.Attribute))


def test_nobody_left_a_note_to_himself() -> None:
    none_of(notes_to_oneself(texts()))


def test_no_file_names_a_path_of_one_machine() -> None:
    none_of(machine_paths(texts()))


def test_no_code_says_that_it_is_not_written_yet() -> None:
    none_of(unfinished(product()))


def test_no_test_patches_the_code_it_tests() -> None:
    none_of(patches(suite()))


def test_no_test_is_set_aside_but_where_a_real_program_is_absent() -> None:
    none_of(set_aside(suite()))


def test_a_note_to_oneself_is_noticed_in_any_text() -> None:
    note = "-".join(["TO", "DO"]).replace("-", "")
    assert notes_to_oneself({"docs/a.md": f"one\n<!-- {note}: write -->\n"}) == [f"docs/a.md:2 {note}"]


def test_a_machines_path_is_noticed_and_an_address_is_not() -> None:
    own = "/".join(["", "home", "li"])
    assert machine_paths({"a.py": f'x = "{own}"\n', "b.py": 'y = "https://example.org/home/page"\n'}) == [
        f"a.py:1 {own}"
    ]


def test_unwritten_code_is_noticed() -> None:
    raised = "NotImplementedError"
    assert unfinished([planted(f"def f():\n    raise {raised}\n")]) == [f"hub/planted.py:2 {raised}"]


def test_patching_and_mocking_are_noticed() -> None:
    text = "from unittest import mock\ndef test_x(monkeypatch):\n    monkeypatch.setattr(hub, 'x', 1)\n"
    assert patches([planted(text, "tests/test_planted.py")]) == [
        "tests/test_planted.py:3 monkeypatch.setattr",
        "tests/test_planted.py:1 from unittest import mock",
    ]


def test_a_test_set_aside_is_noticed() -> None:
    text = "@pytest.mark.xfail\ndef test_x():\n    pytest.skip('later')\n"
    assert set_aside([planted(text, "tests/test_planted.py")]) == [
        "tests/test_planted.py:1 pytest.mark.xfail",
        "tests/test_planted.py:3 pytest.skip",
    ]


def test_a_skip_that_names_an_absent_program_is_let_pass() -> None:
    text = "@pytest.mark.skipif(shutil.which('pdfsig') is None, reason='pdfsig is not installed')\ndef test_x(): ...\n"
    assert set_aside([planted(text, "tests/test_planted.py")]) == []
    assert set_aside([planted(text.replace("shutil.which", "later"), "tests/test_planted.py")]) != []
