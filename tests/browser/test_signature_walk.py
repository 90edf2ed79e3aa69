"""An applicant signs: an officer's window asks, a phone scans, draws or uses a certificate, and the window shows the result.

Two browser contexts, as two devices: nothing but the code's address passes between them. An error in the console fails the test, and so
does a request that leaves this machine.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from cheroot.wsgi import Server

from hub.access.enrolment import enrol_officer
from hub.access.records import ActorKind, Role
from hub.access.tokens import mint_token
from hub.clock import SystemClock
from hub.signing.gbt9704 import lay_out
from hub.signing.pdf_render import render_pdf
from hub.signing.verdict import Outcome
from hub.signing.verify import verify_document
from seeds.places import HOME
from tests.services import copy_sqlite
from tests.signing_desk import decision
from tests.signing_records import anchors_of
from tests.web_hub import application, composed, open_ledgers

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

    from hub.web.compose import Hub

STOP_SECONDS = 20
CITIZEN = "11010519491231002X"
DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 375, "height": 812}


Device = Callable[["ViewportSize"], "Page"]


@dataclass(frozen=True)
class Site:
    """The running application, an officer's token, and files to be signed."""

    address: str
    token: str
    files: list[Path]
    hub: Hub


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, font_file: Path) -> Iterator[Site]:
    """A hub with one officer, served by cheroot, whose codes say the address it really has."""
    folder = tmp_path_factory.mktemp("signatures")
    hub = composed(folder / "hub", copy_sqlite(sqlite_template, folder / "hub.db"), font_file, SystemClock())
    open_ledgers(hub)
    with hub.database.transaction() as session:
        enrol_officer(
            session, code="examiner-1", name="演示审查员甲", region=HOME, roles=(Role.EXAMINER,), clock=hub.clock
        )
        token = mint_token(session, ActorKind.OFFICER, "examiner-1", clock=hub.clock)
    server = Server(("127.0.0.1", 0), lambda _environ, _start: [], numthreads=8)
    server.prepare()
    address = f"http://127.0.0.1:{server.bind_addr[1]}"
    hub = replace(hub, settings=replace(hub.settings, public_url=address))
    server.wsgi_app = application(hub)
    thread = threading.Thread(target=server.serve)
    thread.start()
    yield Site(address, token, _files(folder, hub), hub)
    server.stop()
    thread.join(STOP_SECONDS)
    hub.database.close()


def _files(folder: Path, hub: Hub) -> list[Path]:
    document = folder / "食品经营许可申请书.pdf"
    document.write_bytes(render_pdf(lay_out(decision(paragraphs=2), hub.fonts), hub.fonts))
    picture = folder / "营业场所照片.png"
    picture.write_bytes(Path("docs/pictures/home.png").read_bytes())
    return [document, picture]


@pytest.fixture
def device(browser: Browser, site: Site) -> Iterator[Device]:
    """A function that opens a window of a device of its own; whatever a console complains of fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def opened(size: ViewportSize) -> Page:
        phone = size is PHONE
        context = browser.new_context(
            base_url=site.address,
            locale="zh-CN",
            viewport=size,
            has_touch=phone,
            is_mobile=phone,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: faults.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "request", lambda asked: None if asked.url.startswith((site.address, "data:")) else faults.append(asked.url)
        )
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [each for each in faults if "status of 4" not in each] == []  # a refusal that was asked for


def asked(desktop: Page, site: Site) -> str:
    """Ask for a signature on the desktop; return the address its code says."""
    desktop.goto("/sign")
    desktop.get_by_label("姓名").fill("张三丰")
    desktop.get_by_label("证件号码").fill(CITIZEN)
    desktop.get_by_label("签名用途").fill("确认所提交的食品经营许可申请材料真实有效")
    desktop.set_input_files("input[type=file]", site.files)
    desktop.get_by_label("工作人员令牌").fill(site.token)
    desktop.get_by_role("button", name="生成签名码").click()
    assert desktop.get_by_role("img", name="签名二维码").is_visible()
    desktop.get_by_text("不能扫码？").click()
    return desktop.locator(".code .mono").inner_text()


def requested(site: Site) -> tuple[str, str]:
    """Ask for a signature as a system does; return the addresses of the code and of the page that watches."""
    told = httpx.post(
        f"{site.address}/sign",
        data={"name": "张三丰", "code_type": "111", "code": CITIZEN, "purpose": "确认材料真实有效"},
        files=[("files", (file.name, file.read_bytes())) for file in site.files],
        headers={"Accept": "application/json", "Authorization": f"Bearer {site.token}"},
    ).json()
    return told["signUrl"], told["watchUrl"]


def identified(phone: Page, address: str, *, number: str = CITIZEN) -> None:
    """Open the code on the phone and say who one is."""
    phone.goto(address)
    phone.get_by_role("button", name="我是签名人，打开").click()
    says_who(phone, number)


def says_who(phone: Page, number: str) -> None:
    phone.get_by_label("姓名").fill("张三丰")
    phone.get_by_label("证件号码").fill(number)
    phone.get_by_role("button", name="核验身份").click()


def drawn(phone: Page) -> None:
    """Draw two strokes on the pad."""
    pad = phone.locator("#pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    for stroke in ([(0.15, 0.3), (0.5, 0.25), (0.42, 0.75)], [(0.6, 0.7), (0.75, 0.2), (0.9, 0.7)]):
        x, y = stroke[0]
        phone.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        phone.mouse.down()
        for x, y in stroke[1:]:
            phone.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=12)
        phone.mouse.up()


def sideways(page: Page) -> int:
    """Return how many pixels the page reaches beyond its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def test_an_applicant_draws_on_the_phone_and_the_desktop_shows_it(device: Device, site: Site) -> None:
    desktop, phone = device(DESKTOP), device(PHONE)
    address = asked(desktop, site)
    identified(phone, address)
    phone.get_by_role("img", name="食品经营许可申请书.pdf 第 1 页").wait_for()
    phone.locator("#drawn").get_by_label("我已看过以上全部文件").check()
    drawn(phone)
    phone.get_by_role("button", name="确认签名").click()
    assert phone.get_by_role("heading", name="您已签名").is_visible()
    desktop.get_by_role("heading", name="签名已完成").wait_for()
    assert desktop.get_by_role("img", name="手写签名的笔迹").is_visible()
    with desktop.expect_download() as kept:
        desktop.get_by_role("link", name="下载签名记录").click()
    record = Path(kept.value.path()).read_bytes()
    told = verify_document(record, anchors_of(site.hub), site.hub.clock.now())
    assert (told.outcome, told.findings[0].code) == (Outcome.PASSED, "applicant_drawn")
    assert [each["name"] for each in json.loads(record)["manifest"]["files"]] == [file.name for file in site.files]


def test_an_applicant_signs_by_certificate_with_the_keyboard_alone(device: Device, site: Site) -> None:
    desktop, phone = device(DESKTOP), device(PHONE)
    identified(phone, asked(desktop, site))
    phone.get_by_text("不手写，用证书签名").focus()
    phone.keyboard.press("Enter")
    phone.keyboard.press("Tab")
    phone.keyboard.press("Space")
    phone.keyboard.press("Tab")
    phone.keyboard.press("Enter")
    phone.get_by_role("heading", name="您已签名").wait_for()
    desktop.get_by_text("用签名人的一次性事件证书签署").wait_for()


def test_a_second_phone_is_told_that_the_code_is_taken(device: Device, site: Site) -> None:
    first, second = device(PHONE), device(PHONE)
    address, _ = requested(site)
    first.goto(address)
    second.goto(address)
    first.get_by_role("button", name="我是签名人，打开").click()
    second.get_by_role("button", name="我是签名人，打开").click()
    assert second.get_by_text("signing_request.already_opened").is_visible()
    assert first.get_by_role("button", name="核验身份").is_visible()


def test_a_wrong_number_is_told_on_the_page_and_may_be_corrected(device: Device, site: Site) -> None:
    phone = device(PHONE)
    identified(phone, requested(site)[0], number="110105194912310127")
    assert phone.get_by_role("alert").is_visible()
    says_who(phone, CITIZEN)
    assert phone.get_by_role("heading", name="请看过文件再签名").is_visible()


def test_an_empty_pad_cannot_be_confirmed_and_a_cleared_one_neither(device: Device, site: Site) -> None:
    phone = device(PHONE)
    identified(phone, requested(site)[0])
    confirm = phone.get_by_role("button", name="确认签名")
    assert confirm.is_disabled()
    drawn(phone)
    assert confirm.is_enabled()
    phone.get_by_role("button", name="清除重写").click()
    assert confirm.is_disabled()


def test_who_declines_leaves_no_signature_and_the_desktop_says_so(device: Device, site: Site) -> None:
    desktop, phone = device(DESKTOP), device(PHONE)
    address, watch = requested(site)
    desktop.goto(watch)
    identified(phone, address)
    phone.get_by_role("button", name="不签").click()
    assert phone.get_by_role("heading", name="您没有签名").is_visible()
    desktop.get_by_role("heading", level=1, name="申请人拒绝签名").wait_for()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_of_signing_reaches_beyond_the_side_of_a_phone(device: Device, site: Site, language: str) -> None:
    phone = device(PHONE)
    address, watch = requested(site)
    beyond = []
    for step in (f"{site.address}/sign", watch, address):
        phone.goto(f"{step}?lang={language}")
        beyond.append(sideways(phone))
    phone.locator("form button.big").click()
    beyond.append(sideways(phone))
    assert beyond == [0, 0, 0, 0]
