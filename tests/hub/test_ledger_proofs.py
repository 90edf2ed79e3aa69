"""A ledger's proof and a license as JSON, verified by a stranger: what holds, what was changed, whom to trust, what cannot be told."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.clock import FixedClock
from hub.database import Database
from hub.ledger import proof_file
from hub.ledger.cupboard import encoded_key
from hub.ledger.feed import FeedEntry, feed_page
from hub.ledger.names import LedgerName
from hub.ledger.queries import key_rows, open_ledgers
from hub.ledger.reading import InclusionProof, inclusion_proof
from hub.ledger.sequencer import Sequencer
from hub.licenses import document
from hub.licenses.life import LicenseAct
from hub.licenses.records import License
from hub.signing.anchors import Anchors, AnchorsUnreadable, LedgerAnchor
from hub.signing.verdict import Outcome, Verdict
from hub.verdicts.formats import verify_document
from tests.license_office import SAFETY, Bureau, open_bureau

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Told = dict[str, Any]


@dataclass(frozen=True)
class House:
    """A hub whose ledgers are sequenced, with one license, and what a stranger is handed of them."""

    bureau: Bureau
    license: License

    def sequence(self) -> None:
        """Place everything and sign."""
        sequencer = Sequencer(self.bureau.database, self.bureau.keys, self.bureau.clock, lambda _origin: [])
        while sequencer.step():
            pass

    def found(self, name: LedgerName, kind: str, record_id: str) -> tuple[InclusionProof, FeedEntry]:
        """Return the proof of the record's newest version, and its entry with everything."""
        with self.bureau.database.reading() as session:
            proof = inclusion_proof(session, kind=kind, record_id=record_id, ledger=name)
            page = feed_page(session, name=name, after=proof.index, first=1, reader=None, whole=True)
        return proof, page.entries[0]

    def proof(self) -> Told:
        """Return the proof document of the license type, a public record."""
        proof, entry = self.found(LedgerName.PUBLIC, "license_type", SAFETY)
        return dict(json.loads(proof_file.written(proof, entry.content, entry.salt)))

    def document(self) -> Told:
        """Return the license document."""
        proof, entry = self.found(LedgerName.EXCHANGE, "license", self.license.identifier)
        return dict(json.loads(document.written(proof, entry.content or "", entry.salt or "")))

    def anchors(self) -> Anchors:
        """Return the keys that sign this hub's ledgers."""
        with self.bureau.database.reading() as session:
            keys = [
                LedgerAnchor(ledger.origin, encoded_key(row.algorithm, row.public_key))
                for ledger in open_ledgers(session)
                for row in key_rows(session, ledger.id)
            ]
        return Anchors(ledger_keys=tuple(keys))

    def verdict(self, told: Told | bytes, anchors: Anchors | None = None) -> Verdict:
        """Return what the one verifier says today."""
        data = told if isinstance(told, bytes) else json.dumps(told, ensure_ascii=False).encode()
        return verify_document(data, self.anchors() if anchors is None else anchors, self.bureau.clock.now())


@pytest.fixture
def house(database: Database, clock: FixedClock, tmp_path: Path) -> House:
    bureau = open_bureau(database, clock, tmp_path)
    made = House(bureau, bureau.issue())
    made.sequence()
    return made


def codes(told: Verdict) -> list[str]:
    return [found.code for found in told.findings]


def test_a_proof_passes_for_who_trusts_the_ledgers_key_and_names_the_record(house: House) -> None:
    told = house.verdict(house.proof())
    assert (told.outcome, codes(told)) == (Outcome.PASSED, ["ledger_record_proved"])
    assert SAFETY in told.findings[0].message_zh and SAFETY in told.findings[0].message_en


def test_a_license_document_passes_and_names_its_issuer(house: House) -> None:
    told = house.verdict(house.document())
    assert (told.outcome, codes(told)) == (Outcome.PASSED, ["license_proved", "license_demonstration"])
    assert "沣东新城行政审批局（演示）" in told.findings[0].message_zh


@pytest.mark.parametrize("kind", ["proof", "document"])
def test_without_the_ledgers_key_nothing_is_passed(house: House, kind: str) -> None:
    told = house.verdict(getattr(house, kind)(), Anchors())
    assert (told.outcome, told.findings[0].code) == (Outcome.CANNOT_TELL, "trust.no_ledger_keys")


def test_a_proof_by_another_key_of_the_ledger_cannot_be_told(house: House) -> None:
    origin = house.proof()["origin"]
    other = Anchors(ledger_keys=(LedgerAnchor(origin, encoded_key("Ed25519", bytes(range(32)))),))
    told = house.verdict(house.proof(), other)
    assert (told.outcome, codes(told)) == (Outcome.CANNOT_TELL, ["ledger_key_unknown"])


def _header(told: Told) -> None:
    told["header"] = told["header"].replace('"version":1', '"version":2')


def _index(told: Told) -> None:
    told["index"] += 1


def _path(told: Told) -> None:
    told["hashes"] = told["hashes"][:-1]


def _content(told: Told) -> None:
    told["content"] = told["content"].replace("安全", "危险")


def _root(told: Told) -> None:
    lines = told["checkpoint"].split("\n")
    lines[2] = base64.b64encode(bytes(32)).decode()
    told["checkpoint"] = "\n".join(lines)


def _size(told: Told) -> None:
    lines = told["checkpoint"].split("\n")
    lines[1] = str(int(lines[1]) + 1)
    told["checkpoint"] = "\n".join(lines)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_header, "ledger_proof_not_in_tree"),
        (_index, "ledger_proof_not_in_tree"),
        (_path, "ledger_proof_not_in_tree"),
        (_content, "ledger_content_mismatch"),
        (_root, "ledger_checkpoint_signature"),
        (_size, "ledger_checkpoint_signature"),
    ],
)
def test_whatever_is_changed_in_a_proof_fails_with_its_own_code(
    house: House, change: Callable[[Told], None], code: str
) -> None:
    told = house.proof()
    change(told)
    verdict = house.verdict(told)
    assert verdict.outcome is Outcome.FAILED
    assert code in codes(verdict)


def test_a_proof_is_not_accepted_for_another_ledger(house: House) -> None:
    told = house.proof() | {"origin": "tongban/xianyang-qindu/public/1"}
    assert "ledger_proof_elsewhere" in codes(house.verdict(told))


@pytest.mark.parametrize("member", ["status", "valid_until", "identifier"])
def test_a_license_whose_words_were_changed_fails(house: House, member: str) -> None:
    told = house.document()
    told["license"]["body"][member] = "2099-01-01" if member == "valid_until" else "ISSUED "
    assert house.verdict(told).outcome is Outcome.FAILED


def test_a_license_that_was_suspended_fails_though_its_proof_holds(house: House) -> None:
    house.bureau.act(house.license, LicenseAct.SUSPEND)
    house.sequence()
    told = house.verdict(house.document())
    assert (told.outcome, told.findings[0].code) == (Outcome.FAILED, "license_not_standing")
    assert "SUSPENDED" in told.findings[0].message_en


@pytest.mark.parametrize("days", [-2, 4 * 365])
def test_a_license_outside_its_term_fails(house: House, days: int) -> None:
    house.bureau.clock.advance(timedelta(days=days))
    assert "license_out_of_term" in codes(house.verdict(house.document()))


def test_a_proof_without_content_says_that_the_header_alone_is_proved(house: House) -> None:
    proof, _ = house.found(LedgerName.EXCHANGE, "license", house.license.identifier)
    told = house.verdict(proof_file.written(proof, None, None))
    assert (told.outcome, codes(told)) == (Outcome.PASSED, ["ledger_entry_proved", "ledger_proof_without_content"])


@pytest.mark.parametrize(
    "change",
    [
        {"format": "tongban-ledger-proof/2"},
        {"hashes": ["AAAA"]},
        {"hashes": "x"},
        {"index": "1"},
        {"index": True},
        {"checkpoint": "nothing"},
        {"header": 1},
        {"origin": "elsewhere"},
        {"salt": "AA"},
        {"content": None},
        {"more": 1},
    ],
)
def test_a_malformed_proof_is_a_finding_and_never_an_error(house: House, change: Told) -> None:
    assert codes(house.verdict(house.proof() | change)) == ["ledger_proof_format"]


@pytest.mark.parametrize(
    "change",
    [{"license": []}, {"license": {"kind": "license"}}, {"salt": 1}, {"proof": []}, {"proof": {}}, {"more": 1}],
)
def test_a_malformed_license_document_is_a_finding_and_never_an_error(house: House, change: Told) -> None:
    assert codes(house.verdict(house.document() | change)) == ["license_document_format"]


def test_no_character_of_a_license_document_can_be_changed_and_pass(house: House) -> None:
    data = json.dumps(house.document(), ensure_ascii=False).encode()
    anchors = house.anchors()
    for place in range(0, len(data), 7):
        changed = bytearray(data)
        changed[place] ^= 1
        told = house.verdict(bytes(changed), anchors)
        assert told.outcome is not Outcome.PASSED or json.loads(bytes(changed)) == json.loads(data), place


def test_keys_are_read_from_the_json_a_hub_publishes_beside_its_certificates(house: House) -> None:
    keys = [
        {"use": "LEDGER", "name": each.origin, "publicKey": each.public_key} for each in house.anchors().ledger_keys
    ]
    witness = {"use": "WITNESS", "name": "witness/x", "publicKey": "AA=="}
    told = Anchors.from_files([b"", json.dumps({"region": "x", "keys": [*keys, witness]}).encode()])
    assert replace(told) == house.anchors()
    assert house.verdict(house.proof(), told).outcome is Outcome.PASSED


@pytest.mark.parametrize("text", ["{", "{}", '{"keys": [1]}', '{"keys": [{"use": 1, "name": "", "publicKey": ""}]}'])
def test_a_file_of_keys_of_another_form_is_refused(text: str, database_url: str) -> None:
    with pytest.raises(AnchorsUnreadable):
        Anchors.from_files([text.encode()])
