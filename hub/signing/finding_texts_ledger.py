"""The sentences of the findings about ledger proofs and license documents; the form is that of `finding_texts`."""

from __future__ import annotations

from hub.signing.finding_remedies import AGAIN_EN, AGAIN_ZH, ASK_EN, ASK_ZH, NONE_EN, NONE_ZH

FRESH_ZH = "请向保存该账本的枢纽重新取得证明，不要使用此文件。"
FRESH_EN = "Fetch the proof again from the hub that keeps the ledger; do not use this one."
KEYS_ZH = "请从该枢纽的 /trust/keys.json 取得账本公钥，用其他途径核对指纹，并用 --anchors 指定。"
KEYS_EN = "Fetch the ledger's keys from the hub's /trust/keys.json, compare the fingerprints by another way, name them with --anchors."

LEDGER_TEXTS: dict[str, tuple[str, str, str, str]] = {
    "ledger_record_proved": (
        "账本 {origin} 已签署：记录 {kind} {id} 第 {version} 版是其第 {index} 条（共 {size} 条）。",
        "The ledger {origin} has signed that version {version} of {kind} {id} is its entry {index}, of {size}.",
        "证明只说写下了什么，不说此后没有新版本；请向来源查询最新版本。",
        "A proof says what was written, not that nothing was written since; ask the origin for the newest version.",
    ),
    "ledger_entry_proved": (
        "账本 {origin} 已签署：此条目头是其第 {index} 条（共 {size} 条）。",
        "The ledger {origin} has signed that this header is its entry {index}, of {size}.",
        "证明只说写下了什么，不说此后没有新版本；请向来源查询最新版本。",
        "A proof says what was written, not that nothing was written since; ask the origin for the newest version.",
    ),
    "ledger_proof_without_content": (
        "证明中没有条目的内容，只证明了条目头。",
        "The proof carries no content: the header alone is proved.",
        NONE_ZH,
        NONE_EN,
    ),
    "ledger_proof_format": (
        "账本证明不完整或不合规（{fact}）。",
        "The ledger proof is malformed ({fact}).",
        FRESH_ZH,
        FRESH_EN,
    ),
    "ledger_proof_newer": (
        "条目头是更新的格式，本程序不能理解。",
        "The header is of a newer format than this program understands.",
        "请升级核验程序后再核验。",
        "Upgrade the verifier and try again.",
    ),
    "ledger_proof_elsewhere": (
        "检查点属于另一个账本，不是 {origin}。",
        "The checkpoint belongs to another ledger than {origin}.",
        FRESH_ZH,
        FRESH_EN,
    ),
    "ledger_proof_not_in_tree": (
        "条目不在检查点所签的账本之中：条目头或证明被改动过。",
        "The entry does not lie in the ledger the checkpoint signs: header or proof was changed.",
        FRESH_ZH,
        FRESH_EN,
    ),
    "ledger_checkpoint_signature": (
        "检查点的签名不成立。",
        "The signature on the checkpoint does not hold.",
        FRESH_ZH,
        FRESH_EN,
    ),
    "ledger_key_unknown": (
        "签署检查点的不是所信任的 {origin} 的公钥，可能已经换钥。",
        "None of the keys trusted for {origin} signed the checkpoint; the key may have been rotated.",
        KEYS_ZH,
        KEYS_EN,
    ),
    "trust.no_ledger_keys": (
        "没有提供账本 {origin} 的公钥，无法确定是谁签署的。",
        "No public key of the ledger {origin} was given; who signed cannot be established.",
        KEYS_ZH,
        KEYS_EN,
    ),
    "ledger_content_mismatch": (
        "内容与条目头中的摘要不符：内容在写入账本之后被改动过。",
        "The content is not the one the header answers for: it was changed since it was written.",
        FRESH_ZH,
        FRESH_EN,
    ),
    "license_proved": (
        "证照 {identifier} 由“{issuer}”颁发，账本 {origin} 第 {index} 条（共 {size} 条）写明它有效。",
        "License {identifier} of {issuer}: entry {index}, of {size}, of the ledger {origin} says it stands.",
        "账本条目说的是写入时的状态；请查来源枢纽的状态列表，确认此后没有变动。",
        "The entry tells the status when it was written; look at the origin's status list for what happened since.",
    ),
    "license_document_format": (
        "电子证照 JSON 不完整或不合规（{fact}）。",
        "The license document is malformed ({fact}).",
        AGAIN_ZH,
        AGAIN_EN,
    ),
    "license_not_standing": (
        "证照 {identifier} 不是“已颁发”状态：{status}。",
        "License {identifier} does not stand: its status is {status}.",
        "请勿采信；向颁发机构查询详情。",
        "Do not rely on it; ask the issuer.",
    ),
    "license_out_of_term": (
        "证照 {identifier} 今天不在有效期内（{first} 至 {last}）。",
        "License {identifier} is not valid today; its term is {first} to {last}.",
        ASK_ZH,
        ASK_EN,
    ),
    "license_files": (
        "证照有 {count} 个文件，SHA-256：{digests}。",
        "The license has {count} file(s), SHA-256: {digests}.",
        "请核对手中文件的 SHA-256。",
        "Compare the SHA-256 of the file you hold.",
    ),
    "license_demonstration": (
        "这是演示证照，没有法律效力。",
        "This is a license of the demonstration, without legal effect.",
        NONE_ZH,
        NONE_EN,
    ),
}
