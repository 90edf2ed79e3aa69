"""SM2 signatures with SM3 (GB/T 32918.2-2016, curve of GB/T 32918.5-2017) through OpenSSL 3.

The signer's user id enters the digest as ZA, computed here, because OpenSSL 3.0 leaves it empty unless told; what is signed and verified
is therefore e = SM3(ZA || M) under the plain SM2 operation. Keys are written as encrypted PKCS#8 (RFC 5958) that `openssl pkey` opens.
Must not know purposes, names or certificates.
"""

from __future__ import annotations

import base64
import ctypes
import hashlib
import weakref
from ctypes import byref, c_size_t, c_void_p
from functools import lru_cache

from hub.errors import HubError
from hub.signing.libcrypto import decoded, encoded, freed, library, succeeded

SIGNER_ID = b"1234567812345678"
ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
# a, b, Gx, Gy of the recommended curve (GB/T 32918.5-2017), as they enter ZA
PARAMETERS = bytes.fromhex(
    "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC"
    "28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93"
    "32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7"
    "BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0"
)
# SubjectPublicKeyInfo of id-ecPublicKey on sm2p256v1, up to the point
SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
POINT_BYTES, FIELD_BYTES, RAW_BYTES = 65, 32, 64
MAX_ID_BYTES = 8191  # its length in bits is written in two bytes
MAX_SIGNATURE_BYTES = 72
ITERATIONS = 20_000  # PBKDF2: about 10 ms
HELD_KEYS = 256
PEM_BEGIN, PEM_END = "-----BEGIN ENCRYPTED PRIVATE KEY-----", "-----END ENCRYPTED PRIVATE KEY-----"


class Sm2Refused(HubError):
    """The value is no SM2 key, point, signature or user id; `fact` says which.

    Cure: check where it comes from: 32 bytes of key, 65 of point (04||X||Y), DER or 64 bytes of signature, a user id of at most 8191 bytes.
    """

    code = "crypto.sm2_refused"

    def __init__(self, fact: str) -> None:
        super().__init__(f"不是有效的 SM2 数据（{fact}）。", f"This is not valid SM2 ({fact}).")
        self.fact = fact


def sm3(content: bytes) -> bytes:
    """Return the SM3 digest (GB/T 32905-2016), 32 bytes."""
    return hashlib.new("sm3", content).digest()


@lru_cache(maxsize=HELD_KEYS)
def identity_digest(public_point: bytes, signer_id: bytes = SIGNER_ID) -> bytes:
    """Return ZA of the signer (GB/T 32918.2-2016 clause 5.5), 32 bytes; raise Sm2Refused when the user id is too long."""
    if len(signer_id) > MAX_ID_BYTES:
        raise Sm2Refused("user id")
    return sm3((8 * len(signer_id)).to_bytes(2, "big") + signer_id + PARAMETERS + public_point[1:])


def message_digest(public_point: bytes, message: bytes, signer_id: bytes = SIGNER_ID) -> bytes:
    """Return e = SM3(ZA || M), 32 bytes: what is signed."""
    return sm3(identity_digest(public_point, signer_id) + message)


class Sm2PrivateKey:
    """A private key, held by OpenSSL and freed with this object; any number of threads may sign with it."""

    def __init__(self, pointer: int) -> None:
        """Take over an EVP_PKEY; use `generate`, `from_scalar` or `from_pem`."""
        self._pointer = pointer
        self._free = weakref.finalize(self, library().EVP_PKEY_free, pointer)
        self._point = encoded("i2d_PUBKEY", pointer)[-POINT_BYTES:]
        self._prepared = _Prepared(pointer, "EVP_PKEY_sign_init")

    @classmethod
    def generate(cls) -> Sm2PrivateKey:
        """Return a new key from OpenSSL's random numbers."""
        made = c_void_p()
        with freed(library().EVP_PKEY_CTX_new_from_name(None, b"SM2", None), "EVP_PKEY_CTX_free") as context:
            library().EVP_PKEY_keygen_init(context)
            succeeded(library().EVP_PKEY_generate(context, byref(made)))
        if not made.value:
            raise Sm2Refused("key")
        return cls(made.value)

    @classmethod
    def from_scalar(cls, scalar: bytes) -> Sm2PrivateKey:
        """Return the key with the private number `scalar` (32 bytes, big-endian, 1 to n-2); raise Sm2Refused."""
        if len(scalar) != FIELD_BYTES or not 1 <= int.from_bytes(scalar, "big") <= ORDER - 2:
            raise Sm2Refused("key")
        return cls(_pointer("d2i_AutoPrivateKey", _private_key_info(scalar)))

    @classmethod
    def from_pem(cls, pem: bytes, passphrase: bytes) -> Sm2PrivateKey:
        """Return the key in an encrypted PKCS#8 PEM; raise Sm2Refused when it does not open or is no SM2 key."""
        try:
            body = pem.decode("ascii").strip().removeprefix(PEM_BEGIN).removesuffix(PEM_END)
            with (
                freed(decoded("d2i_X509_SIG", base64.b64decode(body)), "X509_SIG_free") as shell,
                freed(library().PKCS8_decrypt(shell, passphrase, len(passphrase)), "PKCS8_PRIV_KEY_INFO_free") as inner,
            ):
                pointer = library().EVP_PKCS82PKEY(inner)
        except ValueError as closed:  # not PEM, another passphrase, damaged
            raise Sm2Refused("key") from closed
        return cls(_sm2_only(pointer))

    @property
    def public_point(self) -> bytes:
        """The public key, 65 bytes `04||X||Y`."""
        return self._point

    @property
    def public_key_der(self) -> bytes:
        """SubjectPublicKeyInfo with id-ecPublicKey and sm2p256v1, DER (GB/T 20518)."""
        return SPKI + self._point

    def sign(self, message: bytes, signer_id: bytes = SIGNER_ID) -> bytes:
        """Return the signature over `message`, DER `SEQUENCE{r, s}`, at most 72 bytes."""
        return self.sign_digest(message_digest(self._point, message, signer_id))

    def sign_digest(self, digest: bytes) -> bytes:
        """Return the signature over e, made by `message_digest`, DER."""
        if len(digest) != FIELD_BYTES:
            raise Sm2Refused("digest")
        room, length = ctypes.create_string_buffer(MAX_SIGNATURE_BYTES), c_size_t(MAX_SIGNATURE_BYTES)
        context = self._prepared.take()
        try:
            if not succeeded(library().EVP_PKEY_sign(context, room, byref(length), digest, FIELD_BYTES)):
                raise Sm2Refused("signing")
        finally:
            self._prepared.give_back(context)
        return room.raw[: length.value]

    def to_pem(self, passphrase: bytes) -> bytes:
        """Return the key as PKCS#8 PEM, encrypted with AES-256 under PBKDF2 of `passphrase` (RFC 8018)."""
        crypto = library()
        with (
            freed(crypto.EVP_PKEY2PKCS8(self._pointer), "PKCS8_PRIV_KEY_INFO_free") as inner,
            freed(
                crypto.PKCS8_encrypt(
                    -1, crypto.EVP_aes_256_cbc(), passphrase, len(passphrase), None, 0, ITERATIONS, inner
                ),
                "X509_SIG_free",
            ) as shell,
        ):
            body = base64.encodebytes(encoded("i2d_X509_SIG", shell)).decode()
        return f"{PEM_BEGIN}\n{body}{PEM_END}\n".encode()


def verify(public_point: bytes, message: bytes, signature_der: bytes, signer_id: bytes = SIGNER_ID) -> bool:
    """Say whether the signature is the key's over `message`; False, never an error, for anything malformed (also BER that is not DER)."""
    return len(signer_id) <= MAX_ID_BYTES and verify_digest(
        public_point, message_digest(public_point, message, signer_id), signature_der
    )


def verify_digest(public_point: bytes, digest: bytes, signature_der: bytes) -> bool:
    """Say whether the signature is the key's over e, made by `message_digest`; False for anything malformed.

    That the encoding is DER and both numbers lie in 1 to n-1 is OpenSSL's to check, and the tests'.
    """
    if len(signature_der) > MAX_SIGNATURE_BYTES:
        return False
    try:
        key = _public(public_point)
    except Sm2Refused:
        return False
    context = key.take()
    try:
        return succeeded(library().EVP_PKEY_verify(context, signature_der, len(signature_der), digest, len(digest)))
    finally:
        key.give_back(context)


def raw_of(signature_der: bytes) -> bytes:
    """Return r||s, 64 bytes; raise Sm2Refused unless it is the one DER form of two numbers in 1 to n-1."""
    try:
        first = _number(signature_der, 2)
        second = _number(signature_der, 2 + 2 + signature_der[3])
    except (IndexError, OverflowError) as malformed:
        raise Sm2Refused("signature") from malformed
    raw = first + second
    if der_of(raw) != signature_der:
        raise Sm2Refused("signature")
    return raw


def der_of(raw: bytes) -> bytes:
    """Return DER `SEQUENCE{r, s}` of r||s (64 bytes, as devices give it); raise Sm2Refused unless both lie in 1 to n-1."""
    if len(raw) != RAW_BYTES:
        raise Sm2Refused("signature")
    numbers = [int.from_bytes(half, "big") for half in (raw[:FIELD_BYTES], raw[FIELD_BYTES:])]
    if not all(1 <= number < ORDER for number in numbers):
        raise Sm2Refused("signature")
    body = b"".join(_integer(number) for number in numbers)
    return bytes([0x30, len(body)]) + body


class _Prepared:
    """Contexts prepared for one operation with one key: a caller takes one and gives it back, so threads never share one at a time."""

    def __init__(self, pointer: int, prepare: str) -> None:
        self._crypto = crypto = library()
        first = crypto.EVP_PKEY_CTX_new_from_pkey(None, pointer, None)
        if not first:
            crypto.ERR_clear_error()
            raise Sm2Refused("key")
        self._first = first
        self._idle: list[int] = []
        self._free = weakref.finalize(self, _free_contexts, crypto, first, self._idle)
        if not succeeded(getattr(crypto, prepare)(first)):
            raise Sm2Refused("key")

    def take(self) -> int:
        """Return a context nobody else has; as many are made as threads are at work at once."""
        try:
            return self._idle.pop()
        except IndexError:
            context = self._crypto.EVP_PKEY_CTX_dup(self._first)
            if not context:
                self._crypto.ERR_clear_error()
                raise Sm2Refused("context") from None
            return int(context)

    def give_back(self, context: int) -> None:
        """Let the context be taken again."""
        self._idle.append(context)


def _free_contexts(crypto: ctypes.CDLL, first: int, idle: list[int]) -> None:
    for context in (first, *idle):
        crypto.EVP_PKEY_CTX_free(context)


@lru_cache(maxsize=HELD_KEYS)
def _public(public_point: bytes) -> _Prepared:
    if len(public_point) != POINT_BYTES or public_point[0] != 4:
        raise Sm2Refused("point")
    pointer = _pointer("d2i_PUBKEY", SPKI + public_point)  # refuses points off the curve
    try:
        return _Prepared(pointer, "EVP_PKEY_verify_init")
    finally:
        library().EVP_PKEY_free(pointer)  # the context holds its own reference


def _pointer(function: str, der: bytes) -> int:
    return _sm2_only(decoded(function, der))


def _sm2_only(pointer: int | None) -> int:
    crypto = library()
    if not pointer:
        crypto.ERR_clear_error()
        raise Sm2Refused("key")
    if not crypto.EVP_PKEY_is_a(pointer, b"SM2"):
        crypto.EVP_PKEY_free(pointer)
        raise Sm2Refused("key")
    return int(pointer)


def _private_key_info(scalar: bytes) -> bytes:
    """PrivateKeyInfo without the public half, which OpenSSL computes."""
    inner = b"\x30\x25\x02\x01\x01\x04\x20" + scalar
    algorithm = SPKI[2:23]
    body = b"\x02\x01\x00" + algorithm + b"\x04" + bytes([len(inner)]) + inner
    return b"\x30" + bytes([len(body)]) + body


def _number(encoded_pair: bytes, at: int) -> bytes:
    length = encoded_pair[at + 1]
    return int.from_bytes(encoded_pair[at + 2 : at + 2 + length], "big").to_bytes(FIELD_BYTES, "big")


def _integer(number: int) -> bytes:
    """DER INTEGER of a positive number: as few bytes as hold it with a sign bit."""
    body = number.to_bytes(number.bit_length() // 8 + 1, "big")
    return bytes([0x02, len(body)]) + body
