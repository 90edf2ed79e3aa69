"""The operator's commands about this hub's ledgers: open, look, recover, erase, rotate. `python -m hub` gathers them.

Each opens one transaction and commits it. Imports wait until a command needs them: `--help` is quick.
"""

from __future__ import annotations

import click

from hub.commands import opened_hub


@click.group()
def ledger() -> None:
    """账本。 Ledgers."""


@ledger.command("open")
def ledger_open() -> None:
    """开立本枢纽的公开账本和交换账本；杂凑由密码方案决定，此后不变。 Open this hub's two ledgers, once."""
    from hub.ledger.names import LedgerName
    from hub.ledger.writing import open_ledger

    hub = opened_hub()
    told = hub.settings
    with hub.database.transaction() as session:
        for name in LedgerName:
            opened = open_ledger(
                session,
                region=told.region,
                name=name,
                hash_name=told.ledger_hash,
                keys=hub.keys,
                clock=hub.clock,
                algorithms=told.ledger_algorithms,
            )
            click.echo(f"已开立 {opened.origin}（{opened.hash}）。 Opened.")


@ledger.command("status")
def ledger_status() -> None:
    """账本的大小、根与签发状态。 Size, root and state of the ledgers."""
    from hub.ledger.reading import ledgers

    hub = opened_hub()
    with hub.database.reading() as session:
        for view in ledgers(session):
            state = (
                "签发 signing"
                if view.stopped_code is None
                else f"停止 stopped: {view.stopped_code} ({view.stopped_by})"
            )
            click.echo(f"{view.origin}  {view.hash}  {view.size}  {view.root.hex()}  {state}")


@ledger.command("recover")
@click.option("--name", type=click.Choice(["public", "exchange"]), multiple=True, default=("public", "exchange"))
def ledger_recover(name: tuple[str, ...]) -> None:
    """向合作方取回本枢纽账本缺失的尾部。 Take the missing tail of this hub's ledgers back from partners."""
    from connectors.recovering import recover_own
    from hub.ledger.names import LedgerName

    hub = opened_hub()
    for one in name:
        report = recover_own(hub.settings, hub.database, LedgerName(one.upper()), keys=hub.keys, clock=hub.clock)
        click.echo(
            f"{report.origin}: 取回 {report.recovered} 条，来自 {'、'.join(report.partners) or '—'}；"
            f"缺内容 {len(report.missing)} 条；改版 {len(report.reversioned)} 条；现有 {report.size} 条。\n"
            f"  recovered {report.recovered}, {len(report.missing)} without content, "
            f"{len(report.reversioned)} re-versioned, size {report.size}."
        )


@ledger.command("erase")
@click.argument("name", type=click.Choice(["exchange"]))
@click.argument("index", type=click.IntRange(min=0))
@click.option(
    "--reason",
    required=True,
    help="理由，全体合作方可见，勿写个人信息。 Why; every partner reads it: name no person.",
)
@click.option("--by", required=True, help="责任人。 At whose word.")
@click.confirmation_option(
    prompt="内容将永久删除，合作方须一并删除。继续？ The content goes for ever, at every partner too; go on?"
)
def ledger_erase(name: str, index: int, reason: str, by: str) -> None:
    """永久删除交换账本一个条目的内容；理由和责任人记入账本。 Erase an exchange entry's content for ever; the ledger says why."""
    from hub.ledger.writing import erase_entry

    hub = opened_hub()
    with hub.database.transaction() as session:
        written = erase_entry(session, index=index, reason=reason, by=by, clock=hub.clock)
    click.echo(
        f"已删除 {name} 账本第 {index} 条的内容，删除记录为 {written.record_id}。 Erased; readers are obliged to follow."
    )


@ledger.command("new-epoch")
@click.argument("name", type=click.Choice(["public", "exchange"]))
@click.confirmation_option(
    prompt="旧账本将永久关闭，合作方须逐一确认新账本。继续？ The old ledger closes for ever; go on?"
)
def ledger_new_epoch(name: str) -> None:
    """开立新纪元，注明旧账本最后的检查点。 Open a new epoch that names the old last checkpoint."""
    from hub.ledger.epochs import new_epoch
    from hub.ledger.names import LedgerName

    hub = opened_hub()
    with hub.database.transaction() as session:
        opened = new_epoch(session, name=LedgerName(name.upper()), keys=hub.keys, clock=hub.clock)
    click.echo(f"已开立 {opened.origin}。 Opened; partners must confirm it.")


@ledger.command("rotate")
@click.argument("name", type=click.Choice(["public", "exchange"]))
@click.option(
    "--algorithm",
    type=click.Choice(["Ed25519", "SM2"]),
    help="哪种算法的密钥；账本还没有则增加一把。 Which key; added if there is none.",
)
def ledger_rotate(name: str, algorithm: str | None) -> None:
    """更换账本签名密钥，新旧并签一段；或增加另一种算法的密钥。 Rotate a signing key, with an overlap; or add one of another algorithm."""
    from hub.ledger.names import LedgerName
    from hub.ledger.rotation import rotate_key

    hub = opened_hub()
    with hub.database.transaction() as session:
        rotate_key(session, name=LedgerName(name.upper()), keys=hub.keys, clock=hub.clock, algorithm=algorithm)
    click.echo("已登记换钥。 The rotation is written.")
