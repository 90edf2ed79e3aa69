"""The demonstration's connectors and the tokens hubs ask one another with."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy.orm import Session

from connectors.configuring import configure
from hub.access.records import ActorKind
from hub.access.tokens import adopt_token
from hub.web.compose import Hub
from seeds.hubs import neighbours_of
from seeds.reference import HOME

PULL_SECONDS, SEAL_SECONDS = 15, 5
STATUS_LISTS_SECONDS = 60
DATA = Path(__file__).resolve().parent
REPORT = "fengdong_2023.csv"
MAPPING = "fengdong_2023.yaml"
REPORT_CRON = "15 2 * * *"  # every night; the report changes once a year


def connect(session: Session, hub: Hub, addresses: Mapping[str, str]) -> None:
    """Configure the hub's connectors: its neighbours' hubs, its two signing queues and, at home, the report."""
    region, folder = hub.settings.region, hub.settings.import_dir
    for neighbour in neighbours_of(region):
        configure(
            session,
            f"hub:{neighbour}",
            adapter="hub",
            source=addresses[neighbour],
            settings={"region": neighbour},
            schedule={"every_seconds": PULL_SECONDS},
            clock=hub.clock,
        )
    every = {"every_seconds": SEAL_SECONDS}
    configure(session, "sealing", adapter="sealing", source="sealing", settings={}, schedule=every, clock=hub.clock)
    configure(
        session,
        "licenses",
        adapter="licenses",
        source="licenses",
        settings={"status_lists_seconds": STATUS_LISTS_SECONDS},
        schedule=every,
        clock=hub.clock,
    )
    if region == HOME:
        shutil.copyfile(DATA / "data" / REPORT, folder / REPORT)
        shutil.copyfile(DATA / "mappings" / MAPPING, folder / MAPPING)
        configure(
            session,
            "file:fengdong-report",
            adapter="file",
            source=REPORT,
            settings={"format": "csv", "encoding": "utf-8", "mapping": MAPPING},
            schedule={"cron": REPORT_CRON},
            clock=hub.clock,
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
