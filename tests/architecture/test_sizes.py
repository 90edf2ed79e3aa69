"""The tail stays small: no module over 300 lines, no function over 50, and most of them far below."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable

from tests.architecture.house import Module, functions, line_count, none_of, our_functions, planted, product

MODULE_LINES = 300
FUNCTION_LINES = 50
MODULE_P90 = 240
FUNCTION_MEDIAN = 8
FUNCTION_P90 = 20
POSITIONAL = 4


def long_modules(modules: Iterable[Module]) -> list[str]:
    counted = ((module.path, len(module.text.splitlines())) for module in modules)
    return [f"{path}: {lines} lines" for path, lines in counted if lines > MODULE_LINES]


def long_functions(modules: Iterable[Module]) -> list[str]:
    return [
        f"{module.at(node)} {node.name}: {line_count(node)} lines"
        for module in modules
        for node in functions(module.tree)
        if line_count(node) > FUNCTION_LINES
    ]


def wide_functions(modules: Iterable[Module]) -> list[str]:
    return [
        f"{module.at(node)} {node.name}: {len(_positional(node.args))} positional parameters"
        for module in modules
        for node in our_functions(module.tree)
        if len(_positional(node.args)) > POSITIONAL
    ]


def positional_booleans(modules: Iterable[Module]) -> list[str]:
    return [
        f"{module.at(node)} {node.name}({argument.arg})"
        for module in modules
        for node in our_functions(module.tree)
        for argument in _positional(node.args)
        if argument.annotation is not None and ast.unparse(argument.annotation) in ("bool", "bool | None")
    ]


def percentile(sizes: Iterable[int], share: float) -> int:
    """Return the size that `share` of the sizes do not exceed (nearest rank)."""
    ordered = sorted(sizes)
    return ordered[math.ceil(share * len(ordered)) - 1]


def _positional(arguments: ast.arguments) -> list[ast.arg]:
    every = [*arguments.posonlyargs, *arguments.args]
    return every[1:] if every and every[0].arg in ("self", "cls") else every


def test_no_module_is_longer_than_three_hundred_lines() -> None:
    none_of(long_modules(product()))


def test_no_function_is_longer_than_fifty_lines() -> None:
    none_of(long_functions(product()))


def test_nine_modules_of_ten_stay_below_two_hundred_and_forty_lines() -> None:
    assert percentile((len(module.text.splitlines()) for module in product()), 0.9) <= MODULE_P90


def test_half_of_the_functions_fit_in_eight_lines() -> None:
    sizes = [line_count(node) for module in product() for node in functions(module.tree)]
    assert percentile(sizes, 0.5) <= FUNCTION_MEDIAN


def test_nine_functions_of_ten_fit_in_twenty_lines() -> None:
    sizes = [line_count(node) for module in product() for node in functions(module.tree)]
    assert percentile(sizes, 0.9) <= FUNCTION_P90


def test_no_function_takes_more_than_four_positional_parameters() -> None:
    none_of(wide_functions(product()))


def test_a_boolean_parameter_is_always_named_by_the_caller() -> None:
    none_of(positional_booleans(product()))


def test_a_module_of_three_hundred_and_one_lines_is_noticed() -> None:
    assert long_modules([planted("x = 1\n" * 301)]) == ["hub/planted.py: 301 lines"]


def test_a_function_of_fifty_one_lines_is_noticed_even_inside_another() -> None:
    inner = "".join(["    def inner():\n", *["        x = 1\n"] * 50])
    assert long_functions([planted("def outer():\n" + inner)]) == [
        "hub/planted.py:1 outer: 52 lines",
        "hub/planted.py:2 inner: 51 lines",
    ]


def test_a_fifth_positional_parameter_is_noticed_and_self_is_not_counted() -> None:
    text = "class A:\n    def four(self, a, b, c, d): ...\n    def five(self, a, b, c, d, e): ...\n"
    assert wide_functions([planted(text)]) == ["hub/planted.py:3 five: 5 positional parameters"]


def test_a_positional_boolean_is_noticed_and_a_keyword_is_not() -> None:
    assert positional_booleans([planted("def f(a: bool, *, b: bool): ...\n")]) == ["hub/planted.py:1 f(a)"]
