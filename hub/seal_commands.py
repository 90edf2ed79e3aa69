"""The operator's commands about seals: importing, the register of uses, and the signing queue's stop switch.

Each opens one transaction and commits it. Imports wait until a command needs them: `--help` is quick.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from hub.commands import opened_hub

DAY = click.DateTime(["%Y-%m-%d"])
KEEPER = "印章保管人的工作人员代码。 The keeper's officer code."
MAX_STRUCTURE_BYTES = 1024 * 1024


@click.group()
def seal() -> None:
    """印章。 Seals."""


@seal.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--filing", required=True, help="备案编号。 Its filing number.")
@click.option("--owner", required=True, help="所有者名称。 The owner's name.")
@click.option("--uscc", required=True, help="所有者统一社会信用代码。 The owner's unified social credit code.")
@click.option("--keeper", required=True, help=KEEPER)
@click.option(
    "--kind",
    type=click.Choice(["ORGAN", "INTERNAL_BUSINESS", "DEMONSTRATION"]),
    default="ORGAN",
    show_default=True,
    help="类别。 What it is for.",
)
@click.option("--key", help="密钥库中的密钥名；缺省则密钥由持有人自持。 Its key here; else its holder keeps it.")
def seal_import(file: Path, filing: str, owner: str, uscc: str, keeper: str, *, kind: str, key: str | None) -> None:
    """导入主管部门印章系统制发的印章（.esl）。 Import a seal that the competent seal system issued."""
    from hub.access.tokens import officer_actor
    from hub.seals.importing import Filing, import_seal
    from hub.seals.making import Owner
    from hub.seals.rules import SealKind
    from hub.web.trust import anchors_of

    hub = opened_hub()
    with file.open("rb") as opened:
        structure = opened.read(MAX_STRUCTURE_BYTES + 1)
    wanted = Filing(hub.settings.region, Owner(owner, uscc), filing, kind=SealKind(kind), key_name=key)
    with hub.database.transaction() as session:
        by = officer_actor(session, keeper)
        trusted = anchors_of(session, hub)
        made = import_seal(session, structure, wanted, by=by, keys=hub.keys, anchors=trusted, clock=hub.clock)
    click.echo(f"已导入 {made.name_zh}（{made.id}），状态 {made.status.value}。 Imported.")


@seal.command("register")
@click.option("--from", "first", type=DAY, required=True, help="第一天。 First day.")
@click.option("--to", "last", type=DAY, required=True, help="最后一天（含）。 Last day, included.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="*.csv、*.xlsx")
@click.option("--seal", "seal_id", help="只导出这一枚。 Of this seal alone.")
def seal_register(first: datetime, last: datetime, out: Path, seal_id: str | None) -> None:
    """导出用印台账。 Write the register of seal uses to a file."""
    from hub.seals.queries import seal_by_id
    from hub.seals.register import register_csv, register_xlsx

    written = {".csv": register_csv, ".xlsx": register_xlsx}.get(out.suffix.lower())
    if written is None:
        raise click.UsageError("--out 须以 .csv 或 .xlsx 结尾。 --out must end in .csv or .xlsx.")
    hub = opened_hub()
    with hub.database.reading() as session:
        if seal_id is not None:
            seal_by_id(session, seal_id)
        parts = written(session, first.date(), last.date(), region=hub.settings.region, seal_id=seal_id)
        with out.open("wb") as file:
            file.writelines(parts)
    click.echo(f"已写入 {out}。 Written.")


@seal.command("stop")
@click.argument("seal_id")
@click.option("--keeper", required=True, help=KEEPER)
def seal_stop(seal_id: str, keeper: str) -> None:
    """立即停止签章队列使用该印章。 Stop the signing queue's use of a seal at once."""
    from hub.access.tokens import officer_actor
    from hub.seals.permits import stop_queue

    hub = opened_hub()
    with hub.database.transaction() as session:
        count = stop_queue(session, seal_id, by=officer_actor(session, keeper), clock=hub.clock)
    click.echo(f"已停止 {count} 项授权。 {count} authorisation(s) stopped.")
