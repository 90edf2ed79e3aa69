"""Makes both files of a document out of one layout: the original (正本) with the organ's seal, and the rendition (阅览件) in the hub's name.

The seal's key decides which file is the original. SM2: the OFD with the e-seal (GB/T 38540); the PDF is a rendition signed by the hub. P-256 or
RSA: the PDF (PAdES); the OFD is a rendition with a plain signature (GB/T 33190 Type=Sign). A rendition says on every page which file is the
original and that the seal shown there is print. Rendering is deterministic and needs no key; signing keeps nothing when it fails.

Source: docs/decisions/0007-originals-and-renditions.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, Literal, Protocol

from hub.seals.custody import OpenSeal
from hub.seals.faults import SealStructureMissing
from hub.signing.authority import certify_rendition
from hub.signing.fonts import FontSet
from hub.signing.keys import P256, SM2, Key, KeyStore, Purpose
from hub.signing.layout import GREY, MM_PER_POINT, Layout, Page, Text
from hub.signing.placing import Impression, across_edges, impression_at
from hub.signing.seal_drawing import SealDrawing, SealShape, draw_seal, seal_marks
from hub.signing.sm2 import sm3

if TYPE_CHECKING:
    from hub.signing.ofd.write import Attachment

Format = Literal["OFD", "PDF"]
OFD: Final = "OFD"
PDF: Final = "PDF"
NOTICES: Mapping[Format, tuple[str, str]] = {
    OFD: (
        "阅览件，以 OFD 原件为准。页面上的印章图案仅供阅览，不是电子签章。",
        "Rendition: the OFD file is the original. The seal shown here is print and no signature.",
    ),
    PDF: (
        "阅览件，以 PDF 原件为准。页面上的印章图案仅供阅览，不是电子签章。",
        "Rendition: the PDF file is the original. The seal shown here is print and no signature.",
    ),
}
"""What a rendition says on every page, by the format of its original."""
NOTICE_PT, NOTICE_BASELINES_MM = 8.0, (9.0, 12.8)
RENDITION_KEYS = {P256: "own", SM2: "own-sm2"}
LayoutOf = Callable[[str], Layout]


class TimeStamps(Protocol):
    """Where tokens come from: `TimeStampClient.token`."""

    def __call__(self, digest: bytes, algorithm: str = "sha256", /) -> bytes:
        """Return a token (DER) over a digest of 32 bytes by `algorithm`, "sha256" or "sm3"; raises HubError when there is none."""
        ...


@dataclass(frozen=True)
class MadeFile:
    """A finished file, and whether it is the original (正本)."""

    format: Format
    content: bytes
    original: bool

    @property
    def sha256(self) -> str:
        """SHA-256 in hex."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def sm3(self) -> str:
        """SM3 in hex."""
        return sm3(self.content).hex()


@dataclass(frozen=True)
class RenditionKey:
    """The hub's own key for renditions with its chain (DER, own certificate first)."""

    key: Key
    chain: Sequence[bytes]


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What goes into the files besides the layout: the standard's metadata (short names, in order), attachments, the civil date.

    With `embed` false the OFD names its font instead of embedding it. With `across` a document of several pages gets a cross-page seal.
    """

    metadata: Mapping[str, str] = field(default_factory=dict)
    attachments: Sequence[Attachment] = ()
    created: date | None = None
    embed: bool = True
    across: bool = False


@dataclass(frozen=True)
class Renderings:
    """Both files before anything is signed, and where the seal goes; equal layouts, fonts and contents give equal bytes."""

    ofd: bytes
    pdf: bytes
    original: Format
    impressions: tuple[Impression, ...]  # the whole seal first, then the strips of a cross-page seal
    layout: Layout

    @property
    def original_sha256(self) -> str:
        """SHA-256 (hex) of the original before it is sealed."""
        return hashlib.sha256(self.ofd if self.original == OFD else self.pdf).hexdigest()

    @property
    def rendition_sha256(self) -> str:
        """SHA-256 (hex) of the rendition before it is signed."""
        return hashlib.sha256(self.pdf if self.original == OFD else self.ofd).hexdigest()


@dataclass(frozen=True, kw_only=True)
class SealAct:
    """Who seals, with what, when: `signed_at` is aware; `rendition` is the hub's key for the other file (`open_rendition`)."""

    opened: OpenSeal
    rendition: RenditionKey
    shape: SealShape
    fonts: FontSet
    signed_at: datetime
    timestamp: TimeStamps
    reason: str


def certify_renditions(keys: KeyStore, operator_zh: str, at: datetime) -> None:
    """Make the hub's keys for renditions, one a profile, where they are not there yet; `at` (aware) begins their validity."""
    for algorithm, name in RENDITION_KEYS.items():
        if not keys.certificates(Purpose.RENDITION, name):
            certify_rendition(keys, name, operator_zh, at, algorithm=algorithm)


def open_rendition(keys: KeyStore, *, seal_algorithm: str) -> RenditionKey:
    """Return the key that signs the rendition of what a seal of that algorithm is put on; raises what the key store raises."""
    name = RENDITION_KEYS[P256 if seal_algorithm == SM2 else SM2]
    return RenditionKey(keys.open(Purpose.RENDITION, name), keys.certificates(Purpose.RENDITION, name))


def original_format(seal_algorithm: str) -> Format:
    """Return which file is the original under a seal of that algorithm."""
    return OFD if seal_algorithm == SM2 else PDF


def make_files(
    layout: Layout | LayoutOf,
    act: SealAct,
    contents: Contents = Contents(),
) -> tuple[MadeFile, MadeFile]:
    """Return the original and the rendition of a document, sealed and signed; raises as `render_files` and `sign_files` do."""
    original = original_format(act.opened.key.algorithm)
    return sign_files(render_files(layout, original, act.shape, act.fonts, contents=contents), act)


def render_files(
    layout: Layout | LayoutOf, original: Format, shape: SealShape, fonts: FontSet, *, contents: Contents
) -> Renderings:
    """Return both files unsigned. A function is asked for the layout with a notice to show; a layout gets it above its first line.

    Raises CharactersMissing. Costs about 10 ms a page, and 0.3 s the first time.
    """
    from hub.signing.ofd.write import render_ofd
    from hub.signing.pdf_render import render_pdf

    plain = layout if isinstance(layout, Layout) else layout("")
    noticed = _noticed(layout, original, fonts)
    impressions = (
        impression_at(plain.seal, shape.diameter_mm),
        *(across_edges(plain, shape.diameter_mm) if contents.across else ()),
    )
    for_pdf, for_ofd = (noticed, plain) if original == OFD else (plain, _printed(noticed, draw_seal(shape, fonts)))
    ofd = render_ofd(
        for_ofd,
        fonts,
        metadata=contents.metadata,
        attachments=contents.attachments,
        embed=contents.embed,
        created=contents.created,
    )
    return Renderings(ofd, render_pdf(for_pdf, fonts), original, impressions, plain)


def sign_files(made: Renderings, act: SealAct) -> tuple[MadeFile, MadeFile]:
    """Return the sealed original and the signed rendition; raises what keys and time stamps raise, and SealStructureMissing."""
    sealed = _sealed_ofd if made.original == OFD else _sealed_pdf
    return MadeFile(made.original, sealed(made, act), original=True), sign_rendition_of(made, act)


def sign_rendition_of(made: Renderings, act: SealAct) -> MadeFile:
    """Return the rendition alone, signed in the hub's name; the seal's own key is not asked. Raises what keys and time stamps raise."""
    if made.original == OFD:
        return MadeFile(PDF, _rendition_pdf(made, act), original=False)
    return MadeFile(OFD, _rendition_ofd(made, act), original=False)


def _sealed_ofd(made: Renderings, act: SealAct) -> bytes:
    from hub.signing.ofd.signing import OfdSealing, seal_ofd

    opened = act.opened
    if opened.structure is None:
        raise SealStructureMissing
    sealing = OfdSealing(
        seal=opened.structure,
        key=opened.key,
        certificate=opened.chain[0],
        places=made.impressions,
        signed_at=act.signed_at,
        timestamp=lambda digest: act.timestamp(digest, "sm3"),
        lock=True,
    )
    return seal_ofd(made.ofd, sealing)


def _rendition_pdf(made: Renderings, act: SealAct) -> bytes:
    from hub.signing.pades import RenditionAct, sign_rendition

    rendition = RenditionAct(
        key=act.rendition.key,
        chain=act.rendition.chain,
        drawing=draw_seal(act.shape, act.fonts),
        impressions=made.impressions,
        signed_at=act.signed_at,
        timestamp=act.timestamp,
        reason=NOTICES[OFD][0],
    )
    return sign_rendition(made.pdf, rendition)


def _sealed_pdf(made: Renderings, act: SealAct) -> bytes:
    from hub.signing.pades import SealingAct, seal_pdf

    sealing = SealingAct(
        key=act.opened.key,
        chain=act.opened.chain,
        drawing=draw_seal(act.shape, act.fonts),
        place=made.layout.seal,
        signed_at=act.signed_at,
        timestamp=act.timestamp,
        reason=act.reason,
        strips=made.impressions[1:],
    )
    return seal_pdf(made.pdf, sealing)


def _rendition_ofd(made: Renderings, act: SealAct) -> bytes:
    from hub.signing.ofd.signing import sign_ofd

    return sign_ofd(
        made.ofd,
        key=act.rendition.key,
        chain=act.rendition.chain,
        signed_at=act.signed_at,
        timestamp=lambda digest: act.timestamp(digest, "sm3"),
        lock=True,
    )


def _noticed(layout: Layout | LayoutOf, original: Format, fonts: FontSet) -> Layout:
    chinese, english = NOTICES[original]
    if not isinstance(layout, Layout):
        return layout(chinese)
    lines = tuple(
        _centred(line, baseline, layout.width_mm, fonts)
        for line, baseline in zip((chinese, english), NOTICE_BASELINES_MM, strict=True)
    )
    return replace(layout, pages=tuple(Page((*page.marks, *lines)) for page in layout.pages))


def _centred(line: str, baseline_mm: float, width_mm: float, fonts: FontSet) -> Text:
    mark = Text(line, 0.0, baseline_mm, NOTICE_PT, colour=GREY)
    width = fonts.width(line, mark.face) * NOTICE_PT * MM_PER_POINT
    return replace(mark, x_mm=(width_mm - width) / 2)


def _printed(layout: Layout, drawing: SealDrawing) -> Layout:
    """Return the layout with the seal painted first, below the text, which stays legible; strips are on the original alone."""
    seal = layout.seal
    pages = list(layout.pages)
    pages[seal.page] = Page((*seal_marks(drawing, seal.x_mm, seal.y_mm), *pages[seal.page].marks))
    return replace(layout, pages=tuple(pages))
