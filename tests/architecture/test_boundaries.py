"""What only one place may do: catch everything, read the clock, read the environment; and money is never a float."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from sqlalchemy import Float, Numeric

import connectors.records  # noqa: F401  fills the metadata
from hub.migrations import METADATA
from tests.architecture.house import Module, dotted, none_of, planted, product

CATCH_ALL = {"hub/web/problems.py": "whatever a view raises", "connectors/run.py": "whatever a run raises"}
BROAD = frozenset({"Exception", "BaseException"})
CLOCK = "hub/clock.py"
READS_TIME = frozenset(
    {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns", "time.localtime"}
    | {"time.gmtime", "func.now", "func.current_timestamp", "func.current_date"}
)
STOPWATCHES = frozenset({"time.monotonic", "time.monotonic_ns", "time.perf_counter", "time.perf_counter_ns"})
MAY_MEASURE = {
    "connectors/deadline.py": "how long a run may still take",
    "hub/ledger/sequencer.py": "how long until the next step",
    "hub/web/server.py": "how long a closing connection may linger",
    "seeds/demo.py": "how long the start took",
    "seeds/supervisor.py": "how long to wait for a process",
}
ENVIRONMENT = frozenset({"os.environ", "os.getenv", "os.environb", "os.putenv"})
MAY_READ_ENVIRONMENT = {"hub/settings.py": "reads it once", "seeds/supervisor.py": "hands it on to the hubs it starts"}
OUTSIDE = ("deploy/", "bench/")  # programs of their own, which start others and measure
MONEY = frozenset({"amount", "fee", "price", "money", "cost", "yuan"})


def broad_catches(modules: Iterable[Module]) -> list[str]:
    return [
        module.at(node) for module in modules if module.path not in CATCH_ALL for node in _broad_places(module.tree)
    ]


def readers_of_time(modules: Iterable[Module]) -> list[str]:
    return [f"{place} {name}" for place, name in _uses(modules, READS_TIME) if not place.startswith(f"{CLOCK}:")]


def stopwatches(modules: Iterable[Module]) -> list[str]:
    return _strangers(_uses(modules, STOPWATCHES), MAY_MEASURE)


def readers_of_the_environment(modules: Iterable[Module]) -> list[str]:
    return _strangers(_uses(modules, ENVIRONMENT), MAY_READ_ENVIRONMENT)


def money_as_float(modules: Iterable[Module]) -> list[str]:
    return [
        f"{module.at(node)} {name}"
        for module in modules
        for node in ast.walk(module.tree)
        for name, annotation in _annotated(node)
        if MONEY & set(name.lower().split("_")) and "float" in ast.unparse(annotation).replace("[", " ").split()
    ]


def _broad_places(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            caught = list(ast.walk(node.type)) if node.type else []
            if not caught or any(dotted(part) in BROAD for part in caught):
                yield node
        elif isinstance(node, ast.Call):
            catches = dotted(node.func).endswith(("suppress", "register_error_handler"))
            if catches and any(dotted(argument) in BROAD for argument in node.args):
                yield node


def _uses(modules: Iterable[Module], names: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield (place, name) of every use of one of `names`, under whichever of its names the module imports it."""
    for module in modules:
        told = _imported(module.tree)
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute | ast.Name):
                full = _full_name(dotted(node), told)
                # `datetime.datetime.now` and `datetime.now` are one function.
                short = ".".join(full.split(".")[-2:])
                if short in names:
                    yield module.at(node), short


def _imported(tree: ast.AST) -> dict[str, str]:
    """Return {local name: full name} of what the module imports by name or under another name."""
    told: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            told |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            told |= {alias.asname: alias.name for alias in node.names if alias.asname}
    return told


def _full_name(name: str, told: dict[str, str]) -> str:
    first, _, rest = name.partition(".")
    return ".".join(part for part in (told.get(first, first), rest) if part)


def _strangers(uses: Iterable[tuple[str, str]], allowed: dict[str, str]) -> list[str]:
    return [
        f"{place} {name}"
        for place, name in uses
        if place.split(":")[0] not in allowed and not place.startswith(OUTSIDE)
    ]


def _annotated(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id, node.annotation
    elif isinstance(node, ast.arg) and node.annotation is not None:
        yield node.arg, node.annotation
    elif isinstance(node, ast.FunctionDef) and node.returns is not None:
        yield node.name, node.returns


def test_everything_is_caught_at_two_named_boundaries_only() -> None:
    none_of(broad_catches(product()))


def test_nobody_but_the_clock_reads_the_time() -> None:
    none_of(readers_of_time(product()))


def test_durations_are_measured_in_named_places_only() -> None:
    none_of(stopwatches(product()))


def test_nobody_but_the_settings_reads_the_environment() -> None:
    none_of(readers_of_the_environment(product()))


def test_money_is_never_annotated_as_a_float() -> None:
    none_of(money_as_float(product()))


def test_no_column_of_any_table_is_a_float() -> None:
    columns = [column for table in METADATA.tables.values() for column in table.columns]
    floats = [c for c in columns if isinstance(c.type, Float) or (isinstance(c.type, Numeric) and not c.type.asdecimal)]
    assert [str(column) for column in floats] == []


def test_every_form_of_catching_everything_is_noticed() -> None:
    for caught in ("except Exception:", "except:", "except (ValueError, BaseException):"):
        assert broad_catches([planted(f"try:\n    x = 1\n{caught}\n    x = 2\n")]) == ["hub/planted.py:3"]


def test_suppressing_everything_is_noticed_and_a_narrow_catch_is_not() -> None:
    assert broad_catches([planted("with contextlib.suppress(Exception):\n    x = 1\n")]) == ["hub/planted.py:1"]
    assert broad_catches([planted("try:\n    x = 1\nexcept ValueError:\n    x = 2\n")]) == []


def test_reading_the_time_is_noticed_under_every_name() -> None:
    for text in (
        "import datetime\ndatetime.datetime.now()\n",
        "from datetime import datetime\ndatetime.now()\n",
        "import time as t\nt.time()\n",
        "from time import time\ntime()\n",
        "from datetime import date as day\nday.today()\n",
        "from sqlalchemy import func\nfunc.now()\n",
    ):
        assert readers_of_time([planted(text)]) != [], text


def test_a_clock_that_is_handed_in_is_not_mistaken_for_the_machines() -> None:
    assert readers_of_time([planted("def f(clock: Clock) -> None:\n    clock.now()\n    clock.today()\n")]) == []


def test_a_stopwatch_in_an_unnamed_place_is_noticed() -> None:
    text = "from time import monotonic\nmonotonic()\n"
    assert stopwatches([planted(text)]) == ["hub/planted.py:2 time.monotonic"]
    assert stopwatches([planted(text, "connectors/deadline.py")]) == []


def test_reading_the_environment_is_noticed_under_every_name() -> None:
    for text in (
        "import os\nos.environ['X']\n",
        "from os import environ\nenviron['X']\n",
        "import os\nos.getenv('X')\n",
    ):
        assert readers_of_the_environment([planted(text)]) != [], text


def test_a_fee_as_float_is_noticed_and_a_width_is_not() -> None:
    assert money_as_float([planted("fee_amount: float | None = None\nwidth: float = 1.0\n")]) == [
        "hub/planted.py:1 fee_amount"
    ]
