"""The composition: settings -> database -> web + GraphQL, and beside them the sequencer and the scheduler. No logic.

`app` is what a WSGI server is given; `running()` is one process with all roles, as `python -m hub serve` uses it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import orjson

from connectors.housekeeping import chores_of
from connectors.partners import witnesses
from connectors.registry import Desks, transports, workplace
from connectors.schedule import Scheduler
from connectors.starting import take_up
from hub.access.policy import Act, may
from hub.approvals.sealing import Desk
from hub.ledger.sequencer import Sequencer
from hub.settings import settings_from
from hub.web.app import create_app
from hub.web.compose import Hub, compose, desk_of, license_desk_of
from hub.web.copies import copies
from hub.web.datasets import open_files
from hub.web.documents import documents
from hub.web.errors import errors
from hub.web.files import files, link_to, page_of
from hub.web.finder import finder
from hub.web.graphql import Asker, Executor, Operation, graphql
from hub.web.health import health
from hub.web.ledgers import ledgers
from hub.web.pages import pages
from hub.web.previewing import link_to_preview, previews
from hub.web.samples import samples
from hub.web.seals import seals
from hub.web.sharing import sharing
from hub.web.signatures import signatures
from hub.web.signing_phone import signing_phone
from hub.web.signing_table import shelf_of
from hub.web.trust import anchors_of, trust
from hub.web.verify import verify, verify_desk
from schema.build import build
from schema.context import Context
from schema.cursors import Cursors
from schema.execution import execute

if TYPE_CHECKING:
    from flask import Flask

ROOMS = (
    pages,
    finder,
    verify,
    documents,
    samples,
    signatures,
    signing_phone,
    trust,
    files,
    previews,
    copies,
    sharing,
    seals,
    open_files,
    errors,
    health,
    ledgers,
    graphql,
)


def web_of(hub: Hub, scheduler: Scheduler, desk: Callable[[], Desk] | None = None) -> Flask:
    """Return the web application of `hub` with GraphQL and its heartbeats."""
    made = create_app(hub, ROOMS)
    at_desk = desk or _desk(hub)
    made.extensions["graphql"] = executor(hub, scheduler, at_desk)
    made.extensions["license_desk"] = lambda: license_desk_of(hub, at_desk())
    made.extensions["heartbeats"] = {"scheduler": lambda: asdict(scheduler.heartbeat())}
    return made


def executor(hub: Hub, scheduler: Scheduler, desk: Callable[[], Desk]) -> Executor:
    """Return what executes GraphQL operations on `hub`: each in a context of its own."""
    schema, cursors = build(), Cursors(hub.cursor_key)

    def run(operation: Operation, asker: Asker) -> tuple[int, bytes]:
        def run_now(name: str, *, dry_run: bool) -> str:
            may(asker.actor, Act.RUN_CONNECTOR)
            return scheduler.run_now(name, dry_run=dry_run)

        context = Context(
            database=hub.database,
            clock=hub.clock,
            cursors=cursors,
            region=hub.settings.region,
            public_url=hub.settings.public_url,
            request_id=asker.request_id,
            actor=asker.actor,
            language="en" if asker.language == "en" else "zh",
            purpose=asker.purpose,
            introspection=hub.settings.introspection,
            demonstration=hub.settings.demonstration,
            fonts=hub.fonts,
            desk=desk,
            office=hub.office,
            verifier=verify_desk(hub),
            anchors=lambda session: anchors_of(session, hub),
            run_now=run_now,
            file_link=lambda sha256: link_to(hub, sha256),
            page_link=lambda sha256: page_of(hub, sha256),
            preview_link=lambda approval, seal: link_to_preview(hub, approval, seal),
        )
        status, body = execute(
            schema,
            operation.document,
            context,
            variables=operation.variables,
            operation_name=operation.name,
            read_only=operation.read_only,
        )
        return status, orjson.dumps(body)

    return run


def scheduler_of(hub: Hub, desk: Callable[[], Desk] | None = None) -> Scheduler:
    """Return the hub's scheduler, not yet started; what sealing needs is put together when the queue first runs."""
    at_desk = desk or _desk(hub)
    desks = Desks(at_desk, lambda: license_desk_of(hub, at_desk()))
    return Scheduler(
        workplace(hub.settings, hub.database, hub.clock, keys=hub.keys, desks=desks),
        chores=chores_of(
            hub.database, hub.clock, files=hub.files, shelf=shelf_of(hub), transport=transports(hub.settings)
        ),
    )


@contextmanager
def running(hub: Hub, reached: Callable[[str], None] | None = None) -> Iterator[Flask]:
    """Yield the web application while the sequencer and the scheduler work beside it, in threads of this process.

    `reached` is told each step of every sealing, for rehearsals of a crash.
    """
    desk = _desk(hub, reached)
    scheduler = scheduler_of(hub, desk)
    take_up(hub.database, owner=scheduler.owner, clock=hub.clock)
    sequencer = Sequencer(hub.database, hub.keys, hub.clock, witnesses(hub.database, transports(hub.settings)))
    sequencer.await_witnesses()
    stop = threading.Event()
    pen = threading.Thread(target=sequencer.run, args=(stop,), name="sequencer", daemon=True)
    pen.start()
    scheduler.start()
    try:
        yield web_of(hub, scheduler, desk)
    finally:
        stop.set()
        scheduler.stop()
        pen.join(5)
        hub.database.close()


def _desk(hub: Hub, reached: Callable[[str], None] | None = None) -> Callable[[], Desk]:
    """Return what puts the desk together once, whichever of the two queues asks first: its keys are made at the first time."""
    made, one_at_a_time = cache(partial(desk_of, hub, reached)), threading.Lock()

    def at_desk() -> Desk:
        with one_at_a_time:
            return made()

    return at_desk


@cache
def _served() -> Flask:
    hub = compose(settings_from())
    return web_of(hub, scheduler_of(hub))


def app(environ: dict[str, Any], start_response: Any) -> Any:
    """Answer a request as a web node: composed at the first one, with no sequencer and no scheduler of its own."""
    return _served()(environ, start_response)
