"""Connectors, their runs and what a run would not take. For the operators of this hub."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import strawberry

from connectors.queries import REJECTS, ConnectorState, Outcome, last_runs, state_of
from connectors.queries import Connector as ConnectorRecord
from connectors.queries import Reject as RejectRecord
from connectors.queries import Run as RunRecord
from schema.context import Context
from schema.declare import OPERATOR, mapped, noun, resolved
from schema.keyset import Sort
from schema.nested import Inner, NestedPage
from schema.nodes import Node, node_id
from schema.pages import After, Before, Connection, First, Last, window

REJECTS_OF_RUN = Inner("rejects", REJECTS, Sort("ID", RejectRecord.id, RejectRecord.id))


@noun(zh="未被接收的一条记录，及如何补救。", en="A record a run would not take, and what to do.", record=RejectRecord)
class Reject:
    """Read from the reject's row."""

    remote_id: str = mapped(
        RejectRecord.remote_id, access=OPERATOR, zh="来源记录标识。", en="The record's id at the source."
    )
    field: str | None = mapped(RejectRecord.field, access=OPERATOR, zh="出错的字段。", en="The field at fault.")
    value_class: str | None = mapped(
        RejectRecord.value_class, access=OPERATOR, zh="该处值的种类，不含值本身。", en="What kind of value stood there."
    )
    code: str = mapped(RejectRecord.code, access=OPERATOR, zh="错误代码。", en="Error code.")

    @resolved(access=OPERATOR, zh="原因。", en="The reason.")
    def reason(root: Any, info: strawberry.Info) -> str:
        """Return the reason in the caller's language."""
        return info.context.said(root.reason_zh, root.reason_en)  # type: ignore[no-any-return]

    @resolved(access=OPERATOR, zh="如何补救。", en="What to do about it.")
    def remedy(root: Any, info: strawberry.Info) -> str:
        """Return the remedy in the caller's language."""
        return info.context.said(root.remedy_zh, root.remedy_en)  # type: ignore[no-any-return]


@noun(zh="连接的一次运行。", en="One run of a connector.", record=RunRecord)
class Run(Node):
    """Read from the run's row."""

    due_at: datetime = mapped(RunRecord.due_at, access=OPERATOR, zh="到期时刻。", en="When it was due.")
    started_at: datetime = mapped(RunRecord.started_at, access=OPERATOR, zh="开始时刻。", en="When it started.")
    ended_at: datetime | None = mapped(
        RunRecord.ended_at, access=OPERATOR, zh="结束时刻；未结束为 null。", en="When it ended; null: it has not."
    )
    outcome: Outcome = mapped(RunRecord.outcome, access=OPERATOR, zh="结果。", en="How it ended.")
    dry_run: bool = mapped(RunRecord.dry_run, access=OPERATOR, zh="是否试运行。", en="Whether nothing was written.")
    attempt: int = mapped(RunRecord.attempt, access=OPERATOR, zh="第几次尝试。", en="Which attempt it is, from 1.")
    stands_for: int = mapped(
        RunRecord.stands_for,
        access=OPERATOR,
        zh="代表的到期次数，含自身。",
        en="Due times it makes up for, itself included.",
    )
    seen: int = mapped(RunRecord.seen, access=OPERATOR, zh="读到的记录数。", en="Records seen.")
    created: int = mapped(RunRecord.created, access=OPERATOR, zh="新增数。", en="Records created.")
    updated: int = mapped(RunRecord.updated, access=OPERATOR, zh="更新数。", en="Records updated.")
    unchanged: int = mapped(RunRecord.unchanged, access=OPERATOR, zh="未变数。", en="Records unchanged.")
    tombstoned: int = mapped(RunRecord.tombstoned, access=OPERATOR, zh="撤下数。", en="Records tombstoned.")
    rejected: int = mapped(RunRecord.rejected, access=OPERATOR, zh="拒收数。", en="Records rejected.")
    code: str | None = mapped(
        RunRecord.code, access=OPERATOR, zh="终止错误的代码。", en="Code of the error that ended it."
    )

    @resolved(access=OPERATOR, zh="全网唯一标识。", en="The id, equal on all hubs.")
    def id(root: Any, info: strawberry.Info) -> strawberry.ID:
        """Return the node id; a run belongs to this hub."""
        return strawberry.ID(node_id("run", info.context.region, root.id))

    @resolved(access=OPERATOR, zh="说明。", en="What there is to say.")
    def message(root: Any, info: strawberry.Info) -> str | None:
        """Return the message in the caller's language."""
        return info.context.said(root.message_zh, root.message_en)  # type: ignore[no-any-return]

    @resolved(access=OPERATOR, zh="未被接收的记录。", en="Records it would not take.")
    def rejects(
        root: Any,
        info: strawberry.Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Reject]:
        """Return a page of the run's rejects."""
        wanted = window(first, after, last, before)
        return NestedPage(info.context, REJECTS_OF_RUN, root, wanted)  # type: ignore[return-value]


@noun(zh="连接：与一个来源的已配置联系。", en="A configured link to a source.", record=ConnectorRecord)
class Connector:
    """Read from the connector's row."""

    name: str = mapped(ConnectorRecord.name, access=OPERATOR, zh="名称。", en="Its name.")
    adapter: str = mapped(ConnectorRecord.adapter, access=OPERATOR, zh="适配器。", en="Its adapter.")
    source: str = mapped(
        ConnectorRecord.source, access=OPERATOR, zh="来源地址或文件名。", en="Address or file of its source."
    )
    deadline_seconds: int = mapped(
        ConnectorRecord.deadline_seconds, access=OPERATOR, zh="单次运行时限（秒）。", en="Deadline of a run, seconds."
    )
    next_due_at: datetime | None = mapped(
        ConnectorRecord.next_due_at, access=OPERATOR, zh="下次到期时刻。", en="When it is due next."
    )

    @resolved(access=OPERATOR, zh="计划（JSON 文本，按北京时间）。", en="Its schedule, JSON text, in Asia/Shanghai.")
    def schedule(root: Any) -> str:
        """Return the schedule as it is kept."""
        return json.dumps(root.schedule, ensure_ascii=False, sort_keys=True)

    @resolved(access=OPERATOR, zh="当前状态。", en="What it does now.")
    def state(root: Any, info: strawberry.Info) -> ConnectorState:
        """Return the state, computed."""
        return state_of(root, _last_run(info.context, root))

    @resolved(access=OPERATOR, zh="最近一次运行；从未运行为 null。", en="Its last run; null: none yet.")
    def last_run(root: Any, info: strawberry.Info) -> Run | None:
        """Return the run that was started last."""
        return _last_run(info.context, root)  # type: ignore[no-any-return]


def _last_run(context: Context, connector: Any) -> Any:
    def load(rows: list[Any]) -> list[Any]:
        newest = last_runs(context.session, [row.id for row in rows])
        context.peers.together(list(newest.values()))
        return [newest.get(row.id) for row in rows]

    return context.peers.shared("last run", connector, load)
