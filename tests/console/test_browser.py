"""The console in Chromium: with the keyboard, on a phone, in the dark, without JavaScript, and the live tail.

``FOOTFALL_TEST_IMAGES=1`` puts the pages' pictures into the documentation: ``make images``.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from footfall.capture.service import Capture
from footfall.demo import fill as demo
from footfall.demo.client import DemoClient
from footfall.demo.fill import Shown
from footfall.storage.database import Database
from footfall.tenancy.creation import NewWorkspace, create
from tests.chromium import chromium
from tests.conftest import Server, start_server
from tests.console.visitor import capture

IMAGES = Path(__file__).parents[2] / "docs" / "images"
LARGEST_IMAGE = 150_000
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1100, "height": 900}
PICTURE = {"width": 1000, "height": 700}
HOSTILE = "<img src=x onerror=\"document.title='broken'\">"

# Every text against what lies behind it, by the formula of WCAG 2.1; large texts would be allowed less.
FAINT_TEXTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const channels = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (colour) => {
    const [r, g, b] = channels(colour).slice(0, 3).map((part) => part / 255)
      .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      if (channels(colour)[3] === 255) return colour;
    }
    return "white";
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || !element.checkVisibility() || element.closest("svg")) continue;
    const [one, other] = [luminance(getComputedStyle(element).color), luminance(ground(element))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5) faint.push(`${contrast.toFixed(2)} ${node.textContent.trim().slice(0, 40)}`);
  }
  return faint;
}"""
NAMELESS_FIELDS = """() => [...document.querySelectorAll("input:not([type=hidden]), select, textarea")]
  .filter((field) => field.labels.length === 0).map((field) => field.name)"""


class Shop:
    """A server with a workspace of a small shop's story, and the pages that look at it."""

    def __init__(self, server: Server) -> None:
        self.url = server.url
        self.workspace = _corner_shop(server.database_url)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(demo, "CUSTOMERS", 40)
            patch.setattr(demo, "VISITS", 400)
            self.shown: Shown = demo.fill(DemoClient(server.url, self.workspace), 7, lambda _: None)

    @property
    def pages(self) -> dict[str, str]:
        return {
            "overview": "/console?span=year",
            "events": "/console/events",
            "event": f"/console/events/{self.shown.event_id}",
            "family": f"/console/events/{self.shown.event_id}/family",
            "tail": "/console/tail",
            "customers": "/console/customers",
            "customer": f"/console/customers/{self.shown.user_id}",
            "targets": "/console/targets",
            "target": "/console/targets/1",
            "definitions": "/console/definitions",
            "credentials": "/console/credentials",
        }


def _corner_shop(database_url: str) -> NewWorkspace:
    database = Database(database_url)
    service = Capture(database)
    try:
        return service.change_now(create, "Corner shop", "Europe/London")
    finally:
        service.close()
        database.close()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One for all of these tests: what a browser shows does not depend on the engine."""
    server = start_server(f"sqlite:///{tmp_path_factory.mktemp('shop')}/shop.db")
    yield Shop(server)
    server.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


class Tab:
    """A page that fails its test for whatever the browser complains about."""

    def __init__(self, context: BrowserContext, shop: Shop) -> None:
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self._shop = shop
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: str) -> Page:
        self.page.goto(self._shop.url + path)
        return self.page

    def sign_in(self) -> Page:
        self.open("/console")
        self.page.get_by_label("Footfall token").fill(self._shop.workspace.footfall.token)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Overview")
        return self.page

    def _note(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(text)


@pytest.fixture
def tab(browser: Browser, shop: Shop, request: pytest.FixtureRequest) -> Iterator[Tab]:
    """A tab of a fresh browser; parametrised indirectly with what the browser is like."""
    context = browser.new_context(**{"viewport": DESK, **getattr(request, "param", {})})
    made = Tab(context, shop)
    yield made
    context.close()
    assert made.complaints == []


def test_signing_in_and_looking_around_with_the_keyboard_alone(tab: Tab, shop: Shop) -> None:
    page = tab.open("/console")
    expect(page.get_by_label("Footfall token")).to_be_focused()
    page.keyboard.type(shop.workspace.footfall.token)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Events", exact=True)).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Events")
    page.get_by_label("Name").focus()
    page.keyboard.type("table_booked")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("tbody tr a").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("table_booked")


@pytest.mark.parametrize(
    "tab",
    [
        {"viewport": PHONE, "color_scheme": "light"},
        {"viewport": PHONE, "color_scheme": "dark"},
        {"viewport": DESK, "color_scheme": "dark"},
    ],
    indirect=True,
    ids=["phone", "dark phone", "dark desk"],
)
def test_every_page_can_be_read(tab: Tab, shop: Shop) -> None:
    _assert_readable(tab.open("/console/login"), "login")
    tab.sign_in()

    for name, path in shop.pages.items():
        _assert_readable(tab.open(path), name)


@pytest.mark.parametrize("tab", [{"java_script_enabled": False}], indirect=True, ids=["no JavaScript"])
def test_all_but_the_tail_works_without_javascript(tab: Tab, shop: Shop) -> None:
    page = tab.sign_in()

    page.get_by_role("link", name="Events", exact=True).click()
    page.get_by_label("Name").fill("ADD_TRANSACTION")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody tr")).to_have_count(50)
    page.get_by_role("link", name="Older events").click()
    page.locator("tbody tr a").first.click()
    page.get_by_text("Capillary: trackedTargetEvents").click()
    expect(page.get_by_text('"targetValue"').first).to_be_visible()
    page.get_by_role("link", name="Live tail").click()
    expect(page.get_by_text("Following needs JavaScript.")).to_be_visible()
    page.get_by_role("link", name="Credentials").click()
    page.get_by_label("Name").fill("mine")
    page.get_by_role("button", name="Create").click()
    expect(page.locator("#shown-secret")).to_contain_text("footfall_")
    page.get_by_role("button", name="Revoke footfall_token mine").click()
    expect(page.get_by_role("button", name="Revoke footfall_token mine")).to_have_count(0)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_the_live_tail_shows_filters_pauses_and_goes_on(tab: Tab, shop: Shop) -> None:
    tab.sign_in()
    page = tab.open("/console/tail?source=till")
    state, rows = page.get_by_role("status"), page.locator("#events tr")
    expect(state).to_have_text("following")

    with httpx.Client(base_url=shop.url) as http:
        capture(http, shop.workspace, name="elsewhere", source="web")
        capture(http, shop.workspace, name=HOSTILE, source="till", customer={"external_id": HOSTILE})
        expect(rows).to_have_count(1)
        expect(rows.first).to_contain_text(HOSTILE)
        page.get_by_role("button", name="Pause").click()
        capture(http, shop.workspace, name="held back", source="till")
        expect(state).to_have_text("paused, 1 waiting")
        expect(rows).to_have_count(1)

    page.get_by_role("button", name="Go on").click()
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("held back")
    assert page.title() == "Live tail - Footfall"
    rows.first.get_by_role("link", name="held back").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("held back")


@pytest.mark.parametrize("tab", [{"viewport": PICTURE}], indirect=True, ids=["picture"])
def test_pictures_of_the_pages(tab: Tab, shop: Shop, tmp_path: Path) -> None:
    folder = IMAGES if "FOOTFALL_TEST_IMAGES" in os.environ else tmp_path
    tab.sign_in()

    for name in ("overview", "events", "customer", "target"):
        _picture(tab.open(shop.pages[name]), folder / f"console-{name}.png")
    page = tab.open(shop.pages["event"])
    page.get_by_role("heading", name="Through each API").evaluate("heading => heading.scrollIntoView()")
    _picture(page, folder / "console-event.png")
    page = tab.open("/console/tail")
    expect(page.get_by_role("status")).to_have_text("following")
    with httpx.Client(base_url=shop.url) as http:
        for index in range(6):
            properties = {"seats": index + 1, "hall": "South"}
            capture(
                http,
                shop.workspace,
                name="table_booked",
                customer={"external_id": f"guest-{index}"},
                properties=properties,
            )
    expect(page.locator("#events tr")).to_have_count(6)
    _picture(page, folder / "console-tail.png")


def _picture(page: Page, path: Path) -> None:
    page.screenshot(path=path)
    assert path.stat().st_size < LARGEST_IMAGE


def _assert_readable(page: Page, name: str) -> None:
    seen: dict[str, Any] = {
        "width": page.evaluate("document.scrollingElement.scrollWidth - innerWidth"),
        "faint": page.evaluate(FAINT_TEXTS),
        "nameless": page.evaluate(NAMELESS_FIELDS),
        "headings": page.locator("h1").count(),
        "language": page.locator("html").get_attribute("lang"),
    }
    assert seen == {"width": 0, "faint": [], "nameless": [], "headings": 1, "language": "en"}, name
