"""A person's way through the pages in a real browser: home, finder, item, verify; by mouse, by keyboard, on a phone.

The real application answers on a loopback port. An error in the browser's console fails the test, and so does a request that
leaves this machine.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cheroot.wsgi import Server
from sqlalchemy import select

from connectors.records import Outcome
from hub.approvals.records import Approval
from hub.approvals.sealing import seal
from hub.clock import SystemClock
from hub.seals.records import Seal
from hub.web.compose import desk_of
from seeds.items import handled, implementation_code
from seeds.officers import officer_actor
from seeds.places import HOME
from seeds.rehearsal import plant_approvals, plant_seals
from tests.services import copy_sqlite
from tests.web_hub import FOOD, add_run, application, composed, follow_neighbours, open_ledgers, plant, sequence

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WIDTHS = (1440, 768, 375)
ITEM = f"/items/{implementation_code(HOME, FOOD)}"
PAGES = ("/", "/services", "/services?q=没有的事", ITEM, "/verify", "/trust", "/errors")
STOP_SECONDS = 20
UNNAMED = """[...document.querySelectorAll('input:not([type=hidden]), select, button, a, img')].filter((each) =>
  each.tagName === 'IMG' ? !each.hasAttribute('alt')
  : !(each.labels?.length || each.textContent.trim() || each.getAttribute('aria-label'))).map((each) => each.outerHTML)"""


@dataclass(frozen=True)
class Site:
    """The running application, a file it sealed, and the code that stands for it."""

    address: str
    sealed: Path
    altered: Path
    verify_id: str


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, font_file: Path) -> Iterator[Site]:
    """A hub with two dozen items of every region and one sealed approval, served by cheroot."""
    folder = tmp_path_factory.mktemp("site")
    hub = composed(folder / "hub", copy_sqlite(sqlite_template, folder / "hub.db"), font_file, SystemClock())
    open_ledgers(hub)
    plant(hub, {FOOD, *handled(HOME)[:24]})
    follow_neighbours(hub)
    plant_seals(hub)
    plant_approvals(hub)
    sequence(hub)
    with hub.database.transaction() as session:
        add_run(session, hub, "hub:xianyang-qindu", Outcome.SUCCEEDED, seen=12, created=12)
    with hub.database.reading() as session:
        seal_id = session.scalars(select(Seal.id)).one()
        approval = session.scalars(select(Approval).order_by(Approval.number)).first()
    assert approval is not None
    made = seal(desk_of(hub), approval.id, seal_id=seal_id, actor=officer_actor(HOME, "keeper-1"), key="seal-1")
    content = bytearray(hub.files.read(made.sha256))
    sealed, altered = folder / "批复.pdf", folder / "改过的批复.pdf"
    sealed.write_bytes(content)
    content[len(content) // 3] ^= 1
    altered.write_bytes(content)
    server = Server(("127.0.0.1", 0), application(hub), numthreads=8)
    server.prepare()
    thread = threading.Thread(target=server.serve)
    thread.start()
    yield Site(f"http://127.0.0.1:{server.bind_addr[1]}", sealed, altered, approval.verify_id)
    server.stop()
    thread.join(STOP_SECONDS)
    hub.database.close()


@pytest.fixture(params=WIDTHS)
def page(request: pytest.FixtureRequest, browser: Browser, site: Site) -> Iterator[Page]:
    """A window of each width; whatever the console or the network has to complain of fails the test."""
    context = browser.new_context(
        base_url=site.address, locale="zh-CN", viewport={"width": request.param, "height": 900}
    )
    opened = context.new_page()
    faults: list[str] = []
    opened.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("request", lambda asked: None if _is_ours(asked.url, site) else faults.append(f"left: {asked.url}"))
    yield opened
    context.close()
    assert faults == []


def _is_ours(url: str, site: Site) -> bool:
    return url.startswith((f"{site.address}/", "data:", "blob:"))


def sideways(page: Page) -> int:
    """Return how many pixels the page reaches beyond its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def test_a_person_finds_an_item_and_reads_it(page: Page) -> None:
    page.goto("/")
    page.get_by_label("什么事").fill("食品经营")
    page.get_by_role("button", name="查找").click()
    page.get_by_role("link", name="食品经营许可").first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "食品经营许可"


def test_a_number_of_the_matrix_leads_to_a_list_of_that_length(page: Page) -> None:
    page.goto("/")
    cell = page.locator(".matrix tbody tr").nth(1).locator("a").first
    count = cell.inner_text()
    cell.click()
    assert page.get_by_role("status").inner_text().endswith(f"共 {count} 项")


def test_a_sealed_file_is_shown_as_passed_with_its_number(page: Page, site: Site) -> None:
    page.goto("/verify")
    page.set_input_files("input[type=file]", site.sealed)
    page.get_by_role("button", name="核验").click()
    assert page.locator("[data-outcome=passed] h2").inner_text() == "核验通过"
    assert page.get_by_text("〔2026〕1号").is_visible()


def test_an_altered_file_is_shown_as_failed(page: Page, site: Site) -> None:
    page.goto("/verify")
    page.set_input_files("input[type=file]", site.altered)
    page.get_by_role("button", name="核验").click()
    assert page.locator("[data-outcome=failed] h2").inner_text() == "核验未通过"


def test_a_code_on_paper_asks_for_the_file_and_recognises_it(page: Page, site: Site) -> None:
    page.goto(f"/verify/{site.verify_id}")
    assert page.locator("[data-outcome]").count() == 0
    page.set_input_files("input[type=file]", site.sealed)
    page.get_by_role("button", name="核验").click()
    assert page.get_by_text("就是核验码所指的那份文件").is_visible()


def test_a_file_that_is_too_large_is_told_before_it_is_sent(page: Page) -> None:
    page.goto("/verify")
    page.evaluate("document.querySelector('form.drop').dataset.limitBytes = '3'")
    page.set_input_files("input[type=file]", {"name": "大.pdf", "mimeType": "application/pdf", "buffer": b"four"})
    page.get_by_role("button", name="核验").click()
    assert page.get_by_role("alert").inner_text() == "这个文件太大，不能在此核验。"
    assert page.url.endswith("/verify")


def test_the_finder_is_used_by_keyboard_alone(page: Page) -> None:
    page.goto("/services")
    page.get_by_label("什么事").focus()
    page.keyboard.type("食品")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=*")
    page.get_by_role("link", name="食品经营许可").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/items/**")
    assert page.get_by_role("heading", level=1).inner_text() == "食品经营许可"


def test_the_first_key_leads_past_the_navigation(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_page_is_read_in_english_after_one_click(page: Page) -> None:
    page.goto(ITEM)
    page.get_by_role("link", name="English").click()
    assert page.get_by_role("heading", name="Materials needed").is_visible()
    page.goto("/verify")
    assert page.get_by_role("heading", level=1).inner_text() == "Verify a file"


def test_the_home_page_takes_in_what_is_new_while_it_is_looked_at(page: Page) -> None:
    page.clock.install()
    page.goto("/")
    page.evaluate("document.querySelector('[data-count=items]').textContent = 'old'")
    with page.expect_response("**/"):
        page.clock.run_for(16_000)
    page.wait_for_function("document.querySelector('[data-count=items]').textContent !== 'old'")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_reaches_beyond_the_side_of_its_window(page: Page, language: str) -> None:
    beyond = {}
    for address in PAGES:
        page.goto(f"{address}{'&' if '?' in address else '?'}lang={language}")
        page.wait_for_load_state("networkidle")
        beyond[address] = sideways(page)
    assert beyond == dict.fromkeys(PAGES, 0)


def test_every_field_has_a_label_and_every_picture_a_word_or_none(page: Page) -> None:
    unnamed = []
    for address in PAGES:
        page.goto(address)
        unnamed += page.evaluate(UNNAMED)
    assert unnamed == []
