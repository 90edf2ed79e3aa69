"""Five hubs in processes of their own, as a stranger meets them: addresses, tokens of demo.json, GraphQL, and what each has read.

They are planted on free ports and in a folder of their own, so that nothing is shared with a demonstration that runs beside.
"""

from __future__ import annotations

import json
import os
import random
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from seeds.hubs import HOST, environment_of
from seeds.planting import plant_all
from seeds.reference import HOME, REGIONS
from seeds.supervisor import Process

LOWEST_PORT, HIGHEST_PORT = 20_000, 32_000
ANSWER_SECONDS = 60.0
_APPLIED = "{ regions { code hub { ledgers { name origin appliedSize } } } }"


@dataclass(frozen=True)
class Demonstration:
    """Five running hubs. `entries` are demo.json's by region, `var` is the folder that holds `<region>` and `demo.json`."""

    var: Path
    ports: Mapping[str, int]
    entries: Mapping[str, Mapping[str, Any]]
    processes: Mapping[str, Process]

    @property
    def urls(self) -> dict[str, str]:
        """Return {region: address of its hub}, home first."""
        return {region: str(entry["url"]) for region, entry in self.entries.items()}

    @property
    def home_url(self) -> str:
        """Return the address of the home hub."""
        return self.urls[HOME]

    def officer(self, region: str, code: str) -> str:
        """Return the token of an officer (`examiner-1`, `checker-1`, `approver-1`, `keeper-1`) of a region."""
        return next(str(one["token"]) for one in self.entries[region]["officers"] if one["code"] == code)

    def graphql(
        self, region: str, document: str, variables: Mapping[str, Any] | None = None, token: str | None = None
    ) -> Any:
        """Return `data` of the operation's answer; fails on errors."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        body = {"query": document, "variables": dict(variables or {})}
        answer = asking().post(f"{self.urls[region]}/graphql", json=body, headers=headers).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def sizes(self) -> dict[str, int]:
        """Return {origin: entries in the signed tree} of the ten ledgers, as their own hubs say."""
        told: dict[str, int] = {}
        for region in self.urls:
            for ledger in self.graphql(region, "{ ledgers { origin size } }")["ledgers"]:
                told[ledger["origin"]] = ledger["size"]
        return told

    def applied(self, reader: str) -> dict[str, int]:
        """Return {origin: entries verified and applied} of every ledger of another region that `reader` follows."""
        regions = self.graphql(reader, _APPLIED)["regions"]
        return {
            ledger["origin"]: ledger["appliedSize"]
            for region in regions
            if region["code"] != reader and region["hub"] is not None
            for ledger in region["hub"]["ledgers"]
        }

    def settled(self) -> bool:
        """Say whether every hub has read every other's ledgers to their end."""
        sizes = self.sizes()
        return all(
            applied.get(origin) == size
            for reader in self.urls
            for applied in [self.applied(reader)]
            for origin, size in sizes.items()
            if f"/{reader}/" not in origin
        )


@cache
def asking() -> httpx.Client:
    """Return the one client that asks hubs: making one for each question would cost more than the answer (a TLS context).

    It keeps no connection, for the hubs are killed and started again.
    """
    return httpx.Client(timeout=ANSWER_SECONDS, limits=httpx.Limits(max_keepalive_connections=0))


def until(true: Callable[[], bool], seconds: float, *, wanted: str) -> None:
    """Return when `true()` says so, asked twice a second; fails after `seconds`, saying what was `wanted`."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {wanted}"
        time.sleep(0.5)


def planted(var: Path, font: Path) -> Demonstration:
    """Return five hubs planted under `var` on free ports, not yet started."""
    ports = _free_ports()
    entries = plant_all(var, {}, say=lambda _told: None, ports=ports, font=font)
    told = var / "demo.json"
    with os.fdopen(os.open(told, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
        json.dump({"regions": [entries[region] for region in REGIONS]}, file, ensure_ascii=False)
    processes = {
        region: Process(
            region, entries[region]["url"], var / region / "hub.log", environment_of(region, var, ports, font)
        )
        for region in REGIONS
    }
    return Demonstration(var, ports, entries, processes)


def first_free_port(count: int = len(REGIONS)) -> int:
    """Return the first of `count` free ports in a row, below those the system gives to outgoing connections.

    A port from that range could be taken by any connection while its hub is down for a restart.
    """
    while True:
        port = random.randrange(LOWEST_PORT, HIGHEST_PORT - count)
        with ExitStack() as held:
            try:
                for each in range(port, port + count):
                    held.enter_context(socket.socket()).bind((HOST, each))
            except OSError:
                continue
            return port


def _free_ports() -> dict[str, int]:
    first = first_free_port()
    return {region: first + place for place, region in enumerate(REGIONS)}
