"""The names of ledgers: `tongban/<region>/<public|exchange>/<epoch>`, each spelled in one way."""

from __future__ import annotations

import pytest

from hub.errors import ValidationFailed
from hub.ledger.origin import Origin, Readers, parse_origin

PUBLIC = Origin("xixian-fengdong", Readers.PUBLIC, 1)


def test_an_origin_reads_back_from_its_text() -> None:
    assert parse_origin("tongban/xixian-fengdong/public/1") == PUBLIC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tongban/xixian-fengdong/public",
        "tongban/xixian-fengdong/private/1",
        "tongban/xixian-fengdong/public/0",
        "tongban/xixian-fengdong/public/01",
        "tongban/xixian-fengdong/public/1/",
        "tongban/xixian-fengdong/public/1\n",
        "tongban/Xixian/public/1",
        "tongban/a--b/public/1",
        "tongban/../public/1",
        "tongban/" + "a" * 65 + "/public/1",
        "other/xixian-fengdong/public/1",
    ],
)
def test_an_origin_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValidationFailed):
        parse_origin(text)


@pytest.mark.parametrize("epoch", [0, -1])
def test_an_epoch_counts_from_one(epoch: int) -> None:
    with pytest.raises(ValidationFailed):
        Origin("xixian-fengdong", Readers.PUBLIC, epoch)
