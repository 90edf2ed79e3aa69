"""A signature record under the verifier: the kind it names, files held against it, and every way to change it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import Encoding

from hub.__main__ import main
from hub.clock import FixedClock
from hub.signatures.signing import SigningTable
from hub.signatures.strokes import drawing_of
from hub.signing.anchors import Anchors
from hub.signing.applicant_record import FORMAT, looks_like_signature_record, written
from hub.signing.applicant_verify import check_files
from hub.signing.canonical import canonical
from hub.signing.one_time_certificates import OneTimeKeySpent, certify_once
from hub.signing.verdict import Outcome, Verdict
from hub.signing.verify import verify_document
from hub.web.signing_table import table_of
from tests.services import copy_sqlite
from tests.signing_records import FILES, anchors_of, record_of
from tests.web_hub import STANDING_AT, composed, open_ledgers

STROKES = drawing_of("[[[100, 200], [400, 100], [700, 300]]]")
STEP = 7  # every seventh byte of a record of some ten thousand; `make bench` takes them all


@dataclass(frozen=True)
class Signed:
    """A drawn record and one by certificate, and who is trusted."""

    drawn: bytes
    certificate: bytes
    anchors: Anchors
    table: SigningTable

    def verdict(self, record: bytes, *, after: timedelta = timedelta()) -> Verdict:
        """Return the verdict so long after signing."""
        return verify_document(record, self.anchors, STANDING_AT + after)


@pytest.fixture(scope="module")
def signed(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, font_file: Path) -> Iterator[Signed]:
    """One hub, signed twice."""
    folder = tmp_path_factory.mktemp("records")
    hub = composed(folder / "hub", copy_sqlite(sqlite_template, folder / "hub.db"), font_file, FixedClock(STANDING_AT))
    open_ledgers(hub)
    table = table_of(hub)
    yield Signed(record_of(table, STROKES), record_of(table, None), anchors_of(hub), table)
    hub.database.close()


def codes(told: Verdict) -> set[str]:
    return {each.code for each in told.findings}


def changed(record: bytes, **members: Any) -> bytes:
    """Return the record with other members, canonical again."""
    return canonical({**json.loads(record), **members})


def manifest_with(record: bytes, **members: Any) -> bytes:
    """Return the record with other members in its manifest, canonical again."""
    return changed(record, manifest={**json.loads(record)["manifest"], **members})


def test_the_verdict_on_a_drawn_signature_says_so_and_names_the_provider(signed: Signed) -> None:
    told = signed.verdict(signed.drawn)
    assert told.outcome is Outcome.PASSED
    assert told.findings[0].message_zh.startswith("这是手写签名：“张**”于签名时由“演示签名服务商")


def test_the_verdict_on_a_signature_by_certificate_says_so(signed: Signed) -> None:
    told = signed.verdict(signed.certificate)
    assert told.outcome is Outcome.PASSED
    assert told.findings[0].message_zh.startswith("这是证书签名：“张**”用“演示签名服务商")


def test_a_demonstration_provider_is_named_as_such(signed: Signed) -> None:
    told = signed.verdict(signed.certificate)
    assert "applicant_demonstration_provider" in codes(told)
    assert "演示专用 DEMONSTRATION" in told.signatures[0].signer


def test_a_signature_outlives_its_one_time_certificate(signed: Signed) -> None:
    told = signed.verdict(signed.drawn, after=timedelta(days=400))
    assert (told.outcome, told.signatures[0].valid_now) == (Outcome.PASSED, Outcome.PASSED)
    assert "one_time_certificate_spent" in codes(told)


def test_without_trust_anchors_nobody_can_tell(signed: Signed) -> None:
    assert verify_document(signed.drawn, Anchors(), STANDING_AT).outcome is Outcome.CANNOT_TELL


@pytest.mark.parametrize("kind", ["drawn", "certificate"])
def test_no_flipped_bit_of_a_record_is_ever_passed(signed: Signed, kind: str) -> None:
    record = bytearray(signed.drawn if kind == "drawn" else signed.certificate)
    passed = []
    for place in range(0, len(record), STEP):
        record[place] ^= 1 << place % 8
        if signed.verdict(bytes(record)).outcome is Outcome.PASSED:
            passed.append(place)
        record[place] ^= 1 << place % 8
    assert passed == []


def test_another_spelling_of_the_same_record_is_refused(signed: Signed) -> None:
    spaced = json.dumps(json.loads(signed.drawn), ensure_ascii=False, indent=1).encode()
    assert "not_canonical" in codes(signed.verdict(spaced))
    assert signed.verdict(spaced).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    "members",
    [
        {"purpose": "转让全部股权"},
        {"kind": "drawn", "drawing_sm3": "0" * 64},
        {"files": []},
        {"signer": {"name": "李**"}},
    ],
    ids=["purpose", "kind", "files", "signer"],
)
def test_a_manifest_that_says_something_else_fails(signed: Signed, members: dict[str, Any]) -> None:
    assert signed.verdict(manifest_with(signed.certificate, **members)).outcome is Outcome.FAILED


def test_another_drawing_put_into_the_record_fails(signed: Signed) -> None:
    other = drawing_of("[[[0, 0], [1000, 400]]]").to_json()
    assert "applicant_drawing_altered" in codes(signed.verdict(changed(signed.drawn, drawing=other)))


def test_the_signature_of_another_record_fails(signed: Signed) -> None:
    other = json.loads(signed.certificate)["signature"]
    told = signed.verdict(changed(signed.drawn, signature=other))
    assert {"SIG_VALUE", "one_time_certificate_elsewhere"} <= codes(told)


@pytest.mark.parametrize(
    "record",
    [
        b'{"format":"tongban-signature/2"}',
        b'{"format":"tongban-signature/1"}',
        b'{"format":"tongban-signature/1","manifest":[],"drawing":null,"signature":""}',
        b'{"x":"tongban-signature/1' + b"[" * 100_000,
        b'{"format":"tongban-signature/1"' + b" " * 600_000 + b"}",
    ],
)
def test_what_is_no_record_is_a_finding_and_no_crash(signed: Signed, record: bytes) -> None:
    assert looks_like_signature_record(record)
    assert codes(signed.verdict(record)) == {"applicant_record_format"}


def test_a_signature_that_is_no_signed_data_is_a_finding(signed: Signed) -> None:
    told = json.loads(signed.drawn)
    record = written(told["manifest"], told["drawing"], b"0\x03\x02\x01\x01")
    assert "SIG_FORMAT" in codes(signed.verdict(record))
    assert base64.b64encode(b"0\x03\x02\x01\x01") in record
    assert told["format"] == FORMAT


def test_the_very_files_match_the_record(signed: Signed) -> None:
    assert [each.code for each in check_files(signed.drawn, FILES)] == ["applicant_file_matches"] * 2


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({**FILES, "申请表.pdf": b"%PDF-1.7\nforn"}, "applicant_file_altered"),
        ({"申请表.pdf": FILES["申请表.pdf"]}, "applicant_file_left_out"),
        ({**FILES, "附加.pdf": b"%PDF-1.7"}, "applicant_file_not_signed"),
    ],
    ids=["altered", "left out", "added"],
)
def test_an_altered_a_missing_and_an_added_file_each_fail(signed: Signed, files: dict[str, bytes], code: str) -> None:
    found = {each.code: each.outcome for each in check_files(signed.drawn, files)}
    assert found[code] is Outcome.FAILED


@pytest.mark.parametrize(("content", "status"), [(FILES["申请表.pdf"], 0), (b"%PDF-1.7\nanother", 1)])
def test_the_offline_command_holds_files_against_the_record(
    signed: Signed, tmp_path: Path, content: bytes, status: int
) -> None:
    paths = {"record.json": signed.drawn, **FILES, "申请表.pdf": content}
    for name, written_content in paths.items():
        (tmp_path / name).write_bytes(written_content)
    pem = b"".join(each.public_bytes(Encoding.PEM) for each in signed.anchors.certificates)
    (tmp_path / "anchors.pem").write_bytes(pem)
    files = [argument for name in FILES for argument in ("--signed", str(tmp_path / name))]
    told = CliRunner().invoke(
        main, ["verify", str(tmp_path / "record.json"), "--anchors", str(tmp_path / "anchors.pem"), *files]
    )
    assert (told.exit_code, "applicant_drawn" in told.output) == (status, True)


def test_a_one_time_key_signs_once_and_never_again(signed: Signed) -> None:
    provider = signed.table.provider
    made = certify_once(provider.keys, "张**", "DEMO-1", digest=bytes(32), at=STANDING_AT)  # type: ignore[attr-defined]
    made.key.sign(b"once")
    with pytest.raises(OneTimeKeySpent):
        made.key.sign(b"twice")
