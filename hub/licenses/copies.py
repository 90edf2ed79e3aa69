"""Annotated copies (加注件): what a reader is handed of a license, for one purpose and until a date, which its pages say.

A copy shows what its reader may see, masked where no grant covers a field, carries the four members every copy has, and is signed by the hub in
its own name: the organ sealed the original alone. Copies are made when asked for and not stored; their digests are kept, so that a copy that
turns up can be traced. Each is a read, recorded for the holder.

Source: GB/T 36903-2018 (JZJ members), GB/T 36906-2018 (a download hands out the annotated copy).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.licenses.acting import Office
from hub.licenses.faces import face_of, lay_out
from hub.licenses.faults import TermsRefused
from hub.licenses.issuing import LicenseDesk
from hub.licenses.metadata import copy_metadata_of, metadata_of
from hub.licenses.reading import Asking, by_identifier
from hub.licenses.records import LicenseIntent
from hub.licenses.sharing_records import AnnotatedCopy, AnnotatedCopyFile, Operation
from hub.licenses.views import LicenseView
from hub.seals.queries import seal_by_id, shape_of, structure_of
from hub.seals.sealing import OFD, PDF, Format, open_rendition
from hub.signing.layout import Layout, Page
from hub.signing.seal_drawing import SealShape, draw_seal, seal_marks

LONGEST = timedelta(days=366)
_OTHER_SEAL = {PDF: "SM2", OFD: "P-256"}
"""The seal beside whose original the hub signs a rendition of that format: so its key is the one for that format."""


UNSEALED = SealShape("", "", 42, demonstration=True)
"""Stands where a drawing is asked for and none is shown."""


@dataclass(frozen=True)
class Copied:
    """A copy as it is handed over."""

    copy: AnnotatedCopy
    format: Format
    content: bytes


@dataclass(frozen=True)
class _Plan:
    """What a copy shows: the view, its record, and the look of the seal on the original, None before that is sealed."""

    seen: LicenseView
    copy: AnnotatedCopy
    shape: SealShape | None


def make_copy(desk: LicenseDesk, identifier: str, *, form: Format, valid_until: date, asking: Asking) -> Copied | None:
    """Return a copy in that format, recorded; None where there is no such license for the caller (which is recorded too).

    Opens its own transactions. `valid_until` is included, within a year. Raises TermsRefused, what `by_identifier` raises, CharactersMissing,
    and what the hub's key raises.
    """
    today = desk.office.clock.today()
    if not today <= valid_until <= today + LONGEST:
        raise TermsRefused("validUntil")
    with desk.database.transaction() as session:
        plan = _planned(session, identifier, valid_until, asking=asking, office=desk.office)
    if plan is None:
        return None
    content = _content(desk, plan, form)
    with desk.database.transaction() as session:
        session.add(
            AnnotatedCopyFile(
                copy_id=plan.copy.id, format=form, sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content)
            )
        )
    return Copied(plan.copy, form, content)


def copy_of_file(session: Session, sha256: str) -> AnnotatedCopy | None:
    """Return the copy this hub made with that digest (64 hex digits, lower case); None for any other file. One statement."""
    found = select(AnnotatedCopyFile.copy_id).where(AnnotatedCopyFile.sha256 == sha256).limit(1)
    return session.scalar(select(AnnotatedCopy).where(AnnotatedCopy.id.in_(found)))


def annotation(copy: AnnotatedCopy) -> str:
    """Return the line that stands across and below every page of a copy."""
    end = f"{copy.valid_until.year}年{copy.valid_until.month}月{copy.valid_until.day}日"
    return f"加注件：仅供{copy.made_by_zh}用于“{copy.purpose}”，有效期至{end}，复制无效"


def copy_layout(plan_view: LicenseView, copy: AnnotatedCopy, *, desk: LicenseDesk, shape: SealShape | None) -> Layout:
    """Return the layout of a copy: the face as the reader sees it, the annotation, and the seal as print."""
    face = face_of(plan_view, public_url=desk.public_url, notes=(annotation(copy), "印章图案仅供阅览"))
    layout = lay_out(face, desk.fonts)
    if shape is None:
        return layout
    seal, pages = layout.seal, list(layout.pages)
    marks = seal_marks(draw_seal(shape, desk.fonts), seal.x_mm, seal.y_mm)
    pages[seal.page] = Page((*marks, *pages[seal.page].marks))
    return Layout(tuple(pages), seal, layout.title, layout.author, layout.subject, layout.width_mm, layout.height_mm)


def _planned(session: Session, identifier: str, valid_until: date, *, asking: Asking, office: Office) -> _Plan | None:
    seen = by_identifier(session, identifier, asking=asking, office=office, operation=Operation.COPY)
    if seen is None:
        return None
    copy = AnnotatedCopy(
        id=secrets.token_hex(16),
        license_id=seen.license.id,
        made_at=office.clock.now(),
        made_by=asking.actor.label,
        made_by_zh=asking.actor.name,
        purpose=asking.purpose,
        valid_until=valid_until,
        fields=list(seen.clear),
    )
    session.add(copy)
    session.flush()
    intent = session.get(LicenseIntent, seen.license.id)
    sealed = intent is not None and intent.done_at is not None
    return _Plan(seen, copy, _shape(session, intent.seal_id) if intent is not None and sealed else None)


def _shape(session: Session, seal_id: str) -> SealShape:
    return shape_of(seal_by_id(session, seal_id), structure_of(session, seal_id))


def _content(desk: LicenseDesk, plan: _Plan, form: Format) -> bytes:
    layout = copy_layout(plan.seen, plan.copy, desk=desk, shape=plan.shape)
    if form == PDF:
        return _pdf(desk, layout, plan)
    return _ofd(desk, layout, plan)


def _pdf(desk: LicenseDesk, layout: Layout, plan: _Plan) -> bytes:
    from hub.signing.pades import RenditionAct, sign_rendition
    from hub.signing.pdf_render import render_pdf

    rendition = open_rendition(desk.keys, seal_algorithm=_OTHER_SEAL[PDF])
    act = RenditionAct(
        key=rendition.key,
        chain=rendition.chain,
        drawing=draw_seal(plan.shape or UNSEALED, desk.fonts),
        impressions=(),  # the layout has it printed already
        signed_at=plan.copy.made_at,
        timestamp=desk.timestamp,
        reason=annotation(plan.copy),
    )
    return sign_rendition(render_pdf(layout, desk.fonts), act)


def _ofd(desk: LicenseDesk, layout: Layout, plan: _Plan) -> bytes:
    from hub.signing.ofd.signing import sign_ofd
    from hub.signing.ofd.write import render_ofd

    rendition = open_rendition(desk.keys, seal_algorithm=_OTHER_SEAL[OFD])
    metadata = metadata_of(plan.seen) | copy_metadata_of(plan.copy)
    created = desk.office.clock.today()
    return sign_ofd(
        render_ofd(layout, desk.fonts, metadata=metadata, attachments=(), embed=desk.embed, created=created),
        key=rendition.key,
        chain=rendition.chain,
        signed_at=plan.copy.made_at,
        timestamp=lambda digest: desk.timestamp(digest, "sm3"),
        lock=True,
    )
