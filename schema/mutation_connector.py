"""The mutations of connectors, for operators."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry

from connectors.queries import run_by_id
from hub.access.policy import Act, may
from schema.acting import set_up
from schema.connector import Run
from schema.context import Context
from schema.declare import OPERATOR, asked_by_verb, words
from schema.problems import Conflict, MoveRefused, NotFound, NotPermitted, ValidationProblem, attempted

RunResult = Annotated[
    Run | ValidationProblem | NotPermitted | MoveRefused | Conflict | NotFound,
    strawberry.union("RunResult", description=words("运行，或未办成的原因。", "The run, or why not.")),
]


@strawberry.type
class ConnectorMutations:
    """What can be done with connectors."""

    @asked_by_verb(access=OPERATOR, zh="立即运行一个连接。", en="Run a connector now.")
    def run_connector(
        self,
        info: strawberry.Info,
        name: Annotated[str, strawberry.argument(description=words("连接名称。", "The connector's name."))],
        dry_run: Annotated[
            bool, strawberry.argument(description=words("是否试运行，不写入。", "Whether to write nothing."))
        ] = False,
    ) -> RunResult | None:
        """Return the run when it has ended."""
        context: Context = info.context

        def verb() -> Any:
            may(context.actor, Act.RUN_CONNECTOR)
            run_id = set_up(context.run_now)(name, dry_run=dry_run)
            return run_by_id(context.session, run_id)

        return attempted(context, act="runConnector", subject=name, verb=verb)  # type: ignore[no-any-return]
