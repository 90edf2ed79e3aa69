"""Takes an organ's seal into the register: the structure the competent seal system issued, judged before it is believed.

The structure is kept byte for byte. What does not verify is refused with the code of everything that was found. The seal's key lies in a
key store of this hub or is held by its owner: without a key here the seal is used through the owner's device only. Functions receive the
session; the caller commits.

Source: 电子印章管理办法 (2025); GB/T 38540-2020 and GM/T 0031 (verification of a seal).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hub.access.actors import Actor
from hub.access.policy import Act, may
from hub.clock import SHANGHAI, Clock
from hub.seals.custody import tell_status
from hub.seals.faults import SealKeyMismatch, SealKnownAlready, SealStructureRefused
from hub.seals.making import Owner
from hub.seals.records import Seal, SealStructure
from hub.seals.rules import SealKind, SealOutline, SealSource, SealStatus
from hub.signing.anchors import Anchors
from hub.signing.keys import KeyStore, Purpose
from hub.signing.ses_checks import listed
from hub.signing.ses_judging import judge_seal
from hub.signing.ses_structures import parse_seal
from hub.signing.ses_values import ParsedSeal, SealMalformed
from hub.signing.verdict import Outcome
from hub.signing.verify_signature import Asked
from hub.signing.x509_text import subject

MAX_NAME = 200


@dataclass(frozen=True)
class Filing:
    """What the competent system says of a seal besides its structure; `key_name` is the key here, None when its owner holds it."""

    region: str
    owner: Owner
    filing_number: str
    kind: SealKind = SealKind.ORGAN
    key_name: str | None = None


def import_seal(
    session: Session, structure: bytes, filing: Filing, *, by: Actor, keys: KeyStore, anchors: Anchors, clock: Clock
) -> Seal:
    """Return the seal of `structure` (an .esl file, DER), REGISTERED; importing the same again returns the same seal.

    Raises NotPermitted unless `by` keeps seals in the region, SealStructureRefused with the codes of everything found wrong now,
    SealKnownAlready, SealKeyMismatch.
    """
    may(by, Act.KEEP_SEALS, region=filing.region)
    parsed = _judged(structure, anchors, clock)
    known = session.scalar(
        select(Seal)
        .where(or_(Seal.es_id == parsed.es_id, Seal.filing_number == filing.filing_number))
        .order_by(Seal.id)
        .limit(1)
    )
    if known is not None:
        return _same(session, known, structure, filing)
    certificate = _certificate(parsed, filing, keys)
    seal = _row(parsed, filing, certificate, clock.now())
    session.add(seal)
    session.flush()
    session.add(SealStructure(seal_id=seal.id, sha256=hashlib.sha256(structure).hexdigest(), content=structure))
    tell_status(session, seal, clock=clock)
    return seal


def _judged(structure: bytes, anchors: Anchors, clock: Clock) -> ParsedSeal:
    try:
        parsed = parse_seal(structure)
    except SealMalformed as malformed:
        raise SealStructureRefused(["SEAL_FORMAT"]) from malformed
    judged = judge_seal(parsed, Asked(anchors, clock.now()))
    wrong = [found.code for found in judged.findings if found.outcome is not Outcome.PASSED]
    if wrong:
        raise SealStructureRefused(list(dict.fromkeys(wrong)))
    if len(parsed.es_id) > 64 or not 0 < len(parsed.name) <= MAX_NAME:
        raise SealStructureRefused(["SEAL_FORMAT"])
    return parsed


def _same(session: Session, known: Seal, structure: bytes, filing: Filing) -> Seal:
    kept = session.get(SealStructure, known.id)
    if kept is None or kept.content != structure or known.filing_number != filing.filing_number:
        raise SealKnownAlready(filing.filing_number)
    return known


def _certificate(parsed: ParsedSeal, filing: Filing, keys: KeyStore) -> bytes | None:
    """Return the certificate the seal is used with: that of the key here, or the first the structure carries."""
    if filing.key_name is None:
        return parsed.certificates[0] if parsed.certificates else None
    chain = keys.certificates(Purpose.SEAL, filing.key_name)
    if not chain or not listed(parsed, chain[0]):
        raise SealKeyMismatch
    return chain[0]


def _row(parsed: ParsedSeal, filing: Filing, certificate: bytes | None, now: datetime) -> Seal:
    identifier = secrets.token_hex(16)
    round_one = parsed.picture.width_mm == parsed.picture.height_mm
    return Seal(
        id=identifier,
        name_zh=parsed.name,
        owner_zh=filing.owner.name_zh,
        owner_uscc=filing.owner.uscc,
        region=filing.region,
        purpose_line_zh=parsed.name.removeprefix(filing.owner.name_zh),
        diameter_mm=parsed.picture.width_mm,
        status=SealStatus.REGISTERED,
        valid_from=parsed.valid_from.astimezone(SHANGHAI).date(),
        valid_to=parsed.valid_until.astimezone(SHANGHAI).date(),
        key_name=filing.key_name or f"elsewhere:{identifier}",
        certificate_sha256=_fingerprint(parsed, certificate),
        filing_number=filing.filing_number,
        demonstration=False,
        kind=filing.kind,
        source=SealSource.IMPORTED,
        outline=SealOutline.ROUND if round_one else SealOutline.OTHER,
        ses_version=parsed.version,
        es_id=parsed.es_id,
        maker_zh=subject(x509.load_der_x509_certificate(parsed.maker_certificate))[:MAX_NAME],
        key_elsewhere=filing.key_name is None,
        status_since=now,
    )


def _fingerprint(parsed: ParsedSeal, certificate: bytes | None) -> str:
    """Return the SHA-256 of the certificate; of the structure's bytes where it lists digests only and no key is here."""
    return hashlib.sha256(parsed.raw if certificate is None else certificate).hexdigest()
