"""The form of a certificate where the library only warns, or where no signature of the issuer reaches (RFC 5280 section 4.1, X.690).

What a certificate says, and whether it is trusted, is asked elsewhere.
"""

from __future__ import annotations

from hub.signing.der_reading import INTEGER, DerMalformed, bits, read_der


def strictly_formed(certificate_der: bytes) -> bool:
    """Say whether a certificate is DER throughout, has a positive serial number, and a signature that ends on an octet.

    The count of unused bits before the signature lies outside what the issuer signed: any other than 00 is a change nobody answers for.
    """
    try:
        content, _, signature = read_der(certificate_der).members(3, 3, "certificate")
        serial = next((each.content for each in content.children if each.tag == INTEGER), b"")
        bits(signature, "signature")
    except DerMalformed:
        return False
    return any(serial) and serial[0] < 0x80
