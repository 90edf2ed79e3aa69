"""What the tests of judging e-seals share: a signature judged, and its findings by outcome."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from hub.signing.ses_judging import Sealed, judge_signature
from hub.signing.ses_structures import parse_signature
from hub.signing.ses_values import ParsedSignature
from hub.signing.verdict import Finding, Outcome, SignatureReport
from hub.signing.verify_signature import Asked
from tests.seal_desk import FOUNDED, NOW, PATH, SealDesk

PASSED, FAILED, CANNOT_TELL = Outcome.PASSED, Outcome.FAILED, Outcome.CANNOT_TELL


def judged(
    desk: SealDesk,
    signature: bytes | ParsedSignature,
    *revoked: tuple[int, datetime],
    at: datetime = NOW,
    text: bytes = b"text",
) -> tuple[list[Finding], SignatureReport]:
    """The judgement, as of `at`, of a signature over `text`, with certificates revoked since when."""
    parsed = parse_signature(signature) if isinstance(signature, bytes) else signature
    findings, report = judge_signature(parsed, Sealed(text, PATH), Asked(desk.anchors(*revoked), at))
    assert report is not None
    return findings, report


def found(findings: list[Finding], *outcomes: Outcome) -> set[str]:
    """The codes of the findings with these outcomes, or of all."""
    return {each.code for each in findings if not outcomes or each.outcome in outcomes}


def with_times(desk: SealDesk, first: datetime, last: datetime, version: int = 4) -> bytes:
    """A seal in force from `first` until `last`."""
    return desk.seal(replace(desk.wanted(version), valid_from=first, valid_until=last, created_at=max(first, FOUNDED)))
