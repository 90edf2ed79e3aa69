"""The sentences of the findings: for each code the message in Chinese and English, then the remedy in Chinese and English.

Written for the person with the file in hand. Facts in braces are filled in by `hub.signing.verdict.finding`.
Those about e-seals and about OFD stand in their own modules.
"""

from __future__ import annotations

from hub.signing.finding_remedies import AGAIN_EN, AGAIN_ZH, ASK_EN, ASK_ZH, NONE_EN, NONE_ZH
from hub.signing.finding_texts_applicants import APPLICANT_TEXTS
from hub.signing.finding_texts_ledger import LEDGER_TEXTS
from hub.signing.finding_texts_ofd import OFD_TEXTS
from hub.signing.finding_texts_seals import SEAL_TEXTS

TEXTS: dict[str, tuple[str, str, str, str]] = {
    "SIG_VALID": (
        "文件由“{signer}”加盖电子印章，自盖章以来未被改动。",
        "The file was sealed by {signer} and has not been changed since.",
        NONE_ZH,
        NONE_EN,
    ),
    "NOT_SIGNED": (
        "文件中没有任何电子签名或电子印章。",
        "The file carries no electronic signature or seal.",
        "请上传出具机关发给您的原始文件；打印、扫描、另存或转换过的文件不含签名。",
        "Upload the file as the issuer sent it; printing, scanning or converting loses the seal.",
    ),
    "SIG_FORMAT": (
        "签名的结构不完整或不合规（{fact}）。",
        "The signature is malformed ({fact}).",
        AGAIN_ZH,
        AGAIN_EN,
    ),
    "SIG_DIGEST_MISMATCH": (
        "文件内容在盖章之后被改动过。",
        "The content was changed after it was sealed.",
        AGAIN_ZH,
        AGAIN_EN,
    ),
    "SIG_VALUE": (
        "签名值不是由所附证书的密钥作出的。",
        "The signature was not made with the key of its certificate.",
        AGAIN_ZH,
        AGAIN_EN,
    ),
    "SIG_COVERAGE": (
        "签名没有覆盖整个文件：有 {count} 个字节在签名之外。",
        "The signature does not cover the whole file: {count} bytes lie outside it.",
        AGAIN_ZH,
        AGAIN_EN,
    ),
    "SIG_LATER_REVISION": (
        "此签名之后文件又被追加了内容，追加的部分由后来的签名负责。",
        "The file was added to after this signature; a later signature answers for what was added.",
        "请核对追加的内容，必要时向各签名人核实。",
        "Look at what was added, and ask the signers when in doubt.",
    ),
    "SIG_WEAK_DIGEST": (
        "签名使用了可被伪造的算法（{fact}）。",
        "The signature uses an algorithm that can be forged ({fact}).",
        "请向出具机关索取用现行算法签署的文件。",
        "Ask the issuer for a file signed with a present-day algorithm.",
    ),
    "SIG_ALGORITHM_UNSUPPORTED": (
        "本核验程序不支持此签名的算法（{fact}）。",
        "This verifier does not know the signature's algorithm ({fact}).",
        "请用支持该算法的核验工具核验。",
        "Use a verifier that knows the algorithm.",
    ),
    "SIG_CERT_CHAIN": (
        "“{signer}”的证书不是由您信任的机构签发的。",
        "The certificate of {signer} does not lead to an authority you trust.",
        "请确认信任锚文件完整；若确已完整，则不要采信此签名。",
        "Check that your trust anchors are complete; if they are, do not rely on this signature.",
    ),
    "SIG_CERT_USAGE": (
        "“{signer}”的证书不是用于签名的。",
        "The certificate of {signer} is not meant for signing.",
        ASK_ZH,
        ASK_EN,
    ),
    "SIG_CERT_EXPIRED_AT_SIGNING": (
        "签名时“{signer}”的证书不在有效期内（{first} 至 {last}）。",
        "The certificate of {signer} was not valid at signing ({first} to {last}).",
        AGAIN_ZH,
        AGAIN_EN,
    ),
    "SIG_CERT_REVOKED_BEFORE_SIGNING": (
        "“{signer}”的证书在签名之前（{since}）已被吊销。",
        "The certificate of {signer} had been revoked before signing ({since}).",
        AGAIN_ZH,
        AGAIN_EN,
    ),
    "WARN_CERT_REVOKED_AFTER_SIGNING": (
        "“{signer}”的证书在签名之后（{since}）被吊销；签名当时有效。",
        "The certificate of {signer} was revoked after signing ({since}); it was valid then.",
        "如吊销原因是密钥泄露，请向出具机关核实。",
        "If the reason was a stolen key, ask the issuer.",
    ),
    "WARN_CERT_EXPIRED_NOW": (
        "“{signer}”的证书现已过期（{last}）；签名当时有效。",
        "The certificate of {signer} has expired since ({last}); it was valid at signing.",
        NONE_ZH,
        NONE_EN,
    ),
    "revocation_not_checked": (
        "信任锚文件中没有吊销列表，证书是否被吊销未查。",
        "The trust anchors hold no revocation list; revocation was not checked.",
        "如需核查，请使用带吊销列表的信任锚文件。",
        "Use trust anchors that include the authority's revocation list.",
    ),
    "SIG_TIMESTAMP": ("时间戳无效（{fact}）。", "The time stamp is not valid ({fact}).", AGAIN_ZH, AGAIN_EN),
    "SIG_TIMESTAMP_MISSING": (
        "没有可信时间戳，无法确定何时签名，因而无法确定签名时证书是否有效。",
        "Without a trusted time stamp it is unknown when the file was signed, and whether the certificate was valid then.",
        "请向出具机关索取带时间戳的文件。",
        "Ask the issuer for a file with a time stamp.",
    ),
    "SIG_TIMESTAMP_CERT_CHAIN": (
        "时间戳机构“{authority}”的证书不是由您信任的机构签发的，或不在有效期内。",
        "The certificate of the time-stamp authority {authority} does not lead to an anchor you trust, or was not valid.",
        "请确认信任锚文件包含该时间戳机构的根证书。",
        "Check that your trust anchors include the time-stamp authority's root.",
    ),
    "SIG_TIMESTAMP_EXPIRED_NOW": (
        "时间戳机构“{authority}”的证书现已过期（{last}），时间戳本身不再足以证明签名时间。",
        "The certificate of the time-stamp authority {authority} has expired ({last}); the time stamp alone no longer proves the time.",
        "请以账本证明或归档时间戳佐证。",
        "Rely on the ledger's proof or an archive time stamp besides.",
    ),
    "SIG_TIME_IN_FUTURE": (
        "时间戳的时间（{time}）晚于核验时间。",
        "The time stamp ({time}) lies after the time of verification.",
        "请检查核验所用的时钟。",
        "Check the clock used for verification.",
    ),
    "time_stamp_same_operator": (
        "时间戳与印章出自同一运营者，对签名时间的证明力以对其信任为限。",
        "The time stamp comes from the seal's own operator; it proves the time only as far as one trusts that operator.",
        "需要独立佐证时，请核对账本的联署检查点。",
        "For independent evidence, check the ledger's cosigned checkpoint.",
    ),
    "not_canonical": (
        "签名区的写法与规范形式不同（{fact}）。",
        "The signature's space is not written in the canonical form ({fact}).",
        "本枢纽出具的文件只有一种写法，不同即为改动；其他机构的文件仅作提示。",
        "Files of this hub have one form only, anything else is a change; for other issuers this is a remark.",
    ),
    "trust.no_anchors": (
        "没有提供信任锚，无法确定签名人是谁。",
        "No trust anchors were given; who signed cannot be established.",
        "请从公布地址取得信任锚文件，并用 --anchors 指定。",
        "Fetch the trust anchors from their published address and name them with --anchors.",
    ),
    "document.unknown_format": (
        "不认识的文件格式，无法核验。",
        "The format is unknown; the file cannot be verified.",
        "请上传出具机关发给您的原始文件（PDF 或 OFD）。",
        "Upload the original file (PDF or OFD) as the issuer sent it.",
    ),
    "document.too_large": (
        "文件超过 {limit} MiB，不予核验。",
        "The file is larger than {limit} MiB and is not verified.",
        "请用离线核验工具的其他实现核验。",
        "Use another verifier.",
    ),
    "document.header_changed": (
        "文件开头不是 PDF 的规定标识。",
        "The file does not begin as a PDF must.",
        AGAIN_ZH,
        AGAIN_EN,
    ),
    **SEAL_TEXTS,
    **OFD_TEXTS,
    **APPLICANT_TEXTS,
    **LEDGER_TEXTS,
}
