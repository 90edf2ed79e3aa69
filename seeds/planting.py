"""Making a folder of five hubs out of nothing: tables, ledgers, reference data, seals, people, connectors, mutual trust.

Every step asks what is there first, so that a run that was interrupted goes on and a second run changes nothing. Reference
data is deterministic; keys and tokens are random, made once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sqlalchemy import select

from hub.ledger.following import follow
from hub.ledger.names import LedgerName
from hub.ledger.records import FollowedLedger, Ledger, LedgerKey
from hub.ledger.sequencer import Sequencer
from hub.ledger.trust import trust_witness
from hub.ledger.witness import witness_public_key
from hub.ledger.writing import open_ledger
from hub.migrations import upgrade
from hub.projections import publish
from hub.settings import Settings
from hub.web.compose import Hub, compose
from seeds import officers
from seeds.hubs import addresses, neighbours_of, settings_of
from seeds.licenses import plant_at_neighbours, plant_licenses
from seeds.links import connect, outgoing_token
from seeds.marker import is_planted, mark_planted
from seeds.reference import PORTS, REGIONS, records_of
from seeds.rehearsal import plant_approvals, plant_seals

Say = Callable[[str], None]
CONFIRMED_BY = "demonstration"


@dataclass(frozen=True)
class Planted:
    """A hub with what its neighbours must know of it."""

    region: str
    hub: Hub


def plant_all(
    var: Path,
    known: Mapping[str, Mapping[str, Any]],
    *,
    say: Say,
    ports: Mapping[str, int] = PORTS,
    font: Path | None = None,
) -> dict[str, dict[str, Any]]:
    """Bring the five hubs under `var` to the state this version wants; return demo.json's entries by region.

    `known` holds the entries of an earlier run, whose tokens are kept.
    """
    tokens = {
        region: officers.Tokens.told(known[region]) if region in known else officers.Tokens.fresh()
        for region in REGIONS
    }
    entries = {region: _entry(region, tokens[region], addresses(ports)[region]) for region in REGIONS}
    if is_planted(var, entries):
        return entries
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as workers:
        planting = {
            region: workers.submit(_plant, settings_of(region, var, ports, font), tokens[region], addresses(ports))
            for region in REGIONS
        }
        for region, planted in planting.items():
            planted.result()
            say(f"  已就绪 {region} is planted")
    hubs = [Planted(region, compose(settings_of(region, var, ports, font))) for region in REGIONS]
    say("互换公钥…… Exchanging public keys…")
    for one in hubs:
        for other in hubs:
            if one is not other:
                _introduce(one, other)
    plant_at_neighbours({one.region: one.hub for one in hubs})
    for one in hubs:
        one.hub.database.close()
    mark_planted(var, entries)
    return entries


def _plant(settings: Settings, tokens: officers.Tokens, urls: Mapping[str, str]) -> None:
    """Plant one hub, in a process of its own: writing and signing thousands of entries is work for a core."""
    region = settings.region
    for folder in (settings.secrets_dir, settings.files_dir, settings.import_dir):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    upgrade(settings.database_url)
    hub = compose(settings)
    with hub.database.transaction() as session:
        for name in LedgerName:
            if session.scalar(select(Ledger.id).where(Ledger.name == name.value)) is None:
                open_ledger(
                    session,
                    region=region,
                    name=name,
                    hash_name=settings.ledger_hash,
                    keys=hub.keys,
                    clock=hub.clock,
                    algorithms=settings.ledger_algorithms,
                )
    names = {other: _name(other) for other in neighbours_of(region)}
    with hub.database.transaction() as session:
        for record in records_of(region, urls):
            publish(
                session,
                region=region,
                kind=record.kind,
                record_id=record.record_id,
                content=record.content,
                clock=hub.clock,
            )
        officers.enrol(session, region=region, neighbours=names, tokens=tokens, clock=hub.clock)
        connect(session, hub, urls)
    plant_seals(hub)
    plant_approvals(hub)
    plant_licenses(hub)
    _sequence(hub)
    hub.database.close()


def _sequence(hub: Hub) -> None:
    """Sign the first checkpoints while nobody witnesses yet; later ones wait for the witnesses, so that an old copy never forks."""
    with hub.database.reading() as session:
        if session.scalar(select(FollowedLedger.id).limit(1)) is not None:
            return
    sequencer = Sequencer(hub.database, hub.keys, hub.clock, lambda _origin: [])
    while sequencer.step():
        pass


def _introduce(reader: Planted, author: Planted) -> None:
    """Let `reader` trust the ledger and witness keys of `author`, and give it a token to read there with."""
    with author.hub.database.reading() as session:
        ledgers = session.scalars(select(Ledger).where(Ledger.closed_at.is_(None)).order_by(Ledger.id)).all()
        keys = {
            ledger.id: session.scalars(select(LedgerKey).where(LedgerKey.ledger_id == ledger.id)).all()
            for ledger in ledgers
        }
    with reader.hub.database.transaction() as session:
        followed = set(session.scalars(select(FollowedLedger.origin)))
        for ledger in ledgers:
            if ledger.origin not in followed:
                follow(
                    session,
                    region=author.region,
                    name=LedgerName(ledger.name),
                    origin=ledger.origin,
                    hash_name=ledger.hash,
                    keys=[(key.algorithm, key.public_key) for key in keys[ledger.id]],
                    confirmed_by=CONFIRMED_BY,
                    clock=reader.hub.clock,
                )
        trust_witness(
            session,
            region=author.region,
            key=witness_public_key(author.hub.keys, author.region),
            confirmed_by=CONFIRMED_BY,
            clock=reader.hub.clock,
        )
    outgoing_token(reader=reader.hub, author=author.hub, reader_region=reader.region, author_region=author.region)


def _entry(region: str, tokens: officers.Tokens, url: str) -> dict[str, Any]:
    return {
        "code": region,
        "url": url,
        "partnerToken": tokens.partner,
        "operatorToken": tokens.operator,
        "officers": tokens.officer_entries(),
    }


def _name(region: str) -> str:
    from seeds.places import region as content_of

    return str(content_of(region, None)["name_zh"])
