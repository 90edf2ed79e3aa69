"""The 2023 report of the service centre, from its CSV to an open data set: every figure, its qualifier, what was printed."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from connectors.mapping_file import read_yaml
from connectors.records import Outcome
from hub.ledger.records import LedgerEntry
from hub.opendata.records import Dataset, Indicator, IndicatorPoint
from tests.connectors.workshop import Workshop

SEEDS = Path(__file__).parents[2] / "seeds"
REPORT = SEEDS / "data" / "fengdong_2023.csv"
MAPPING = SEEDS / "mappings" / "fengdong_2023.yaml"


@pytest.fixture
def reported(workshop: Workshop) -> Workshop:
    """A hub with the report's file in its import folder and the connector that reads it."""
    shutil.copyfile(REPORT, workshop.folder / REPORT.name)
    shutil.copyfile(MAPPING, workshop.folder / MAPPING.name)
    workshop.connect(
        "report",
        adapter="file",
        source=REPORT.name,
        settings={"format": "csv", "encoding": "utf-8", "mapping": MAPPING.name},
    )
    return workshop


def rewrite(workshop: Workshop, change: Any) -> None:
    """Write the report again with its lines changed by `change(lines)`; lines[0] is the header."""
    lines = REPORT.read_text(encoding="utf-8").splitlines()
    (workshop.folder / REPORT.name).write_text("\n".join(change(lines)) + "\n", encoding="utf-8")


def release(workshop: Workshop) -> dict[str, Any]:
    """Return the newest release as it stands in the ledger."""
    with workshop.database.reading() as session:
        entry = session.scalars(
            select(LedgerEntry)
            .where(LedgerEntry.kind == "dataset_release")
            .order_by(LedgerEntry.version.desc())
            .limit(1)
        ).one()
        return dict(json.loads(entry.content or b"{}"))


def test_all_figures_of_the_report_are_published(reported: Workshop) -> None:
    ended = reported.run("report")
    assert ended.outcome is Outcome.SUCCEEDED
    assert reported.counts(ended) == {"seen": 61, "created": 61}
    with reported.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(IndicatorPoint)) == 61
        assert session.scalars(select(Dataset)).one().rows == 61


def test_every_figure_keeps_its_qualifier_and_what_was_printed(reported: Workshop) -> None:
    reported.run("report")
    with REPORT.open(encoding="utf-8", newline="") as file:
        printed = {
            row["indicator"]: (row["value"], row["qualifier"], row["as_printed"]) for row in csv.DictReader(file)
        }
    with reported.database.reading() as session:
        points = session.execute(
            select(Indicator.code, IndicatorPoint.value, IndicatorPoint.qualifier, IndicatorPoint.as_printed).join(
                IndicatorPoint, IndicatorPoint.indicator_id == Indicator.id
            )
        ).all()
    assert {code: (Decimal(value), *rest) for code, (value, *rest) in printed.items()} == {
        code: (value, qualifier, as_printed) for code, value, qualifier, as_printed in points
    }


def test_the_release_names_its_file_by_length_and_digest(reported: Workshop) -> None:
    reported.run("report")
    content = REPORT.read_bytes()
    [file] = release(reported)["distributions"]
    assert (file["format"], file["bytes"]) == ("CSV", len(content))
    assert file["digests"] == [{"algorithm": "SHA-256", "value": hashlib.sha256(content).hexdigest()}]


def test_the_bytes_of_the_file_are_kept_under_their_digest(reported: Workshop) -> None:
    reported.run("report", dry_run=True)
    assert not (reported.folder.parent / "open-data").exists()
    reported.run("report")
    [file] = release(reported)["distributions"]
    assert reported.files.read(file["digests"][0]["value"]) == REPORT.read_bytes()


def test_the_release_says_how_open_it_is_and_under_which_terms(reported: Workshop) -> None:
    reported.run("report")
    said = release(reported)
    assert (said["code"], said["openness"], said["release"]) == ("fengdong-2023-report", "UNCONDITIONAL", 1)
    assert said["title_zh"] == "《沣东新城政务服务中心2023年工作成效》数据"
    assert set(said["reuse_terms"]) == {"name_zh", "url"} and len(said["fields"]) == 10


def test_the_same_file_again_makes_no_release(reported: Workshop) -> None:
    reported.run("report")
    entries = reported.entries()
    ended = reported.run("report")
    assert reported.counts(ended) == {"seen": 61, "unchanged": 61}
    assert (reported.entries(), release(reported)["release"]) == (entries, 1)


def test_a_corrected_figure_makes_the_next_release(reported: Workshop) -> None:
    reported.run("report")
    rewrite(reported, lambda lines: [line.replace(",18,exact,18次,", ",19,exact,19次,") for line in lines])
    ended = reported.run("report")
    assert reported.counts(ended)["updated"] == 2
    assert release(reported)["release"] == 2


def test_a_bad_figure_is_refused_and_keeps_what_it_last_said(reported: Workshop) -> None:
    reported.run("report")
    rewrite(
        reported, lambda lines: [line.replace(",220000,rounded,22万户", ",二十二万,rounded,22万户") for line in lines]
    )
    ended = reported.run("report")
    assert ended.outcome is Outcome.FINISHED_WITH_REJECTS
    [reject] = reported.rejects(ended)
    assert (reject.remote_id, reject.field, reject.value_class) == ("market_entities/2023", "value", "text")
    assert release(reported)["rows"] == 61


def test_a_row_that_is_gone_is_gone_from_the_next_release(reported: Workshop) -> None:
    reported.run("report")
    rewrite(reported, lambda lines: lines[:-1])
    assert reported.counts(reported.run("report")) == {"seen": 60, "unchanged": 60, "tombstoned": 1}
    assert release(reported)["rows"] == 60


def test_a_file_that_lost_most_of_its_rows_makes_no_release(reported: Workshop) -> None:
    reported.run("report")
    rewrite(reported, lambda lines: lines[:4])
    ended = reported.run("report")
    assert (ended.outcome, release(reported)["rows"]) == (Outcome.SUSPICIOUS, 61)


def test_a_file_in_another_encoding_changes_nothing(reported: Workshop) -> None:
    reported.run("report")
    (reported.folder / REPORT.name).write_bytes(REPORT.read_text(encoding="utf-8").encode("gb18030"))
    ended = reported.run("report")
    assert (ended.outcome, ended.code) == (Outcome.FAILED, "file.wrong_encoding")
    assert release(reported)["release"] == 1


def test_a_dry_run_of_the_report_publishes_nothing(reported: Workshop) -> None:
    entries = reported.entries()
    ended = reported.run("report", dry_run=True)
    assert reported.counts(ended) == {"seen": 61, "created": 61}
    assert reported.entries() == entries


def test_the_reports_mapping_is_sound() -> None:
    assert read_yaml(MAPPING.read_text(encoding="utf-8"))["about"]["code"] == "fengdong-2023-report"
