"""Does a real browser make nothing of names that look like images, links, scripts or addresses?"""

import itertools
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

import pyarrow as pa
import pytest
from playwright.sync_api import Page

from insights.access import Reach, Role
from insights.ledger.ledger import FURTHER, Ledger
from insights.services import agreements, publishing, users
from insights.services.ledgers import commit
from insights.store import models
from insights.store.store import Store
from tests.conftest import ROOT, served, wait_for
from tests.pages.test_browser import opened, page, settled
from tests.support.payloads import PAYLOADS
from tests.support.workspaces import ME, rates_model, year_of_invoices

__all__ = ["page"]  # fixtures
pytestmark = pytest.mark.browser


@pytest.fixture
def screen() -> Iterator[str]:
    """A server of sixty such names, in everything that knows Markdown, each through `plain`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "tests/support/payloads.py", "--server.port", str(port)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [*command, "--server.headless", "true"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    ) as process:
        try:
            wait_for(address := f"http://127.0.0.1:{port}", process)
            yield address
        finally:
            process.terminate()


def test_sixty_hostile_names_are_shown_and_nothing_else(page: Page, screen: str) -> None:
    opened(page, screen)
    page.get_by_text("the end").wait_for()
    drawn = page.get_by_test_id("stMain")
    for made in ("a", "img", "iframe", "script", "table", "svg[onload]", "h1", "h2", "del", "code", ".katex", "blockquote"):
        assert drawn.locator(made).count() == 0, made
    shown = drawn.inner_text().replace("\u2060", "")
    for payload in PAYLOADS:
        assert " ".join(payload.split()) in " ".join(shown.split())
    assert page.title() != "owned"


LISTS = (
    *("start", "worklist", "open_invoices?tab=all", "open_invoices?tab=all&by_customer=yes", "customers", "release_list"),
    *("cash", "ageing", "figures", "did_it_help", "ledgers", "models", "models?part=Publications", "trust", "record", "users"),
)
ACTS = re.compile(r"Train|Publish|Roll|Take|Done|Undo|Usual|Clear|Newest|Upload|Browse|CSV|Excel|PDF|Report|itself|Previous|Next")
MADE = """() => [...document.querySelectorAll(
    'a[href], area[href], img[src], link[href], script[src], form[action], iframe, object, embed, svg a, [onerror], [onload]'
)].filter(each => {
    const to = each.getAttribute('href') ?? each.getAttribute('src') ?? each.getAttribute('action');  // '' leads to the start
    if (to === null || each.closest('svg a')) return true;
    const url = new URL(to, location.href);
    return url.origin !== location.origin && !['data:', 'blob:'].includes(url.protocol);
}).map(each => each.outerHTML)"""
AS_OF = date(2025, 1, 1)
TEXTS = ("company", "customer_id", "customer_name", "invoice_id", "line", "terms")


def hostile_ledger() -> Ledger:
    """An invented year: each text of each invoice is another of the sixty payloads, and so are a column's header and cells."""
    ledger = year_of_invoices(invoices=4 * len(PAYLOADS))
    table = ledger.invoices
    for shift, name in enumerate(TEXTS):
        found = itertools.islice(itertools.cycle(PAYLOADS[shift:] + PAYLOADS[:shift]), len(table))
        at = table.schema.get_field_index(name)
        table = table.set_column(at, table.schema.field(name), pa.array([f"{text} {row}" for row, text in enumerate(found)]))
    cells = pa.array([PAYLOADS[row % len(PAYLOADS)] for row in range(len(table))])
    for header in PAYLOADS[:5]:
        table = table.append_column(FURTHER + header, cells)
    return replace(ledger, invoices=table, name=PAYLOADS[1], known_at_issue=tuple(PAYLOADS[:5]))


def agreed_everywhere(workspace: Store, ledger: Ledger) -> None:
    """Something with another payload in its text for each of sixty customers; and a user of such a name and reach."""
    users.add(workspace, PAYLOADS[1][:80], Role.AGENT, Reach(owners=frozenset(PAYLOADS)), actor=ME)
    rows = ledger.invoices.slice(0, len(PAYLOADS)).to_pylist()
    for at, (row, text) in enumerate(zip(rows, PAYLOADS, strict=False)):
        kind, payload = (
            ("note", {"text": text}),
            ("contact", {"channel": "phone", "outcome": "reached", "text": text}),
            ("dispute", {"reason": text[:60], "text": text}),
            ("overdue_reason", {"reason": text}),
            ("override", {"on": "2025-03-01", "reason": text}),
            ("owner", {"name": text}),
        )[at % 6]
        entry = agreements.Entry(kind, row["company"], row["customer_id"], (), payload)
        agreements.enter(workspace, ledger, AS_OF, [entry], actor=ME)


def looked_into(page: Page) -> int:
    """Hover over whatever has a tooltip or a chart, press what opens a dialog; how much was looked into."""
    looked = 0
    for target in page.get_by_test_id("stTooltipIcon").all()[:12]:
        box = target.bounding_box() if target.is_visible() else None
        if box is None:
            continue
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_timeout(150)
        assert not made(page)
        looked += 1
    for chart in page.locator(".js-plotly-plot .nsewdrag").all()[:4]:
        box = chart.bounding_box() if chart.is_visible() else None
        if box is None:
            continue
        for at in range(1, 8):
            page.mouse.move(box["x"] + box["width"] * at / 8, box["y"] + box["height"] * at / 8)
            assert not made(page)
            looked += 1
    buttons = page.get_by_test_id("stMain").get_by_role("button")
    names = list(dict.fromkeys(name for name in buttons.all_inner_texts() if name.strip() and not ACTS.search(name)))
    for name in names[:8]:
        button = buttons.filter(has_text=re.compile(f"^{re.escape(name)}$")).first
        if not button.is_visible() or not button.is_enabled():
            continue
        button.dispatch_event("click")
        settled(page)
        assert not made(page), name
        looked += 1
        page.keyboard.press("Escape")
    return looked


@pytest.mark.long
def test_no_dialog_tooltip_or_chart_makes_anything_of_what_stands_in_a_ledger_or_was_agreed(page: Page, tmp_path: Path) -> None:
    workspace = Store.open(tmp_path / "home")
    ledger = commit(workspace, hostile_ledger(), actor=ME)
    model_id = models.save(workspace, rates_model(), ledger.id, actor=ME, name=PAYLOADS[2])
    publishing.publish(workspace, model_id, replaces=None, reason=PAYLOADS[1], actor=ME)
    agreed_everywhere(workspace, ledger)
    row = ledger.invoices.slice(3, 1).to_pylist()[0]
    of_one = (
        f"invoice?{urlencode(key_of(row))}",
        f"customer?{urlencode({'company': row['company'], 'customer': row['customer_id']})}",
    )
    looked = 0
    with served(tmp_path / "home") as address:
        for place in (*LISTS, *of_one):
            opened(page, f"{address}/{place}")
            looked += looked_into(page)
            print(place[:60], looked, flush=True)  # noqa: T201 - how far it came
        opened(page, f"{address}/open_invoices")
        for text in ("evil", "https://", "<img", "]("):
            page.keyboard.press("Control+K")
            page.get_by_label("Customer, account, invoice or note").fill(text)
            page.wait_for_timeout(1_500)
            settled(page)
            assert not made(page), text
            looked += 1
            page.keyboard.press("Escape")
    print(f"{len(PAYLOADS)} payloads, {looked} dialogs, tooltips and charts: 0 links, 0 images, 0 requests outside")  # noqa: T201 - the figures are asked for


@pytest.mark.long
def test_no_page_makes_anything_of_what_stands_in_a_ledger(page: Page, tmp_path: Path) -> None:
    """Lists, then one invoice and one customer per payload; the fixture counts requests outside."""
    workspace = Store.open(tmp_path / "home")
    ledger = commit(workspace, hostile_ledger(), actor=ME)
    agreed_everywhere(workspace, ledger)
    publishing.publish(
        workspace, models.save(workspace, rates_model(), ledger.id, actor=ME, name=PAYLOADS[2]), replaces=None, actor=ME
    )
    visited = 0
    with served(tmp_path / "home") as address:
        rows = ledger.invoices.slice(0, len(PAYLOADS)).to_pylist()
        asked = [f"invoice?{urlencode(key_of(row))}" for row in rows]
        asked += [f"customer?{urlencode({'company': row['company'], 'customer': row['customer_id']})}" for row in rows]
        for place in (*LISTS, *asked):
            opened(page, f"{address}/{place}")
            assert not made(page), place
            visited += 1
    print(f"{len(PAYLOADS)} payloads, {visited} pages: 0 links, 0 images, 0 requests outside")  # noqa: T201 - the figures are asked for


def test_nothing_is_made_of_a_file_s_name_and_cells_while_it_is_read_and_checked(page: Page, tmp_path: Path) -> None:
    """In the spinner, the headings, what is set aside and why, and the columns."""
    upload = tmp_path / "![x](www.evil.example) <img src=x onerror=alert(1)>.csv"
    lines = [f'"{payload.replace(chr(34), chr(34) * 2)}",C,2024-01-05,x,1.00' for payload in PAYLOADS]
    upload.write_text(
        "\n".join(["invoice_id,customer_id,issue_date,due_date,amount", *lines, "good,C,2024-01-05,2024-02-05,1.00", ""])
    )
    with served(tmp_path / "home") as address:
        opened(page, f"{address}/ledgers")
        page.locator('input[type="file"]').first.set_input_files(upload)
        page.get_by_text("Discard this upload").wait_for()
        settled(page)
        assert not made(page)


def key_of(row: dict[str, object]) -> dict[str, object]:
    return {"company": row["company"], "customer": row["customer_id"], "invoice": row["invoice_id"], "line": row["line"]}


def made(page: Page) -> list[str]:
    """Links, images and the like that lead anywhere but to this server, and what a browser would run."""
    return [str(each) for each in page.evaluate(MADE)]
