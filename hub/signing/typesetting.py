"""Breaks Chinese text into lines: no line begins with a closing mark or ends with an opening one (禁则), Latin words stay whole.

Measures only; knows no page. Rules after GB/T 15834-2011 (marks at line ends) and the custom of GB/T 9704 (even right edge).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

NOT_AT_START = frozenset("，。、；：？！）》」』】〕〉”’…—％·,.;:?!)]}%")
NOT_AT_END = frozenset("（《「『【〔〈“‘([{")
UNIT = re.compile(r"[!-~]+|.", re.DOTALL)
MAX_STRETCH_EM = 0.2
ROUNDING_EM = 1e-6
Width = Callable[[str], float]


@dataclass(frozen=True)
class Line:
    """A line to set: `indent_em` from the left edge, `spacing_em` between characters so that the right edge is even."""

    text: str
    indent_em: float = 0.0
    spacing_em: float = 0.0


def break_lines(text: str, measure_em: float, width: Width, *, indent_em: float = 0.0) -> list[Line]:
    """Return the lines of one paragraph `measure_em` wide, the first indented; an empty text gives no line."""
    lines: list[Line] = []
    held: list[str] = []
    used = indent_em
    for unit in _units(text, measure_em - indent_em, width):
        wide = width(unit)
        if held and used + wide > measure_em + ROUNDING_EM:
            kept, held = _cut(held, unit)
            lines.append(_justified("".join(kept).rstrip(), 0.0 if lines else indent_em, measure_em, width))
            used = width("".join(held))
        if held or not unit.isspace():
            held.append(unit)
            used += wide
    if held:
        lines.append(Line("".join(held), 0.0 if lines else indent_em))
    return lines


def balanced(text: str, measure_em: float, width: Width) -> list[str]:
    """Return the lines of a title, of about equal length (梯形 or 菱形 after GB/T 9704 7.3.1), none wider than `measure_em`."""
    count = max(1, -(-int(width(text) * 100) // int(measure_em * 100)))
    while True:
        fair = max(width(text) / count, 1.0)
        for slack in (0.0, 0.5, 1.0, 1.5, 2.0):
            lines = break_lines(text, min(measure_em, fair + slack), width)
            if len(lines) <= count:
                return [line.text for line in lines]
        count += 1


def _units(text: str, measure_em: float, width: Width) -> list[str]:
    """Cut into what may not be broken; a Latin word too long for a line is broken all the same."""
    units: list[str] = []
    for found in UNIT.findall(text):
        units.extend(found if width(found) > measure_em else (found,))
    return units


def _cut(held: list[str], unit: str) -> tuple[list[str], list[str]]:
    """Move units to the next line until neither edge breaks the rule; a line that would lose everything stays as it is."""
    kept, carried = list(held), [unit]
    while len(kept) > 1 and (carried[0][0] in NOT_AT_START or kept[-1][-1] in NOT_AT_END):
        carried.insert(0, kept.pop())
    breaks_rule = carried[0][0] in NOT_AT_START or kept[-1][-1] in NOT_AT_END
    return (held, []) if breaks_rule else (kept, carried[:-1])


def _justified(text: str, indent_em: float, measure_em: float, width: Width) -> Line:
    gaps = max(1, len(text) - 1)
    stretch = (measure_em - indent_em - width(text)) / gaps
    return Line(text, indent_em, stretch if 0 < stretch <= MAX_STRETCH_EM else 0.0)
