"""Writes the objects of a PDF file (ISO 32000-1 section 7): numbered, in order, with a cross-reference table. Knows nothing of pages or fonts.

The same objects give the same bytes: no date is written, and the file's identifier is the digest of what is in it.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping

HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"  # four bytes above 127, so that nobody takes the file for text
ID_DIGITS = 32
ESCAPED = str.maketrans(
    {"\\": r"\\", "(": r"\(", ")": r"\)", "\r": r"\r", "\n": r"\n"}
)  # within a literal string (section 7.3.4.2)


class PdfObjects:
    """The objects of a file being written; numbers are handed out from 1."""

    def __init__(self) -> None:
        self._bodies: list[bytes] = []

    def reserve(self) -> int:
        """Return a number whose object comes later, by `put`."""
        self._bodies.append(b"")
        return len(self._bodies)

    def put(self, number: int, body: str | bytes) -> None:
        """Set the object of a reserved number."""
        self._bodies[number - 1] = body.encode("latin-1") if isinstance(body, str) else body

    def add(self, body: str | bytes) -> int:
        """Add an object and return its number."""
        number = self.reserve()
        self.put(number, body)
        return number

    def add_stream(self, content: bytes, entries: str = "") -> int:
        """Add a stream, deflated, with further `entries` in its dictionary, and return its number."""
        return self.add(stream(zlib.compress(content), f"/Filter /FlateDecode {entries}"))

    def written(self, root: int, information: int) -> bytes:
        """Return the file."""
        parts, at, places = [HEADER], len(HEADER), []
        for number, body in enumerate(self._bodies, 1):
            part = b"%d 0 obj\n%b\nendobj\n" % (number, body)
            places.append(at)
            parts.append(part)
            at += len(part)
        digest = hashlib.sha256(b"".join(parts)).hexdigest()[:ID_DIGITS]
        table = "".join(f"{place:010d} 00000 n \n" for place in places)
        count = len(places) + 1
        parts.append(
            f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n<< /Size {count} /Root {root} 0 R /Info "
            f"{information} 0 R /ID [<{digest}> <{digest}>] >>\nstartxref\n{at}\n%%EOF\n".encode("ascii")
        )
        return b"".join(parts)


def stream(encoded: bytes, entries: str) -> bytes:
    """Return a stream object of bytes that are encoded already."""
    return b"<< %b /Length %d >>\nstream\n%b\nendstream" % (entries.encode("ascii"), len(encoded), encoded)


def text_string(text: str) -> str:
    """Return a text string, in UTF-16 with its mark where it is not ASCII (ISO 32000-1 section 7.9.2.2), one character a byte."""
    encoded = text.encode("ascii") if text.isascii() else b"\xfe\xff" + text.encode("utf-16-be", "replace")
    return f"({encoded.decode('latin-1').translate(ESCAPED)})"


def dictionary(entries: Mapping[str, str]) -> str:
    """Return a dictionary; values are written already."""
    return f"<< {' '.join(f'/{key} {value}' for key, value in entries.items())} >>"
