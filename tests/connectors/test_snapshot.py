"""Snapshot sources: identity, one bad record, three guards before anything goes, people's corrections."""

from __future__ import annotations

from connectors.records import Outcome
from tests.connectors.workshop import Workshop, place_row

A_HUNDRED = [place_row(f"p{number:03}") for number in range(100)]


def test_records_become_public_records(workshop: Workshop) -> None:
    workshop.connect()
    ended = workshop.run("places", place_row("a"), place_row("b"))
    assert ended.outcome is Outcome.SUCCEEDED
    assert workshop.counts(ended) == {"seen": 2, "created": 2}
    assert workshop.public() == {"a": "大厅 a", "b": "大厅 b"}


def test_a_second_identical_run_writes_nothing(workshop: Workshop) -> None:
    workshop.connect()
    workshop.run("places", *A_HUNDRED[:13])
    entries, changed = workshop.entries(), workshop.place_named("p000").changed_at
    ended = workshop.run()
    assert workshop.counts(ended) == {"seen": 13, "unchanged": 13}
    assert (workshop.entries(), workshop.place_named("p000").changed_at) == (entries, changed)


def test_a_finished_run_says_so_at_once(workshop: Workshop) -> None:
    workshop.connect()
    told = workshop.told(workshop.run("places", *A_HUNDRED[:13]))
    assert (told.outcome, told.seen, told.ended_at) == (Outcome.SUCCEEDED, 13, workshop.clock.now())


def test_a_changed_record_is_updated_alone(workshop: Workshop) -> None:
    workshop.connect()
    workshop.run("places", place_row("a"), place_row("b"))
    ended = workshop.run("places", place_row("a", title="新名"), place_row("b"))
    assert workshop.counts(ended) == {"seen": 2, "updated": 1, "unchanged": 1}
    assert workshop.public()["a"] == "新名"


def test_one_bad_record_rejects_itself_alone(workshop: Workshop) -> None:
    workshop.connect()
    rows = [place_row(f"r{number}") for number in range(10)]
    rows[3]["title"] = None
    ended = workshop.run("places", *rows)
    assert ended.outcome is Outcome.FINISHED_WITH_REJECTS
    assert workshop.counts(ended) == {"seen": 10, "created": 9, "rejected": 1}


def test_a_reject_says_which_field_why_and_what_to_do(workshop: Workshop) -> None:
    workshop.connect()
    ended = workshop.run("places", place_row("a"), place_row("b", title=None))
    [reject] = workshop.rejects(ended)
    assert (reject.remote_id, reject.field, reject.value_class, reject.code) == (
        "b",
        "title",
        "empty",
        "row.incomplete",
    )
    assert all((reject.reason_zh, reject.reason_en, reject.remedy_zh, reject.remedy_en))


def test_a_record_without_an_identity_is_named_by_its_place(workshop: Workshop) -> None:
    workshop.connect()
    ended = workshop.run("places", place_row("a"), place_row(""))
    assert [reject.remote_id for reject in workshop.rejects(ended)] == ["#2"]


def test_the_second_record_of_one_identity_is_refused(workshop: Workshop) -> None:
    workshop.connect()
    ended = workshop.run("places", place_row("a"), place_row("a", title="另一个"))
    assert [reject.code for reject in workshop.rejects(ended)] == ["row.twice"]
    assert workshop.public() == {"a": "大厅 a"}


def test_a_record_too_long_for_its_columns_is_refused_alone(workshop: Workshop) -> None:
    workshop.connect()
    ended = workshop.run("places", place_row("a"), place_row("b" * 100), place_row("c", title="长" * 600))
    assert workshop.counts(ended) == {"seen": 3, "created": 1, "rejected": 2}


def test_errors_are_those_of_this_run_only(workshop: Workshop) -> None:
    workshop.connect()
    workshop.run("places", place_row("a", title=None))
    ended = workshop.run("places", place_row("a"))
    assert (workshop.rejects(ended), workshop.told(ended).code, workshop.told(ended).rejected) == ([], None, 0)


def test_a_tolerant_reader_warns_and_takes(workshop: Workshop) -> None:
    workshop.connect()
    ended = workshop.run("places", place_row("a", title=7, extra=None, address=None))
    assert workshop.counts(ended) == {"seen": 1, "created": 1}
    assert len(workshop.told(ended).warnings or []) == 2


def test_an_unknown_column_ends_the_run_before_anything_is_applied(workshop: Workshop) -> None:
    workshop.connect()
    ended = workshop.run("places", {"id": "a", "titel": "x"})
    assert (ended.outcome, ended.code) == (Outcome.FAILED, "mapping.unknown_column")
    assert "titel" in (workshop.told(ended).message_zh or "")
    assert workshop.public() == {}
