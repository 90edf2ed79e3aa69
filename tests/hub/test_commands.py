"""The operator's commands, as processes of their own: what they print, what they change, and how they refuse."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from hub.ledger.sequencer import Sequencer
from hub.ledger.writing import record_entry
from hub.settings import settings_from
from hub.web.compose import compose

ROOT = Path(__file__).resolve().parent.parent.parent


class Shell:
    """A shell of one hub's operator in an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m hub` with these words."""
        told = {**os.environ, "PYTHONPATH": str(ROOT), **self.settings}
        return subprocess.run(
            [sys.executable, "-m", "hub", *words],
            cwd=self.folder,
            env=told,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def settings(self) -> dict[str, str]:
        """What its hub is told."""
        return {"HUB_REGION": "x-test", "HUB_VAR_DIR": str(self.folder / "var")}

    def asked(self, query: str) -> object:
        """Return the one value the hub's database answers to a query."""
        with closing(sqlite3.connect(self.folder / "var" / "hub.db")) as database:
            return database.execute(query).fetchone()[0]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """An operator's shell with nothing set up."""
    return Shell(tmp_path)


def test_a_command_before_the_database_exists_says_what_to_run_first(shell: Shell) -> None:
    refused = shell("ledger", "status")
    assert refused.returncode == 2
    assert "python -m hub migrate" in refused.stderr
    assert "Traceback" not in refused.stderr and "SELECT" not in refused.stderr


def test_a_stranger_sets_a_hub_up_and_enters_a_partner_by_commands_alone(shell: Shell) -> None:
    assert shell("migrate").returncode == 0
    opened = shell("ledger", "open")
    assert "tongban/x-test/public/1（SM3）" in opened.stdout, opened.stderr
    assert "tongban/x-test/exchange/1" in shell("ledger", "status").stdout
    assert shell("partner", "enrol", "qindu", "秦都系统").returncode == 0
    assert shell("token", "mint", "partner", "qindu").stdout.startswith("tb_")
    assert shell("partner", "grant", "qindu", "approval", "--purpose", "演示", "--by", "甲").returncode == 0
    assert shell("connector", "hub", "qindu", "http://127.0.0.1:9").returncode == 0
    again = shell("ledger", "open")
    assert again.returncode == 2 and "[record.conflict]" in again.stderr


def test_a_wrong_key_and_an_unknown_partner_are_refused_in_one_sentence(shell: Shell) -> None:
    assert shell("migrate").returncode == 0
    key = shell(
        "partner", "confirm", "qindu", "tongban/qindu/public/1", "--hash", "SM3", "--key", "zz!", "--confirmed-by", "甲"
    )
    assert key.returncode == 2 and key.stderr.count("\n") == 1 and "[validation.failed]" in key.stderr
    unknown = shell("partner", "grant", "nobody", "approval", "--purpose", "演示", "--by", "甲")
    assert unknown.returncode == 2 and "[record.not_found]" in unknown.stderr


def test_a_connector_is_paused_and_goes_on_by_command(shell: Shell) -> None:
    assert shell("migrate").returncode == 0
    assert shell("connector", "hub", "qindu", "http://127.0.0.1:9").returncode == 0
    paused = "SELECT paused_at IS NOT NULL FROM connectors"
    assert shell("connector", "pause", "hub:qindu").returncode == 0
    assert shell.asked(paused) == 1
    assert shell("connector", "resume", "hub:qindu").returncode == 0
    assert shell.asked(paused) == 0
    unknown = shell("connector", "pause", "nobody")
    assert unknown.returncode == 2 and "[connector.unknown]" in unknown.stderr


def told_of_somebody(shell: Shell) -> None:
    """Let the shell's hub write an exchange entry about somebody, at index 1."""
    hub = compose(settings_from(shell.settings))
    with hub.database.transaction() as session:
        record_entry(
            session, kind="approval", record_id="a1", body={"holder": "甲"}, addressees=["qindu"], clock=hub.clock
        )
    while Sequencer(hub.database, hub.keys, hub.clock, lambda _origin: []).step():
        pass
    hub.database.close()


def test_a_content_is_erased_by_command_and_the_ledger_says_why_and_at_whose_word(shell: Shell) -> None:
    assert shell("migrate").returncode == 0
    assert shell("ledger", "open").returncode == 0
    told_of_somebody(shell)
    why = ("--reason", "依申请删除", "--by", "operator-1", "--yes")
    done = shell("ledger", "erase", "exchange", "1", *why)
    assert done.returncode == 0, done.stderr
    assert shell.asked("SELECT content IS NULL AND salt IS NULL FROM ledger_entries WHERE record_id = 'a1'") == 1
    written = str(shell.asked("SELECT CAST(content AS TEXT) FROM ledger_entries WHERE kind = 'erasure'"))
    assert "依申请删除" in written and "operator-1" in written
    absent = shell("ledger", "erase", "exchange", "9", *why)
    assert absent.returncode == 2 and "[record.not_found]" in absent.stderr
