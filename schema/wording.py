"""How errors leave: a message that is safe to show, in the caller's language, a stable code and the request id. Nothing else.

What was not foreseen leaves as `internal`; its text, its class and its place go to the log under the request id.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from graphql import GraphQLError

from hub.errors import HubError
from schema.context import Context

HINT = re.compile(r" Did you mean [^?]*\?", re.DOTALL)  # graphql-core's rule on leaf fields hints whatever it is told
log = logging.getLogger(__name__)


class Sentence(NamedTuple):
    """A code with its sentence in both languages; `{0}` is what GraphQL itself says of the request."""

    code: str
    zh: str
    en: str


SYNTAX = Sentence("document.syntax", "查询文档有语法错误：{0}", "{0}")
INVALID = Sentence("document.invalid", "查询文档不符合模式：{0}", "{0}")
VARIABLES = Sentence("variables.invalid", "变量不符合声明：{0}", "{0}")
ARGUMENT = Sentence("argument.invalid", "参数不符合声明：{0}", "{0}")
OPERATION = Sentence(
    "operation.unknown", "没有这个操作，或未指明操作名称。", "There is no such operation, or none was named."
)
CHARACTERS = Sentence(
    "input.characters", "文本含有无法保存的字符（U+0000 或孤立代理项）。", "A text holds U+0000 or a lone surrogate."
)
READ_ONLY = Sentence("operation.post_only", "此操作只能用 POST 提交。", "This operation is answered to POST only.")
INTERNAL = Sentence(
    "internal",
    "系统内部错误，请把请求编号告知管理员。",
    "An internal error; please tell the operator the request id.",
)


def refusal(context: Context, sentence: Sentence, errors: Iterable[GraphQLError] = ()) -> dict[str, Any]:
    """Return the body of a request that was not executed: one error for each of `errors`, or one without a place."""
    told = [_error(context, sentence, error) for error in errors] or [_bare(context, sentence, "")]
    return {"errors": told}


def refused(context: Context, error: HubError) -> dict[str, Any]:
    """Return the body of a request that was refused before execution by one of the hub's own errors."""
    return {"errors": [_formatted(context, error.code, error.message(context.language))]}


def told(context: Context, error: GraphQLError) -> dict[str, Any]:
    """Return one error of an executed operation."""
    original = error.original_error
    if isinstance(original, HubError):
        answer = _formatted(context, original.code, original.message(context.language))
        return answer | _place(error)
    if original is None:
        return _error(context, ARGUMENT, error)
    log.error("request %s failed at %s", context.request_id, error.path, exc_info=original)
    return _bare(context, INTERNAL, "") | _place(error)


def _error(context: Context, sentence: Sentence, error: GraphQLError) -> dict[str, Any]:
    return _bare(context, sentence, HINT.sub("", error.message)) | _place(error)


def _bare(context: Context, sentence: Sentence, said: str) -> dict[str, Any]:
    pattern = sentence.en if context.language == "en" else sentence.zh
    return _formatted(context, sentence.code, pattern.format(said))


def _formatted(context: Context, code: str, message: str) -> dict[str, Any]:
    return {"message": message, "extensions": {"code": code, "requestId": context.request_id}}


def _place(error: GraphQLError) -> dict[str, Any]:
    place: dict[str, Any] = {}
    if error.locations:
        place["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    if error.path is not None:
        place["path"] = list(error.path)
    return place
