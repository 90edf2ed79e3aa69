"""The sentences of findings about e-seals (GM/T 0031, GB/T 38540): message, then remedy, each in Chinese and in English."""

from __future__ import annotations

from hub.signing.finding_remedies import AGAIN_EN, AGAIN_ZH, ASK_EN, ASK_ZH, NONE_EN, NONE_ZH

_REMADE_ZH = "请持章单位向制章者重新申领电子印章。"
_REMADE_EN = "The seal's holder must have it made anew by its maker."
_LISTS_ZH = "请使用最新的、包含该机构吊销列表的信任锚文件。"
_LISTS_EN = "Use current trust anchors that include this authority's revocation list."

SEAL_TEXTS: dict[str, tuple[str, str, str, str]] = {
    "SEAL_VALID": (
        "电子印章“{seal}”由制章者签名，结构、证书和有效期均无误。",
        "E-seal {seal} is signed by its maker; its structure, certificates and validity are sound.",
        NONE_ZH,
        NONE_EN,
    ),
    "SEAL_FORMAT": ("电子印章的结构不合规（{fact}）。", "The e-seal is malformed ({fact}).", AGAIN_ZH, AGAIN_EN),
    "SEAL_VERSION": (
        "电子印章的版本（{fact}）高于本核验程序支持的版本。",
        "The e-seal's version ({fact}) is later than this verifier knows.",
        "请用支持该版本的核验工具核验。",
        "Use a verifier that knows the version.",
    ),
    "SEAL_SIGNATURE": (
        "电子印章上的制章者签名不成立，印章被改动或伪造。",
        "The maker's signature on the e-seal does not hold: the seal was changed or forged.",
        AGAIN_ZH,
        AGAIN_EN,
    ),
    "SEAL_MAKER_CERT_CHAIN": (
        "制章者“{maker}”的证书不是由您信任的机构签发的。",
        "The certificate of the seal's maker {maker} does not lead to an authority you trust.",
        "请确认信任锚文件完整；若确已完整，则不要采信此印章。",
        "Check that your trust anchors are complete; if they are, do not rely on this seal.",
    ),
    "SEAL_MAKER_CERT_USAGE": (
        "制章者“{maker}”的证书不是用于签名的。",
        "The certificate of the seal's maker {maker} is not meant for signing.",
        ASK_ZH,
        ASK_EN,
    ),
    "SEAL_MAKER_CERT_NOT_YET_VALID": (
        "制章者“{maker}”的证书当时尚未生效（{first} 起）。",
        "The certificate of the seal's maker {maker} was not yet valid (from {first}).",
        _REMADE_ZH,
        _REMADE_EN,
    ),
    "SEAL_MAKER_CERT_EXPIRED": (
        "制章者“{maker}”的证书当时已过期（{last}）。",
        "The certificate of the seal's maker {maker} had expired ({last}).",
        _REMADE_ZH,
        _REMADE_EN,
    ),
    "SEAL_MAKER_CERT_REVOKED": (
        "制章者“{maker}”的证书当时已被吊销（{since}）。",
        "The certificate of the seal's maker {maker} had been revoked ({since}).",
        _REMADE_ZH,
        _REMADE_EN,
    ),
    "SEAL_MAKER_CERT_REVOKED_UNPROVEN": (
        "制章者“{maker}”的证书已被吊销（{since}）；印章自称制于此前，但没有可信时间戳佐证。",
        "The certificate of the seal's maker {maker} was revoked ({since}); that the seal was made before is its maker's word alone.",
        _REMADE_ZH,
        _REMADE_EN,
    ),
    "SEAL_SELF_MADE": (
        "电子印章“{seal}”由用章人自制，没有他人为印章名称作证。",
        "The e-seal {seal} was made by the one who signs with it; nobody else vouches for its name.",
        ASK_ZH,
        ASK_EN,
    ),
    "WARN_SEAL_MAKER_CERT_EXPIRED": (
        "制章者“{maker}”的证书现已过期（{last}）；当时有效。",
        "The certificate of the seal's maker {maker} has expired since ({last}); it was valid then.",
        NONE_ZH,
        NONE_EN,
    ),
    "WARN_SEAL_MAKER_CERT_REVOKED": (
        "制章者“{maker}”的证书后来（{since}）被吊销；当时有效。",
        "The certificate of the seal's maker {maker} was revoked later ({since}); it was valid then.",
        "如吊销原因是密钥泄露，请向出具机关核实。",
        "If the reason was a stolen key, ask the issuer.",
    ),
    "SEAL_NOT_YET_VALID": (
        "电子印章“{seal}”当时尚未生效（{first} 起）。",
        "E-seal {seal} was not yet valid (from {first}).",
        ASK_ZH,
        ASK_EN,
    ),
    "SEAL_EXPIRED": (
        "电子印章“{seal}”当时已过有效期（{last}）。",
        "E-seal {seal} had expired ({last}).",
        _REMADE_ZH,
        _REMADE_EN,
    ),
    "WARN_SEAL_EXPIRED_NOW": (
        "电子印章“{seal}”现已过有效期（{last}）；用印当时有效。",
        "E-seal {seal} has expired since ({last}); it was valid when used.",
        NONE_ZH,
        NONE_EN,
    ),
    "SEAL_CREATE_TIME": (
        "电子印章“{seal}”的制章时间（{time}）不在印章有效期内。",
        "E-seal {seal} says it was made ({time}) outside its own validity.",
        _REMADE_ZH,
        _REMADE_EN,
    ),
    "SEAL_TIMESTAMP": (
        "电子印章中的时间戳无效（{fact}）。",
        "The time stamp in the e-seal is not valid ({fact}).",
        _REMADE_ZH,
        _REMADE_EN,
    ),
    "SIG_CERT_NOT_IN_SEAL": (
        "签章人的证书不在电子印章“{seal}”的证书列表中，无权使用此印章。",
        "The signer's certificate is not in the list of e-seal {seal}; it may not use this seal.",
        "请向出具机关核实；证书更新后须重新制章再盖章。",
        "Ask the issuer; after a certificate was renewed the seal must be re-made and the document sealed again.",
    ),
    "SIG_CERT_NOT_YET_VALID": (
        "签名时“{signer}”的证书尚未生效（{first} 起）。",
        "The certificate of {signer} was not yet valid at signing (from {first}).",
        AGAIN_ZH,
        AGAIN_EN,
    ),
    "SIG_SEAL_INVALID": (
        "所用的电子印章无效（{codes}），因而签章无效。",
        "The e-seal used is not valid ({codes}), hence neither is the signature made with it.",
        AGAIN_ZH,
        AGAIN_EN,
    ),
    "SIG_SEAL_NOT_VALID_AT_SIGNING": (
        "签章时电子印章“{seal}”不在有效期内。",
        "E-seal {seal} was not in force at signing.",
        AGAIN_ZH,
        AGAIN_EN,
    ),
    "SIG_DOCUMENT_MISSING": (
        "这是单独的签章数据，没有原文，无法确定原文是否被改动。",
        "This is a signature without its document; whether the document was changed cannot be told.",
        "请上传完整的文件（OFD）。",
        "Upload the whole file (OFD).",
    ),
    "SIG_PROPERTY_INFO": (
        "签章数据中记录的位置（{written}）与实际位置（{path}）不同。",
        "The signature says it stands at {written}, but it stands at {path}.",
        "仅为提示；原文是否被改动以摘要为准。",
        "This is a remark; the digests tell whether the document was changed.",
    ),
    "SIG_TIME_CLAIMED": (
        "签章人自称的签章时间为 {time}，没有可信时间戳佐证。",
        "The signer gives {time} as the time of signing; no sound time stamp supports it.",
        "请向出具机关索取带时间戳的文件。",
        "Ask the issuer for a file with a time stamp.",
    ),
    "revocation_source_missing": (
        "信任锚文件中没有“{signer}”证书签发机构的吊销列表，是否被吊销未查。",
        "The trust anchors hold no revocation list of the authority that certified {signer}; revocation was not checked.",
        _LISTS_ZH,
        _LISTS_EN,
    ),
    "revocation_list_outdated": (
        "“{signer}”证书签发机构的吊销列表已过更新期限，之后是否被吊销不得而知。",
        "The revocation list of the authority that certified {signer} is overdue; later revocations are not known.",
        _LISTS_ZH,
        _LISTS_EN,
    ),
}
