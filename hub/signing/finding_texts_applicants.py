"""The sentences of the findings about applicants' signatures (hub.signing.applicant_verify); the form is that of `finding_texts`."""

from __future__ import annotations

from hub.signing.finding_remedies import AGAIN_EN, AGAIN_ZH, NONE_EN, NONE_ZH

APPLICANT_TEXTS: dict[str, tuple[str, str, str, str]] = {
    "applicant_drawn": (
        "这是手写签名：“{signer}”于签名时由“{provider}”核验身份，所签文件与记录自签名以来未被改动。",
        "A drawn signature: {signer}, identity checked by the {provider}; record and digests are unchanged since.",
        "请把所签文件逐个与记录中的摘要核对。",
        "Compare each file with its digest in the record.",
    ),
    "applicant_certificate": (
        "这是证书签名：“{signer}”用“{provider}”签发的事件证书签署（SM2），所签文件与记录自签名以来未被改动。",
        "A signature by certificate: {signer}, one-time SM2 certificate from the {provider}; unchanged since.",
        "请把所签文件逐个与记录中的摘要核对。",
        "Compare each file with its digest in the record.",
    ),
    "applicant_demonstration_provider": (
        "身份核验与事件证书出自演示服务商：没有真实核验任何人的身份，此签名无法律效力。",
        "Identity check and certificate come from the demonstration provider: nobody's identity was really checked; no legal effect.",
        "正式办理请使用有资质的电子认证服务机构。",
        "In earnest, use a licensed certification service.",
    ),
    "applicant_files": (
        "签名覆盖 {count} 个文件：{names}。",
        "The signature covers {count} file(s): {names}.",
        NONE_ZH,
        NONE_EN,
    ),
    "applicant_record_format": (
        "电子签名记录不完整或不合规（{fact}）。",
        "The signature record is malformed ({fact}).",
        AGAIN_ZH,
        AGAIN_EN,
    ),
    "applicant_drawing_altered": (
        "记录中的手写笔迹不是签名时的笔迹。",
        "The drawing in the record is not the one that was signed.",
        AGAIN_ZH,
        AGAIN_EN,
    ),
    "one_time_certificate_elsewhere": (
        "事件证书不是为这份记录签发的。",
        "The one-time certificate was not issued for this record.",
        AGAIN_ZH,
        AGAIN_EN,
    ),
    "one_time_certificate_spent": (
        "事件证书只为这一次签名签发，有效期已过（{last}），这是正常的。",
        "The one-time certificate was issued for this act alone and has run out ({last}), as is meant.",
        NONE_ZH,
        NONE_EN,
    ),
    "applicant_file_matches": (
        "文件“{name}”就是所签的那份，一字不差。",
        "The file {name} is the one that was signed, byte for byte.",
        NONE_ZH,
        NONE_EN,
    ),
    "applicant_file_altered": (
        "文件“{name}”与所签的不同。",
        "The file {name} is not the one that was signed.",
        AGAIN_ZH,
        AGAIN_EN,
    ),
    "applicant_file_left_out": (
        "缺少所签的文件“{name}”。",
        "The signed file {name} is missing.",
        "请补上全部所签文件再核对。",
        "Give all the signed files.",
    ),
    "applicant_file_not_signed": (
        "文件“{name}”不在所签文件之列。",
        "The file {name} is none of those that were signed.",
        "这个签名不对它负责；请取下它，或另取一份覆盖它的签名。",
        "The signature does not answer for it; leave it out, or obtain a signature that covers it.",
    ),
}
