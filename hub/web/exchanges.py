"""The latest exchanges in sentences a clerk understands: what came from whom, and what did not go well.

Shows counts and stable codes only; a run's own messages are for operators.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from connectors.queries import HUB_PREFIX, connectors
from connectors.records import Connector, Outcome, Run
from hub.regions.queries import Region
from hub.web.presenting import named

MOST = 8
RECENT = timedelta(hours=6)
TONES = {Outcome.SUCCEEDED: "ok", Outcome.ABANDONED: "wait", Outcome.FINISHED_WITH_REJECTS: "wait"}
ENDINGS = {
    Outcome.FAILED: lazy_gettext("没有完成，会自动再试。"),
    Outcome.SUSPICIOUS: lazy_gettext("对方一次少了太多内容，已暂停，等待人工确认。"),
    Outcome.TIMED_OUT: lazy_gettext("对方太久没有应答，会自动再试。"),
    Outcome.ABANDONED: lazy_gettext("中途停止，会从停下的地方接着进行。"),
}
SENTENCES = {
    "sealed": lazy_gettext("为 %(n)s 份批复加盖电子印章。"),
    "nothing_to_seal": lazy_gettext("没有等待签章的批复。"),
    "some_refused": lazy_gettext("读到 %(seen)s 条，收下 %(n)s 条，%(rejected)s 条未收并列明原因。"),
    "imported": lazy_gettext("导入 %(n)s 条，全部合格。"),
    "no_change": lazy_gettext("已核对，没有变化。"),
    "no_news": lazy_gettext("已核对%(partner)s的账本，没有新内容。"),
    "withdrawn": lazy_gettext("按%(partner)s的撤回，撤下 %(n)s 条内容。"),
    "news": lazy_gettext("从%(partner)s取得 %(n)s 条新内容，全部核验通过。"),
}
SEALING_QUEUE, FILE_IMPORT = lazy_gettext("签章队列"), lazy_gettext("文件导入：%(name)s")


@dataclass(frozen=True)
class Exchange:
    """One run as a person reads it; `tone` is ok, wait or bad; `code` names the error that ended it."""

    title: str
    sentence: str
    tone: str
    at: datetime
    code: str | None


def latest_exchanges(session: Session, known: Sequence[Region], *, now: datetime) -> list[Exchange]:
    """Return at most 8 ended runs, newest first: each connector's last, and those of six hours that brought or refused something.

    Three statements, whose cost follows from those six hours and not from how long the hub has run.
    """
    configured = {connector.id: connector for connector in connectors(session)}
    told = {
        run.id: run for run in [*session.scalars(_last_of_each()), *session.scalars(_telling(configured, now - RECENT))]
    }
    newest = sorted(told.values(), key=lambda run: (run.started_at, run.id), reverse=True)[:MOST]
    names = {f"{HUB_PREFIX}{region.code}": named(region) for region in known}
    return [_exchange(run, configured[run.connector_id], names) for run in newest]


def _ended() -> tuple[ColumnElement[bool], ...]:
    return Run.outcome != Outcome.RUNNING, Run.dry_run.is_(False)


def _last_of_each() -> Select[Run]:
    """Return the statement of every connector's last ended run, each found by its index."""
    newest = (
        select(Run.id)
        .where(Run.connector_id == Connector.id, *_ended())
        .order_by(Run.started_at.desc(), Run.id.desc())
        .limit(1)
        .correlate(Connector)
        .scalar_subquery()
    )
    return select(Run).join(Connector, Connector.id == Run.connector_id).where(Run.id == newest)


def _telling(configured: Collection[int], since: datetime) -> Select[Run]:
    """Return the statement of the newest ended runs that changed something or did not go well; a hub's own restart is no news."""
    changed = Run.created + Run.updated + Run.tombstoned > 0
    return (
        select(Run)
        .where(Run.connector_id.in_(configured), Run.started_at >= since, *_ended())
        .where(or_(Run.outcome.not_in((Outcome.SUCCEEDED, Outcome.ABANDONED)), changed))
        .order_by(Run.started_at.desc(), Run.id.desc())
        .limit(MOST)
    )


def _exchange(run: Run, connector: Connector, names: dict[str, str]) -> Exchange:
    partner = names.get(connector.name)
    sentence = str(ENDINGS[run.outcome]) if run.outcome in ENDINGS else _what_came(run, partner, connector.adapter)
    return Exchange(
        title=_title(connector, partner),
        sentence=sentence,
        tone=TONES.get(run.outcome, "bad"),
        at=run.ended_at or run.started_at,
        code=run.code,
    )


def _title(connector: Connector, partner: str | None) -> str:
    if partner is not None:
        return partner
    if connector.adapter == "sealing":
        return str(SEALING_QUEUE)
    return str(FILE_IMPORT) % {"name": connector.source} if connector.adapter == "file" else connector.name


def _what_came(run: Run, partner: str | None, adapter: str) -> str:
    fresh = run.created + run.updated + run.tombstoned
    facts = {"n": fresh, "seen": run.seen, "rejected": run.rejected, "partner": partner}
    return str(SENTENCES[_kind_of_news(run, fresh, partner, adapter)]) % facts


def _kind_of_news(run: Run, fresh: int, partner: str | None, adapter: str) -> str:
    if adapter == "sealing":
        return "sealed" if fresh else "nothing_to_seal"
    if run.rejected:
        return "some_refused"
    if partner is None:
        return "imported" if fresh else "no_change"
    if not fresh:
        return "no_news"
    return "withdrawn" if run.tombstoned == fresh else "news"
