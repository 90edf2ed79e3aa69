"""What is refused when signatures are asked for and made, and why. Codes begin with `signing_request.` or `signing.`."""

from __future__ import annotations

from hub.errors import HubError, MoveRefused, NotFound, ValidationFailed


class RequestMissing(NotFound):
    """No request for a signature belongs to this address.

    Cure: scan the code on the desktop page again, or ask for a new request.
    """

    code = "signing_request.missing"

    def __init__(self) -> None:
        super().__init__("没有这个签名请求，请重新扫码。", "There is no such request; please scan the code again.")


class RequestExpired(MoveRefused):
    """The request was good for fifteen minutes, and they have passed; nothing was signed.

    Cure: ask for a new request on the desktop page.
    """

    code = "signing_request.expired"

    def __init__(self) -> None:
        super().__init__(
            "签名请求已过期，请在电脑上重新发起。", "The request has expired; please ask for a new one on the desktop."
        )


class RequestAlreadyOpened(MoveRefused):
    """The code was opened on another phone; it opens once.

    Cure: sign on the phone that opened it first, or ask for a new request.
    """

    code = "signing_request.already_opened"

    def __init__(self) -> None:
        super().__init__(
            "此签名码已在另一台设备上打开，只能打开一次。", "This code was opened on another device; it opens once."
        )


class RequestMoveRefused(MoveRefused):
    """The request's status does not permit this: one that is signed, declined or closed stays so.

    Cure: look at the desktop page; ask for a new request when another signature is wanted.
    """

    code = "signing_request.move_refused"

    def __init__(self, status: str, wanted: str) -> None:
        super().__init__(
            f"签名请求现为 {status}，不能转为 {wanted}。", f"The request is {status} and cannot become {wanted}."
        )
        self.status, self.wanted = status, wanted


class SignerDiffers(ValidationFailed):
    """The name or number given is not the signer's whose signature is asked for.

    Cure: the person named in the request signs; if that is you, type name and number as they stand on your document.
    """

    code = "signing_request.signer_differs"

    def __init__(self) -> None:
        super().__init__(
            "填写的姓名或证件号码与被请求签名的人不符。",
            "The name or number is not that of the person asked to sign.",
            path="name",
        )


class SignerAttemptsSpent(MoveRefused):
    """Name and number were given wrongly five times; the request is closed.

    Cure: ask for a new request on the desktop page, with the right name and number.
    """

    code = "signing_request.attempts_spent"

    def __init__(self, attempts: int) -> None:
        super().__init__(
            f"身份信息已连续 {attempts} 次不符，签名请求已关闭。",
            f"Name and number differed {attempts} times; the request is closed.",
        )
        self.attempts = attempts


class SignerInvalid(ValidationFailed):
    """The signer's name is empty or too long, or the kind of document or its number is not one that can be used.

    Cure: correct the field named in `path`.
    """

    code = "signing_request.signer_invalid"


class FileRefused(ValidationFailed):
    """A file to be signed is empty, too large, of a type nobody can look at here, or named like another one; or there are too many.

    Cure: give one to ten PDF, OFD, PNG or JPEG files of at most 20 MiB each and 48 MiB together, with names of their own.
    """

    code = "signing_request.file_refused"

    def __init__(self, message_zh: str, message_en: str) -> None:
        super().__init__(message_zh, message_en, path="files")


class StrokesRefused(ValidationFailed):
    """The drawing is empty, hardly more than a dot, outside its field, or has too many points.

    Cure: clear the field and write your name again.
    """

    code = "signing_request.strokes_refused"

    def __init__(self, message_zh: str, message_en: str) -> None:
        super().__init__(message_zh, message_en, path="strokes")


class FormStale(ValidationFailed):
    """The form was not made for this phone: it was kept too long, or another site sent it; nothing was changed.

    Cure: open the page again and repeat.
    """

    code = "signing_request.form_stale"

    def __init__(self) -> None:
        super().__init__("页面已失效，请刷新后重试。", "This page is out of date; reload it and try again.")


class PurposeRefused(ValidationFailed):
    """The sentence that says what is signed for is empty or longer than 200 characters.

    Cure: say in one sentence what the signer agrees to.
    """

    code = "signing_request.purpose_refused"

    def __init__(self) -> None:
        super().__init__(
            "请用一句话写明签名用途，不超过 200 字。",
            "Say what is signed for in one sentence of at most 200 characters.",
            path="purpose",
        )


class ProviderUnknown(HubError):
    """The configured provider of identity checks and one-time certificates is none this hub knows, or is for demonstrations only.

    Cure: set HUB_SIGNATURE_PROVIDER to a provider you have a contract with; `demonstration` works where HUB_DEMONSTRATION is 1.
    """

    code = "signing_request.provider_unknown"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"没有可用的签名服务商“{name}”。", f"There is no provider of signatures named {name} that may be used."
        )
        self.name = name


class SigningOvertaken(MoveRefused):
    """The request changed while its signature was being made; that signature was thrown away.

    Cure: look at the page again; it shows what was signed, if anything was.
    """

    code = "signing_request.overtaken"

    def __init__(self) -> None:
        super().__init__(
            "签名期间请求发生了变化，这次签名未生效。", "The request changed meanwhile; this signature does not count."
        )
