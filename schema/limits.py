"""What a document may cost, refused before anything is executed. Every limit is named, and a refusal says figure and limit.

Fragments are counted as often as they are spread; each is measured once, so that measuring costs no more than reading.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import ClassVar

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    Lexer,
    OperationDefinitionNode,
    SelectionSetNode,
    Source,
    TokenKind,
)

from hub.errors import HubError

MAX_DOCUMENT_CHARACTERS = 64_000
MAX_TOKENS = 4_000
MAX_NESTING = 40  # brackets of any kind, selection sets and values alike
MAX_CHAIN = 100  # fragments within fragments; each costs several calls, and Python's stack ends at a thousand
MAX_DEPTH = 16  # fields within fields
MAX_ALIASES = 50
MAX_FIELDS = 1_000  # fragments included

NUL = re.compile(r"\x00|\\u(0000|\{0+\})")
OPENING = frozenset({TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L})
CLOSING = frozenset({TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R})


class DocumentLimit(HubError):
    """A document is beyond one of the limits; nothing was executed.

    Cure: ask for less at once; the message names the figure and the limit.
    """

    code = "limit.document"
    what_zh: ClassVar[str] = "查询文档"
    what_en: ClassVar[str] = "document"

    def __init__(self, figure: int, limit: int) -> None:
        super().__init__(
            f"{self.what_zh}为 {figure}，上限是 {limit}。", f"The {self.what_en} is {figure}, the limit is {limit}."
        )
        self.figure, self.limit = figure, limit


class DocumentTooLong(DocumentLimit):
    """The document has too many characters.

    Cure: split it, or move values into variables.
    """

    code, what_zh, what_en = "limit.length", "查询文档的字符数", "number of characters of the document"


class TooManyTokens(DocumentLimit):
    """The document has too many lexical tokens.

    Cure: split it into several requests.
    """

    code, what_zh, what_en = "limit.tokens", "查询文档的词元数", "number of tokens of the document"


class DocumentTooDeep(DocumentLimit):
    """Fields are nested too deeply.

    Cure: ask for the inner records by their ids in a second request.
    """

    code, what_zh, what_en = "limit.depth", "查询的嵌套深度", "depth of the operation"


class TooManyAliases(DocumentLimit):
    """The operation gives too many fields another name.

    Cure: use a list with a filter instead of one alias for each record.
    """

    code, what_zh, what_en = "limit.aliases", "查询的别名数", "number of aliases in the operation"


class TooManyFields(DocumentLimit):
    """The operation asks for too many fields, those of fragments counted at every spread.

    Cure: ask for fewer fields, or split the request.
    """

    code, what_zh, what_en = "limit.fields", "查询的字段数", "number of fields in the operation"


def check_text(document: str) -> None:
    """Return when the text may be parsed; raises DocumentTooLong, TooManyTokens, DocumentTooDeep, GraphQLSyntaxError."""
    if len(document) > MAX_DOCUMENT_CHARACTERS:
        raise DocumentTooLong(len(document), MAX_DOCUMENT_CHARACTERS)
    lexer = Lexer(Source(document))
    tokens = nesting = deepest = 0
    while (kind := lexer.advance().kind) is not TokenKind.EOF:
        tokens += 1
        nesting += (kind in OPENING) - (kind in CLOSING)
        deepest = max(deepest, nesting)
    if tokens > MAX_TOKENS:
        raise TooManyTokens(tokens, MAX_TOKENS)
    if deepest > MAX_NESTING:
        raise DocumentTooDeep(deepest, MAX_NESTING)


@dataclass
class Figures:
    """What an operation or a fragment comes to."""

    depth: int = 0
    aliases: int = 0
    fields: int = 0


@dataclass
class Measure:
    """Measures operations of one document."""

    fragments: dict[str, FragmentDefinitionNode]
    known: dict[str, Figures] = field(default_factory=dict)
    spreading: int = 0

    def of(self, selections: SelectionSetNode | None) -> Figures:
        """Return the figures of a selection set; a fragment that contains itself adds nothing, validation refuses it."""
        total = Figures()
        for selection in selections.selections if selections else ():
            if isinstance(selection, FieldNode):
                inner = self.of(selection.selection_set)
                inner.depth += 1
                inner.fields += 1
                inner.aliases += selection.alias is not None
            elif isinstance(selection, InlineFragmentNode):
                inner = self.of(selection.selection_set)
            else:
                inner = self._spread(selection)
            total.depth = max(total.depth, inner.depth)
            total.fields += inner.fields
            total.aliases += inner.aliases
        return total

    def _spread(self, spread: object) -> Figures:
        name = spread.name.value if isinstance(spread, FragmentSpreadNode) else ""
        if name not in self.known:
            self.known[name] = Figures()
            fragment = self.fragments.get(name)
            self.spreading += 1
            if self.spreading > MAX_CHAIN:
                raise DocumentTooDeep(self.spreading, MAX_CHAIN)
            self.known[name] = self.of(fragment.selection_set if fragment else None)
            self.spreading -= 1
        return self.known[name]


def check_operations(document: DocumentNode) -> None:
    """Return when every operation is within the limits; raises DocumentTooDeep, TooManyAliases or TooManyFields."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    measure = Measure(fragments)
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            figures = measure.of(node.selection_set)
            for figure, limit, refusal in (
                (figures.depth, MAX_DEPTH, DocumentTooDeep),
                (figures.aliases, MAX_ALIASES, TooManyAliases),
                (figures.fields, MAX_FIELDS, TooManyFields),
            ):
                if figure > limit:
                    raise refusal(figure, limit)
