"""The home page, and the small pages around it: trust, error codes, health, problems, language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from flask.testing import FlaskClient
from sqlalchemy import delete, update

from connectors.records import Connector, Outcome, Run
from hub.clock import FixedClock
from hub.errors import HubError
from hub.ledger.records import Ledger
from hub.signing.anchors import Anchors
from hub.web.compose import Hub, root_certificates
from hub.web.errors import entries
from tests.web_hub import (
    FOOD,
    STANDING_AT,
    add_run,
    application,
    composed,
    counted,
    follow_neighbours,
    open_ledgers,
    plant,
    sequence,
    standing_database,
)

PAGE = {"Accept": "text/html"}
HOME_STATEMENTS = 13


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def standing(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, font_file: Path
) -> Iterator[Hub]:
    """The home hub with an item, signed ledgers and four neighbours it follows, once on each database."""
    folder = tmp_path_factory.mktemp("home")
    with standing_database(request, request.param, folder) as address:
        made = composed(folder / "hub", address, font_file, FixedClock(STANDING_AT))
        open_ledgers(made)
        plant(made, {FOOD})
        follow_neighbours(made)
        sequence(made)
        yield made
        made.database.close()


@pytest.fixture
def hub(standing: Hub) -> Iterator[Hub]:
    """That hub; what a test says of runs and of its ledgers is forgotten after it."""
    yield standing
    with standing.database.transaction() as session:
        session.execute(delete(Run))
        session.execute(delete(Connector))
        session.execute(update(Ledger).values(stopped_code=None))


@pytest.fixture
def client(hub: Hub) -> FlaskClient:
    """A browser without JavaScript."""
    return application(hub).test_client()


def home(client: FlaskClient, language: str = "zh") -> str:
    answer = client.get(f"/?lang={language}", headers=PAGE)
    assert answer.status_code == 200, answer.text
    return answer.text


def run(hub: Hub, connector: str, outcome: Outcome, **facts: object) -> None:
    with hub.database.transaction() as session:
        add_run(session, hub, connector, outcome, **facts)


def test_every_district_stands_on_the_home_page_this_one_first(client: FlaskClient) -> None:
    names = re.findall(r"<h3>(.*?)</h3>", home(client))
    assert names[:5] == ["沣东新城", "西安高新区", "咸阳高新区", "秦都区", "渭城区"]


def test_the_home_page_costs_as_many_statements_with_eight_runs_as_with_one(hub: Hub, client: FlaskClient) -> None:
    costs = []
    for number in (1, 8):
        for _ in range(number):
            run(hub, "hub:xianyang-qindu", Outcome.SUCCEEDED, seen=1, created=1)
        home(client)
        with counted(hub.database.read_engine) as asked:
            home(client)
        costs.append(len(asked))
    assert costs == [HOME_STATEMENTS, HOME_STATEMENTS]


@pytest.mark.parametrize(
    ("connector", "outcome", "facts", "zh", "en"),
    [
        (
            "hub:xianyang-qindu",
            Outcome.SUCCEEDED,
            {"seen": 12, "created": 12},
            "从秦都区取得 12 条新内容，全部核验通过。",
            "Took 12 new records from Qindu District; all verified.",
        ),
        (
            "hub:xianyang-qindu",
            Outcome.SUCCEEDED,
            {"seen": 3, "tombstoned": 3},
            "按秦都区的撤回，撤下 3 条内容。",
            "Took down 3 records that Qindu District withdrew.",
        ),
        ("hub:xianyang-qindu", Outcome.SUCCEEDED, {}, "已核对秦都区的账本，没有新内容。", "nothing new."),
        ("hub:xianyang-qindu", Outcome.TIMED_OUT, {}, "对方太久没有应答，会自动再试。", "took too long to answer"),
        ("hub:xianyang-qindu", Outcome.SUSPICIOUS, {}, "等待人工确认。", "until a person confirms."),
        (
            "file:report.csv",
            Outcome.FINISHED_WITH_REJECTS,
            {"seen": 61, "created": 60, "rejected": 1},
            "读到 61 条，收下 60 条，1 条未收并列明原因。",
            "Read 61 records, took 60, refused 1 with reasons.",
        ),
        ("sealing", Outcome.SUCCEEDED, {"seen": 2, "created": 2}, "为 2 份批复加盖电子印章。", "Sealed 2 approvals."),
    ],
)
def test_a_run_is_told_in_a_sentence_a_clerk_understands(
    hub: Hub, client: FlaskClient, connector: str, outcome: Outcome, facts: dict[str, int], zh: str, en: str
) -> None:
    run(hub, connector, outcome, **facts)
    assert zh in home(client)
    assert en in home(client, "en")


def test_a_failed_run_shows_its_code_and_not_its_message(hub: Hub, client: FlaskClient) -> None:
    run(hub, "hub:xianyang-qindu", Outcome.FAILED, code="transport.failed", message_zh="10.1.2.3 拒绝连接")
    text = home(client)
    assert "/errors#transport.failed" in text
    assert "10.1.2.3" not in text


def test_a_rehearsal_is_no_exchange_worth_telling(hub: Hub, client: FlaskClient) -> None:
    run(hub, "hub:xianyang-qindu", Outcome.SUCCEEDED, seen=12, created=12)
    run(hub, "hub:xian-hightech", Outcome.SUCCEEDED, seen=7, created=7, dry_run=True)
    assert "取得 7 条" not in home(client)


def test_a_hub_without_any_record_still_has_a_home_page(
    sqlite_url: str, tmp_path: Path, font_file: Path, clock: FixedClock
) -> None:
    bare = composed(tmp_path / "bare", sqlite_url, font_file, clock)
    assert "账本尚未开立" in home(application(bare).test_client())
    bare.database.close()


def test_the_language_once_chosen_is_kept(client: FlaskClient) -> None:
    home(client, "en")
    assert '<html lang="en">' in client.get("/verify", headers=PAGE).text


def test_chinese_comes_first_for_a_browser_that_asks_for_neither(client: FlaskClient) -> None:
    answer = client.get("/", headers={**PAGE, "Accept-Language": "fr"})
    assert '<html lang="zh-CN">' in answer.text


def test_the_switch_of_language_keeps_what_was_asked(client: FlaskClient) -> None:
    text = client.get("/services?q=食品&mode=FULLY_ONLINE", headers=PAGE).text
    switch = re.search(r'class="lang" href="([^"]+)"', text)
    assert switch is not None
    assert "mode=FULLY_ONLINE" in switch[1] and "lang=en" in switch[1]


@pytest.mark.parametrize("address", ["/", "/services", "/verify", "/trust", "/errors", "/nothing/here"])
def test_a_page_carries_no_script_or_style_of_its_own(client: FlaskClient, address: str) -> None:
    text = client.get(address, headers=PAGE).text
    assert (
        re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:|https?://(?!www\.w3\.org)", text) == []
    )


@pytest.mark.parametrize("address", ["/", "/services", "/verify", "/trust", "/errors", "/nothing/here"])
def test_a_page_of_the_demonstration_says_that_it_is_one(client: FlaskClient, address: str) -> None:
    answer = client.get(address, headers=PAGE)
    assert "无法律效力" in answer.text
    assert answer.headers["X-Robots-Tag"] == "noindex"


def test_the_anchors_hold_every_root_and_a_list_of_revoked_certificates_for_each_algorithm(
    hub: Hub, client: FlaskClient
) -> None:
    anchors = Anchors.from_pem(client.get("/trust/anchors.pem").data)
    roots = [x509.load_der_x509_certificate(der) for der in root_certificates(hub)]
    assert (list(anchors.certificates), len(anchors.revocation_lists)) == (roots, 2)


def test_the_public_keys_are_those_of_both_ledgers_and_the_witness(client: FlaskClient) -> None:
    told = client.get("/trust/keys.json").get_json()["keys"]
    assert [(key["use"], key["name"]) for key in told] == [
        ("LEDGER", "tongban/xixian-fengdong/public/1"),
        ("LEDGER", "tongban/xixian-fengdong/exchange/1"),
        ("WITNESS", "witness/xixian-fengdong"),
    ]


def test_the_trust_page_shows_the_fingerprints_in_groups(client: FlaskClient) -> None:
    told = client.get("/trust/keys.json").get_json()["keys"]
    digits = told[0]["fingerprint"]["value"]
    grouped = " ".join(digits[start : start + 4] for start in range(0, 64, 4))
    assert grouped in client.get("/trust", headers=PAGE).text


def test_every_error_has_a_meaning_and_a_cure_under_its_own_anchor(client: FlaskClient) -> None:
    text = client.get("/errors", headers=PAGE).text
    unsaid = [entry.code for entry in entries() if "办法：" not in entry.zh or "Cure:" not in entry.en]
    assert [code for code in unsaid if not code.startswith("http.")] == []
    assert [entry.code for entry in entries() if f'id="{entry.code}"' not in text] == []


def test_the_list_of_errors_knows_those_of_every_room() -> None:
    codes = {entry.code for entry in entries()}
    assert {"region.unknown", "ledger.not_sequenced", "seal.missing", "file.link_expired"} <= codes
    assert HubError.code not in {"", None}


def test_the_process_says_that_it_lives_without_asking_the_database(hub: Hub, client: FlaskClient) -> None:
    with counted(hub.database.read_engine) as asked:
        assert client.get("/healthz").get_json() == {"status": "alive"}
    assert asked == []


def test_a_hub_without_a_scheduler_is_never_said_to_be_ready(client: FlaskClient) -> None:
    told = client.get("/readyz").get_json()
    assert (told["status"], told["scheduler"]) == ("degraded", "none")


@pytest.mark.parametrize(("alive", "status"), [(True, "ready"), (False, "degraded")])
def test_the_heartbeat_decides_whether_a_hub_is_ready(hub: Hub, alive: bool, status: str) -> None:
    app = application(hub)
    app.extensions["heartbeats"] = {"scheduler": lambda: {"alive": alive, "age_seconds": 1.0}}
    assert app.test_client().get("/readyz").get_json()["status"] == status


def test_a_ledger_that_signs_nothing_is_told_with_its_code(hub: Hub, client: FlaskClient) -> None:
    with hub.database.transaction() as session:
        session.execute(update(Ledger).where(Ledger.name == "PUBLIC").values(stopped_code="ledger.forked"))
    told = client.get("/readyz").get_json()
    assert [(ledger["signing"], ledger["code"]) for ledger in told["ledgers"]] == [
        (False, "ledger.forked"),
        (True, None),
    ]


def test_a_hub_whose_database_is_gone_is_unready_and_its_pages_say_so(
    tmp_path: Path, font_file: Path, clock: FixedClock
) -> None:
    gone = composed(tmp_path / "hub", f"sqlite:///{tmp_path}/no/such/folder/hub.db", font_file, clock)
    client = application(gone).test_client()
    assert client.get("/readyz").status_code == 503
    page = client.get("/", headers=PAGE)
    assert (page.status_code, "系统内部错误" in page.text) == (500, True)
    gone.database.close()
