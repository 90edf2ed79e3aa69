"""The organisation code (组织机构代码) of GB 11714-1997: a body of 8 characters and a check of one.

It lives on as positions 9 to 17 of the unified social credit code (`hub.codes.uscc`). Written `12345678-9` or without
the hyphen; normal here is without.
"""

from __future__ import annotations

from hub.codes.faults import CodeCheckCharacter, Name, clean, require_alphabet, require_length
from hub.codes.uscc import INNER_ALPHABET, INNER_CHECKS, inner_check_character

NAME = Name("组织机构代码", "organisation code")


def parse(text: str) -> str:
    """Return the 9 characters of an organisation code, in capitals, without its hyphen.

    Raises `CodeLength`, `CodeCharacter` or `CodeCheckCharacter`; GB 11714-1997 clause 4.
    """
    code = clean(text)
    if len(code) == 10 and code[8] == "-":
        code = code[:8] + code[9]
    require_length(NAME, code, 9)
    require_alphabet(NAME, code[:8], INNER_ALPHABET)
    require_alphabet(NAME, code[8], INNER_CHECKS, first=9)
    expected = inner_check_character(code[:8])
    if code[8] != expected:
        raise CodeCheckCharacter(
            NAME, 9, Name(f"校验码应为“{expected}”", f"the check character should be '{expected}'")
        )
    return code


def mint(body: str) -> str:
    """Return the code of the 8 characters `body`; raises as `parse` does. Minting registers nothing."""
    first = clean(body)
    require_length(NAME, first, 8)
    require_alphabet(NAME, first, INNER_ALPHABET)
    return parse(first + inner_check_character(first))
