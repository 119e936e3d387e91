"""Is nothing of the customers outside a reach in any screen, list, link or file of somebody who is limited?

Canaries: names, ids and invoices of all others, what was noted of them, and whose they are.
"""

import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

import pyarrow as pa
import pytest
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from insights.access import EVERYTHING, Capability, Person, Reach, Role
from insights.jobs import leases
from insights.ledger.errors import Refused
from insights.model.recipe import Recipe
from insights.services import ageing, background, cash, publishing, shown_lists, training, worklist
from insights.services.agreements import Entry, enter
from insights.services.ledgers import commit
from insights.services.reach import ledger_within
from insights.store import ledgers, models
from insights.store.store import Store
from pages.ui.shared import dialogs, downloads, session
from tests.pages.test_reach import everything
from tests.support.jobs import no_worker
from tests.support.ledgers import invented
from tests.support.screens import said, screen
from tests.support.workspaces import ME, ledger_of

pytestmark = pytest.mark.slow

COMPANIES = {"north": "Nordheim", "south": "Suedheim"}
OWNERS = {2: "Bo Inside", 4: "Bo Inside", 3: "Cy Outside", 7: "Cy Outside"}
REACHES = {
    "companies": Reach(companies=frozenset({"Suedheim"})),
    "groups": Reach(groups=frozenset({("Segment", "S1")})),
    "owners": Reach(owners=frozenset({"Bo Inside"})),
}
ELSEWHERE = "Elsewhere Zq"  # a ledger of a customer without segment or owner
INSIDE = {  # of each reach
    "companies": set(range(0, 20, 2)),
    "groups": set(range(1, 20, 4)),
    "owners": {2, 4},
}


def number_of(customer_id: str) -> int:
    return int(customer_id[2:5])


class Canaries(NamedTuple):
    """The words that stand for customers, by customer."""

    of: dict[int, set[str]]

    def outside(self, kind: str) -> set[str]:
        left = set(self.of) - INSIDE[kind]
        inside_companies = {company(number) for number in INSIDE[kind]}
        return set().union(*(self.of[number] for number in left), set(COMPANIES.values()) - inside_companies)


def company(number: int) -> str:
    return "Nordheim" if number % 2 else "Suedheim"


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Canaries]:
    """Two companies with ten customers each, in four segments; some have owners, all have a note; a published model."""
    store = Store.open(tmp_path_factory.mktemp("scope") / "home")
    plain = invented(300)
    rows: list[dict[str, Any]] = plain.invoices.to_pylist()
    canaries: dict[int, set[str]] = {}
    commit(store, ledger_of("Suedheim Kd900Zq 1 2024-01-02 2024-02-01 - 100 EUR", name=ELSEWHERE), actor=ME)
    for at, row in enumerate(rows):
        number = int(row["customer_id"][1:])
        named = {"customer_id": f"Kd{number:03}Zq", "customer_name": f"Namen {number:03} Zq", "invoice_id": f"Iv{at:03}Zq"}
        row.update(named, company=COMPANIES[row["company"]])
        canaries.setdefault(number, {f"noted {number:03} Zq"}).update(named.values())
    changed = pa.Table.from_pylist(rows, schema=plain.invoices.schema)
    ledger = commit(store, replace(plain, invoices=changed, name="Scope"), actor=ME)
    model = training.train(store, ledger.id, ledger.default_as_of, Recipe(very_late_days=15), actor=ME)
    publishing.publish(store, model if isinstance(model, str) else models.listed(store)[0].id, replaces=None, actor=ME)
    known = sorted({(row["company"], row["customer_id"]) for row in rows})
    notes = [Entry("note", *who, (), {"text": f"noted {number_of(who[1]):03} Zq"}) for who in known]
    owned = [(who, OWNERS[number_of(who[1])]) for who in known if number_of(who[1]) in OWNERS]
    owners = [Entry("owner", *who, (), {"name": owner}) for who, owner in owned]
    enter(store, ledger, ledger.default_as_of, [*notes, *owners], actor=ME)
    for number, owner in OWNERS.items():
        canaries[number].add(owner)
    where = store, ledger, ledger.default_as_of
    shown_lists.record(*where, worklist.worklist(*where, worklist.source_of(*where, actor=ME), viewer="Ann").ranked, actor=ME)
    return store, Canaries(canaries)


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The text of every file that a screen offers from now on, made as if its button had been pressed."""
    kept: list[str] = []
    drawn = DeltaGenerator.download_button

    def pressed(self: DeltaGenerator, label: str, data: Any, *rest: Any, **named: Any) -> bool:  # noqa: ANN401 - as Streamlit's
        kept.append(text_of(data() if callable(data) else data))
        return drawn(self, label, data, *rest, **named)

    monkeypatch.setattr(DeltaGenerator, "download_button", pressed)
    monkeypatch.setattr(st, "download_button", pressed.__get__(st._main))
    return kept


def text_of(made: str | bytes) -> str:
    """What somebody reads in a file: of a workbook its parts, of a PDF its pages."""
    if isinstance(made, str):
        return made
    if made.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(made)) as parts:
            return "\n".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())
    if made.startswith(b"%PDF") and shutil.which("pdftotext"):
        return subprocess.run(["pdftotext", "-layout", "-", "-"], input=made, capture_output=True, check=True).stdout.decode()
    return made.decode("utf-8", "replace")


def walk(kind: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Every screen with every choice that shows other rows."""
    mine = min(INSIDE[kind])
    who = {"company": company(mine), "customer": f"Kd{mine:03}Zq"}
    yield from (("start", {}), ("worklist", {}), ("customers", {}), ("customer", who))
    yield from (("open_invoices", {"tab": tab}) for tab in ("not_due_flagged", "overdue", "all"))
    yield "open_invoices", {"tab": "all", "by_customer": "True"}
    yield from (("cash", {"show": show}) for show in ("figures", "invoices", "short", "what_if", "then", "proof"))
    yield from (("ageing", asked) for asked in ({}, {"cell": "receivables"}))
    yield from (("figures", asked) for asked in ({}, {"figure": "dso"}))
    yield from (("did_it_help", {}), ("trust", {}))
    yield from ((page, {}) for page in REFUSED)


REFUSED = ("ledgers", "models", "record", "users")


def as_person(monkeypatch: pytest.MonkeyPatch, store: Store, reach: Reach, role: Role = Role.MANAGER) -> None:
    monkeypatch.setenv("INSIGHTS_HOME", str(store.home))
    person = Person("Ann", role, reach, "3f0c")
    monkeypatch.setattr(session, "person", lambda: person)


def shown(page: str, asked: dict[str, str], files: list[str]) -> str:
    files.clear()
    app = screen(page, **asked)
    assert ("This cannot be done as asked" in said(app)) == (page in REFUSED), (page, asked)
    return "\n".join([*everything(app), *files])


@pytest.mark.parametrize("kind", REACHES)
def test_no_screen_and_no_file_holds_anything_outside_a_reach(
    kind: str, team: tuple[Store, Canaries], files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, canaries = team
    as_person(monkeypatch, store, REACHES[kind])
    inside, outside, seen, many = set().union(*(canaries.of[number] for number in INSIDE[kind])), canaries.outside(kind), set(), 0
    for page, asked in walk(kind):
        text = shown(page, asked, files)
        many += len(files)
        assert not {word for word in outside if word in text}, (page, asked)
        seen |= {word for word in inside if word in text}
    assert len({word for word in seen if word.startswith("Namen")}) > len(INSIDE[kind]) / 2, "who owes something inside is shown"
    assert many > 10, "files were made, too"


@pytest.mark.parametrize("kind", ["groups", "owners"])
def test_a_link_to_a_customer_of_the_same_company_shows_nothing_of_it(
    kind: str, team: tuple[Store, Canaries], files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, canaries = team
    as_person(monkeypatch, store, REACHES[kind])
    number = next(number for number in sorted(canaries.of) if number not in INSIDE[kind] and number % 2 == min(INSIDE[kind]) % 2)
    named = {"company": company(number), "customer": f"Kd{number:03}Zq"}
    invoice = min(word for word in canaries.of[number] if word.startswith("Iv"))
    for page, asked in (("customer", named), ("invoice", {**named, "invoice": invoice, "line": "1"})):
        text = shown(page, asked, files)
        assert not {word for word in canaries.of[number] - {*named.values(), invoice} if word in text}, page


@pytest.mark.parametrize(("kind", "named"), [("companies", True), ("groups", False), ("owners", False)])
def test_a_ledger_is_named_where_anything_of_it_is_within_reach(
    kind: str, team: tuple[Store, Canaries], files: list[str], monkeypatch: pytest.MonkeyPatch, *, named: bool
) -> None:
    store, _ = team
    as_person(monkeypatch, store, REACHES[kind])
    assert (ELSEWHERE in shown("start", {}, files)) is named
    other = next(ledger.id for ledger in ledgers.listed(store) if ledger.name == ELSEWHERE)
    assert ("names a ledger that is not here" in said(screen("worklist", ledger=other))) is not named


@pytest.mark.parametrize("role", Role)
def test_what_a_job_says_of_all_customers_is_for_whoever_sees_them(
    role: Role, team: tuple[Store, Canaries], files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A training of the day that is shown waits, and has logged something."""
    store, _ = team
    ledger = ledgers.get(store)
    day = ledger.default_as_of - timedelta(days=30)
    with no_worker(store):
        job_id = background.train(store, ledger.id, day, Recipe(), actor=ME)
        for reach, says in ((REACHES["companies"], False), (EVERYTHING, True)):
            with store.database.change() as session_:
                leases.find(session_, job_id).log = "logged Zq"
            as_person(monkeypatch, store, reach, role)
            app = screen("worklist", as_of=day.isoformat())
            assert ("logged Zq" in "\n".join(everything(app))) is says
            may_cancel = Person("Ann", role, reach).may(Capability.TRAIN)
            assert ("Cancel" in [each.label for each in app.button]) is may_cancel
        background.cancel(store, job_id, actor=ME)


def test_a_file_is_not_made_for_whoever_may_see_less_than_when_its_button_was_drawn(
    team: tuple[Store, Canaries], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = team
    drawn: list[Any] = []
    monkeypatch.setattr(st, "download_button", lambda _, *, data, **__: drawn.append(data))
    as_person(monkeypatch, store, EVERYTHING)
    downloads.button("CSV", "rows.csv", lambda: b"rows", key="rows")
    assert drawn[0]() == b"rows"
    for reach, role in ((REACHES["groups"], Role.MANAGER), (EVERYTHING, Role.AGENT)):
        as_person(monkeypatch, store, reach, role)
        with pytest.raises(Refused, match="has changed meanwhile"):
            drawn[0]()


def test_what_runs_again_by_itself_draws_the_whole_screen_anew_for_whoever_may_see_less_by_then(
    team: tuple[Store, Canaries], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = team
    drawn: list[str] = []

    def fragment(run: Callable[[], None], run_every: float) -> Callable[[], None]:
        again.append(run)
        return run

    def rerun() -> None:
        raise InterruptedError

    again: list[Callable[[], None]] = []
    monkeypatch.setattr(st, "fragment", fragment)
    monkeypatch.setattr(st, "rerun", rerun)
    as_person(monkeypatch, store, EVERYTHING)
    dialogs.by_the_clock(lambda: drawn.append("all"), 0.5)
    again[0]()
    assert drawn == ["all", "all"]
    for reach, role in ((REACHES["groups"], Role.MANAGER), (EVERYTHING, Role.AGENT)):
        as_person(monkeypatch, store, reach, role)
        with pytest.raises(InterruptedError):
            again[0]()
    assert drawn == ["all", "all"]


@pytest.mark.parametrize("kind", REACHES)
def test_what_is_kept_for_a_view_is_of_the_view_whoever_asks_for_it(kind: str, team: tuple[Store, Canaries]) -> None:
    """Somebody sees more by now than the screen that asks: kept would be what others with that screen must not see."""
    store, _ = team
    whole = ledgers.load(store, ledgers.get(store).id)
    within, where = ledger_within(store, whole, REACHES[kind]), (store, whole.id, whole.default_as_of)
    rows = cash.book(*where, actor=ME, within=within).rows
    numbers = {number_of(customer) for customer in rows["customer_id"].to_pylist()}
    assert numbers
    assert numbers <= INSIDE[kind]
    later = ageing.unpaid_later(*where, actor=ME, within=within)
    assert later is not None
    assert later["position"].to_pylist() == rows["position"].to_pylist()
