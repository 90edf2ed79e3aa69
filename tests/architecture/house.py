"""What the architecture tests read: the project's modules as text and syntax tree, and what is defined in them.

Checks are functions from modules to a list of sentences, one per violation, so that each can be shown a planted violation.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("hub", "schema", "connectors", "seeds", "bench", "deploy")
FOREIGN = frozenset({".git", ".venv", "var", "node_modules", "vendor", "vendor.new", "built", "__pycache__"})
CACHES = frozenset({".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache"})
# What people read and edit, by the ending of its name.
TEXTS = frozenset(
    {"cfg", "css", "csv", "graphql", "html", "ini", "js", "json", "jsonl", "mako", "md", "mjs", "po", "py"}
)
TEXTS |= {"sh", "svg", "toml", "txt", "yaml", "yml"}

# Methods whose name and parameters another library prescribes: {name: who calls it}.
PRESCRIBED = {
    "connect_tcp": "httpcore.NetworkBackend",
    "get_result": "strawberry.field.StrawberryField",
    "handle_request": "httpx.BaseTransport",
    "process_bind_param": "sqlalchemy.TypeDecorator",
    "process_result_value": "sqlalchemy.TypeDecorator",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef


@dataclass(frozen=True)
class Module:
    """One Python file: its path from the root of the project, its text, its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """The last part of the module's name; a package is named by its folder."""
        path = Path(self.path)
        return path.parent.name if path.name == "__init__.py" else path.stem

    def at(self, node: ast.AST) -> str:
        """Return `path:line` of a node of this module."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"


def none_of(violations: Sequence[str], cure: str = "") -> None:
    """Fail with one violation a line, and how to mend them, unless there is none."""
    assert not violations, "\n".join([f"{len(violations)} found. {cure}".strip(), *violations])


def planted(text: str, path: str = "hub/planted.py") -> Module:
    """Return a module that exists only here, to show a check what it must see."""
    return Module(path, text, ast.parse(text))


@cache
def product() -> tuple[Module, ...]:
    """Return the modules that are shipped, sorted by path."""
    return _modules(PRODUCT)


@cache
def suite() -> tuple[Module, ...]:
    """Return the modules under tests/, sorted by path."""
    return _modules(("tests",))


@cache
def texts() -> dict[str, str]:
    """Return {path: text} of every file of the project that a person writes."""
    found = (path for path in ROOT.rglob("*") if _own(path) and (path.suffix[1:] in TEXTS or not path.suffix))
    return {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in sorted(found) if path.is_file()}


def definitions(tree: ast.AST) -> Iterator[Definition]:
    """Yield every class and function, nested ones too."""
    for node in ast.walk(tree):
        if isinstance(node, Definition):
            yield node


def functions(tree: ast.AST) -> Iterator[Function]:
    """Yield every function and method, nested ones too."""
    for node in definitions(tree):
        if isinstance(node, Function):
            yield node


def public(body: Sequence[ast.stmt]) -> Iterator[tuple[str, Definition]]:
    """Yield (dotted name, definition) of the public classes and functions of a body and the public methods in them."""
    for node in body:
        if not isinstance(node, Definition) or node.name.startswith("_"):
            continue
        yield node.name, node
        if isinstance(node, ast.ClassDef):
            for name, inner in public(node.body):
                yield f"{node.name}.{name}", inner


def our_functions(tree: ast.AST) -> Iterator[Function]:
    """Yield the functions and methods whose name and parameters are ours to choose.

    Not those another library prescribes, and not GraphQL resolvers and commands, whose arguments are given by name.
    """
    for node in functions(tree):
        every = [*node.args.posonlyargs, *node.args.args]
        resolver = any(argument.annotation and dotted(argument.annotation) == "strawberry.Info" for argument in every)
        command = any(
            isinstance(each, ast.Call) and dotted(each.func).endswith(".command") for each in node.decorator_list
        )
        if node.name not in PRESCRIBED and not resolver and not command:
            yield node


def dotted(node: ast.AST) -> str:
    """Return `a.b.c` of a name or a chain of attributes; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        stem = dotted(node.value)
        return f"{stem}.{node.attr}" if stem else ""
    return ""


def line_count(node: ast.AST) -> int:
    """Return how many lines a definition takes, decorators not counted."""
    first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
    return int(last) - int(first) + 1


def _modules(places: Sequence[str]) -> tuple[Module, ...]:
    paths = [path for place in places for path in (ROOT / place).rglob("*.py")]
    if "hub" in places:
        paths += [path for path in [ROOT / "wsgi.py"] if path.exists()]
    own = sorted(str(path.relative_to(ROOT)) for path in paths if _own(path))
    return tuple(planted((ROOT / path).read_text("utf-8"), path) for path in own)


def _own(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return not any(part in FOREIGN or part in CACHES for part in parts)
