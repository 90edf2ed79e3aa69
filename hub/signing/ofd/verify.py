"""Verifies an OFD: the package, the list of signatures, what each protects and what it leaves open, the e-seals (GB/T 33190, GB/T 38540).

Every entry a signature names is compared by its digest; every entry it does not name is reported; nothing stops at the first finding. A
signature is told by what its value holds, not by what the list calls it, because the list may be unsigned. Files of this hub, which say so
in signed bytes, must have the one form it writes; of others that is a remark. Malformed is a finding, never an error.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from hub.signing.der_reading import INTEGER, DerMalformed, read_der
from hub.signing.finding_texts_ofd import package_code
from hub.signing.ofd.faults import OfdMalformed
from hub.signing.ofd.package import Package, is_canonical, read_package
from hub.signing.ofd.signatures import (
    ROOT,
    SEAL,
    SIGN,
    Description,
    Listed,
    SignatureList,
    description,
    greatest_id,
    signature_lists,
    written_list,
)
from hub.signing.ofd.signing import MARK
from hub.signing.ses_checks import WEAK_DIGESTS, digest_name
from hub.signing.ses_judging import Sealed, judge_signature
from hub.signing.ses_structures import parse_signature
from hub.signing.ses_values import SealMalformed, SealVersionUnknown, SesSignatureMalformed
from hub.signing.signature_faults import SignatureMalformed, SignatureUnsupported, SignatureWeak
from hub.signing.sm2 import sm3
from hub.signing.verdict import Finding, Outcome, SignatureReport, finding, worst
from hub.signing.verify_gb_signed_data import looks_like_gb_signed_data, parse_sm2_signed_data
from hub.signing.verify_signature import Asked, judge

FAILED, CANNOT_TELL, PASSED = Outcome.FAILED, Outcome.CANNOT_TELL, Outcome.PASSED
ZIP_MARK, END_MARK, PDF_MARK = b"PK\x03\x04", b"PK\x05\x06", b"%PDF-"
END_WITHIN = 66_000  # the end record and the longest comment
NAMED_AT_MOST = 5
BARE_AT_MOST = 80  # an SM2 signature takes 72 bytes at most
Found = tuple[list[Finding], SignatureReport | None]


@dataclass
class _Opened:
    """A package under verification: its lists, the descriptions read so far, and the digests computed so far."""

    package: Package
    lists: list[SignatureList]
    asked: Asked
    digests: dict[tuple[str, str], bytes] = field(default_factory=dict)

    @property
    def entries(self) -> Mapping[str, bytes]:
        return self.package.entries

    def digest(self, entry: str, name: str) -> bytes:
        """Return the digest of an entry, computed once however many signatures name it."""
        if (entry, name) not in self.digests:
            self.digests[entry, name] = hashlib.new(name, self.entries[entry]).digest()
        return self.digests[entry, name]


def looks_like_ofd(data: bytes) -> bool:
    """Say whether `data` is, or was before somebody changed a little, a ZIP that holds an OFD.xml; some vendors put bytes before it."""
    is_zip = data.startswith(ZIP_MARK) or (END_MARK in data[-END_WITHIN:] and not data.startswith(PDF_MARK))
    return is_zip and ROOT.encode() in data


def verify_ofd(data: bytes, asked: Asked) -> tuple[list[Finding], list[SignatureReport]]:
    """Return every finding about the OFD and a report for each readable signature, in the order of the lists."""
    try:
        package = read_package(data)
        opened = _Opened(package, signature_lists(package.entries), asked)
    except OfdMalformed as malformed:
        return [_package_finding(malformed)], []
    if not any(each.listed for each in opened.lists):
        return [finding("NOT_SIGNED", FAILED)], []
    findings: list[Finding] = []
    reports: list[SignatureReport] = []
    for each in opened.lists:
        found, reported, descriptions = _verify_list(opened, each)
        findings += [*found, *_form(data, opened, each, descriptions)]
        reports += reported
    return findings, reports


def _package_finding(fault: OfdMalformed) -> Finding:
    return finding(package_code(type(fault)), FAILED, at=fault.at[:80] or "ZIP")


def _verify_list(
    opened: _Opened, signatures: SignatureList
) -> tuple[list[Finding], list[SignatureReport], list[Description]]:
    """Judge the signatures of one document in their order, each knowing which come later and how earlier ones fared."""
    findings: list[Finding] = []
    reports: list[SignatureReport] = []
    descriptions: list[Description] = []
    fared: dict[str, Outcome] = {}
    for index, listed in enumerate(signatures.listed):
        try:
            described = description(opened.entries, listed.path)
        except OfdMalformed as malformed:
            findings.append(_package_finding(malformed))
            continue
        descriptions.append(described)
        about = [
            *_references(opened, described),
            *_unprotected(opened, described, signatures.listed[index + 1 :]),
            *_base(listed, fared),
        ]
        found, report = _verify_one(opened, described, about)
        fared[listed.id] = worst([each.outcome for each in found])
        if report and fared[listed.id] is PASSED:
            found.append(finding("SIG_VALID", PASSED, signer=report.signer))
        findings += found
        reports += [report] if report else []
    return findings, reports, descriptions


def _verify_one(opened: _Opened, described: Description, about: list[Finding]) -> Found:
    value = opened.entries[described.value_path]
    if looks_like_gb_signed_data(value):
        return _verify_signed_data(value, described, about, opened.asked)
    if _is_bare(value):
        return [*about, finding("SIG_WITHOUT_CERTIFICATE", CANNOT_TELL)], None
    try:
        parsed = parse_signature(value)
    except SealVersionUnknown as later:
        return [*about, finding("SEAL_VERSION", CANNOT_TELL, fact=later.fact)], None
    except SealMalformed as malformed:
        return [*about, finding("SEAL_FORMAT", FAILED, fact=malformed.fact)], None
    except SesSignatureMalformed as malformed:
        return [*about, finding("SIG_FORMAT", FAILED, fact=malformed.fact)], None
    about += _same_seal(opened, described, parsed.seal.raw)
    return judge_signature(parsed, Sealed(described.content, f"/{described.path}", about), opened.asked)


def _verify_signed_data(value: bytes, described: Description, about: list[Finding], asked: Asked) -> Found:
    """Judge a signature without a seal, whose certificate comes with it (GB/T 35275)."""
    try:
        parsed = parse_sm2_signed_data(value, described.content)
    except SignatureUnsupported as unsupported:
        return [*about, finding("SIG_ALGORITHM_UNSUPPORTED", CANNOT_TELL, fact=unsupported.fact)], None
    except SignatureMalformed as malformed:
        code = "SIG_WEAK_DIGEST" if isinstance(malformed, SignatureWeak) else "SIG_FORMAT"
        return [*about, finding(code, FAILED, fact=malformed.fact)], None
    findings, report = judge(parsed, sm3(described.content), asked)
    if not parsed.canonical:
        outcome = FAILED if described.provider == MARK else PASSED
        about.append(finding("not_canonical", outcome, fact="SignedData"))
    rest = worst([PASSED, *(each.outcome for each in about)])
    answers = (worst([report.valid_at_signing, rest]), worst([report.valid_now, rest]))
    return [*findings, *about], replace(report, valid_at_signing=answers[0], valid_now=answers[1])


def _references(opened: _Opened, described: Description) -> Iterator[Finding]:
    """Yield what is wrong with the protected files: one is missing or changed, or the digest proves nothing."""
    name = digest_name(described.check_method)
    if not described.references:
        yield finding("SIG_FORMAT", FAILED, fact="References")
    if name is None:
        yield finding("UNKNOWN_DIGEST", CANNOT_TELL, fact=described.check_method[:40])
    elif name in WEAK_DIGESTS:
        yield finding("WEAK_DIGEST", FAILED, fact=described.check_method[:40])
    for reference in described.references:
        if reference.entry is None:
            yield finding("REF_MISSING", FAILED, entry=reference.written[:80])
        elif name and opened.digest(reference.entry, name) != _decoded(reference.check_value):
            yield finding("REF_MISMATCH", FAILED, entry=reference.entry[:80])


def _unprotected(opened: _Opened, described: Description, later: Sequence[Listed]) -> Iterator[Finding]:
    """Yield the entries outside the signature's references, save its own two, the lists, and what later signatures brought along.

    OFD.xml alone, as one vendor leaves it, decides which document is shown, but can name only protected ones: that is cannot tell.
    """
    spared = {described.path, described.value_path, *(each.path for each in opened.lists)}
    if described.seal_path:
        spared.add(described.seal_path)  # compared with the seal in the signature instead
    spared |= {each.entry for each in described.references if each.entry}
    folders = tuple(_own_folders(opened, later))
    left = [name for name in opened.entries if name not in spared and not name.startswith(folders)]
    if left:
        outcome = CANNOT_TELL if left == [ROOT] else FAILED
        named = "、".join(name[:80] for name in left[:NAMED_AT_MOST]) + ("……" if len(left) > NAMED_AT_MOST else "")
        yield finding("UNPROTECTED_ENTRIES", outcome, count=len(left), entries=named)


def _own_folders(opened: _Opened, later: Sequence[Listed]) -> Iterator[str]:
    """Yield the folders of later signatures, as far as they lie below the folder of their list, where nothing else belongs."""
    for each in later:
        folder = posixpath.dirname(each.path) + "/"
        if any(folder.startswith(f"{posixpath.dirname(lists.path)}/Sign") for lists in opened.lists):
            yield folder


def _base(listed: Listed, fared: Mapping[str, Outcome]) -> Iterator[Finding]:
    """Yield what is wrong with the signature this one builds on (@Relative); it must stand earlier and hold."""
    if listed.base is None:
        return
    outcome = fared.get(listed.base, FAILED)
    if outcome is not PASSED:
        yield finding("SIG_BASE_INVALID", outcome, base=listed.base[:40])


def _same_seal(opened: _Opened, described: Description, embedded: bytes) -> Iterator[Finding]:
    if described.seal_path is None:
        return
    kept = opened.entries.get(described.seal_path)
    if kept is None:
        yield finding("REF_MISSING", FAILED, entry=described.seal_path[:80])
    elif kept != embedded and not _wraps(kept, embedded):
        yield finding("SEAL_MISMATCH", FAILED)


def _form(
    data: bytes, opened: _Opened, signatures: SignatureList, descriptions: Sequence[Description]
) -> Iterator[Finding]:
    """Yield where the unsigned bytes differ from this hub's form: refused when it signed last, remarked otherwise."""
    outcome = FAILED if descriptions and descriptions[-1].provider == MARK else PASSED
    if not is_canonical(data, opened.package):
        yield finding("not_canonical", outcome, fact="ZIP")
    wanted = _numbered(signatures.listed, descriptions)
    if opened.entries[signatures.path] != written_list(wanted, greatest_id(wanted, descriptions)):
        yield finding("not_canonical", outcome, fact=posixpath.basename(signatures.path)[:80])


def _numbered(listed: Sequence[Listed], descriptions: Sequence[Description]) -> list[Listed]:
    """Return the list with the ids and kinds that this hub would have given to the signatures it made."""
    described = {each.path: each for each in descriptions}
    wanted: list[Listed] = []
    before: list[Description] = []
    for each in listed:
        own = described.get(each.path)
        if own is not None and own.provider == MARK:
            each = Listed(str(greatest_id(wanted, before) + 1), SEAL if own.seal_path else SIGN, each.path)
        wanted.append(each)
        before += [own] if own else []
    return wanted


def _is_bare(value: bytes) -> bool:
    """Say whether a value is a bare signature, SEQUENCE of two INTEGERs, with no certificate inside."""
    try:
        members = read_der(value).children if len(value) <= BARE_AT_MOST else ()
    except DerMalformed:
        return False
    return [each.tag for each in members] == [INTEGER, INTEGER]


def _wraps(kept: bytes, embedded: bytes) -> bool:
    """Say whether the seal's file holds the embedded seal within one OCTET STRING."""
    try:
        return read_der(kept).content == embedded
    except DerMalformed:
        return False


def _decoded(check_value: str) -> bytes | None:
    try:
        return base64.b64decode("".join(check_value.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
