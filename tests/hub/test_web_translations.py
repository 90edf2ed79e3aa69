"""The English of the pages: nothing is left untranslated, nothing is left over, and what is compiled is what is written."""

from __future__ import annotations

import io
import re
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

WEB = Path(__file__).resolve().parents[2] / "hub/web"
ENGLISH = WEB / "translations/en/LC_MESSAGES"
METHODS = [("front/**", "ignore"), ("static/**", "ignore"), ("**.py", "python"), ("**/templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
PLACES = re.compile(r"%\((\w+)\)s")


@cache
def written() -> Catalog:
    return read_po(io.BytesIO((ENGLISH / "messages.po").read_bytes()), locale="en")


@cache
def said() -> frozenset[str]:
    """The Chinese sentences in the code and the templates."""
    found = extract_from_dir(WEB, METHODS, keywords=KEYWORDS)
    return frozenset(message if isinstance(message, str) else message[0] for _, _, message, _, _ in found)


def strings(message: Message) -> list[str]:
    """What a message says in English: one sentence, or one for each number."""
    if message.string is None:
        return []
    return [message.string] if isinstance(message.string, str) else list(message.string)


def key(message_id: str | tuple[str, ...] | list[str]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]


def test_every_sentence_of_the_pages_has_its_english() -> None:
    translated = {key(message.id) for message in written() if message.id and message.string and not message.fuzzy}
    assert said() - translated == frozenset()


def test_no_english_is_left_over_from_a_sentence_that_is_gone() -> None:
    assert {key(message.id) for message in written() if message.id} - said() == set()


def test_no_english_sentence_contains_chinese_beyond_examples() -> None:
    chinese = {
        key(message.id)
        for message in written()
        if message.id and any("\u4e00" <= character <= "\u9fff" for character in "".join(strings(message)))
    }
    assert chinese == {"如：食品、登记、许可"}


def test_english_sentences_hold_the_same_places_for_facts() -> None:
    wrong = [
        key(message.id)
        for message in written()
        if message.id
        for string in strings(message)
        if set(PLACES.findall(key(message.id))) != set(PLACES.findall(string))
    ]
    assert wrong == []


def test_the_compiled_english_equals_the_written_one() -> None:
    compiled = io.BytesIO()
    write_mo(compiled, written())
    assert (ENGLISH / "messages.mo").read_bytes() == compiled.getvalue()
    compiled.seek(0)
    assert {key(m.id) for m in read_mo(compiled) if m.id} == {key(m.id) for m in written() if m.id}
