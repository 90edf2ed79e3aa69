"""Addresses of the pages and files that answers point at, on the hub that is the authority for the record."""

from __future__ import annotations

from urllib.parse import quote


def item_page(hub: str, implementation_code: str) -> str:
    """Return the address of an item's guide."""
    return f"{hub}/items/{quote(implementation_code, safe='')}"


def item_chart(hub: str, implementation_code: str) -> str:
    """Return the address of an item's chart (一图一表): the steps on its page."""
    return f"{item_page(hub, implementation_code)}#steps"


def distribution(hub: str, dataset: str, name: str) -> str:
    """Return the address of a file of a data set."""
    return f"{hub}/data/{quote(dataset, safe='')}/{quote(name, safe='')}"


def within(hub: str, address: str | None) -> str | None:
    """Return an address whole: one that begins with a slash is the hub's own."""
    return f"{hub}{address}" if address is not None and address.startswith("/") else address
