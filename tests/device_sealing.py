"""What the tests of sealing on a device share: the keeper's key and certificate, and the two halves of the act."""

from __future__ import annotations

from hub.approvals.device import SignatureRequest, complete_device_signature, prepare_device_signature
from hub.approvals.records import Approval
from hub.approvals.sealing import Desk
from hub.seals.records import Seal
from hub.signing.keys import Purpose
from tests.approval_desk import KEEPER, Room


def key_name(room: Room) -> str:
    """The name of the seal's key."""
    with room.database.reading() as session:
        return session.get_one(Seal, room.seal_id).key_name


def held_certificate(room: Room) -> bytes:
    """The certificate of the key that the keeper's device holds, DER."""
    return room.keys.certificates(Purpose.SEAL, key_name(room))[0]


def sign(room: Room, request: SignatureRequest) -> bytes:
    """Sign as the device would; the key in the folder stands for the one in the device."""
    return room.keys.open(Purpose.SEAL, key_name(room)).sign(request.bytes_to_sign)


def prepare(
    room: Room, approval: Approval, *, certificate: bytes | None = None, desk: Desk | None = None
) -> SignatureRequest:
    """The first half: what is to be signed."""
    return prepare_device_signature(
        desk or room.desk,
        approval.id,
        seal_id=room.seal_id,
        certificate=certificate or held_certificate(room),
        actor=KEEPER,
    )


def complete(
    room: Room, request: SignatureRequest, signature: bytes | None = None, *, desk: Desk | None = None
) -> Approval:
    """The second half: the document, sealed; signed as the device would unless a signature is given."""
    signed = sign(room, request) if signature is None else signature
    return complete_device_signature(desk or room.desk, request.id, signature=signed, actor=KEEPER)
