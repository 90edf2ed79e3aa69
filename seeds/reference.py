"""The reference records of the five districts, in the order in which a hub writes them into its ledger.

Each region yields only what it is the authority for. Pure: reads seeds/data, writes nothing, knows no clock; two
calls with the same hub addresses yield the same records.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from seeds.bundles import bundles
from seeds.items import NMPA_EXAMPLE, service_items
from seeds.license_types import license_types
from seeds.offers import cross_region_offers
from seeds.places import HOME, REGIONS, bodies, region, service_points

__all__ = ["HOME", "NMPA_EXAMPLE", "PORTS", "REGIONS", "SeedRecord", "bodies", "records_of"]

PORTS: Final[Mapping[str, int]] = {code: 8000 + place for place, code in enumerate(REGIONS)}


@dataclass(frozen=True)
class SeedRecord:
    """One record for a hub's public ledger: what a ledger entry of that kind holds, and its id within (origin, kind)."""

    kind: str
    record_id: str
    content: dict[str, Any]


def records_of(region_code: str, hub_urls: Mapping[str, str]) -> Iterator[SeedRecord]:
    """Yield the region's records: itself, its service points, (at home) license types, items, offers, bundles.

    `hub_urls` holds the address of each region's hub; a region without one gets a null address. An item is yielded
    before every offer and bundle that names it. Raises `KeyError` for a region that is none of `REGIONS`.
    """
    if region_code not in PORTS:
        raise KeyError(region_code)
    yield SeedRecord("region", region_code, region(region_code, hub_urls.get(region_code)))
    yield from _keyed("service_point", "code", service_points(region_code))
    if region_code == HOME:
        yield from _keyed("license_type", "code", license_types())
    yield from _keyed("service_item", "implementation_code", service_items(region_code))
    for offer in cross_region_offers(region_code):
        yield SeedRecord("cross_region_offer", f"{offer['item']}-{offer['accepting_region']}", offer)
    yield from _keyed("bundle", "code", bundles(region_code))


def _keyed(kind: str, key: str, contents: list[dict[str, Any]]) -> Iterator[SeedRecord]:
    for content in contents:
        yield SeedRecord(kind, content[key], content)
