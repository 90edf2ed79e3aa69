"""Signing on the keeper's own device: prepare what its key must sign, then complete the document with the signature.

Base64 everywhere: `certificate` is DER, `bytesToSign` the message before hashing (for SM2 without ZA), `signature` DER or 64-byte r||s.
"""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Annotated, Any

import strawberry

from hub.access.policy import Act, may
from hub.approvals import device
from schema.acting import SealId, own, set_up
from schema.base64_bytes import bytes_of
from schema.context import Context
from schema.declare import OFFICER, Attribute, asked_by_verb, mapped, noun, resolved, words
from schema.mutation_approval import ApprovalResult
from schema.problems import Conflict, MoveRefused, NotFound, NotPermitted, ValidationProblem, attempted


@noun(zh="请设备签名。", en="What a device is asked to sign.", record=device.SignatureRequest)
class SignatureRequest:
    """Read from a `SignatureRequest` of hub.approvals.device."""

    id: strawberry.ID = mapped(Attribute("id"), access=OFFICER, zh="请求标识。", en="Id of the request.")
    algorithm: str = mapped(
        Attribute("algorithm"), access=OFFICER, zh="算法：SM2、P-256、RSA。", en="SM2, P-256 or RSA."
    )
    expires_at: datetime = mapped(Attribute("expires_at"), access=OFFICER, zh="到期时刻。", en="Until when.")

    @resolved(access=OFFICER, zh="待签字节，base64；为摘要之前的原文。", en="What to sign, before hashing, in base64.")
    def bytes_to_sign(root: Any) -> str:
        """Return the message."""
        return base64.b64encode(root.bytes_to_sign).decode()


SignatureRequestResult = Annotated[
    SignatureRequest | ValidationProblem | NotPermitted | MoveRefused | Conflict | NotFound,
    strawberry.union(
        "SignatureRequestResult", description=words("签名请求，或未办成的原因。", "The request, or why not.")
    ),
]


@strawberry.type
class DeviceMutations:
    """Sealing with a key that its keeper holds."""

    @asked_by_verb(access=OFFICER, zh="准备用自己的设备签章。", en="Prepare sealing with the keeper's own device.")
    def prepare_device_signature(
        self,
        info: strawberry.Info,
        approval_id: Annotated[strawberry.ID, strawberry.argument(description=words("文书标识。", "The document."))],
        seal_id: SealId,
        certificate: Annotated[
            str,
            strawberry.argument(
                description=words("设备证书，DER 的 base64。", "The device's certificate, DER in base64.")
            ),
        ],
    ) -> SignatureRequestResult | None:
        """Return what the device must sign within fifteen minutes; the document is frozen so long."""
        context: Context = info.context

        def verb() -> Any:
            may(context.actor, Act.SEAL)
            return device.prepare_device_signature(
                set_up(context.desk)(),
                own(context, "approval", approval_id, "approvalId"),
                seal_id=own(context, "seal_status", seal_id, "sealId"),
                certificate=bytes_of(certificate, "certificate"),
                actor=context.actor,
            )

        return attempted(context, act="prepareDeviceSignature", subject=approval_id, verb=verb)  # type: ignore[no-any-return]

    @asked_by_verb(
        access=OFFICER, zh="交回设备的签名，完成签章。", en="Complete the sealing with the device's signature."
    )
    def complete_device_signature(
        self,
        info: strawberry.Info,
        request_id: Annotated[strawberry.ID, strawberry.argument(description=words("请求标识。", "The request."))],
        signature: Annotated[str, strawberry.argument(description=words("签名，base64。", "The signature in base64."))],
    ) -> ApprovalResult | None:
        """Return the sealed document; repeated with the same signature, the same."""
        context: Context = info.context

        def verb() -> Any:
            may(context.actor, Act.SEAL)
            signed = bytes_of(signature, "signature")
            return device.complete_device_signature(
                set_up(context.desk)(), request_id, signature=signed, actor=context.actor
            )

        return attempted(context, act="completeDeviceSignature", subject=request_id, verb=verb)  # type: ignore[no-any-return]
