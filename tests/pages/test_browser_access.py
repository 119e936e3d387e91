"""Can everybody work with it: by keyboard, with a screen reader, with weak eyes, on a small window, and does nothing jump?"""

import re
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from insights.access import Role
from insights.portfolio import worklist
from insights.portfolio.worklist import WorklistFilter
from insights.services import users
from insights.store.store import Store
from tests.conftest import served
from tests.pages.test_browser import asked, opened, settled, table
from tests.support.sample import source
from tests.support.workspaces import ME

pytestmark = pytest.mark.browser

MOST_SHIFT = 0.1  # layout shift of a whole load; browsers call more than that in need of improvement
SIZES: tuple[ViewportSize, ...] = ({"width": 1440, "height": 900}, {"width": 1280, "height": 720}, {"width": 390, "height": 844})
OBSERVED = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
WORDS_OF_CHARTS = """
() => [...document.querySelectorAll('[data-testid=stPlotlyChart] :is(.xtick, .ytick, .legend) text, \
[data-testid=stPlotlyChart] :is(.xtitle, .ytitle, .bartext-outside)')]
  .map((text) => [getComputedStyle(text).fill, Number(getComputedStyle(text).fillOpacity), \
getComputedStyle(document.querySelector('.stApp')).backgroundColor])
"""
# Streamlit's own: its drop zone for files, its column of check boxes, the points of a tile's small line.
FRAME = {"presentation-role-conflict", "empty-table-header", "svg-img-alt"}


@pytest.fixture(scope="module")
def home(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = shutil.copytree(sample_home, tmp_path_factory.mktemp("served") / "home")
    users.add(Store.open(home), "Ann", Role.AGENT, actor=ME)
    return home


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    with served(home) as address:
        yield address


@pytest.fixture(scope="module")
def addresses(home: Path) -> list[str]:
    """Every screen, that of one invoice and one customer among them."""
    row = worklist.select(source(Store.open(home)), WorklistFilter(), size=1).rows.to_pylist()[0]
    place = {"company": row["company"], "customer": row["customer_id"]}
    invoice = urlencode({**place, "invoice": row["invoice_id"]})
    return [
        *("", "open_invoices", "open_invoices?tab=overdue&by_customer=True", f"invoice?{invoice}", "customers", "release_list"),
        *(f"customer?{urlencode(place)}", "worklist", "cash", "ageing", "figures", "did_it_help", "ledgers", "models"),
        *("trust", "users"),
    ]


def test_an_invoice_and_its_customer_open_by_keyboard_alone(browser: Browser, address: str) -> None:
    """Tab to the first number, Enter; back; Tab to the first customer, Enter. A heading sorts by the space bar."""
    page = _page(browser, SIZES[0])
    opened(page, f"{address}/open_invoices")
    number = table(page).locator(".is-invoice a").first.inner_text()
    customer = table(page).locator(".is-customer a").first.inner_text()
    page.keyboard.press("Tab")
    _tab_to(page, number)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=f"Invoice {number}")).to_be_visible()
    assert urlsplit(page.url).path == "/invoice"
    page.go_back()
    settled(page)
    _tab_to(page, customer)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=customer, level=1)).to_be_visible()
    page.go_back()
    settled(page)
    _tab_to(page, "Outstanding")
    page.keyboard.press("Space")
    page.wait_for_url(re.compile("sort=outstanding"))
    assert asked(page)["order"] == "down"
    page.context.close()


@pytest.mark.long  # how much moves depends on how busy the machine is: measured by itself
def test_nothing_jumps_and_nothing_is_cut_at_any_width(browser: Browser, address: str, addresses: list[str]) -> None:
    for size in SIZES:
        page = _page(browser, size)
        for path in addresses:
            opened(page, f"{address}/{path}")
            page.wait_for_timeout(800)
            shift, scrolled, wide = page.evaluate(
                "[window.shifted, ...(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth])"
                "(document.querySelector('[data-testid=stMain]'))]"
            )
            assert shift < MOST_SHIFT, (path, size["width"], shift)
            assert scrolled <= wide, (path, size["width"], "scrolls sideways")
        page.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_charts_are_as_easy_to_read(
    browser: Browser, address: str, addresses: list[str], theme: Literal["light", "dark"]
) -> None:
    """Contrast of at least 4.5 to 1, names for everything that can be reached, headings in order."""
    page = _page(browser, SIZES[0], theme)
    for path in addresses:
        opened(page, f"{address}/{path}")
        page.wait_for_timeout(800)
        found = [each for each in Axe().run(page).response["violations"] if each["id"] not in FRAME]
        assert not found, (path, [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found])
        levels = [
            int(name[1]) for name in page.locator(":is(h1, h2, h3, h4):visible").evaluate_all("all => all.map(e => e.tagName)")
        ]
        assert levels[0] == 1, path
        assert all(later - before <= 1 for before, later in pairwise(levels)), (path, levels)
        for fill, opacity, behind in page.evaluate(WORDS_OF_CHARTS):
            assert _contrast(_rgb(fill), _rgb(behind), opacity) >= 4.5, (path, fill, opacity)
    page.context.close()


def _page(browser: Browser, size: ViewportSize, theme: Literal["light", "dark"] = "light") -> Page:
    context = browser.new_context(viewport=size, color_scheme=theme)
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.add_init_script(OBSERVED)
    return page


def _tab_to(page: Page, name: str) -> None:
    """Presses Tab until what has the focus is called so."""
    for _ in range(120):
        focused: Any = page.evaluate(
            "() => { let at = document.activeElement; while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;"
            " return at?.textContent ?? ''; }"
        )
        if focused.rstrip(" ↑↓") == name:
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab never came to {name}")


def _rgb(colour: str) -> tuple[float, ...]:
    return tuple(float(each) for each in re.findall(r"[\d.]+", colour)[:3])


def _contrast(text: tuple[float, ...], behind: tuple[float, ...], opacity: float) -> float:
    """WCAG's ratio of a text that lets some of its ground through."""
    seen = tuple(opacity * one + (1 - opacity) * other for one, other in zip(text, behind, strict=True))
    lighter, darker = sorted((_luminance(seen), _luminance(behind)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: tuple[float, ...]) -> float:
    linear = [each / 255 / 12.92 if each <= 0.03928 * 255 else ((each / 255 + 0.055) / 1.055) ** 2.4 for each in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
