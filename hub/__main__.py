"""`python -m hub`: what the people who run a hub type. Each command opens what it needs and nothing more.

Commands that change something open one transaction and commit it; errors are one sentence, Chinese first, and exit status 2.
"""

from __future__ import annotations

import ctypes
import logging
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from hub.clock import SystemClock
from hub.commands import GROUPS, opened_hub
from hub.errors import HubError
from hub.ledger_commands import ledger
from hub.seal_commands import seal

if TYPE_CHECKING:
    from flask import Flask

    from hub.web.compose import Hub

M_ARENA_MAX, M_MMAP_THRESHOLD = -8, -3  # malloc.h
CANNOT_TELL_STATUS, FAILED_STATUS = 3, 1


class _Group(click.Group):
    """Shows every foreseen refusal as one sentence."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a HubError becomes a sentence and exit status 2."""
        try:
            return super().invoke(ctx)
        except HubError as error:
            click.echo(f"{error.message_zh} {error.message_en} [{error.code}]", err=True)
        except (OperationalError, ProgrammingError) as error:
            logging.getLogger(__name__).debug("the database refused", exc_info=error)
            click.echo(
                "数据库不可用，或尚未建立：请先运行 python -m hub migrate。 "
                "The database is away or not set up: run python -m hub migrate first. [database.not_ready]",
                err=True,
            )
        return ctx.exit(2)


@click.group(cls=_Group)
def main() -> None:
    """通办枢纽的命令。 Commands of a Tongban hub."""


@main.command()
def migrate() -> None:
    """建立或升级数据库。 Bring the database to the present shape."""
    from sqlalchemy import make_url

    from hub.migrations import upgrade
    from hub.settings import settings_from

    url = make_url(settings_from().database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    upgrade(url.render_as_string(hide_password=False))
    click.echo("数据库已就绪。 The database is ready.")


@main.command()
def serve() -> None:
    """启动本枢纽：网页、接口、排序签发与定时交换。 Serve pages and interfaces, with sequencer and scheduler."""
    from wsgi import running

    answer(running)


def answer(running: Callable[[Hub], AbstractContextManager[Flask]]) -> None:
    """Answer HTTP on the address of the environment's settings until SIGTERM or Ctrl-C, with what `running` makes of the hub."""
    from hub.web.server import server_of

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for noisy in ("apscheduler", "httpx", "httpcore", "fontTools", "pyhanko", "stamina"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    _bound_arenas()
    hub = opened_hub()
    with running(hub) as app:
        server = server_of(app, (hub.settings.bind_host, hub.settings.bind_port))
        signal.signal(signal.SIGTERM, _interrupted)
        try:
            server.start()
        except KeyboardInterrupt:
            logging.info("stopping")
        finally:
            server.stop()


def _bound_arenas() -> None:
    """Let glibc keep two heaps, not one for each of twenty threads, and give large blocks back. Elsewhere nothing happens.

    Measured after the first sealing: 145 MB where it had been 166, and no growth with the number of threads.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 2)
        mallopt(M_MMAP_THRESHOLD, 65_536)


def _interrupted(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # being asked twice must not break off the stopping
    raise KeyboardInterrupt


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--anchors",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="信任锚 PEM 或账本公钥 keys.json，可多次。 Trust anchors (PEM) or a ledger's keys (keys.json); may be repeated.",
)
@click.option(
    "--signed",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="与电子签名记录核对的所签文件，可多次。 A file to hold against a signature record; may be repeated.",
)
def verify(file: Path, anchors: tuple[Path, ...], signed: tuple[Path, ...]) -> None:
    """离线核验一份文件，不需要网络和数据库。 Verify a file offline.

    退出状态 exit status: 0 通过 passed, 1 未通过 failed, 3 无法判断 cannot tell.
    """
    from hub.signing.anchors import Anchors
    from hub.signing.verdict import Outcome
    from hub.signing.verify import with_signed_files
    from hub.verdicts.formats import verify_document

    trusted = Anchors.from_files(each.read_bytes() for each in anchors)
    content = file.read_bytes()
    told = verify_document(content, trusted, SystemClock().now())
    if signed:
        told = with_signed_files(told, content, {each.name: each.read_bytes() for each in signed})
    words = {
        Outcome.PASSED: "通过 passed",
        Outcome.FAILED: "未通过 FAILED",
        Outcome.CANNOT_TELL: "无法判断 CANNOT TELL",
    }
    click.echo(f"{words[told.outcome]}  SHA-256 {told.sha256}")
    for signature in told.signatures:
        click.echo(
            f"  签章 {signature.signer} {signature.signed_at or ''} 签章时有效 then: {signature.valid_at_signing} 现在有效 now: {signature.valid_now}"
        )
    for found in told.findings:
        click.echo(f"  [{found.outcome.value}] {found.code}: {found.message_zh} {found.message_en}")
    sys.exit({Outcome.PASSED: 0, Outcome.FAILED: FAILED_STATUS, Outcome.CANNOT_TELL: CANNOT_TELL_STATUS}[told.outcome])


for _group in (ledger, seal, *GROUPS):
    main.add_command(_group)


if __name__ == "__main__":
    main()
