"""Where the five hubs of the demonstration live: addresses, folders, and the environment each process is given."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hub.settings import Settings, settings_from
from seeds.reference import HOME, PORTS, REGIONS

INTERNATIONAL = "xian-hightech"  # the one partner whose ledgers are SHA-256; the others keep to SM3
HOST = "127.0.0.1"


def addresses(ports: Mapping[str, int] = PORTS) -> dict[str, str]:
    """Return {region code: address of its hub}."""
    return {region: f"http://{HOST}:{ports[region]}" for region in REGIONS}


def environment_of(
    region: str, var: Path, ports: Mapping[str, int] = PORTS, font: Path | None = None
) -> dict[str, str]:
    """Return what the hub of `region` is told through its environment; its files live in `var/<region>`."""
    own = var / region
    others = ",".join(f"{HOST}:{port}" for other, port in ports.items() if other != region)
    told = {
        "HUB_REGION": region,
        "HUB_VAR_DIR": str(own),
        "HUB_CRYPTO_PROFILE": "international" if region == INTERNATIONAL else "national",
        "HUB_PUBLIC_URL": f"http://{HOST}:{ports[region]}",
        "HUB_BIND_HOST": HOST,
        "HUB_BIND_PORT": str(ports[region]),
        "HUB_OUTGOING_ALLOWED": others,
        "HUB_DEMONSTRATION": "1",
        "HUB_RATE_LIMIT": "6000/minute",
    }
    if font is not None:
        told["HUB_FONT_FILE"] = str(font)
    return told


def settings_of(region: str, var: Path, ports: Mapping[str, int] = PORTS, font: Path | None = None) -> Settings:
    """Return the settings of the hub of `region`."""
    return settings_from(environment_of(region, var, ports, font))


def neighbours_of(region: str) -> tuple[str, ...]:
    """Return the other regions; the home hub stands first where it is one of them."""
    others = [other for other in REGIONS if other != region]
    return tuple(sorted(others, key=lambda other: other != HOME))
