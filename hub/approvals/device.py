"""Seals an approved document with a key its keeper holds himself: prepare, sign on the device, complete.

Preparing freezes the document for a quarter of an hour: its intent to seal is held so long, so that nobody else seals it, and it cannot be
returned. Completing verifies the signature before anything is published, fetches the time stamp, signs the rendition in the hub's name and
publishes as every other sealing does (`hub.approvals.sealing.publish`). A completed request answers its first result to the same signature.
A crash leaves at most orphans, which `hub.approvals.queue` sweeps. This is an edge: it opens its own transactions.

Source: 电子签名法 art. 13; docs/decisions/0005-one-intent-one-seal-use.md.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.access.actors import Actor
from hub.access.policy import Act, may
from hub.approvals.faults import ApprovalMoveRefused, SealingOvertaken
from hub.approvals.intents import Claim, claim, extend, give_up
from hub.approvals.plans import PermitFor, Plan, plan_for
from hub.approvals.queries import approval_by_id, approval_for_change
from hub.approvals.records import Approval, DeviceRequest
from hub.approvals.sealing import COMMITTED, SIGNED, STORED, Desk, publish, time_stamp
from hub.errors import HubError
from hub.seals.device import (
    DeviceCertificate,
    PreparedOriginal,
    checked_signature,
    complete_original,
    device_certificate,
    device_seal,
    normal_signature,
    prepare_original,
    require_listed,
)
from hub.seals.device_faults import RequestExpired, RequestMissing, SignedOtherwise
from hub.seals.permits import Permit, permit_by_hand
from hub.seals.queries import seal_by_id
from hub.seals.sealing import MadeFile, Renderings, SealAct, open_rendition, render_files, sign_rendition_of
from hub.signing.gbt9704 import lay_out

FROZEN = timedelta(minutes=15)
"""How long a request waits for its signature."""


@dataclass(frozen=True)
class SignatureRequest:
    """What the device is asked: `bytes_to_sign` before hashing (for SM2 without ZA), by a key of `algorithm`, until `expires_at`."""

    id: str
    algorithm: str
    bytes_to_sign: bytes
    expires_at: datetime


def prepare_device_signature(
    desk: Desk, approval_id: str, *, seal_id: str, certificate: bytes, actor: Actor
) -> SignatureRequest:
    """Return what the key of `certificate` (DER) must sign so that an APPROVED approval is sealed; frozen until `expires_at`.

    Asked again by the same officer for the same seal and certificate, answers the request that waits. Raises NotPermitted, ApprovalMissing,
    ApprovalMoveRefused, SealingUnderWay, what `device_certificate`, `require_listed` and `permit_by_hand` raise.
    """
    may(actor, Act.SEAL)
    checked = device_certificate(certificate, desk.clock.now())
    plan = plan_for(desk, approval_id, _permit_for(desk, seal_id, actor))
    with desk.database.reading() as session:
        require_listed(checked, plan.structure, seal_by_id(session, seal_id).certificate_sha256)
        waiting = _waiting(session, desk, approval_id, plan, actor=actor, certificate=certificate)
    if waiting is not None:
        return _told(waiting)
    made = _rendered(desk, plan, checked)
    held = _claimed(desk, approval_id, plan, made, permit_for=_permit_for(desk, seal_id, actor))
    stored: list[str] = []
    try:
        prepared = prepare_original(made, _act(desk, plan, checked, held.signing_time))
        stored.append(desk.files.put(prepared.content))
        return _told(_kept(desk, held, checked, prepared=prepared, stored=stored[0]))
    except HubError as refused:
        _give_up(desk, held, refused, stored)
        raise


def complete_device_signature(desk: Desk, request_id: str, *, signature: bytes, actor: Actor) -> Approval:
    """Return the approval, sealed with the device's signature (DER or 64-byte r||s; RSA: PKCS#1 v1.5), with its files.

    Repeated with the same signature, returns what the first time made. Raises RequestMissing, RequestExpired, SignatureWrong,
    SignedOtherwise, TimeStampUnavailable (the request still waits), SealingOvertaken, and what `permit_by_hand` raises.
    """
    may(actor, Act.SEAL)
    with desk.database.reading() as session:
        request = _requested(session, request_id, actor)
        done = _answered(session, request, signature)
    if done is not None:
        return done
    if request.expires_at <= desk.clock.now():
        raise RequestExpired
    normal = checked_signature(request.certificate, request.algorithm, request.to_sign, signature)
    try:
        return _completed(desk, request, normal, actor)
    except (SealingOvertaken, ApprovalMoveRefused):
        with desk.database.reading() as session:  # another completion of this request may have been quicker
            done = _answered(session, _requested(session, request_id, actor), signature)
        if done is None:
            raise
        return done


def _permit_for(desk: Desk, seal_id: str, actor: Actor) -> PermitFor:
    def permit_for(session: Session, approval: Approval) -> Permit:
        return permit_by_hand(
            session,
            seal_id,
            kind=approval.kind.value,
            region=approval.region,
            actor=actor,
            clock=desk.clock,
            device=True,
        )

    return permit_for


def _rendered(desk: Desk, plan: Plan, certificate: DeviceCertificate) -> Renderings:
    layout = lay_out(plan.document, desk.fonts)
    return render_files(layout, certificate.original, plan.shape, desk.fonts, contents=plan.contents)


def _claimed(desk: Desk, approval_id: str, plan: Plan, made: Renderings, *, permit_for: PermitFor) -> Claim:
    with desk.database.transaction() as session:
        approval = approval_for_change(session, approval_id)
        if approval.version != plan.version or permit_for(session, approval) != plan.permit:
            raise SealingOvertaken
        digests = (made.original_sha256, made.rendition_sha256)
        return claim(session, approval, permit=plan.permit, renderings=digests, clock=desk.clock)


def _act(desk: Desk, plan: Plan, certificate: DeviceCertificate, signed_at: datetime) -> SealAct:
    return SealAct(
        opened=device_seal(plan.permit, certificate, keys=desk.keys, structure=plan.structure),
        rendition=open_rendition(desk.keys, seal_algorithm=certificate.algorithm),
        shape=plan.shape,
        fonts=desk.fonts,
        signed_at=signed_at,
        timestamp=lambda digest, algorithm="sha256": time_stamp(desk, digest, algorithm),
        reason=plan.reason,
    )


def _kept(
    desk: Desk, held: Claim, certificate: DeviceCertificate, *, prepared: PreparedOriginal, stored: str
) -> DeviceRequest:
    until = held.signing_time + FROZEN
    request = DeviceRequest(
        id=secrets.token_hex(16),
        approval_id=held.approval_id,
        approval_version=held.approval_version,
        seal_id=held.permit.seal_id,
        intent_id=held.intent_id,
        attempt=held.attempt,
        certificate=certificate.der,
        algorithm=certificate.algorithm,
        format=certificate.original,
        rendering_sha256=held.rendering_sha256,
        prepared_sha256=stored,
        prepared=dict(prepared.kept),
        to_sign=prepared.to_sign,
        signing_time=held.signing_time,
        requested_by=held.permit.used_by,
        expires_at=until,
        signature=None,
        completed_at=None,
    )
    with desk.database.transaction() as session:
        extend(session, held, until=until, clock=desk.clock)
        session.add(request)
    return request


def _completed(desk: Desk, request: DeviceRequest, signature: bytes, actor: Actor) -> Approval:
    permit_for = _permit_for(desk, request.seal_id, actor)
    plan = plan_for(desk, request.approval_id, permit_for)
    if plan.version != request.approval_version:
        raise RequestExpired
    made = _signed(desk, request, plan, signature)
    desk.reached(SIGNED)

    def keep(session: Session) -> None:
        row = session.get_one(DeviceRequest, request.id, with_for_update=True)
        row.signature, row.completed_at = signature, desk.clock.now()

    stored: list[str] = []
    try:
        stored += [desk.files.put(file.content) for file in made]
        desk.reached(STORED)
        publish(desk, _claim_of(request, plan.permit), permit_for, also=keep, made=made)
    except HubError:
        for sha256 in stored:
            desk.files.remove(sha256)  # a fresh time stamp: no other document has these bytes
        raise
    desk.reached(COMMITTED)
    desk.files.remove(request.prepared_sha256)
    with desk.database.reading() as session:
        return approval_by_id(session, request.approval_id)


def _signed(desk: Desk, request: DeviceRequest, plan: Plan, signature: bytes) -> tuple[MadeFile, MadeFile]:
    """Return the original with the device's signature and the rendition in the hub's name; what is signed is what was prepared."""
    certificate = device_certificate(request.certificate, desk.clock.now())
    made, act = _rendered(desk, plan, certificate), _act(desk, plan, certificate, request.signing_time)
    if made.original_sha256 != request.rendering_sha256:
        raise RequestExpired
    prepared = PreparedOriginal(desk.files.read(request.prepared_sha256), request.to_sign, request.prepared)
    original = complete_original(
        prepared, signature, algorithm=request.algorithm, chain=act.opened.chain, timestamp=act.timestamp
    )
    return MadeFile(certificate.original, original, original=True), sign_rendition_of(made, act)


def _claim_of(request: DeviceRequest, permit: Permit) -> Claim:
    return Claim(
        request.intent_id,
        request.attempt,
        request.approval_id,
        request.approval_version,
        permit,
        request.rendering_sha256,
        request.signing_time,
    )


def _waiting(
    session: Session, desk: Desk, approval_id: str, plan: Plan, *, actor: Actor, certificate: bytes
) -> DeviceRequest | None:
    return session.scalar(
        select(DeviceRequest)
        .where(
            DeviceRequest.approval_id == approval_id,
            DeviceRequest.approval_version == plan.version,
            DeviceRequest.seal_id == plan.permit.seal_id,
            DeviceRequest.requested_by == actor.code,
            DeviceRequest.certificate == certificate,
            DeviceRequest.completed_at.is_(None),
            DeviceRequest.expires_at > desk.clock.now(),
        )
        .limit(1)
    )


def _requested(session: Session, request_id: str, actor: Actor) -> DeviceRequest:
    request = session.get(DeviceRequest, request_id, populate_existing=True)
    if request is None or request.requested_by != actor.code:
        raise RequestMissing
    return request


def _answered(session: Session, request: DeviceRequest, signature: bytes) -> Approval | None:
    """Return what a completed request made, to the signature that completed it; None while it waits."""
    if request.completed_at is None:
        return None
    if request.signature != normal_signature(signature, request.algorithm):
        raise SignedOtherwise
    return approval_by_id(session, request.approval_id)


def _told(request: DeviceRequest) -> SignatureRequest:
    return SignatureRequest(request.id, request.algorithm, request.to_sign, request.expires_at)


def _give_up(desk: Desk, held: Claim, refused: HubError, stored: Sequence[str]) -> None:
    for sha256 in stored:
        desk.files.remove(sha256)
    with desk.database.transaction() as session:
        give_up(session, held, code=refused.code)
