"""The sentences of findings about OFD packages (GB/T 33190): message, then remedy, each in Chinese and in English."""

from __future__ import annotations

from hub.signing.finding_remedies import AGAIN_EN, AGAIN_ZH, ASK_EN, ASK_ZH
from hub.signing.ofd import faults

PACKAGE = "OFD_PACKAGE"
PACKAGE_FAULTS: tuple[type[faults.OfdMalformed], ...] = (
    faults.OfdMalformed,
    faults.OfdTooLarge,
    faults.OfdExpands,
    faults.OfdPathEscapes,
    faults.OfdDuplicateEntry,
    faults.OfdHidden,
    faults.OfdEncrypted,
    faults.OfdLink,
    faults.OfdEntryMissing,
    faults.XmlMalformed,
    faults.XmlEntities,
    faults.XmlTooDeep,
)


def package_code(fault: type[faults.OfdMalformed]) -> str:
    """Return the finding's code of a fault: OFD_PACKAGE, or OFD_PACKAGE_… for the more exact ones."""
    return PACKAGE if fault is faults.OfdMalformed else f"{PACKAGE}_{fault.code.rpartition('.')[2].upper()}"


OFD_TEXTS: dict[str, tuple[str, str, str, str]] = {
    "REF_MISSING": (
        "签名所保护的内容“{entry}”不在文件中。",
        "Protected content {entry} is missing from the file.",
        AGAIN_ZH,
        AGAIN_EN,
    ),
    "REF_MISMATCH": (
        "签名所保护的内容“{entry}”在签名之后被改动过。",
        "Protected content {entry} was changed after it was signed.",
        AGAIN_ZH,
        AGAIN_EN,
    ),
    "WEAK_DIGEST": (
        "签名用可被伪造的摘要算法（{fact}）保护内容，不予采信。",
        "The signature protects its content with a digest that can be forged ({fact}); it is not relied upon.",
        "请向出具机关索取用现行算法签署的文件。",
        "Ask the issuer for a file signed with a present-day algorithm.",
    ),
    "UNKNOWN_DIGEST": (
        "本核验程序不支持签名所用的摘要算法（{fact}）。",
        "This verifier does not know the digest the signature uses ({fact}).",
        "请用支持该算法的核验工具核验。",
        "Use a verifier that knows the algorithm.",
    ),
    "UNPROTECTED_ENTRIES": (
        "文件中有 {count} 项内容不受签名保护：{entries}。",
        "{count} entries of the file are not protected by the signature: {entries}.",
        "不要依据未受保护的内容；请向出具机关核实。",
        "Do not rely on what is unprotected; ask the issuer.",
    ),
    "SEAL_MISMATCH": (
        "文件中的电子印章与签章数据中的电子印章不是同一个。",
        "The e-seal in the file is not the one in the signature.",
        AGAIN_ZH,
        AGAIN_EN,
    ),
    "SIG_WITHOUT_CERTIFICATE": (
        "签名中没有签名人证书，无法确定由谁签名、签名是否成立。",
        "The signature carries no certificate; who signed, and whether the signature holds, cannot be told.",
        ASK_ZH,
        ASK_EN,
    ),
    "SIG_BASE_INVALID": (
        "此签名所依据的签名“{base}”不存在或不成立。",
        "The signature {base} that this one builds on is missing or does not hold.",
        AGAIN_ZH,
        AGAIN_EN,
    ),
    **{
        package_code(fault): (f"{fault.fault_zh}（{{at}}）。", f"{fault.fault_en} ({{at}}).", AGAIN_ZH, AGAIN_EN)
        for fault in PACKAGE_FAULTS
    },
}
