"""What the pages of applicants' signatures need of a hub, put together: the shelf, the provider of the settings, and the signers' key.

No route and no rule. Addresses here hold secrets: answers tell browsers to keep and pass on nothing.
"""

from __future__ import annotations

import hmac

from flask import Response

from hub.signatures.asking import hand_over_of
from hub.signatures.providers import Provider, provider_named
from hub.signatures.shelf import Shelf
from hub.signatures.signing import SigningTable
from hub.web.compose import Hub, secret, time_stamps

SHELF = "signatures"
INDEX_KEY_FILE = "signers.key"
PRIVATE = {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer"}


def provider_of(hub: Hub) -> Provider:
    """Return the provider the settings name; raises ProviderUnknown."""
    settings = hub.settings
    return provider_named(settings.signature_provider, hub.file_keys, hub.clock, demonstration=settings.demonstration)


def shelf_of(hub: Hub) -> Shelf:
    """Return the shelf with the files to be signed, a folder of the hub's file store."""
    return Shelf(hub.settings.files_dir / SHELF)


def index_key_of(hub: Hub) -> bytes:
    """Return the 32 bytes that the signers' index is keyed with, made when they are not there yet."""
    return bytes.fromhex(secret(hub.settings.secrets_dir, INDEX_KEY_FILE).decode())


def table_of(hub: Hub) -> SigningTable:
    """Return what signing needs; raises ProviderUnknown."""
    return SigningTable(
        database=hub.database,
        clock=hub.clock,
        shelf=shelf_of(hub),
        provider=provider_of(hub),
        index_key=index_key_of(hub),
        timestamp=lambda digest: time_stamps(hub).token(digest, algorithm="sm3"),
    )


def code_address(hub: Hub, watch: str) -> str:
    """Return the whole address that the code of a watching page says."""
    return f"{hub.settings.public_url}/sign/{hand_over_of(watch)}"


def form_key(hub: Hub, phone: str) -> str:
    """Return what forms must carry that this phone's pages hold: nobody else can make it, so no foreign page can send one."""
    return hmac.new(hub.link_key, f"tongban.signing:{phone}".encode(), "sha256").hexdigest()


def kept_private(response: Response) -> Response:
    """Return the answer with headers that let nobody keep it or learn its address."""
    response.headers.update(PRIVATE)
    return response
