"""Rows loaded together are served together, and no row is ever served another one's value."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from schema.peers import Peers


@dataclass
class Row:
    """A row that equals every other of its number."""

    number: int


def numbers(rows: list[Row]) -> list[int]:
    """Answer for all rows."""
    return [row.number for row in rows]


def test_a_row_that_is_gone_leaves_its_value_to_nobody() -> None:
    peers = Peers(Session)
    assert [peers.shared("number", Row(number), numbers) for number in range(1000)] == list(range(1000))


def test_all_peers_are_loaded_by_one_call() -> None:
    peers, calls = Peers(Session), list[int]()

    def load(rows: list[Row]) -> list[int]:
        calls.append(len(rows))
        return numbers(rows)

    rows = peers.together([Row(number) for number in range(9)])
    assert ([peers.shared("number", row, load) for row in rows], calls) == (list(range(9)), [9])


def test_equal_rows_are_told_apart() -> None:
    peers = Peers(Session)
    first, second = Row(1), Row(1)
    peers.together([first])
    peers.together([second])
    assert [peers.shared("number", row, numbers) for row in (first, second)] == [1, 1]
