"""The page of error codes: docs/errors.md, read once. A test holds that page against every error's docstring, so it cannot drift."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Blueprint, render_template
from markupsafe import Markup, escape

from hub.access.policy import Level
from hub.web.authentication import answers

errors = Blueprint("errors", __name__)

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "errors.md"
ENTRY = re.compile(r"^### `([a-z_.]+)`\n(.+?)\n\n(.+?)$", re.MULTILINE)
MARKS = ((re.compile(r"\*\*(.+?)\*\*"), r"<b>\1</b>"), (re.compile(r"`(.+?)`"), r"<code>\1</code>"))


@dataclass(frozen=True)
class Entry:
    """One code: its meaning and its cure in Chinese and in English."""

    code: str
    zh: Markup
    en: Markup


@errors.get("/errors")
@answers(Level.PUBLIC)
def listing() -> str:
    """Show every code, each under an anchor of its own name."""
    return render_template("errors.html", entries=entries())


@cache
def entries() -> tuple[Entry, ...]:
    """Return every documented code, by code, once each."""
    return tuple(sorted(_read(PAGE.read_text(encoding="utf-8")), key=lambda entry: entry.code))


def _read(page: str) -> Iterator[Entry]:
    for code, zh, en in ENTRY.findall(page):
        yield Entry(code, _marked(zh), _marked(en))


def _marked(text: str) -> Markup:
    """Return a paragraph's bold and code marks as HTML; everything else is escaped first."""
    html = str(escape(text))
    for mark, tag in MARKS:
        html = mark.sub(tag, html)
    return Markup(html)  # noqa: S704  the text is our own page, escaped above
