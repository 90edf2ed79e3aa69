"""What becomes of a record that its source drops, hides, returns or gives another id, and when a person must confirm it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.faults import RunUnknown
from connectors.records import Outcome
from connectors.vanished import confirm
from hub.errors import Conflict
from tests.connectors.workshop import HOME, PLACES, Listed, Workshop, place_row

A_HUNDRED = [place_row(f"p{number:03}") for number in range(100)]


def confirmed(workshop: Workshop, run_id: str) -> int:
    """Confirm a suspicious run as a person would."""
    with workshop.database.transaction() as session:
        return confirm(session, run_id, region=HOME, by="operator-1", clock=workshop.clock)


def test_what_the_source_drops_is_tombstoned_and_its_history_kept(workshop: Workshop) -> None:
    workshop.connect()
    workshop.run("places", place_row("a"), place_row("b"), place_row("c"))
    ended = workshop.run("places", place_row("a"), place_row("c"))
    assert workshop.counts(ended) == {"seen": 2, "unchanged": 2, "tombstoned": 1}
    assert set(workshop.public()) == {"a", "c"}
    assert workshop.entries("b") == 2


def test_what_the_source_turns_private_is_hidden_at_once(workshop: Workshop) -> None:
    workshop.connect(settings={"mapping": PLACES, "grace_hours": 24})
    workshop.run("places", place_row("a"), place_row("c"))
    ended = workshop.run("places", place_row("a"), place_row("c", openness="private"))
    assert workshop.counts(ended) == {"seen": 2, "unchanged": 1, "tombstoned": 1}
    assert set(workshop.public()) == {"a"}


def test_what_comes_back_is_public_again(workshop: Workshop) -> None:
    workshop.connect()
    workshop.run("places", place_row("a"), place_row("b"))
    workshop.run("places", place_row("a"))
    ended = workshop.run("places", place_row("a"), place_row("b"))
    assert workshop.counts(ended) == {"seen": 2, "unchanged": 1, "created": 1}
    assert set(workshop.public()) == {"a", "b"}


def test_a_missing_record_stays_through_its_grace(workshop: Workshop) -> None:
    workshop.connect(settings={"mapping": PLACES, "grace_hours": 24})
    workshop.run("places", place_row("a"), place_row("b"))
    workshop.run("places", place_row("a"))
    assert set(workshop.public()) == {"a", "b"}
    workshop.clock.advance(timedelta(hours=25))
    assert workshop.counts(workshop.run()) == {"seen": 1, "unchanged": 1, "tombstoned": 1}


def test_a_record_that_came_back_begins_its_grace_anew(workshop: Workshop) -> None:
    workshop.connect(settings={"mapping": PLACES, "grace_hours": 24})
    workshop.run("places", place_row("a"), place_row("b"))
    workshop.run("places", place_row("a"))
    workshop.run("places", place_row("a"), place_row("b"))
    workshop.clock.advance(timedelta(hours=25))
    assert "tombstoned" not in workshop.counts(workshop.run("places", place_row("a")))


@pytest.mark.parametrize("left", [0, 3, 89])
def test_too_many_gone_at_once_is_suspicious_and_nothing_goes(workshop: Workshop, left: int) -> None:
    workshop.connect()
    workshop.run("places", *A_HUNDRED)
    workshop.sources["places"] = Listed(A_HUNDRED[:left])
    ended = workshop.run()
    assert (ended.outcome, ended.code) == (Outcome.SUSPICIOUS, "run.suspicious")
    assert len(workshop.public()) == 100
    assert workshop.connector().awaiting_person


def test_an_empty_answer_and_then_three_of_a_hundred_take_nothing_away(workshop: Workshop) -> None:
    workshop.connect()
    workshop.run("places", *A_HUNDRED)
    workshop.sources["places"] = Listed([])
    outcomes = [workshop.run().outcome]
    workshop.sources["places"] = Listed(A_HUNDRED[:3])
    outcomes.append(workshop.run().outcome)
    assert outcomes == [Outcome.SUSPICIOUS, Outcome.SUSPICIOUS]
    assert len(workshop.public()) == 100


def test_a_source_that_is_whole_again_needs_nobody(workshop: Workshop) -> None:
    workshop.connect()
    workshop.run("places", *A_HUNDRED)
    workshop.run("places", *A_HUNDRED[:3])
    ended = workshop.run("places", *A_HUNDRED)
    assert (ended.outcome, workshop.connector().awaiting_person) == (Outcome.SUCCEEDED, False)


def test_a_person_can_confirm_that_they_are_gone(workshop: Workshop) -> None:
    workshop.connect()
    workshop.run("places", *A_HUNDRED)
    ended = workshop.run("places", *A_HUNDRED[:3])
    assert confirmed(workshop, ended.run_id) == 97
    assert len(workshop.public()) == 3
    connector = workshop.connector()
    assert (connector.awaiting_person, connector.confirmed_by) == (False, "operator-1")
    assert workshop.counts(workshop.run()) == {"seen": 3, "unchanged": 3}


def test_a_confirmation_does_not_mean_what_has_come_back(workshop: Workshop) -> None:
    workshop.connect()
    workshop.run("places", *A_HUNDRED)
    first = workshop.run("places", *A_HUNDRED[:3])
    workshop.run("places", *A_HUNDRED[:50])
    assert confirmed(workshop, first.run_id) == 50
    assert len(workshop.public()) == 50


def test_only_a_suspicious_run_can_be_confirmed(workshop: Workshop) -> None:
    workshop.connect()
    ended = workshop.run("places", *A_HUNDRED)
    with pytest.raises(Conflict):
        confirmed(workshop, ended.run_id)
    with pytest.raises(RunUnknown):
        confirmed(workshop, "nothing")


def test_a_run_cannot_be_confirmed_twice(workshop: Workshop) -> None:
    workshop.connect()
    workshop.run("places", *A_HUNDRED)
    ended = workshop.run("places", *A_HUNDRED[:3])
    confirmed(workshop, ended.run_id)
    with pytest.raises(Conflict):
        confirmed(workshop, ended.run_id)


def test_a_record_that_was_refused_is_not_missing(workshop: Workshop) -> None:
    workshop.connect()
    workshop.run("places", place_row("a"), place_row("x"))
    ended = workshop.run("places", place_row("a"), place_row("x", title=None))
    assert workshop.counts(ended) == {"seen": 2, "unchanged": 1, "rejected": 1}
    assert set(workshop.public()) == {"a", "x"}


def test_a_record_that_once_failed_and_then_vanishes_is_tombstoned(workshop: Workshop) -> None:
    workshop.connect()
    workshop.run("places", place_row("a"), place_row("x"))
    workshop.run("places", place_row("a"), place_row("x", title=None))
    ended = workshop.run("places", place_row("a"))
    assert workshop.counts(ended)["tombstoned"] == 1
    assert set(workshop.public()) == {"a"}


def prefixed(prefix: str) -> dict[str, Any]:
    """Return the mapping of places with a prefix for its ids."""
    return {"mapping": PLACES | {"id_prefix": prefix}, "grace_hours": 0}


def test_two_sources_with_one_remote_id_are_two_records(workshop: Workshop) -> None:
    workshop.connect("qindu", settings=prefixed("qindu-"))
    workshop.connect("weicheng", settings=prefixed("weicheng-"))
    workshop.run("qindu", place_row("2025-001"))
    workshop.run("weicheng", place_row("2025-001"))
    assert set(workshop.public()) == {"qindu-2025-001", "weicheng-2025-001"}


def test_a_second_source_cannot_speak_for_anothers_record(workshop: Workshop) -> None:
    workshop.connect("qindu")
    workshop.connect("weicheng")
    workshop.run("qindu", place_row("2025-001"))
    ended = workshop.run("weicheng", place_row("2025-001", title="冒名"))
    assert [reject.code for reject in workshop.rejects(ended)] == ["row.spoken_for"]
    assert workshop.public() == {"2025-001": "大厅 2025-001"}


def test_a_local_correction_outlives_a_change_elsewhere(workshop: Workshop) -> None:
    workshop.connect()
    workshop.run("places", place_row("a"))
    workshop.correct("a", window_kind="029-1")
    ended = workshop.run("places", place_row("a", title="新名"))
    place = workshop.place_named("a")
    assert (place.name_zh, place.window_kind) == ("新名", "029-1")
    assert workshop.told(ended).warnings is None


@pytest.mark.parametrize(("local", "stands"), [(["window_kind"], "029-1"), ([], "029-2")])
def test_a_field_changed_on_both_sides_is_its_owners_and_is_told(
    workshop: Workshop, local: list[str], stands: str
) -> None:
    workshop.connect(settings={"mapping": PLACES | {"local": local}, "grace_hours": 0})
    workshop.run("places", place_row("a"))
    workshop.correct("a", window_kind="029-1")
    ended = workshop.run("places", place_row("a", phone="029-2"))
    assert workshop.place_named("a").window_kind == stands
    assert len(workshop.told(ended).warnings or []) == 1


def test_a_record_that_goes_by_another_id_leaves_no_double(workshop: Workshop) -> None:
    by_number = {**PLACES, "remote_id": ["number"]}
    workshop.connect(settings={"mapping": by_number, "grace_hours": 0})
    workshop.run("places", place_row("a", number="1"))
    workshop.run("places", place_row("b", number="1"))
    assert set(workshop.public()) == {"b"}


def test_a_dry_run_reports_and_changes_nothing(workshop: Workshop) -> None:
    workshop.connect()
    workshop.run("places", place_row("a"))
    entries = workshop.entries()
    ended = workshop.run(
        "places", place_row("a", title="新名"), place_row("b"), place_row("c", title=None), dry_run=True
    )
    assert workshop.counts(ended) == {"seen": 3, "created": 1, "updated": 1, "rejected": 1}
    assert [reject.field for reject in workshop.rejects(ended)] == ["title"]
    assert (workshop.entries(), workshop.public()) == (entries, {"a": "大厅 a"})


def test_a_source_whose_listing_broke_takes_nothing_away(workshop: Workshop) -> None:
    def broken() -> None:
        raise OSError("the listing broke")

    workshop.connect()
    workshop.run("places", *[place_row(f"r{number}") for number in range(10)])
    workshop.sources["places"] = Listed([place_row("r0"), place_row("r1"), place_row("r2")], then={-1: broken})
    ended = workshop.run()
    assert (ended.outcome, workshop.told(ended).seen) == (Outcome.FAILED, 3)
    assert workshop.told(ended).message_zh and len(workshop.public()) == 10


def test_ids_and_rows_are_the_same_after_three_runs(workshop: Workshop) -> None:
    workshop.connect()
    rows = [place_row(f"r{number}") for number in range(13)]
    ids = []
    for _ in range(3):
        ended = workshop.run("places", *rows)
        ids.append(workshop.place_named("r7").id)
    assert workshop.counts(ended) == {"seen": 13, "unchanged": 13}
    assert len(set(ids)) == 1


def test_a_guard_that_is_no_number_ends_the_run_with_its_reason(workshop: Workshop) -> None:
    workshop.connect(settings={"mapping": PLACES, "grace_hours": "long"})
    assert workshop.run("places", place_row("a")).code == "mapping.malformed"
