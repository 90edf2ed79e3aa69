"""What tests of signature records share: records of a hub, and its trust anchors, its SM2 root included."""

from __future__ import annotations

from cryptography import x509

from hub.signatures.asking import Wanted, ask, fresh_id, hand_over_of
from hub.signatures.materials import materials_of
from hub.signatures.opening import open_on_phone
from hub.signatures.signers import signer_of
from hub.signatures.signing import Phone, SigningTable, identify, sign
from hub.signatures.strokes import Drawing
from hub.signing.anchors import Anchors
from hub.signing.authority import found_authority
from hub.signing.keys import SM2
from hub.web.compose import Hub, root_certificates
from seeds.officers import officer_actor
from seeds.places import HOME

SIGNER = signer_of("张三丰", "111", "11010519491231002X")
FILES = {"申请表.pdf": b"%PDF-1.7\nform", "照片.png": b"\x89PNG\r\n\x1a\nphoto"}


def anchors_of(hub: Hub) -> Anchors:
    """Return every root of the hub, and the demonstration's SM2 root."""
    ders = dict.fromkeys([*root_certificates(hub), found_authority(hub.file_keys, hub.clock.now(), SM2)])
    return Anchors(tuple(x509.load_der_x509_certificate(der) for der in ders))


def record_of(table: SigningTable, drawing: Drawing | None) -> bytes:
    """Return the record of SIGNER signing FILES, by a drawing or by certificate alone."""
    request_id, materials = fresh_id(), materials_of(list(FILES.items()))
    for each in materials:
        table.shelf.of(request_id).put(each.content)
    wanted = Wanted(SIGNER.shown(table.index_key), "确认申请材料真实有效", materials)
    with table.database.transaction() as session:
        watch = ask(
            session, request_id, wanted, actor=officer_actor(HOME, "examiner-1"), region=HOME, clock=table.clock
        )
        code = hand_over_of(watch)
        phone = Phone(open_on_phone(session, code, clock=table.clock), code)
    identify(table, phone, SIGNER)
    return sign(table, phone, drawing).record
