"""Expected refusals of mutations, as members of their result unions, with messages in the caller's language.

`carried_out` is the one place where a mutation meets its verb: one transaction, committed only when the verb returns; a
refusal rolls it back and becomes a `Problem`; what the policy refused is written to the audit in a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import strawberry
from sqlalchemy.orm import Session

from hub.access.refusals import write_refusal
from hub.errors import Conflict as ConflictError
from hub.errors import HubError, ValidationFailed
from hub.errors import MoveRefused as MoveRefusedError
from hub.errors import NotFound as NotFoundError
from hub.errors import NotPermitted as NotPermittedError
from schema.context import Context, Language
from schema.declare import PUBLIC, Attribute, mapped, words

_ABOUT: dict[str, Any] = {"access": PUBLIC}


@strawberry.interface(
    description=words("办理未成的原因；什么也没有改变。", "Why a request was not carried out; nothing was changed.")
)
class Problem:
    """What every problem says."""

    code: str = mapped(
        Attribute("code"), zh="稳定的错误代码，见错误说明。", en="Stable code; see the list of errors.", **_ABOUT
    )
    message: str = mapped(
        Attribute("message"), zh="可以给任何人看的说明。", en="A sentence that is safe to show to anyone.", **_ABOUT
    )
    path: str | None = mapped(
        Attribute("path"), zh="所涉及的输入字段。", en="The input field it is about, if any.", **_ABOUT
    )


@strawberry.type(description=words("输入不符合规则。", "The input breaks a rule."))
class ValidationProblem(Problem):
    """The input breaks a rule."""


@strawberry.type(description=words("无权办理。", "The caller may not do this."))
class NotPermitted(Problem):
    """The caller may not do this."""


@strawberry.type(description=words("当前状态不允许这样办理。", "The present state does not permit this move."))
class MoveRefused(Problem):
    """The present state does not permit this move."""


@strawberry.type(
    description=words(
        "他人已先修改，或幂等键已用于别的请求。",
        "Somebody else was first, or the idempotency key stands for another request.",
    )
)
class Conflict(Problem):
    """Somebody else was first."""


@strawberry.type(description=words("没有这条记录。", "There is no such record for this caller."))
class NotFound(Problem):
    """There is no such record."""


PROBLEMS: tuple[tuple[type[HubError], type[Problem]], ...] = (
    (ValidationFailed, ValidationProblem),
    (NotPermittedError, NotPermitted),
    (MoveRefusedError, MoveRefused),
    (ConflictError, Conflict),
    (NotFoundError, NotFound),
)


def problem_of(error: HubError, language: Language) -> Problem | None:
    """Return the problem that `error` is to a caller, or None where it is none of the five and stays an error."""
    for kind, problem in PROBLEMS:
        if isinstance(error, kind):
            made = problem.__new__(problem)
            vars(made).update(code=error.code, message=error.message(language), path=error.path)
            return made
    return None


def carried_out(context: Context, *, act: str, subject: str, verb: Callable[[Session], Any]) -> Any:
    """Return what `verb` answered, committed; or the problem it met, with everything it did rolled back.

    `act` and `subject` name the attempt in the audit when the policy refuses it. Other errors than the five are raised.
    """

    def committed() -> Any:
        with context.database.transaction() as session:
            return verb(session)

    return attempted(context, act=act, subject=subject, verb=committed)


def attempted(context: Context, *, act: str, subject: str, verb: Callable[[], Any]) -> Any:
    """Return what `verb`, which opens its own transactions, answered, or the problem it met. What is read next is fresh."""
    context.renew()
    try:
        return verb()
    except HubError as error:
        context.renew()
        if isinstance(error, NotPermittedError):
            _audit(context, error, act, subject)
        problem = problem_of(error, context.language)
        if problem is None:
            raise
        return problem


def _audit(context: Context, error: HubError, act: str, subject: str) -> None:
    write_refusal(
        context.database,
        actor=context.actor,
        act=act,
        subject=subject,
        code=error.code,
        request_id=context.request_id,
        clock=context.clock,
    )
