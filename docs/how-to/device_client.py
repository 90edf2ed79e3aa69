"""Signs an approved document with one's own key: asks the hub what to sign, signs with openssl, hands the signature in.

    python device_client.py --url https://hub.example --approval ID --seal ID --certificate cert.pem --key key.pem

The token is read from the environment variable HUB_TOKEN. The key stays where it is: only openssl reads it, here from a file; with a device
behind an engine or a provider, only `signed` below changes. Needs Python 3.9 and the `openssl` command (3.0 or newer for SM2), nothing else.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import ssl
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

PREPARE = """mutation PrepareDeviceSignature($id: ID!, $sealId: ID!, $certificate: String!) {
  prepareDeviceSignature(approvalId: $id, sealId: $sealId, certificate: $certificate) {
    __typename
    ... on SignatureRequest { id algorithm bytesToSign expiresAt }
    ... on Problem { code message }
  }
}"""
COMPLETE = """mutation CompleteDeviceSignature($requestId: ID!, $signature: String!) {
  completeDeviceSignature(requestId: $requestId, signature: $signature) {
    __typename
    ... on Approval { id stage files { format url } }
    ... on Problem { code message }
  }
}"""
SM2_USER_ID = "distid:1234567812345678"  # GB/T 35276: the default user id; openssl must be told
ANSWER_SECONDS = 60


class Refused(Exception):
    """The hub refused; the text is its code and message."""


def sign_on_device(
    url: str, token: str, *, approval: str, seal: str, certificate: Path, key: Path, ca: Path | None = None
) -> dict[str, Any]:
    """Return the sealed approval as the hub tells it; raises Refused. Safe to repeat: a request that waits is answered again."""
    wanted = {"id": approval, "sealId": seal, "certificate": _base64(_der_of(certificate))}
    request = _ask(url, token, PREPARE, wanted, ca=ca)
    signature = signed(base64.b64decode(request["bytesToSign"]), algorithm=request["algorithm"], key=key)
    return _ask(url, token, COMPLETE, {"requestId": request["id"], "signature": _base64(signature)}, ca=ca)


def signed(message: bytes, *, algorithm: str, key: Path) -> bytes:
    """Return the signature over `message`, the bytes before hashing: SM2 over SM3 with ZA, P-256 (DER) and RSA (PKCS#1) over SHA-256."""
    with tempfile.TemporaryDirectory() as folder:
        content = Path(folder, "message")
        content.write_bytes(message)
        if algorithm == "SM2":
            how = ["pkeyutl", "-sign", "-rawin", "-digest", "sm3", "-pkeyopt", SM2_USER_ID, "-inkey", str(key)]
            return _openssl(*how, "-in", str(content))
        return _openssl("dgst", "-sha256", "-sign", str(key), str(content))


def _der_of(certificate: Path) -> bytes:
    return _openssl("x509", "-in", str(certificate), "-outform", "DER")


def _openssl(*arguments: str) -> bytes:
    command = ["openssl", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout  # noqa: S603  the arguments are ours


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _ask(url: str, token: str, document: str, variables: dict[str, str], *, ca: Path | None) -> dict[str, Any]:
    """Return the one field of the answer; raises Refused for a Problem and for errors."""
    body = json.dumps({"query": document, "variables": variables}).encode("utf-8")
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    if not url.startswith(("https:", "http:")):
        raise Refused(url)
    request = urllib.request.Request(f"{url.rstrip('/')}/graphql", data=body, headers=headers)  # noqa: S310
    context = ssl.create_default_context(cafile=ca) if url.startswith("https:") else None
    with urllib.request.urlopen(request, timeout=ANSWER_SECONDS, context=context) as answer:  # noqa: S310
        told = json.load(answer)
    if told.get("errors"):
        raise Refused(json.dumps(told["errors"], ensure_ascii=False))
    (done,) = told["data"].values()
    if "code" in done:
        raise Refused(f"{done['code']}: {done['message']}")
    return dict(done)


def main() -> int:
    """Run the command; print the sealed approval as JSON, or why not."""
    asked = argparse.ArgumentParser(
        description="用自己的密钥为已批准的文书签章。 Seal an approved document with one's own key."
    )
    for name in ("url", "approval", "seal"):
        asked.add_argument(f"--{name}", required=True)
    for name in ("certificate", "key"):
        asked.add_argument(f"--{name}", required=True, type=Path)
    asked.add_argument(
        "--ca", type=Path, help="枢纽 TLS 证书的签发者，PEM。 Who issued the hub's TLS certificate, PEM."
    )
    given = asked.parse_args()
    token = os.environ.get("HUB_TOKEN")
    if not token:
        asked.error("请设置环境变量 HUB_TOKEN。 Set the environment variable HUB_TOKEN.")
    try:
        done = sign_on_device(
            given.url,
            token,
            approval=given.approval,
            seal=given.seal,
            certificate=given.certificate,
            key=given.key,
            ca=given.ca,
        )
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 1
    print(json.dumps(done, ensure_ascii=False, indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
