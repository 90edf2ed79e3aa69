"""How a GraphQL field is declared: once, with its words, its access level and the column or expression behind it.

The ordinary resolver reads a field's value through its `Source`; whoever compiles an operation into SQL reads the same
`Source` (`source_of`). The access level is printed in the schema as `@access` and enforced from this same declaration on
every resolve. A field that is computed in Python has no source and stays with the ordinary resolver.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Protocol, TypeVar, cast

import strawberry
from sqlalchemy.orm import InstrumentedAttribute
from strawberry.extensions.field_extension import FieldExtension, SyncExtensionResolver
from strawberry.schema_directive import Location
from strawberry.types.field import StrawberryField

from hub.access.policy import Level, level_allows
from hub.errors import NotPermitted
from hub.links import Link

T = TypeVar("T")
SOURCE = "source"
LEVEL = "level"

PUBLIC, PARTNER, PERSONAL = Level.PUBLIC, Level.PARTNER, Level.PERSONAL
OFFICER, OPERATOR = Level.OFFICER, Level.OPERATOR

AccessLevel = strawberry.enum(
    Level,
    name="AccessLevel",
    description="访问级别：谁可以看到一个字段。\nAccess level: who sees a field.",
)


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="access",
    description="字段的访问级别。\nThe access level of a field.",
)
class Access:
    """`@access(level:)`, printed at every field."""

    level: AccessLevel  # type: ignore[valid-type]


class Source(Protocol):
    """Where a field's value comes from."""

    def read(self, row: Any) -> Any:
        """Return the value that `row` has for the field."""


@dataclass(frozen=True, eq=False)
class Column:
    """A column of the parent's record."""

    attribute: InstrumentedAttribute[Any]

    def read(self, row: Any) -> Any:
        """Return the column's value."""
        return getattr(row, self.attribute.key)


@dataclass(frozen=True)
class Key:
    """A member of the JSON object that the parent is; a missing member is null."""

    name: str

    def read(self, row: Any) -> Any:
        """Return the member's value."""
        return row.get(self.name)


@dataclass(frozen=True)
class Here:
    """The parent itself: an object that only groups columns of its parent's record."""

    def read(self, row: Any) -> Any:
        """Return the parent."""
        return row


@dataclass(frozen=True)
class Attribute:
    """An attribute of a value that is no record: an answer of a query, already computed. Dots lead inwards."""

    name: str

    def read(self, row: Any) -> Any:
        """Return the attribute's value."""
        return attrgetter(self.name)(row)


HERE = Here()


class Mapped(StrawberryField):
    """A field that reads its source; everything else about it is Strawberry's."""

    def get_result(self, source: Any, info: Any, args: list[Any], kwargs: Any) -> Any:
        """Return the source's value, or the resolver's where the source is a link."""
        if self.base_resolver is not None:
            return super().get_result(source, info, args, kwargs)
        return self.metadata[SOURCE].read(source)


class Guard(FieldExtension):
    """Refuses a field to callers below its level, before anything is read for it."""

    def __init__(self, level: Level) -> None:
        self.level = level

    def resolve(self, next_: SyncExtensionResolver, source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        """Return the field's value; raises NotPermitted, whose text says nothing of any record."""
        if not level_allows(info.context.actor, self.level):
            raise NotPermitted("您无权查看此内容。", "You are not permitted to see this.")
        return next_(source, info, **kwargs)


def words(zh: str, en: str) -> str:
    """Return a description: Chinese, then English, a line each."""
    return f"{zh}\n{en}"


def mapped(source: InstrumentedAttribute[Any] | Source | Link, *, access: Level, zh: str, en: str) -> Any:
    """Declare a field whose value is a column, a member, the parent itself, or the rows behind a link."""
    declared: StrawberryField = Mapped(
        description=words(zh, en),
        directives=[Access(level=access)],
        metadata={SOURCE: Column(source) if isinstance(source, InstrumentedAttribute) else source, LEVEL: access},
        extensions=_guards(access),
    )
    return declared(_behind(source)) if isinstance(source, Link) else declared


def resolved(*, access: Level, zh: str, en: str, name: str | None = None) -> Callable[[Callable[..., Any]], Any]:
    """Declare a field that the decorated function computes."""
    return cast(
        "Callable[[Callable[..., Any]], Any]",
        strawberry.field(
            name=name,
            description=words(zh, en),
            directives=[Access(level=access)],
            metadata={LEVEL: access},
            extensions=_guards(access),
        ),
    )


def asked_by_verb(*, access: Level, zh: str, en: str) -> Callable[[Callable[..., Any]], Any]:
    """Declare a mutation: its level is printed, and its verb asks the policy, so that a refusal is an answer."""
    return cast(
        "Callable[[Callable[..., Any]], Any]",
        strawberry.field(description=words(zh, en), directives=[Access(level=access)], metadata={LEVEL: access}),
    )


def noun(*, zh: str, en: str, record: type[Any] | None = None, name: str | None = None) -> Callable[[type[T]], type[T]]:
    """Declare an object type; `record` is the class of the rows it is read from, where other types could be meant."""

    def declare(cls: type[T]) -> type[T]:
        if record is not None:
            cls.is_type_of = staticmethod(lambda value, _: isinstance(value, record))  # type: ignore[attr-defined]
        return strawberry.type(cls, name=name, description=words(zh, en))

    return declare


def source_of(field: StrawberryField) -> Source | Link | None:
    """Return what stands behind a declared field, None for one that is computed."""
    return cast("Source | Link | None", field.metadata.get(SOURCE))


def level_of(metadata: Mapping[Any, Any]) -> Level | None:
    """Return the access level in a field's metadata, None for a field that was not declared here."""
    return metadata.get(LEVEL)


def _guards(access: Level) -> list[FieldExtension]:
    return [] if access is Level.PUBLIC else [Guard(access)]


def _behind(link: Link) -> Callable[..., Any]:
    def rows(root: Any, info: strawberry.Info) -> Any:
        return info.context.peers.linked(link, root)

    return rows
