"""What signing on a device refuses, and why. Whatever is refused here has changed nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hub.errors import Conflict, MoveRefused, NotFound, ValidationFailed


class ContentFrozen(Conflict):
    """A signature on a device is awaited for this document, which must not change until then; `until` is when the wait ends.

    Cure: complete the signature, or wait until the request has expired, at most a quarter of an hour.
    """

    code = "device.content_frozen"

    def __init__(self, until: datetime) -> None:
        super().__init__(
            "本件正等待设备签名，内容已冻结，请完成签名或等其过期。",
            "A device signature is awaited; the content is frozen until it comes or the request expires.",
        )
        self.until = until


class CertificateUnreadable(ValidationFailed):
    """The certificate given is no X.509 certificate in DER.

    Cure: send the certificate of the device's key, DER in base64, without its chain.
    """

    code = "device.certificate_unreadable"

    def __init__(self) -> None:
        super().__init__("证书无法读取。", "The certificate cannot be read.", path="certificate")


class CertificateNotInSeal(ValidationFailed):
    """The certificate is not among those the seal lists, so its key may not put this seal on anything.

    Cure: use the certificate the seal was made for, or have the seal made again for the new certificate.
    """

    code = "device.certificate_not_in_seal"

    def __init__(self) -> None:
        super().__init__("证书不在印章的签章人列表中。", "The seal does not list this certificate.", path="certificate")


class CertificateOutOfTerm(ValidationFailed):
    """The certificate is not valid at this moment: its term is over, or has not begun.

    Cure: renew the certificate, and the seal that lists it.
    """

    code = "device.certificate_out_of_term"

    def __init__(self, first: datetime, last: datetime) -> None:
        super().__init__("证书不在有效期内。", "The certificate is not valid at this time.", path="certificate")
        self.first, self.last = first, last


class CertificateNotForSigning(ValidationFailed):
    """The certificate's key usage does not permit signing documents; it may be one for encryption or for authentication.

    Cure: use the signing certificate of the device.
    """

    code = "device.certificate_not_for_signing"

    def __init__(self) -> None:
        super().__init__("证书的密钥用途不含签名。", "The certificate is not for signing.", path="certificate")


class DeviceAlgorithmUnsupported(ValidationFailed):
    """The certificate's key is of a kind that signs none of the two files.

    Cure: use an SM2 key (OFD), or a P-256 or RSA key (PDF).
    """

    code = "device.algorithm_unsupported"

    def __init__(self, offered: Sequence[str]) -> None:
        super().__init__(
            f"不支持此类密钥，可用：{'、'.join(offered)}。",
            f"Keys of this kind are not supported; supported: {', '.join(offered)}.",
            path="certificate",
        )
        self.offered = tuple(offered)


class RequestMissing(NotFound):
    """There is no such request for this caller: it was never made, or by another officer.

    Cure: prepare the signature again.
    """

    code = "device.request_missing"

    def __init__(self) -> None:
        super().__init__("没有这项签名请求。", "There is no such request.", path="requestId")


class RequestExpired(MoveRefused):
    """The request's quarter of an hour is over, or the document changed after it; nothing was published.

    Cure: prepare the signature again and sign at once.
    """

    code = "device.request_expired"

    def __init__(self) -> None:
        super().__init__("签名请求已过期，请重新准备。", "The request has expired; prepare again.")


class SignatureWrong(ValidationFailed):
    """The signature does not verify over `bytesToSign` with the certificate's key; nothing was published, and the request still waits.

    Cure: sign exactly the bytes that were answered, not their digest; SM2 over SM3 with the user id 1234567812345678, P-256 and RSA over
    SHA-256.
    """

    code = "device.signature_wrong"

    def __init__(self) -> None:
        super().__init__(
            "签名与待签内容不符。", "The signature does not verify over the bytes to sign.", path="signature"
        )


class SignedOtherwise(Conflict):
    """The request was completed before with another signature; the document stands as it was published then.

    Cure: read the approval; there is nothing left to sign.
    """

    code = "device.signed_otherwise"

    def __init__(self) -> None:
        super().__init__(
            "此请求已用另一签名完成。", "This request was completed with another signature.", path="signature"
        )
