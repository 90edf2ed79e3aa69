"""The operator's commands by noun: ledgers, partners, connectors, seals, tokens. `python -m hub` gathers them.

Each opens one transaction and commits it. Imports wait until a command needs them: `--help` is quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from hub.web.compose import Hub


def opened_hub() -> Hub:
    """Return the hub of the environment's settings."""
    from hub.settings import settings_from
    from hub.web.compose import compose

    return compose(settings_from())


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


@click.group()
def partner() -> None:
    """合作方。 Partners."""


@partner.command("enrol")
@click.argument("region")
@click.argument("name_zh")
def partner_enrol(region: str, name_zh: str) -> None:
    """登记一个合作方的系统，随后可签发令牌。 Enter a partner's system; tokens can then be minted for it."""
    from hub.access.enrolment import enrol_partner

    hub = opened_hub()
    with hub.database.transaction() as session:
        entered = enrol_partner(session, code=region, region=region, name_zh=name_zh, clock=hub.clock)
    click.echo(f"已登记 {entered.code}。 Entered.")


@partner.command("grant")
@click.argument("region")
@click.argument("kinds", nargs=-1, required=True)
@click.option("--purpose", required=True, help="用途。 What for.")
@click.option("--by", required=True, help="授权人。 Who grants.")
@click.option("--days", default=366, type=click.IntRange(1, 366), show_default=True)
def partner_grant(region: str, kinds: tuple[str, ...], purpose: str, by: str, days: int) -> None:
    """授权合作方为某一用途读取交换账本中的几类记录。 Let a partner read kinds of exchange record for a purpose."""
    from datetime import timedelta

    from hub.access.enrolment import grant, partner_named

    hub = opened_hub()
    until = hub.clock.now() + timedelta(days=days)
    with hub.database.transaction() as session:
        named = partner_named(session, region)
        grant(session, partner=named, purpose=purpose, kinds=kinds, until=until, granted_by=by, clock=hub.clock)
    click.echo(f"已授权至 {until:%Y-%m-%d}。 Granted until then.")


@partner.command("confirm")
@click.argument("region")
@click.argument("origin")
@click.option("--hash", "hash_name", type=click.Choice(["SHA-256", "SM3"]), required=True)
@click.option(
    "--key",
    "keys",
    multiple=True,
    required=True,
    help="对方 /trust/keys.json 中的公钥，可多次给出。 A public key in their /trust/keys.json; may be repeated.",
)
@click.option("--confirmed-by", required=True, help="核对指纹的人。 Who compared the fingerprint.")
def partner_confirm(region: str, origin: str, hash_name: str, keys: tuple[str, ...], confirmed_by: str) -> None:
    """核对指纹后，跟读合作方的账本。 Follow a partner's ledger after its fingerprint was compared in person."""
    from hub.ledger.cupboard import recognised_key
    from hub.ledger.following import follow
    from hub.ledger.names import LedgerName
    from hub.ledger.origin import parse_origin

    hub = opened_hub()
    name = LedgerName(parse_origin(origin).readers.value.upper())
    with hub.database.transaction() as session:
        follow(
            session,
            region=region,
            name=name,
            origin=origin,
            hash_name=hash_name,
            keys=[recognised_key(key) for key in keys],
            confirmed_by=confirmed_by,
            clock=hub.clock,
        )
    click.echo("已确认。 Confirmed.")


@partner.command("witness")
@click.argument("region")
@click.option("--key", required=True, help="对方 /trust/keys.json 中的见证公钥。 Their witness key, as published.")
@click.option("--confirmed-by", required=True, help="核对指纹的人。 Who compared the fingerprint.")
def partner_witness(region: str, key: str, confirmed_by: str) -> None:
    """核对指纹后，信任合作方作为见证。 Trust a partner as a witness after its fingerprint was compared."""
    from hub.ledger.cupboard import recognised_key
    from hub.ledger.trust import trust_witness

    hub = opened_hub()
    with hub.database.transaction() as session:
        trust_witness(session, region=region, key=recognised_key(key), confirmed_by=confirmed_by, clock=hub.clock)
    click.echo("已确认。 Confirmed.")


@click.group()
def connector() -> None:
    """连接。 Connectors."""


@connector.command("hub")
@click.argument("region")
@click.argument("address")
@click.option("--every-seconds", default=60, type=click.IntRange(5, 86_400), show_default=True)
def connector_hub(region: str, address: str, every_seconds: int) -> None:
    """定时取读合作方枢纽的账本。 Read a partner hub's ledgers on a schedule."""
    from connectors.configuring import configure

    hub = opened_hub()
    with hub.database.transaction() as session:
        configure(
            session,
            f"hub:{region}",
            adapter="hub",
            source=address,
            settings={"region": region},
            schedule={"every_seconds": every_seconds},
            clock=hub.clock,
        )
    click.echo("已配置。 Configured.")


@connector.command("confirm")
@click.argument("run_id")
@click.option("--by", required=True, help="确认人。 Who confirms.")
def connector_confirm(run_id: str, by: str) -> None:
    """确认一次可疑的运行：来源确实撤下了这些记录。 Confirm a suspicious run: its records are really gone."""
    from connectors.vanished import confirm

    hub = opened_hub()
    with hub.database.transaction() as session:
        gone = confirm(session, run_id, region=hub.settings.region, by=by, clock=hub.clock)
    click.echo(f"已撤下 {gone} 条。 {gone} record(s) taken away.")


@click.group()
def token() -> None:
    """令牌。 Tokens."""


@token.command("mint")
@click.argument("kind", type=click.Choice(["partner", "officer", "operator"]))
@click.argument("subject")
@click.option("--days", default=90, type=click.IntRange(1, 366), show_default=True)
def token_mint(kind: str, subject: str, days: int) -> None:
    """签发一枚令牌，只显示这一次。 Mint a token; it is shown this once."""
    from hub.access.records import ActorKind
    from hub.access.tokens import mint_token

    hub = opened_hub()
    with hub.database.transaction() as session:
        minted = mint_token(session, ActorKind(kind.upper()), subject, clock=hub.clock, valid_days=days)
    click.echo(minted)


@token.command("revoke")
@click.argument("kind", type=click.Choice(["partner", "officer", "operator"]))
@click.argument("subject")
def token_revoke(kind: str, subject: str) -> None:
    """作废某人的全部令牌。 Revoke every token of a subject."""
    from hub.access.records import ActorKind
    from hub.access.tokens import revoke_tokens

    hub = opened_hub()
    with hub.database.transaction() as session:
        count = revoke_tokens(session, ActorKind(kind.upper()), subject, clock=hub.clock)
    click.echo(f"已作废 {count} 枚。 {count} revoked.")


@click.group()
def seal() -> None:
    """印章。 Seals."""


@seal.command("stop")
@click.argument("seal_id")
@click.option("--keeper", required=True, help="印章保管人的工作人员代码。 The keeper's officer code.")
def seal_stop(seal_id: str, keeper: str) -> None:
    """立即停止签章队列使用该印章。 Stop the signing queue's use of a seal at once."""
    from hub.access.tokens import officer_actor
    from hub.seals.permits import stop_queue

    hub = opened_hub()
    with hub.database.transaction() as session:
        count = stop_queue(session, seal_id, by=officer_actor(session, keeper), clock=hub.clock)
    click.echo(f"已停止 {count} 项授权。 {count} authorisation(s) stopped.")


GROUPS = (ledger, partner, connector, seal, token)
