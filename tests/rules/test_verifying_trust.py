"""Whom a verdict trusts, and for what: seals by those who may not make them, word of mouth about time, revoked authorities, names that deceive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from asn1crypto import x509 as asn1_x509

from hub.signing.authority import SM2_ROOT, found_authority
from hub.signing.issuing import Issuer, Subject, certificate
from hub.signing.key_files import FileKey
from hub.signing.keys import Purpose
from hub.signing.ses_making import SealUnsound, SignerUnfit
from hub.signing.verdict import Outcome
from hub.signing.verify import verify_document
from tests.seal_desk import DAY, FOUNDED, LONG_AGO, NOW, SIGNED, Holder, SealDesk, codes, failed

CANNOT_TELL, FAILED, PASSED = Outcome.CANNOT_TELL, Outcome.FAILED, Outcome.PASSED
EXTENDED_KEY_USAGE = "2.5.29.37"


def certified(desk: SealDesk, key: FileKey, name: Mapping[str, str], *, usage: list[str] | None = None) -> Holder:
    """A holder of `key` under another name, or for another use, certified by the root."""
    root = found_authority(desk.store, LONG_AGO, "SM2")
    extensions = ((EXTENDED_KEY_USAGE, asn1_x509.ExtKeyUsageSyntax(usage).dump()),) if usage else ()
    issuer = Issuer(desk.store.open(Purpose.AUTHORITY, SM2_ROOT), root)
    subject = Subject(name, key.public_key_der, extensions=extensions)
    return Holder(key, [certificate(subject, issuer, FOUNDED, FOUNDED + 365 * DAY), root])


def test_who_holds_a_seal_cannot_make_one_in_another_organs_name(seal_desk: SealDesk) -> None:
    stolen = replace(seal_desk.wanted(), name_zh="别的机关专用章")
    assert "SEAL_MAKER_CERT_USAGE" in failed(seal_desk.verdict(seal_desk.seal(stolen, seal_desk.signer())))


def test_a_seal_that_its_user_made_has_nobody_to_vouch_for_its_name(seal_desk: SealDesk) -> None:
    maker = seal_desk.maker()
    for by_digest in (False, True):
        own = replace(seal_desk.wanted(), certificates=(maker.certificate,), by_digest=by_digest)
        verdict = seal_desk.verdict(seal_desk.seal(own, maker))
        assert (verdict.outcome, codes(verdict)) == (CANNOT_TELL, {"SEAL_SELF_MADE"})


def test_another_certificate_for_the_makers_key_is_the_maker_still(seal_desk: SealDesk) -> None:
    maker = seal_desk.maker()
    other = certified(seal_desk, maker.key, {"common_name": "别的机关"})
    own = replace(seal_desk.wanted(), certificates=(other.certificate,))
    assert codes(seal_desk.verdict(seal_desk.seal(own, maker)), CANNOT_TELL) == {"SEAL_SELF_MADE"}


@pytest.mark.parametrize("usage", ["server_auth", "ocsp_signing", "time_stamping"])
def test_a_certificate_for_another_purpose_signs_no_document(seal_desk: SealDesk, usage: str) -> None:
    holder = certified(seal_desk, seal_desk.signer().key, {"common_name": "www.example.cn"}, usage=[usage])
    seal = seal_desk.seal(replace(seal_desk.wanted(), certificates=(holder.certificate,)))
    with pytest.raises(SignerUnfit):
        seal_desk.sealed(seal_desk.act(seal, holder))
    with pytest.raises(SealUnsound):
        seal_desk.seal(maker=holder)


def test_a_revoked_makers_word_does_not_prove_that_a_seal_was_made_before(seal_desk: SealDesk) -> None:
    revoked = (seal_desk.maker().serial, FOUNDED + 2 * DAY)
    seal = seal_desk.seal(seal_desk.wanted(5))
    for file in (seal, seal_desk.sealed(seal_desk.act(seal))):
        verdict = seal_desk.verdict(file, revoked)
        assert "SEAL_MAKER_CERT_REVOKED_UNPROVEN" in codes(verdict, CANNOT_TELL)
        assert verdict.outcome is CANNOT_TELL


def test_a_seal_used_before_its_makers_revocation_was_made_before(seal_desk: SealDesk) -> None:
    revoked = (seal_desk.maker().serial, SIGNED + timedelta(hours=1))
    verdict = seal_desk.verdict(seal_desk.sealed(seal_desk.act(seal_desk.seal(seal_desk.wanted(5)))), revoked)
    assert verdict.outcome is PASSED and "WARN_SEAL_MAKER_CERT_REVOKED" in codes(verdict)


def test_an_overdue_revocation_list_is_told_for_every_kind_of_signature(seal_desk: SealDesk) -> None:
    overdue = seal_desk.anchors(listed_at=SIGNED - 90 * DAY)
    for file in (seal_desk.sealed(), seal_desk.signed()):
        assert "revocation_list_outdated" in codes(verify_document(file, overdue, NOW))


def test_names_cannot_turn_round_or_break_the_sentences_they_stand_in(seal_desk: SealDesk) -> None:
    name = {"common_name": "甲\u202e\u2066局\x00\n\u200b乙", "organizational_unit_name": "丙\u2029"}
    holder = certified(seal_desk, seal_desk.signer().key, name)
    wanted = replace(seal_desk.wanted(), certificates=(holder.certificate,), name_zh="印\u202e章\x00\n" + "长" * 900)
    verdict = seal_desk.verdict(seal_desk.sealed(seal_desk.act(seal_desk.seal(wanted), holder)))
    (report,) = verdict.signatures
    told = [report.signer, report.seal_name or "", *(each.message_zh + each.message_en for each in verdict.findings)]
    assert all(text.isprintable() and len(text) < 1000 for text in told)
    assert report.signer.startswith("甲") and report.seal_name is not None and report.seal_name.startswith("印")
