"""The built-in maker: e-seals for the demonstration and for internal business, which say so in the ring, in the name and in an extension.

Organs' seals are not made here: they come from the competent seal system (`hub.seals.importing`). Under SM2 the seal has a structure
(GB/T 38540-2020 version 4, or GM/T 0031-2025 version 5 by setting) signed by this hub's maker certificate; under P-256 it is a key with a
certificate and a drawing. Never draws an emblem. Functions receive the session; the caller commits.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from cryptography import x509
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.access.actors import Actor
from hub.access.policy import Act, may
from hub.clock import SHANGHAI, Clock
from hub.seals.custody import tell_status
from hub.seals.faults import OrganSealNotMadeHere
from hub.seals.records import Seal, SealStructure
from hub.seals.rules import RING_WORDS, SealKind, SealOutline, SealSource, SealStatus
from hub.signing.authority import certify_seal, certify_seal_maker
from hub.signing.fonts import FontSet
from hub.signing.keys import SM2, KeyStore, Purpose
from hub.signing.seal_drawing import SealShape, draw_seal
from hub.signing.seal_picture import seal_picture
from hub.signing.ses_making import SealWanted, make_seal
from hub.signing.ses_values import Extension, Picture

DIAMETER_MM = 42  # 国发〔1999〕25号: seals of organs below the provincial level are 42 mm across
PURPOSE_LINE = "行政审批专用章"  # the drawing adds 演示专用 in the ring
MAKER = "built-in"
SES_TYPE = 3  # free in GB/T 38540; every seal seen in use has it
NATURE = "2.25.98613514523163148410387403816432051867"  # an arc by UUID (ITU-T X.667): what kind of seal the built-in maker made
SUFFIXES = {SealKind.DEMONSTRATION: "demonstration", SealKind.INTERNAL_BUSINESS: "internal"}


@dataclass(frozen=True)
class Owner:
    """The organ whose name a seal bears."""

    name_zh: str
    uscc: str


@dataclass(frozen=True)
class Workshop:
    """What the built-in maker works with: `algorithm` is SM2 or P-256, `version` that of the structure under SM2 (4 or 5)."""

    keys: KeyStore
    fonts: FontSet
    algorithm: str
    version: int


@dataclass(frozen=True)
class NewSeal:
    """Which seal is wanted: for which region and owner, of which kind, with which line below the star."""

    region: str
    owner: Owner
    kind: SealKind = SealKind.DEMONSTRATION
    purpose_line_zh: str = PURPOSE_LINE

    @property
    def name_zh(self) -> str:
        """The seal's name, which says what kind it is."""
        return f"{self.owner.name_zh}{self.purpose_line_zh}（{RING_WORDS[self.kind]}）"

    @property
    def shape(self) -> SealShape:
        """What the seal looks like."""
        demonstration = self.kind is SealKind.DEMONSTRATION
        return SealShape(
            self.owner.name_zh, self.purpose_line_zh, DIAMETER_MM, demonstration, ring_zh=RING_WORDS[self.kind]
        )


def make_own_seal(session: Session, wanted: NewSeal, *, by: Actor, workshop: Workshop, clock: Clock) -> Seal:
    """Return the wanted seal, made by the built-in maker and REGISTERED when it is new; there is one a region, kind and algorithm.

    Repeating is harmless: key, certificate and row are each kept when they exist. Raises OrganSealNotMadeHere, NotPermitted unless `by`
    keeps seals there, CharactersMissing, and what the key store raises. Costs 0.3 s when the seal is new.
    """
    if wanted.kind not in SUFFIXES:
        raise OrganSealNotMadeHere
    may(by, Act.KEEP_SEALS, region=wanted.region)
    name = _key_name(wanted, workshop)
    seal = session.scalar(select(Seal).where(Seal.key_name == name))
    if seal is not None:
        return seal
    now = clock.now().replace(microsecond=0)
    chain = workshop.keys.certificates(Purpose.SEAL, name) or certify_seal(
        workshop.keys, name, wanted.owner.name_zh, now, algorithm=workshop.algorithm
    )
    seal = _row(wanted, name, chain[0], now)
    session.add(seal)
    if workshop.algorithm == SM2:
        _add_structure(session, seal, wanted, workshop, certificate=chain[0], now=now)
    tell_status(session, seal, clock=clock)
    return seal


def _key_name(wanted: NewSeal, workshop: Workshop) -> str:
    name = f"{wanted.region}-{SUFFIXES[wanted.kind]}"
    return f"{name}-sm2" if workshop.algorithm == SM2 else name


def _row(wanted: NewSeal, key_name: str, certificate: bytes, now: datetime) -> Seal:
    first, last = _validity(certificate)
    return Seal(
        id=secrets.token_hex(16),
        name_zh=wanted.name_zh,
        owner_zh=wanted.owner.name_zh,
        owner_uscc=wanted.owner.uscc,
        region=wanted.region,
        purpose_line_zh=wanted.purpose_line_zh,
        diameter_mm=DIAMETER_MM,
        status=SealStatus.REGISTERED,
        valid_from=first,
        valid_to=last,
        key_name=key_name,
        certificate_sha256=hashlib.sha256(certificate).hexdigest(),
        filing_number=None,
        demonstration=wanted.kind is SealKind.DEMONSTRATION,
        kind=wanted.kind,
        source=SealSource.BUILT_IN,
        outline=SealOutline.ROUND,
        key_elsewhere=False,
        status_since=now,
    )


def _add_structure(
    session: Session, seal: Seal, wanted: NewSeal, workshop: Workshop, *, certificate: bytes, now: datetime
) -> None:
    """Make the structure, keep it beside the row, and write in the row what it says."""
    operator = f"通办枢纽 {wanted.region}"
    chain = workshop.keys.certificates(Purpose.SEAL_MAKER, MAKER) or certify_seal_maker(
        workshop.keys, MAKER, operator, now
    )
    content = make_seal(
        _structure(seal, wanted, workshop, certificate=certificate, now=now),
        maker=workshop.keys.open(Purpose.SEAL_MAKER, MAKER),
        maker_certificate=chain[0],
    )
    seal.es_id, seal.ses_version, seal.maker_zh = seal.id, workshop.version, f"{operator}印章制作"
    session.flush()
    session.add(SealStructure(seal_id=seal.id, sha256=hashlib.sha256(content).hexdigest(), content=content))


def _structure(seal: Seal, wanted: NewSeal, workshop: Workshop, *, certificate: bytes, now: datetime) -> SealWanted:
    parsed = x509.load_der_x509_certificate(certificate)
    nature = f"{RING_WORDS[wanted.kind]} {wanted.kind.value}"
    return SealWanted(
        es_id=seal.id,
        name_zh=wanted.name_zh,
        kind=SES_TYPE,
        certificates=[certificate],
        created_at=now,
        valid_from=parsed.not_valid_before_utc,
        valid_until=parsed.not_valid_after_utc,
        picture=_picture(wanted, workshop.fonts),
        version=workshop.version,
        extensions=(Extension(NATURE, critical=False, value=nature.encode()),),
    )


def _picture(wanted: NewSeal, fonts: FontSet) -> Picture:
    return seal_picture(draw_seal(wanted.shape, fonts), fonts, wanted.name_zh)


def _validity(certificate_der: bytes) -> tuple[date, date]:
    """Return the civil days on the whole of which the certificate is valid, except its first, which may begin late."""
    certificate = x509.load_der_x509_certificate(certificate_der)
    first = certificate.not_valid_before_utc.astimezone(SHANGHAI).date()
    return first, certificate.not_valid_after_utc.astimezone(SHANGHAI).date() - timedelta(days=1)
