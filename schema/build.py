"""The schema, built once, and its printed form that is committed as schema.graphql."""

from __future__ import annotations

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from schema import enums
from schema.mutation import Mutation
from schema.problems import Problem
from schema.query import Query
from schema.scalars import SCALARS

SCHEMA_FILE = "schema/schema.graphql"


def build() -> strawberry.Schema:
    """Return the schema of every hub."""
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        types=[Problem, enums.Direction],
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
    )


def core(schema: strawberry.Schema) -> GraphQLSchema:
    """Return the executable schema inside Strawberry's."""
    return schema._schema


def printed(schema: strawberry.Schema) -> str:
    """Return the SDL as it is committed, with a line end at its end."""
    return schema.as_str() + "\n"
