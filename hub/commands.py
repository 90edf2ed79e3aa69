"""The operator's commands by noun: partners, connectors, tokens. `python -m hub` gathers them with ledgers and seals.

Each opens one transaction and commits it. Imports wait until a command needs them: `--help` is quick.
"""

from __future__ import annotations

from datetime import timedelta
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


@connector.command("pause")
@click.argument("name")
def connector_pause(name: str) -> None:
    """暂停一个连接：不再自行运行，其间到期的不补跑。 Pause a connector: it runs no more by itself."""
    from connectors.configuring import pause
    from connectors.queries import connector_named

    hub = opened_hub()
    with hub.database.transaction() as session:
        pause(session, connector_named(session, name), clock=hub.clock)
    click.echo("已暂停。 Paused.")


@connector.command("resume")
@click.argument("name")
def connector_resume(name: str) -> None:
    """恢复一个连接，从下一次到期起运行。 Let a connector run again, from its next due time on."""
    from connectors.configuring import resume
    from connectors.queries import connector_named

    hub = opened_hub()
    with hub.database.transaction() as session:
        resume(session, connector_named(session, name), clock=hub.clock)
    click.echo("已恢复。 Resumed.")


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
        minted = mint_token(session, ActorKind(kind.upper()), subject, clock=hub.clock, valid=timedelta(days=days))
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


GROUPS = (partner, connector, token)
