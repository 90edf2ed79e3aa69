"""Names say what a thing is: none of the words that mean nothing, and tests are named as sentences."""

from __future__ import annotations

import ast
import re
import statistics
from collections.abc import Iterable

from tests.architecture.house import Module, definitions, functions, none_of, our_functions, planted, product, suite

VAGUE_WORDS = frozenset(
    {"util", "utils", "helper", "helpers", "common", "misc", "manager", "managers", "handler", "handlers"}
)
VAGUE_NAMES = frozenset({"data", "info", "things", "stuff", "processor"})
VAGUE_VERBS = ("get", "process", "handle", "do", "perform")
MEDIAN_WORDS = 6
FEWEST_WORDS = 4


def words_of(name: str) -> list[str]:
    """Return the words of a snake_case or CamelCase name, in lower case."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


def vague_names(modules: Iterable[Module]) -> list[str]:
    return [
        f"{where}: {name}"
        for module in modules
        for where, name in _named(module)
        if VAGUE_WORDS & set(words_of(name)) or name.lower() in VAGUE_NAMES
    ]


def vague_verbs(modules: Iterable[Module]) -> list[str]:
    return [
        f"{module.at(node)} {node.name}"
        for module in modules
        for node in our_functions(module.tree)
        if words_of(node.name)[:1] and words_of(node.name)[0] in VAGUE_VERBS
    ]


def lengths_of_test_names(modules: Iterable[Module]) -> dict[str, int]:
    """Return {place and name: number of words}, `test` not counted."""
    return {
        f"{module.at(node)} {node.name}": len(words_of(node.name)) - 1
        for module in modules
        if module.path.startswith("tests/") and module.name.startswith("test_")
        for node in functions(module.tree)
        if node.name.startswith("test_")
    }


def _named(module: Module) -> Iterable[tuple[str, str]]:
    yield module.path, module.name
    for node in definitions(module.tree):
        if isinstance(node, ast.ClassDef):
            yield module.at(node), node.name


def test_no_module_or_class_has_a_name_that_means_nothing() -> None:
    none_of(vague_names([*product(), *suite()]))


def test_no_function_begins_with_a_verb_that_means_nothing() -> None:
    none_of(vague_verbs(product()))


def test_half_of_the_test_names_have_six_words_or_more() -> None:
    assert statistics.median(lengths_of_test_names(suite()).values()) >= MEDIAN_WORDS


def test_no_test_name_is_shorter_than_four_words() -> None:
    assert [name for name, words in lengths_of_test_names(suite()).items() if words < FEWEST_WORDS] == []


def test_a_vague_module_and_a_vague_class_are_noticed() -> None:
    seen = vague_names([planted("class SealManager: ...\n", "hub/seals/text_utils.py")])
    assert seen == ["hub/seals/text_utils.py: text_utils", "hub/seals/text_utils.py:1: SealManager"]


def test_a_vague_verb_is_noticed_and_a_word_that_begins_alike_is_not() -> None:
    text = "def get_seal(): ...\ndef _process(): ...\ndef getting(): ...\ndef document(): ...\n"
    assert vague_verbs([planted(text)]) == ["hub/planted.py:1 get_seal", "hub/planted.py:2 _process"]


def test_a_short_test_name_is_counted_without_its_prefix() -> None:
    module = planted("def test_it_works(): ...\n", "tests/rules/test_planted.py")
    assert lengths_of_test_names([module]) == {"tests/rules/test_planted.py:1 test_it_works": 2}
