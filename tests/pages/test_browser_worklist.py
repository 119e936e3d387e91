"""Does an agent get through the day in a real browser: by mouse, by keyboard alone, and with a colleague at the same list?"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from python_calamine import CalamineWorkbook

from insights.agreements.events import Agreement
from insights.services.ledgers import commit
from insights.store import agreements, ledgers
from insights.store.store import Store
from tests.conftest import served
from tests.support.workspaces import ME, ledger_of

pytestmark = pytest.mark.browser

READY = '[data-testid="stApp"][data-test-script-state="notRunning"]'
SLOW = 120_000  # milliseconds, on a busy machine
expect.set_options(timeout=60_000)
LARGE = {"acme": 42000, "birch": 41000, "cedar": 40000}  # what they owe; all others 180.00
OTHERS = ("dove", "elm", "fern", "gale", "heron", "ibis", "jay", "kite", "lark", "moor", "nut", "owl")
LEDGER = "\n".join(
    ["- acme 1 2024-01-02 2024-02-01 2024-01-30 100 EUR"]
    + [f"- {name} {at} 2024-02-05 2024-03-06 - {LARGE.get(name, 18000)} EUR" for at, name in enumerate((*LARGE, *OTHERS), 2)]
)
FOCUSED = """() => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    if (!at) return "";
    const copy = at.cloneNode(true);
    copy.querySelectorAll('[data-testid*="Icon"], [translate="no"]').forEach((each) => each.remove());
    return (at.getAttribute("aria-label") || copy.textContent).trim();
}"""
MODES = ("mouse", "keyboard")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """LEDGER as of 1 April 2024: acme, birch and cedar owe EUR 420, 410 and 400, twelve others 180, all of it overdue."""
    home = tmp_path_factory.mktemp("agent") / "home"
    commit(Store.open(home), ledger_of(LEDGER), actor=ME)
    return home


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    with served(home) as address:
        yield f"{address}/worklist"


@pytest.fixture(scope="module")
def tabs(browser: Browser) -> dict[str, Page]:
    """A tab for each mode."""
    found = {mode: browser.new_context(viewport={"width": 1440, "height": 1000}).new_page() for mode in MODES}
    for page in found.values():
        page.set_default_timeout(SLOW)
    return found


@pytest.fixture(params=MODES)
def agent(request: pytest.FixtureRequest, tabs: dict[str, Page], address: str) -> "Agent":
    """Somebody at the worklist who uses the mouse, or the keyboard alone."""
    page = tabs[request.param]
    opened(page, address)
    return Agent(page, by_keyboard=request.param == "keyboard")


def opened(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("link", name="acme").or_(page.get_by_role("link", name="nut")).first.wait_for()
    settled(page)


def settled(page: Page) -> None:
    page.wait_for_selector(READY)
    page.wait_for_timeout(250)
    page.wait_for_selector(READY)


class Agent:
    """What somebody does at the screen, by mouse or by keyboard alone."""

    def __init__(self, page: Page, *, by_keyboard: bool) -> None:
        self.page, self.by_keyboard = page, by_keyboard

    def pick(self, mouse: str, keyboard: str) -> str:
        return keyboard if self.by_keyboard else mouse

    def press(self, target: Locator, name: str, key: str = "Enter") -> None:
        """Clicks it; or goes on by Tab until it has the focus, and presses a key."""
        if not self.by_keyboard:
            target.click()
            return
        target.wait_for()
        for _ in range(150):
            self.page.keyboard.press("Tab")
            if self.page.evaluate(FOCUSED) == name:
                self.page.keyboard.press(key)
                return
        pytest.fail(f"{name} cannot be reached by keyboard")

    def show(self, customer: str) -> None:
        """Opens the customer's row beside the list."""
        label = f"Show {customer} beside the list"
        self.press(self.page.get_by_role("button", name=label), label)
        self.sees(customer)
        settled(self.page)

    def sees(self, customer: str) -> None:
        expect(self.page.get_by_role("heading", name=customer, exact=True)).to_be_visible()

    def begin(self, button: str, key: str, says: str) -> None:
        """Opens a form by its button or its key."""
        if self.by_keyboard:
            self.page.evaluate("document.activeElement.blur()")
            self.page.keyboard.press(key)
        else:
            self.page.get_by_role("button", name=button).first.click()
        expect(self.page.get_by_role("dialog")).to_contain_text(says)
        settled(self.page)

    def save(self) -> None:
        self.press(self.page.get_by_role("dialog").get_by_role("button", name="Save"), "Save")
        expect(self.page.get_by_role("dialog")).to_have_count(0)
        settled(self.page)

    def goes_on_at(self, customer: str) -> None:
        """The customer is open beside the list, and the heading has the focus: no part of the screen that says nothing."""
        heading = self.page.locator(".st-key-drawer").get_by_role("heading", name=customer, exact=True)
        expect(heading).to_be_focused()
        settled(self.page)
        expect(heading).to_be_focused()

    def next_of(self, customer: str) -> str:
        """Who stands below the customer on the list."""
        names = self.page.get_by_role("table", name="Customers to call").get_by_role("link").all_inner_texts()
        return names[names.index(customer) + 1]

    def rank(self, customer: str) -> Locator:
        return self.page.get_by_role("button", name=f"Show {customer} beside the list")


def last(home: Path, count: int = 1) -> list[Agreement]:
    return list(agreements.listed(Store.open(home))[-count:])


def test_the_riskiest_customer_is_open_with_the_reasons_and_his_name_opens_him(agent: Agent) -> None:
    agent.sees("acme")
    expect(agent.page.get_by_test_id("stText").filter(has_text="EUR 420.00 outstanding")).to_be_visible()
    expect(agent.page.get_by_role("row", name="acme")).to_contain_text("1 overdue, 26 days: EUR 420.00")
    agent.press(agent.page.get_by_role("link", name="acme"), "acme")
    expect(agent.page.get_by_role("heading", name="acme", level=1)).to_be_visible()


def test_a_contact_is_logged_and_the_next_customer_is_open(agent: Agent, home: Path) -> None:
    customer = agent.pick("dove", "elm")
    agent.show(customer)
    agent.begin("Contact", "l", "What came of it")
    agent.save()
    agent.goes_on_at(agent.pick("elm", "fern"))
    expect(agent.rank(customer)).to_have_count(0)
    (event,) = last(home)
    assert (event.kind, event.customer_id, event.payload["outcome"]) == ("contact", customer, "reached")


def test_a_promise_puts_the_customer_aside(agent: Agent, home: Path) -> None:
    customer = agent.pick("birch", "cedar")
    agent.show(customer)
    agent.begin("Promise", "o", "Promised for")
    after = agent.next_of(customer)
    agent.save()
    agent.goes_on_at(after)
    expect(agent.rank(customer)).to_have_count(0)
    (event,) = last(home)
    assert (event.kind, event.customer_id, event.payload["on"]) == ("promise", customer, "2024-04-08")


def test_what_is_in_dispute_is_put_aside_and_says_so(agent: Agent, home: Path) -> None:
    customer = agent.pick("fern", "gale")
    agent.show(customer)
    agent.begin("Dispute", "d", "Reason")
    after = agent.next_of(customer)
    agent.save()
    agent.goes_on_at(after)
    expect(agent.rank(customer)).to_have_count(0)
    assert last(home)[0].payload["reason"] == "price"
    held = agent.page.locator("summary", has_text="Held back")
    agent.press(held, held.inner_text().splitlines()[-1])
    row = agent.page.get_by_role("row", name=customer)
    expect(row).to_contain_text("In dispute since 1 Apr 2024 (price): back when it is resolved.")


def test_a_snooze_is_until_the_day_that_is_chosen(agent: Agent, home: Path) -> None:
    customer = agent.pick("heron", "ibis")
    agent.show(customer)
    agent.begin("Snooze", "s", "Until")
    after = agent.next_of(customer)
    day = agent.page.get_by_role("dialog").get_by_label("The day").last
    if agent.by_keyboard:
        day.press("ControlOrMeta+a")
        day.press_sequentially("2024-04-22")
        day.press("Enter")
    else:
        day.click()
        agent.page.get_by_role("button", name="Monday, April 22, 2024").click()
    settled(agent.page)
    if agent.page.get_by_role("dialog").count():
        agent.save()
    expect(agent.rank(customer)).to_have_count(0)
    agent.goes_on_at(after)
    (event,) = last(home)
    assert (event.kind, event.customer_id, event.payload["until"]) == ("snooze", customer, "2024-04-22")


def test_a_note_leaves_the_customer_open_and_the_focus_goes_on_at_his_heading(agent: Agent, home: Path) -> None:
    customer = agent.pick("nut", "owl")
    agent.show(customer)
    agent.press(agent.page.get_by_role("button", name="More"), "More")
    agent.press(agent.page.get_by_role("button", name="Note"), "Note")
    agent.page.get_by_role("dialog").get_by_label("Note").fill("Asked for the invoice again.")
    agent.save()
    agent.goes_on_at(customer)
    assert last(home)[0].payload["text"] == "Asked for the invoice again."
    agent.press(agent.page.get_by_role("link", name="acme"), "acme")
    agent.page.get_by_role("heading", name="acme", level=1).wait_for()
    settled(agent.page)
    agent.press(agent.page.get_by_role("button", name="Note"), "Note")
    agent.page.get_by_role("dialog").get_by_label("Note").fill("Their accountant is away.")
    agent.save()
    kept = agent.page.get_by_test_id("stText").filter(has_text="Saved. acme: Their accountant is away.")
    expect(kept).to_be_focused()
    settled(agent.page)
    expect(kept).to_be_focused()
    agent.page.go_back()
    agent.sees(customer)
    settled(agent.page)
    expect(agent.page.locator(".st-key-drawer h2")).not_to_be_focused()


def test_what_is_done_is_done_for_all_marked_rows(agent: Agent, home: Path) -> None:
    customers = [agent.pick("jay", "lark"), agent.pick("kite", "moor")]
    for customer in customers:
        agent.press(agent.page.get_by_role("checkbox", name=f"Mark {customer}"), f"Mark {customer}", "Space")
    expect(agent.page.get_by_text("done for the 2 selected customers")).to_be_visible()
    settled(agent.page)
    agent.begin("Contact", "l", "What came of it")
    agent.save()
    for customer in customers:
        expect(agent.rank(customer)).to_have_count(0)
    assert [(event.kind, event.customer_id) for event in last(home, 2)] == [("contact", each) for each in customers]


def test_a_call_sheet_is_taken_along_on_paper_and_as_a_workbook(agent: Agent) -> None:
    agent.press(agent.page.get_by_role("link", name="nut"), "nut")
    agent.page.get_by_role("button", name="Call sheet (PDF)").wait_for()
    settled(agent.page)
    sheets = {ending: _sheet(agent, label) for ending, label in (("pdf", "Call sheet (PDF)"), ("xlsx", "Call sheet (Excel)"))}
    assert sheets["pdf"].read_bytes().startswith(b"%PDF")
    rows = CalamineWorkbook.from_path(sheets["xlsx"]).get_sheet_by_name("Call sheet").to_python()
    assert rows[0][0] == "nut"
    (invoice,) = [row for row in rows if row[2] == "26 days past due"]
    assert invoice[3:5] == [180.0, "EUR"]


def _sheet(agent: Agent, label: str) -> Path:
    """What comes of a button, under an ending that says what it is."""
    with agent.page.expect_download() as download:
        agent.press(agent.page.get_by_role("button", name=label), label)
    name = download.value.suggested_filename
    assert name.startswith("call-sheet-nut-2024-04-01.")
    here = Path(download.value.path())
    return here.rename(here.with_name(f"{here.name}-{name}"))


def test_who_takes_a_row_is_seen_by_a_colleague_who_cannot_take_it(tabs: dict[str, Page], address: str) -> None:
    ada, bea = tabs.values()
    for page, name in ((ada, "Ada"), (bea, "Bea")):
        opened(page, address)
        page.get_by_role("textbox", name="Your name").fill(name)
        page.get_by_role("textbox", name="Your name").press("Enter")
        settled(page)
        Agent(page, by_keyboard=False).show("owl")
    ada.get_by_role("button", name="Take").click()
    settled(ada)
    bea.get_by_role("button", name="Take").click()
    expect(bea.get_by_text("Ada has taken this customer")).to_be_visible()
    settled(bea)
    opened(bea, address)
    expect(bea.get_by_role("row", name="owl")).to_contain_text("Ada is at it")


@pytest.fixture(scope="module")
def next_ledger(home: Path) -> None:
    """The next export is complete through 12 April: birch and cedar promised for the 8th, and nothing came."""
    store = Store.open(home)
    commit(store, ledger_of(LEDGER, complete_through=date(2024, 4, 12)), after=ledgers.listed(store)[-1].id, actor=ME)


@pytest.mark.usefixtures("next_ledger")
def test_broken_promises_top_the_next_list_though_acme_owes_more(agent: Agent) -> None:
    agent.sees("birch")
    if agent.by_keyboard:
        agent.page.keyboard.press("n")
        agent.sees("cedar")
    owed = agent.pick("EUR 410.00", "EUR 400.00")
    said = agent.page.get_by_test_id("stText").filter(has_text=f"promise of 8 Apr 2024 broken ({owed}, nothing came)")
    expect(said).to_be_visible()
    expect(agent.rank(agent.pick("birch", "cedar"))).to_have_text(agent.pick("1", "2"))


@pytest.mark.usefixtures("next_ledger")
def test_a_snooze_holds_over_the_new_ledger(agent: Agent) -> None:
    customer = agent.pick("heron", "ibis")
    expect(agent.rank("acme")).to_be_visible()
    expect(agent.rank(customer)).to_have_count(0)
    held = agent.page.locator("summary", has_text="Held back")
    agent.press(held, held.inner_text().splitlines()[-1])
    expect(agent.page.get_by_role("row", name=customer)).to_contain_text("back on 22 Apr 2024.")


def test_in_a_narrow_window_whoever_is_chosen_takes_the_place_of_the_list_and_there_is_a_way_back(
    browser: Browser, address: str
) -> None:
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    page.set_default_timeout(SLOW)
    opened(page, address)
    expect(page.get_by_role("button", name="Back to the list")).to_have_count(0)
    expect(page.get_by_text("Mark all")).to_be_visible()
    name = page.get_by_role("table", name="Customers to call").get_by_role("link").nth(4).inner_text()
    page.get_by_role("button", name=f"Show {name} beside the list").click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_in_viewport()
    expect(page.get_by_role("button", name="Contact")).to_be_in_viewport()
    expect(page.get_by_role("table", name="Customers to call")).to_be_hidden()
    page.get_by_role("button", name="Back to the list").click()
    expect(page.get_by_role("table", name="Customers to call")).to_be_visible()
    page.context.close()
