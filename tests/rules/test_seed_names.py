"""The catalogue is not padded: no two items share a name once numbers, brackets and places are taken away."""

import pytest

from seeds.names import essence, repeated
from seeds.tables import rows


def names() -> list[str]:
    return [row["name_zh"] for row in rows("items")]


def test_at_least_430_items_have_names_that_differ_in_more_than_numbers_and_places() -> None:
    assert repeated(names()) == []
    assert len({essence(name) for name in names()}) >= 430


@pytest.mark.parametrize(
    "planted",
    [
        "食品经营许可2", "食品经营许可（首次）", "食品经营许可(变更)", "西安高新区食品经营许可", "秦都区食品经营许可",
        "食品经营许可【延续】", "陕西省食品经营许可（一）", "食品经营许可 ３", "食品经营许可（新办（甲类））", "第二食品经营许可",
    ],
)  # fmt: skip
def test_a_planted_repetition_is_found(planted: str) -> None:
    assert repeated([*names(), planted]) == [["食品经营许可", planted]]


def test_names_that_really_differ_are_kept_apart() -> None:
    assert repeated(["食品经营许可", "食品生产许可", "医疗器械经营许可"]) == []


def test_no_name_is_used_up_by_the_rule() -> None:
    assert min(len(essence(name)) for name in names()) >= 4
