"""Bytes in arguments: standard base64, padding included (RFC 4648 section 4)."""

from __future__ import annotations

import base64
import binascii

from hub.errors import ValidationFailed

MAX_BASE64 = 64 * 1024


class NotBase64(ValidationFailed):
    """An argument that must be base64 is not, or is longer than 64 KiB.

    Cure: encode the bytes with the standard alphabet (RFC 4648 section 4), padding included.
    """

    code = "device.not_base64"

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} 须为标准 base64。", f"{path} must be standard base64.", path=path)


def bytes_of(text: str, path: str) -> bytes:
    """Return the bytes of the argument called `path`; raises NotBase64."""
    if len(text) > MAX_BASE64:
        raise NotBase64(path)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NotBase64(path) from None
