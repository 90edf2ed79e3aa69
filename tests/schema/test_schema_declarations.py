"""Every field says what it is in two languages, who may see it, and the printed schema is the one that was reviewed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    specified_scalar_types,
)

from hub.access.policy import Level
from schema.build import SCHEMA_FILE, core, printed
from schema.declare import level_of
from tests.schema.planting import SCHEMA

ROOT = Path(__file__).parent.parent.parent
CHINESE = re.compile(r"[\u4e00-\u9fff]")
CORE = core(SCHEMA)
OUR_TYPES = [
    kind
    for name, kind in sorted(CORE.type_map.items())
    if not name.startswith("__") and name not in specified_scalar_types
]


def declared_fields() -> Iterator[tuple[str, GraphQLField]]:
    """Yield every field of every object and interface type."""
    for kind in OUR_TYPES:
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in kind.fields.items():
                yield f"{kind.name}.{name}", field


def declared_arguments() -> Iterator[tuple[str, GraphQLArgument]]:
    """Yield every argument of every field."""
    for owner, field in declared_fields():
        for name, argument in field.args.items():
            yield f"{owner}({name}:)", argument


def level(field: GraphQLField) -> Level | None:
    """Return the access level of a field."""
    return level_of(field.extensions["strawberry-definition"].metadata)


def in_two_languages(text: str | None) -> bool:
    """Say whether a description has a Chinese line and then an English one."""
    lines = (text or "").split("\n")
    return len(lines) == 2 and bool(CHINESE.search(lines[0])) and bool(re.search("[A-Za-z]", lines[1]))


def test_every_field_is_described_in_chinese_then_english() -> None:
    assert [name for name, field in declared_fields() if not in_two_languages(field.description)] == []


def test_every_field_declares_who_may_see_it() -> None:
    assert [name for name, field in declared_fields() if level(field) is None] == []


def test_every_type_is_described_in_chinese_then_english() -> None:
    assert [kind.name for kind in OUR_TYPES if not in_two_languages(kind.description)] == []


def test_every_argument_and_input_field_is_described_in_chinese_then_english() -> None:
    fields = [
        (f"{kind.name}.{name}", field.description)
        for kind in OUR_TYPES
        if isinstance(kind, GraphQLInputObjectType)
        for name, field in kind.fields.items()
    ]
    arguments = [(name, argument.description) for name, argument in declared_arguments()]
    assert [name for name, text in fields + arguments if not in_two_languages(text)] == []


def test_enum_values_are_upper_case_words_of_the_domain() -> None:
    values = [value for kind in OUR_TYPES if isinstance(kind, GraphQLEnumType) for value in kind.values]
    assert [value for value in values if not re.fullmatch(r"[A-Z][A-Z_]*", value)] == []


def test_every_root_is_nullable_so_that_a_refusal_leaves_the_others() -> None:
    roots = [*CORE.query_type.fields.items(), *CORE.mutation_type.fields.items()]  # type: ignore[union-attr]
    assert [name for name, field in roots if isinstance(field.type, GraphQLNonNull)] == []


def test_a_guarded_field_within_an_open_type_is_nullable() -> None:
    open_types = [
        kind
        for kind in OUR_TYPES
        if isinstance(kind, GraphQLObjectType) and any(level(field) is Level.PUBLIC for field in kind.fields.values())
    ]
    wrong = [
        f"{kind.name}.{name}"
        for kind in open_types
        for name, field in kind.fields.items()
        if level(field) is not Level.PUBLIC and isinstance(field.type, GraphQLNonNull)
    ]
    assert wrong == []


def test_the_access_level_of_every_field_is_printed() -> None:
    sdl = (ROOT / SCHEMA_FILE).read_text()
    assert sdl.count("@access(level: ") - sdl.count("directive @access") == len(list(declared_fields()))


def test_the_committed_schema_is_the_one_that_is_served() -> None:
    assert (ROOT / SCHEMA_FILE).read_text() == printed(SCHEMA)


def test_every_list_of_rows_without_a_bound_is_a_connection() -> None:
    unbounded = {
        name
        for name, field in declared_fields()
        if name.startswith("Query.")
        and "[" in str(field.type)
        and not str(get_named_type(field.type)).endswith("Connection")
    }
    assert unbounded == {"Query.regions", "Query.crossRegionMatrix", "Query.connectors", "Query.ledgers"}
