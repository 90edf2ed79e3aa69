"""What a verification answers: passed, failed or cannot tell, with every finding and what to do about it.

An expected answer is a value: nothing here is raised. Cannot tell is never shown as passed; a verdict is as bad as its worst finding. Codes
in capitals are the vocabulary of GB/T 38540 verification (SIG_…, WARN_…); the hub's own are in lower case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hub.signing.finding_texts import TEXTS
from hub.signing.shown import shown


class Outcome(StrEnum):
    """The three answers, in the words of pyHanko and ETSI EN 319 102-1 (total-passed, total-failed, indeterminate)."""

    PASSED = "passed"
    FAILED = "failed"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True)
class Finding:
    """One thing found. PASSED findings are good news or remarks; each has a sentence and a remedy in Chinese and in English."""

    code: str
    outcome: Outcome
    message_zh: str
    message_en: str
    remedy_zh: str
    remedy_en: str


@dataclass(frozen=True)
class SignatureReport:
    """One signature. `signed_at` is the time stamp's time, or None without a sound one; `claimed_at` is what the signer wrote within the
    signed bytes of an e-seal signature (GB/T 38540), which proves nothing. `seal_name` names the e-seal, when there is one. Names are as
    `shown`.

    `valid_at_signing` and `valid_now` answer separately: a certificate may expire after it signed rightly.
    """

    signer: str
    certificate_sha256: str
    signed_at: datetime | None
    time_stamp_authority: str | None
    valid_at_signing: Outcome
    valid_now: Outcome
    seal_name: str | None = None
    claimed_at: datetime | None = None


@dataclass(frozen=True)
class Verdict:
    """The answer about one file; `sha256` (64 lower-case hexadecimal digits) says about which bytes."""

    outcome: Outcome
    findings: tuple[Finding, ...]
    signatures: tuple[SignatureReport, ...]
    sha256: str


def finding(code: str, outcome: Outcome, **facts: object) -> Finding:
    """Return the finding `code` with its texts filled with `facts`; the code must stand in TEXTS.

    A fact that has a name in each language is a pair: Chinese, English. Facts are often words out of the file: only what can be seen is shown.
    """
    chinese, english = _said(facts, 0), _said(facts, 1)
    message_zh, message_en, remedy_zh, remedy_en = TEXTS[code]
    return Finding(code, outcome, message_zh.format(**chinese), message_en.format(**english), remedy_zh, remedy_en)


def worst(outcomes: Sequence[Outcome]) -> Outcome:
    """Return FAILED if any failed, else CANNOT_TELL if any could not be told, else PASSED; CANNOT_TELL for none at all."""
    for outcome in (Outcome.FAILED, Outcome.CANNOT_TELL, Outcome.PASSED):
        if outcome in outcomes:
            return outcome
    return Outcome.CANNOT_TELL


def verdict(findings: Sequence[Finding], signatures: Sequence[SignatureReport], sha256: str) -> Verdict:
    """Return the verdict that follows from `findings`, each kept once, the worst first, and SIG_VALID before remarks."""
    order = (Outcome.FAILED, Outcome.CANNOT_TELL, Outcome.PASSED)
    kept = sorted(dict.fromkeys(findings), key=lambda each: (order.index(each.outcome), each.code != "SIG_VALID"))
    return Verdict(worst([each.outcome for each in kept]), tuple(kept), tuple(signatures), sha256)


def _said(facts: Mapping[str, object], language: int) -> dict[str, object]:
    chosen = {name: fact[language] if isinstance(fact, tuple) else fact for name, fact in facts.items()}
    return {name: shown(fact) if isinstance(fact, str) else fact for name, fact in chosen.items()}
