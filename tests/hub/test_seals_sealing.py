"""Original and rendition of one layout: which is which, what each shows, and that nothing of it depends on chance before signing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from pypdfium2 import PdfDocument

from hub.clock import FixedClock
from hub.seals.custody import OpenSeal
from hub.seals.faults import SealStructureMissing
from hub.seals.making import NewSeal, Owner
from hub.seals.permits import Permit
from hub.seals.previewing import NOTICE, preview_pdf
from hub.seals.sealing import (
    NOTICES,
    Contents,
    Format,
    MadeFile,
    SealAct,
    certify_renditions,
    make_files,
    open_rendition,
    render_files,
)
from hub.signing.anchors import Anchors
from hub.signing.authority import (
    certify_seal,
    certify_seal_maker,
    certify_time_stamps,
    found_authority,
)
from hub.signing.fonts import FontSet
from hub.signing.gbt9704 import lay_out
from hub.signing.key_files import FileKeyStore
from hub.signing.keys import P256, SM2, Key, Purpose
from hub.signing.keys_held import HeldKeys
from hub.signing.layout import GREY, Layout, Page, Text
from hub.signing.ofd.package import read_package
from hub.signing.placing import across_edges
from hub.signing.seal_drawing import draw_seal
from hub.signing.seal_picture import seal_picture
from hub.signing.ses_making import SealWanted, make_seal
from hub.signing.timestamp import TimeStampAuthority, TimeStampKey
from hub.signing.timestamp_client import TimeStampClient
from hub.signing.verdict import Outcome
from hub.signing.verify import verify_document
from tests.signing_desk import FOUNDED, ISSUER, SIGNED, decision

SEAL = NewSeal("xixian-fengdong", Owner(ISSUER, "11610100MB0000000J"))
PERMIT = Permit("seal", "bureau", "keeper", None)
SIDES: dict[str, Format] = {SM2: "OFD", P256: "PDF"}
BOTH = pytest.mark.parametrize("algorithm", [SM2, P256], ids=["national", "international"])
LATER = SIGNED + timedelta(days=1)


@pytest.fixture(scope="module")
def fonts(font_file: Path) -> FontSet:
    return FontSet(font_file)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> HeldKeys:
    """A store with a seal, its maker, rendition keys and time stamps of both algorithms."""
    store = FileKeyStore(tmp_path_factory.mktemp("keys"), b"a passphrase for tests")
    for algorithm in (P256, SM2):
        certify_seal(store, f"bureau-{algorithm.lower()}", ISSUER, FOUNDED, algorithm=algorithm)
        certify_time_stamps(store, f"tsa-{algorithm.lower()}", ISSUER, FOUNDED, algorithm=algorithm)
    certify_seal_maker(store, "maker", ISSUER, FOUNDED)
    certify_renditions(store, ISSUER, FOUNDED)
    return HeldKeys(store)


@pytest.fixture(scope="module")
def anchors(keys: HeldKeys) -> Anchors:
    roots = [found_authority(keys, FOUNDED, algorithm) for algorithm in (P256, SM2)]
    return Anchors(tuple(x509.load_der_x509_certificate(root) for root in roots))


def structure(keys: HeldKeys, fonts: FontSet) -> bytes:
    (certificate, *_) = keys.certificates(Purpose.SEAL, "bureau-sm2")
    wanted = SealWanted(
        es_id="61019900000001",
        name_zh=SEAL.name_zh,
        kind=3,
        certificates=[certificate],
        created_at=FOUNDED,
        valid_from=FOUNDED,
        valid_until=FOUNDED + timedelta(days=700),
        picture=seal_picture(draw_seal(SEAL.shape, fonts), fonts, SEAL.name_zh),
    )
    maker = keys.certificates(Purpose.SEAL_MAKER, "maker")[0]
    return make_seal(wanted, maker=keys.open(Purpose.SEAL_MAKER, "maker"), maker_certificate=maker)


def act(keys: HeldKeys, fonts: FontSet, algorithm: str) -> SealAct:
    name = f"bureau-{algorithm.lower()}"
    own, sm2 = (
        TimeStampKey(keys.open(Purpose.TIMESTAMP, stamps), keys.certificates(Purpose.TIMESTAMP, stamps))
        for stamps in ("tsa-p-256", "tsa-sm2")
    )
    authority = TimeStampAuthority(own.key, own.chain, FixedClock(SIGNED), sm2=sm2)
    return SealAct(
        opened=OpenSeal(
            PERMIT,
            keys.open(Purpose.SEAL, name),
            keys.certificates(Purpose.SEAL, name),
            structure(keys, fonts) if algorithm == SM2 else None,
        ),
        rendition=open_rendition(keys, seal_algorithm=algorithm),
        shape=SEAL.shape,
        fonts=fonts,
        signed_at=SIGNED,
        timestamp=TimeStampClient(authority.respond, own.chain[0], sm2.chain[0]).token,
        reason="批复",
    )


def made(keys: HeldKeys, fonts: FontSet, algorithm: str, **contents: object) -> tuple[MadeFile, MadeFile]:
    layout = lay_out(decision(paragraphs=12), fonts)
    return make_files(layout, act(keys, fonts, algorithm), Contents(**contents))  # type: ignore[arg-type]


def words(file: MadeFile) -> list[str]:
    """Return the text of each page."""
    if file.format == "OFD":
        entries = read_package(file.content).entries
        return [content.decode() for name, content in sorted(entries.items()) if name.endswith("Content.xml")]
    with PdfDocument(file.content) as document:
        return [page.get_textpage().get_text_range() for page in document]


@BOTH
def test_the_seals_key_decides_which_file_is_the_original(keys: HeldKeys, fonts: FontSet, algorithm: str) -> None:
    original, rendition = made(keys, fonts, algorithm)
    assert (original.format, original.original) == (SIDES[algorithm], True)
    assert {original.format, rendition.format} == {"OFD", "PDF"} and not rendition.original


@BOTH
@pytest.mark.parametrize("across", [False, True])
@pytest.mark.parametrize("embed", [False, True])
def test_both_files_pass_the_verifier(
    keys: HeldKeys, fonts: FontSet, anchors: Anchors, algorithm: str, across: bool, embed: bool
) -> None:
    files = made(keys, fonts, algorithm, across=across, embed=embed)
    verdicts = [verify_document(file.content, anchors, LATER) for file in files]
    assert [verdict.outcome for verdict in verdicts] == [Outcome.PASSED, Outcome.PASSED]


@BOTH
def test_every_page_of_the_rendition_names_the_original(keys: HeldKeys, fonts: FontSet, algorithm: str) -> None:
    _, rendition = made(keys, fonts, algorithm)
    notices = NOTICES[SIDES[algorithm]]
    pages = words(rendition)
    assert len(pages) == 3 and all(notice in page for page in pages for notice in notices)


@BOTH
def test_the_original_carries_no_notice(keys: HeldKeys, fonts: FontSet, algorithm: str) -> None:
    original, _ = made(keys, fonts, algorithm)
    assert not any("阅览件" in page for page in words(original))


def test_a_cross_page_seal_of_an_ofd_is_one_signature_shown_on_every_page(keys: HeldKeys, fonts: FontSet) -> None:
    original, _ = made(keys, fonts, SM2, across=True)
    described = read_package(original.content).entries["Doc_0/Signs/Sign_0/Signature.xml"].decode()
    assert described.count("<ofd:StampAnnot ") == 1 + 3 and described.count(" Clip=") == 3


def test_a_rendition_in_ofd_carries_no_seal(keys: HeldKeys, fonts: FontSet) -> None:
    _, rendition = made(keys, fonts, P256)
    entries = read_package(rendition.content).entries
    assert not any(name.endswith(".esl") for name in entries)
    assert b'Type="Sign"' in entries["Doc_0/Signs/Signatures.xml"]


@BOTH
def test_rendering_the_same_twice_gives_the_same_bytes(fonts: FontSet, algorithm: str) -> None:
    first, second = (
        render_files(
            lay_out(decision(), fonts), SIDES[algorithm], SEAL.shape, fonts, contents=Contents(metadata={"ZZBS": "1"})
        )
        for _ in range(2)
    )
    assert first == second and first.original_sha256 != first.rendition_sha256


def test_a_function_of_the_layout_places_the_notice_itself(fonts: FontSet) -> None:
    plain = lay_out(decision(), fonts)

    def layout_of(notice: str) -> Layout:
        mark = Text(f"※{notice}", 20, 280, 8, colour=GREY)
        return replace(plain, pages=tuple(Page((*page.marks, mark)) for page in plain.pages)) if notice else plain

    rendered = render_files(layout_of, "PDF", SEAL.shape, fonts, contents=Contents())
    page = read_package(rendered.ofd).entries["Doc_0/Pages/Page_0/Content.xml"].decode()
    assert NOTICES["PDF"][0] in page and NOTICES["PDF"][1] not in page


def test_an_sm2_seal_without_structure_seals_nothing(keys: HeldKeys, fonts: FontSet) -> None:
    whole = act(keys, fonts, SM2)
    with pytest.raises(SealStructureMissing):
        make_files(lay_out(decision(), fonts), replace(whole, opened=replace(whole.opened, structure=None)))


def test_a_preview_says_so_on_every_page_and_is_not_signed(fonts: FontSet) -> None:
    layout = lay_out(decision(paragraphs=12), fonts)
    shown = preview_pdf(layout, SEAL.shape, fonts, across=True)
    assert b"/ByteRange" not in shown and len(across_edges(layout, 42)) == 3
    with PdfDocument(shown) as document:
        assert all(NOTICE in page.get_textpage().get_text_range() for page in document)


class CountingStore(FileKeyStore):
    """A store that counts how often it opens a key."""

    opened = 0

    def open(self, purpose: Purpose, name: str) -> Key:  # type: ignore[override]
        """Count, and open."""
        self.opened += 1
        return super().open(purpose, name)


def test_held_keys_are_opened_once(tmp_path: Path) -> None:
    store = CountingStore(tmp_path, b"a passphrase for tests")
    certify_seal(store, "bureau", ISSUER, FOUNDED)
    before, held = store.opened, HeldKeys(store)
    assert held.open(Purpose.SEAL, "bureau") is held.open(Purpose.SEAL, "bureau")
    assert store.opened == before + 1 and held.certificates(Purpose.SEAL, "bureau")
