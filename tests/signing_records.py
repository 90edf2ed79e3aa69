"""What tests of signature records share: the trust anchors of a hub, its SM2 root included."""

from __future__ import annotations

from cryptography import x509

from hub.signing.anchors import Anchors
from hub.signing.authority import found_authority
from hub.signing.keys import SM2
from hub.web.compose import Hub, root_certificates


def anchors_of(hub: Hub) -> Anchors:
    """Return every root of the hub, and the demonstration's SM2 root."""
    ders = dict.fromkeys([*root_certificates(hub), found_authority(hub.file_keys, hub.clock.now(), SM2)])
    return Anchors(tuple(x509.load_der_x509_certificate(der) for der in ders))
