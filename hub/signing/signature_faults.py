"""What keeps a CMS signature from being read at all; a verdict reports each as a finding of its own."""

from __future__ import annotations

from hub.errors import HubError


class SignatureMalformed(HubError):
    """The bytes are not a signature this verifier can read; a verdict reports it as SIG_FORMAT and nothing is raised to callers of it.

    Cure: obtain the file again from its issuer.
    """

    code = "signature.malformed"

    def __init__(self, fact: str) -> None:
        super().__init__(f"签名结构无法读取（{fact}）。", f"The signature structure cannot be read ({fact}).")
        self.fact = fact


class SignatureUnsupported(SignatureMalformed):
    """The signature uses an algorithm this verifier does not know; a verdict reports it as cannot tell.

    Cure: check the file with a verifier that knows the algorithm.
    """

    code = "signature.unsupported"


class SignatureWeak(SignatureMalformed):
    """The signature rests on MD5 or SHA-1, which can be forged; a verdict reports it as failed.

    Cure: ask the issuer for a file signed with a present-day algorithm.
    """

    code = "signature.weak"
