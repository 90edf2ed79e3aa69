"""Who is asked to sign: a natural person by name and document number. What is kept is masked, with a keyed digest to compare by.

The number itself is never stored, shown, logged or put into a record: an equal number can be recognised through HMAC-SM3 under a key of
this hub, and nobody without the key can try numbers out. No database here.

Source: GB/T 36903-2018 annex A (types of code); GB/T 15852.2-2012 (HMAC) with GB/T 32905-2016 (SM3); 个人信息保护法 art. 51.
"""

from __future__ import annotations

import hmac
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from hub.codes import holders
from hub.codes.holders import HolderCodeType
from hub.signatures.faults import SignerInvalid

CODE_TYPES: dict[str, HolderCodeType] = {code: kind for code, kind in holders.TYPES.items() if kind.natural}
"""The types of document a natural person may sign with, in the order of the annex."""
MAX_NAME_CHARACTERS = 64
LEAST_CODE_CHARACTERS = 4
SEPARATOR = "\x1f"


@dataclass(frozen=True)
class ShownSigner:
    """A signer as he may be shown and kept; `index` is the keyed digest of name, type and number."""

    name: str
    code_type: str
    code: str
    index: str

    def to_json(self) -> dict[str, Any]:
        """Return how a manifest names the signer."""
        return {"name": self.name, "code_type": self.code_type, "code": self.code, "index": self.index}


@dataclass(frozen=True)
class Signer:
    """A natural person; the number was checked, and `repr` does not show it."""

    name: str
    code_type: str
    code: str = field(repr=False)

    def shown(self, key: bytes) -> ShownSigner:
        """Return the signer masked, with HMAC-SM3 under `key` as index: 张** however long the name, the number's last four characters."""
        message = SEPARATOR.join((self.code_type, self.code, self.name)).encode()
        name = f"{self.name[0]}**"
        return ShownSigner(name, self.code_type, _masked(self.code), hmac.new(key, message, "sm3").hexdigest())


def signer_of(name: str, code_type: str, code: str) -> Signer:
    """Return the signer, his name in normal form and his number as `hub.codes.holders` writes it.

    Raises SignerInvalid for an empty or overlong name, a type not in CODE_TYPES or a number under four characters, CodeInvalid for a
    number its type does not allow.
    """
    tidy = " ".join(unicodedata.normalize("NFKC", name).split())
    if not 1 < len(tidy) <= MAX_NAME_CHARACTERS or not tidy.isprintable():
        raise SignerInvalid("请填写签名人的姓名。", "Give the signer's name.", path="name")
    if code_type not in CODE_TYPES:
        raise SignerInvalid(
            "签名人须为自然人，请选择证件类型。", "A natural person signs; choose a document.", path="codeType"
        )
    number = holders.parse(code_type, code).text
    if len(number) < LEAST_CODE_CHARACTERS:
        raise SignerInvalid("证件号码过短。", "The number is too short.", path="code")
    return Signer(tidy, code_type, number)


def _masked(code: str) -> str:
    shown = 4 if len(code) > 2 * LEAST_CODE_CHARACTERS else 1
    return "*" * (len(code) - shown) + code[-shown:]
