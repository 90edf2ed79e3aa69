"""Whether the versions of each public record follow one another: every header names the digest of the one before.

A ledger whose own records contradict each other is refused like one that does not lie on its tree. Exchange records keep
their chain inside their contents, which not every reader is given; there is nothing here to check them by.

Source: exchange.md section 1 (previous digest).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, Select, String, cast, column, func, select, true
from sqlalchemy.orm import Session, aliased

from hub.ledger.faults import LedgerDoesNotVerify
from hub.ledger.hashes import HashName
from hub.ledger.origin import Readers, parse_origin
from hub.ledger.records import FollowedEntry, FollowedLedger
from hub.ledger.verifying import CheckedEntry, header_digests_chain

Heads = dict[tuple[str, str], tuple[int, bytes]]
"""The newest (version, header) of a record, by (kind, record id)."""


def check_chains(session: Session, followed: FollowedLedger, entries: Sequence[CheckedEntry]) -> None:
    """Return if every public entry follows the version before it. One statement a kind; raises LedgerDoesNotVerify."""
    if parse_origin(followed.origin).readers is not Readers.PUBLIC:
        return
    name = HashName(followed.hash)
    heads = _heads(session, followed.id, entries)
    for entry in entries:
        if entry.kind is None or entry.record_id is None or entry.version is None:
            continue
        record = (entry.kind, entry.record_id)
        if not header_digests_chain(name, entry, heads.get(record)):
            raise LedgerDoesNotVerify(
                f"第 {entry.index} 条没有接续该记录的上一版本。",
                f"Entry {entry.index} does not follow its record's version before.",
            )
        heads[record] = (entry.version, entry.header)


def _heads(session: Session, ledger_id: int, entries: Sequence[CheckedEntry]) -> Heads:
    wanted: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        if entry.kind is not None and entry.record_id is not None:
            wanted[entry.kind].add(entry.record_id)
    heads: Heads = {}
    for kind, ids in wanted.items():
        for record_id, version, header in session.execute(_newest(session, ledger_id, kind, sorted(ids))):
            heads[kind, record_id] = (version, header)
    return heads


def _newest(session: Session, ledger_id: int, kind: str, ids: Sequence[str]) -> Select[*tuple[Any, ...]]:
    """Ask for the newest (record id, version, header) of each record, one look into the index for each.

    The ids travel as one parameter. PostgreSQL is told so by LATERAL: on a young table without statistics it would choose to read the table whole.
    """
    if session.get_bind().dialect.name == "postgresql":
        asked = (
            func.unnest(cast(list(ids), ARRAY(String)))
            .table_valued(column("record_id", String), name="asked")
            .render_derived()
        )
        newest = (
            select(FollowedEntry.version, FollowedEntry.header)
            .where(
                FollowedEntry.ledger_id == ledger_id,
                FollowedEntry.kind == kind,
                FollowedEntry.record_id == asked.c.record_id,
            )
            .order_by(FollowedEntry.version.desc())
            .limit(1)
            .lateral("newest")
        )
        return select(asked.c.record_id, newest.c.version, newest.c.header).select_from(asked.join(newest, true()))
    asked = func.json_each(json.dumps(list(ids))).table_valued("value", name="asked")
    other = aliased(FollowedEntry)
    last = (
        select(func.max(other.version))
        .where(
            other.ledger_id == FollowedEntry.ledger_id,
            other.kind == FollowedEntry.kind,
            other.record_id == FollowedEntry.record_id,
        )
        .scalar_subquery()
    )
    return select(FollowedEntry.record_id, FollowedEntry.version, FollowedEntry.header).where(
        FollowedEntry.ledger_id == ledger_id,
        FollowedEntry.kind == kind,
        FollowedEntry.record_id.in_(select(asked.c.value)),
        FollowedEntry.version == last,
    )
