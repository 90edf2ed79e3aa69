"""Finds OpenSSL 3's libcrypto, the one Python's own hashlib uses, and declares the few functions SM2 needs (EVP, OpenSSL 3.0 manual).

`cryptography` knows no SM2 curve, and signing in Python would be slow and not constant in time. Must hold no key and decide nothing: it is
the table of foreign functions, with a guard that frees what it is handed and leaves no error behind in the thread's queue, where
Python's TLS would trip over it.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import hashlib
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import POINTER, byref, c_char_p, c_int, c_size_t, c_ulong, c_void_p
from functools import lru_cache

from hub.errors import HubError

LEAST_MAJOR = 3
PLACES = ("libcrypto.so.3", "libcrypto.3.dylib", "libcrypto-3-x64.dll", "libcrypto-3.dll")
BYTES_AT, LENGTH_AT = POINTER(c_void_p), POINTER(c_size_t)
DATA_AT = POINTER(c_char_p)
FUNCTIONS: dict[str, tuple[type | None, tuple[type, ...]]] = {
    "ERR_clear_error": (None, ()),
    "ERR_peek_error": (c_ulong, ()),
    "EVP_PKEY_free": (None, (c_void_p,)),
    "EVP_PKEY_is_a": (c_int, (c_void_p, c_char_p)),
    "EVP_PKEY_CTX_new_from_name": (c_void_p, (c_void_p, c_char_p, c_char_p)),
    "EVP_PKEY_CTX_new_from_pkey": (c_void_p, (c_void_p, c_void_p, c_char_p)),
    "EVP_PKEY_CTX_dup": (c_void_p, (c_void_p,)),
    "EVP_PKEY_CTX_free": (None, (c_void_p,)),
    "EVP_PKEY_keygen_init": (c_int, (c_void_p,)),
    "EVP_PKEY_generate": (c_int, (c_void_p, BYTES_AT)),
    "EVP_PKEY_sign_init": (c_int, (c_void_p,)),
    "EVP_PKEY_sign": (c_int, (c_void_p, c_char_p, LENGTH_AT, c_char_p, c_size_t)),
    "EVP_PKEY_verify_init": (c_int, (c_void_p,)),
    "EVP_PKEY_verify": (c_int, (c_void_p, c_char_p, c_size_t, c_char_p, c_size_t)),
    "d2i_AutoPrivateKey": (c_void_p, (c_void_p, DATA_AT, ctypes.c_long)),
    "d2i_PUBKEY": (c_void_p, (c_void_p, DATA_AT, ctypes.c_long)),
    "i2d_PUBKEY": (c_int, (c_void_p, c_void_p)),
    "EVP_PKEY2PKCS8": (c_void_p, (c_void_p,)),
    "EVP_PKCS82PKEY": (c_void_p, (c_void_p,)),
    "EVP_aes_256_cbc": (c_void_p, ()),
    "PKCS8_encrypt": (
        c_void_p,
        (c_int, c_void_p, c_char_p, c_int, c_char_p, c_int, c_int, c_void_p),
    ),
    "PKCS8_decrypt": (c_void_p, (c_void_p, c_char_p, c_int)),
    "PKCS8_PRIV_KEY_INFO_free": (None, (c_void_p,)),
    "d2i_X509_SIG": (c_void_p, (c_void_p, DATA_AT, ctypes.c_long)),
    "i2d_X509_SIG": (c_int, (c_void_p, c_void_p)),
    "X509_SIG_free": (None, (c_void_p,)),
}


class OpenSslMissing(HubError):
    """No OpenSSL 3 with SM2 and SM3 can be loaded; `fact` says what was looked for in vain.

    Cure: install OpenSSL 3.0 or newer (Debian: libssl3), and a Python that uses it; builds without SM2 or SM3 (no-sm2) do not serve.
    """

    code = "crypto.openssl_missing"

    def __init__(self, fact: str) -> None:
        super().__init__(
            f"找不到带 SM2、SM3 的 OpenSSL 3（{fact}），枢纽不能启动。",
            f"OpenSSL 3 with SM2 and SM3 is not there ({fact}); the hub does not start.",
        )
        self.fact = fact


@lru_cache(maxsize=1)
def library() -> ctypes.CDLL:
    """Return libcrypto with its functions declared; raise OpenSslMissing. Found once, a millisecond; every thread may call it."""
    found = _opened()
    for name, (result, arguments) in FUNCTIONS.items():
        try:
            function = getattr(found, name)
        except AttributeError as absent:
            raise OpenSslMissing(name) from absent
        function.restype, function.argtypes = result, arguments
    if "sm3" not in hashlib.algorithms_available:
        raise OpenSslMissing("SM3")
    context = found.EVP_PKEY_CTX_new_from_name(None, b"SM2", None)
    if not context:
        found.ERR_clear_error()
        raise OpenSslMissing("SM2")
    found.EVP_PKEY_CTX_free(context)
    return found


@contextmanager
def freed(pointer: int | None, free: str) -> Iterator[int]:
    """Lend `pointer` and call the function named `free` on it afterwards; raise ValueError when it is null, the error queue emptied."""
    crypto = library()
    if not pointer:
        crypto.ERR_clear_error()
        raise ValueError(free)
    try:
        yield pointer
    finally:
        getattr(crypto, free)(pointer)


def succeeded(result: int) -> bool:
    """Say whether an OpenSSL call answered 1 (yes); after any other answer the thread's error queue is emptied."""
    if result == 1:
        return True
    library().ERR_clear_error()
    return False


def decoded(function: str, der: bytes) -> int | None:
    """Return what the d2i function made of the whole of `der`, None when it is no such thing or has bytes left over."""
    crypto = library()
    return getattr(crypto, function)(None, byref(c_char_p(der)), len(der)) or None


def encoded(function: str, pointer: int) -> bytes:
    """Return what the i2d function writes of `pointer`; raise ValueError when it cannot."""
    crypto = library()
    length = getattr(crypto, function)(pointer, None)
    if length <= 0:
        crypto.ERR_clear_error()
        raise ValueError(function)
    room = ctypes.create_string_buffer(length)
    getattr(crypto, function)(pointer, byref(c_void_p(ctypes.addressof(room))))
    return room.raw


def _opened() -> ctypes.CDLL:
    """Return the first library that is OpenSSL 3: the one hashlib is linked with, then the usual names."""
    fact = "libcrypto"
    for place in _places():
        try:
            found = ctypes.CDLL(place)
            version = found.OpenSSL_version_num
        except (OSError, AttributeError):
            continue
        version.restype = c_ulong
        if version() >> 28 >= LEAST_MAJOR:
            return found
        fact = f"OpenSSL {version() >> 28}"
    raise OpenSslMissing(fact)


def _places() -> list[str]:
    """A handle on the extension module also answers for what it is linked with: exactly hashlib's libcrypto, wherever it lies."""
    extension = importlib.util.find_spec("_hashlib")
    linked = extension.origin if extension is not None and extension.has_location else None
    candidates = [linked, *PLACES, ctypes.util.find_library("crypto")]
    return [place for place in candidates if place]
