"""The demonstration's connectors and the tokens hubs ask one another with."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.records import Connector
from hub.access.records import ActorKind
from hub.access.tokens import adopt_token
from hub.web.compose import Hub
from seeds.hubs import neighbours_of
from seeds.reference import HOME

PULL_SECONDS, SEAL_SECONDS = 15, 5
DATA = Path(__file__).resolve().parent
REPORT = "fengdong_2023.csv"
MAPPING = "fengdong_2023.yaml"
REPORT_CRON = "15 2 * * *"  # every night; the report changes once a year


def connect(session: Session, *, region: str, addresses: Mapping[str, str], import_dir: Path) -> None:
    """Configure the region's connectors that are not there yet: its neighbours' hubs, its signing queue, at home the report."""
    for neighbour in neighbours_of(region):
        _connector(
            session,
            f"hub:{neighbour}",
            "hub",
            addresses[neighbour],
            {"region": neighbour},
            {"every_seconds": PULL_SECONDS},
        )
    _connector(session, "sealing", "sealing", "sealing", {}, {"every_seconds": SEAL_SECONDS})
    if region == HOME:
        shutil.copyfile(DATA / "data" / REPORT, import_dir / REPORT)
        shutil.copyfile(DATA / "mappings" / MAPPING, import_dir / MAPPING)
        settings = {"format": "csv", "encoding": "utf-8", "mapping": MAPPING}
        _connector(session, "file:fengdong-report", "file", REPORT, settings, {"cron": REPORT_CRON})


def _connector(
    session: Session,
    name: str,
    adapter: str,
    source: str,
    settings: Mapping[str, object],
    schedule: Mapping[str, object],
) -> None:
    if session.scalar(select(Connector.id).where(Connector.name == name)) is None:
        session.add(
            Connector(name=name, adapter=adapter, source=source, settings=dict(settings), schedule=dict(schedule))
        )


def outgoing_token(*, reader: Hub, author: Hub, reader_region: str, author_region: str) -> None:
    """Give `reader` a token it asks `author`'s hub with, kept in its secrets (mode 0600); an existing one is kept and adopted."""
    path = reader.settings.secrets_dir / "outgoing" / f"{author_region}.token"
    path.parent.mkdir(exist_ok=True, mode=0o700)
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"tb_{secrets.token_urlsafe(32)}")
    with author.database.transaction() as session:
        adopt_token(session, path.read_text(), ActorKind.PARTNER, reader_region, clock=author.clock)
