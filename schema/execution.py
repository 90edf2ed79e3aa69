"""From a document to an answer: limits, syntax, validation, execution, and only worded errors out.

Small documents that passed are remembered (64 at most), so that a system's daily queries are parsed and validated once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import strawberry
from graphql import (
    ASTValidationRule,
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_operation_ast,
    parse,
    separate_operations,
    specified_rules,
    validate,
    visit,
)
from graphql import execute as execute_document

from hub.access.policy import Level
from hub.errors import HubError
from schema import wording
from schema.build import core
from schema.context import Context
from schema.declare import level_of
from schema.limits import NUL, check_operations, check_text

MAX_VALIDATION_ERRORS = 20
MAX_COERCION_ERRORS = 20
REMEMBERED_DOCUMENTS = 64
REMEMBERED_CHARACTERS = 4_000
OK, BAD_REQUEST, METHOD_NOT_ALLOWED = 200, 400, 405

Answer = tuple[int, dict[str, Any]]


@dataclass(frozen=True)
class Asked:
    """What one request asks for."""

    text: str
    variables: dict[str, Any]
    operation_name: str | None
    read_only: bool


@dataclass(frozen=True)
class Prepared:
    """A document that was parsed, measured and validated; `errors` says what is wrong with it."""

    document: DocumentNode
    errors: tuple[GraphQLError, ...]


def execute(
    schema: strawberry.Schema,
    document: str,
    context: Context,
    *,
    variables: Mapping[str, Any] | None = None,
    operation_name: str | None = None,
    read_only: bool = False,
) -> Answer:
    """Return the HTTP status (of application/graphql-response+json) and the body of the answer; closes `context`.

    `read_only` (a GET) answers queries of PUBLIC fields alone. Raises nothing that a request can cause.
    """
    asked = Asked(document, dict(variables or {}), operation_name, read_only)
    try:
        return _answered(core(schema), asked, context)
    finally:
        context.close()


def reaches(schema: GraphQLSchema, document: DocumentNode) -> frozenset[Level]:
    """Return the access levels of all fields that a valid document names."""
    types = TypeInfo(schema)
    found: set[Level] = set()

    class Levels(Visitor):
        """Collects the level of every field."""

        def enter_field(self, *_: Any) -> None:
            """Note the level of the field here, if it is a declared one."""
            declared = types.get_field_def()
            field = declared.extensions.get("strawberry-definition") if declared else None
            level = level_of(field.metadata) if field is not None else None
            if level is not None:
                found.add(level)

    visit(document, TypeInfoVisitor(types, Levels()))
    return frozenset(found)


def _answered(schema: GraphQLSchema, asked: Asked, context: Context) -> Answer:
    if NUL.search(asked.text) or not _storable(asked.variables):
        return BAD_REQUEST, wording.refusal(context, wording.CHARACTERS)
    try:
        prepare = _remembered if len(asked.text) <= REMEMBERED_CHARACTERS else _prepared
        prepared = prepare(schema, asked.text, asked.operation_name, introspection=context.introspection)
    except HubError as error:
        return BAD_REQUEST, wording.refused(context, error)
    except GraphQLError as error:
        return BAD_REQUEST, wording.refusal(context, wording.SYNTAX, [error])
    if prepared.errors:
        return BAD_REQUEST, wording.refusal(context, wording.INVALID, prepared.errors)
    operation = get_operation_ast(prepared.document, asked.operation_name)
    if operation is None:
        return BAD_REQUEST, wording.refusal(context, wording.OPERATION)
    if asked.read_only and not _readable(schema, prepared.document, operation):
        return METHOD_NOT_ALLOWED, wording.refusal(context, wording.READ_ONLY)
    return _executed(schema, prepared.document, asked, context)


def _executed(schema: GraphQLSchema, document: DocumentNode, asked: Asked, context: Context) -> Answer:
    result = cast(
        ExecutionResult,
        execute_document(
            schema,
            document,
            context_value=context,
            variable_values=asked.variables,
            operation_name=asked.operation_name,
            max_coercion_errors=MAX_COERCION_ERRORS,
            hide_suggestions=True,
        ),
    )
    errors = result.errors or []
    if result.data is None and errors and all(error.path is None for error in errors):
        return BAD_REQUEST, wording.refusal(context, wording.VARIABLES, errors)
    body: dict[str, Any] = {"errors": [wording.told(context, error) for error in errors]} if errors else {}
    return OK, body | {"data": result.data}


def _prepared(schema: GraphQLSchema, text: str, name: str | None, *, introspection: bool) -> Prepared:
    check_text(text)
    document = parse(text, allow_empty_selection_sets=False)
    check_operations(document)
    prepared = _validated(schema, document, introspection=introspection)
    alone = _alone(document, name) if prepared.errors else None
    return prepared if alone is None else _validated(schema, alone, introspection=introspection)


def _validated(schema: GraphQLSchema, document: DocumentNode, *, introspection: bool) -> Prepared:
    rules: list[type[ASTValidationRule]] = list(specified_rules)
    if not introspection:
        rules.append(NoSchemaIntrospectionCustomRule)
    errors = validate(schema, document, rules, max_errors=MAX_VALIDATION_ERRORS, hide_suggestions=True)
    return Prepared(document, tuple(errors))


def _alone(document: DocumentNode, name: str | None) -> DocumentNode | None:
    """Return the operation `name` with the fragments it spreads, None where one operation is all there is.

    A system sends its whole file and names an operation; one that asks for what this hub does not offer is not asked here.
    """
    names = [
        node.name.value for node in document.definitions if isinstance(node, OperationDefinitionNode) and node.name
    ]
    return separate_operations(document)[name] if name is not None and len(names) > names.count(name) == 1 else None


@lru_cache(maxsize=REMEMBERED_DOCUMENTS)
def _remembered(schema: GraphQLSchema, text: str, name: str | None, *, introspection: bool) -> Prepared:
    return _prepared(schema, text, name, introspection=introspection)


def _readable(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> bool:
    return operation.operation is OperationType.QUERY and reaches(schema, document) <= {Level.PUBLIC}


def _storable(value: Any) -> bool:
    """Say whether every text within a JSON value can be stored by both databases."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, str) and any(char == "\0" or "\ud800" <= char <= "\udfff" for char in one):
            return False
    return True
