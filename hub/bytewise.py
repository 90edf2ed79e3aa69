"""Text compared by its bytes on both databases: `COLLATE "C"` on PostgreSQL, `COLLATE BINARY` on SQLite.

A database's own locale would order and fold names differently on every machine; a cursor must mean the same everywhere.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class bytewise(FunctionElement[str]):
    """The text given, collated by its UTF-8 bytes."""

    inherit_cache = True
    name = "bytewise"
    type = String()


@compiles(bytewise, "postgresql")
def _on_postgresql(element: bytewise, compiler: SQLCompiler, **options: Any) -> str:
    return f'({compiler.process(element.clauses, **options)} COLLATE "C")'


@compiles(bytewise, "sqlite")
def _on_sqlite(element: bytewise, compiler: SQLCompiler, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)} COLLATE BINARY)"
