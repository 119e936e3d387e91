"""What do the screens look like? Pictures of all of them with the sample ledger, light and dark, into docs/screenshots/.

    python scripts/screenshots.py [FOLDER]

Starts a server of its own on a free port over a temporary workspace, and Debian's Chromium. Only the sample is shown.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

import duckdb
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "docs" / "screenshots"
SIZE: ViewportSize = {"width": 1440, "height": 900}
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
UPLOADS = {  # system -> export of the corpus, and a control total: met by the first, missed by the second
    "sap": ("sap_list_german.txt", "9894.90"),
    "quickbooks": ("quickbooks_aging.csv", "3800.00"),
}
READY = '[data-testid="stApp"][data-test-script-state="notRunning"]'


def insights(home: Path, *arguments: str) -> dict[str, str]:
    """What a command of `python -m insights` answers as JSON."""
    command = [sys.executable, "-m", "insights", *arguments, "--json"]
    answer = subprocess.run(command, cwd=ROOT, env=environment(home), check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(answer.stdout))


def environment(home: Path) -> dict[str, str]:
    return os.environ | {"INSIGHTS_HOME": str(home), "OMP_WAIT_POLICY": "passive"}


@contextmanager
def server(home: Path) -> Iterator[str]:
    """The address of a running app over a workspace."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.headless", "true"]
    with subprocess.Popen(command, cwd=ROOT, env=environment(home), stdout=subprocess.DEVNULL) as process:
        try:
            wait_for(address := f"http://127.0.0.1:{port}")
            yield address
        finally:
            process.terminate()


def wait_for(address: str) -> None:
    for _ in range(150):
        try:
            urllib.request.urlopen(f"{address}/_stcore/health").close()  # noqa: S310 our own server
        except OSError:
            time.sleep(0.2)
        else:
            return
    message = "the server did not start within 30 seconds"
    raise SystemExit(message)


def screens(scored: Path) -> dict[str, str]:
    """Name of the picture -> address below the server's; the invoice and customer shown are at risk and well known."""
    query = (
        f"SELECT company, customer_id, invoice_id, line FROM '{scored}' WHERE p_on_time BETWEEN 0.15 AND 0.45 "  # noqa: S608 ours
        "ORDER BY outstanding DESC, invoice_id LIMIT 1"
    )
    found = duckdb.connect().execute(query).fetchone()
    if found is None:
        message = "the sample has no invoice at risk"
        raise SystemExit(message)
    company, customer, invoice, line = found
    return {
        "worklist": "worklist",
        "open-invoices": "open_invoices",
        "invoice": "invoice?" + urlencode({"company": company, "invoice": invoice, "line": line}),
        "customers": "customers",
        "release-list": "release_list",
        "customer": "customer?" + urlencode({"company": company, "customer": customer}),
        "ageing": "ageing?cell=days_31_60",
        "figures": "figures",
        "did-it-help": "did_it_help",
        "cash": "cash",
        "ledgers": "ledgers",
        "models": "models",
        "trust": "trust",
    }


def settle(page: Page) -> None:
    """Waits until the script has ended, and grids and charts are painted."""
    page.wait_for_selector(READY, timeout=60_000)
    page.wait_for_timeout(2_500)
    page.wait_for_selector(READY, timeout=60_000)


def picture(page: Page, target: Path) -> None:
    """The screen as it stands, as high as its content, three windows at most."""
    settle(page)
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": SIZE["width"], "height": min(max(height, SIZE["height"]), 3 * SIZE["height"])})
    page.wait_for_timeout(800)
    page.screenshot(path=target)
    page.set_viewport_size(SIZE)
    print(target.relative_to(ROOT) if target.is_relative_to(ROOT) else target)


def pictures(browser: Browser, address: str, wanted: dict[str, str], folder: Path) -> None:
    """Every wanted screen in both themes."""
    for theme, page in pages(browser):
        for name, path in wanted.items():
            page.goto(f"{address}/{path}")
            picture(page, folder / f"{name}-{theme}.png")


def uploads(browser: Browser, address: str, folder: Path) -> None:
    """What is made of the exports of two systems, before a commit: columns, and sums against a control total."""
    for theme, page in pages(browser):
        for system, (export, control) in UPLOADS.items():
            page.goto(f"{address}/ledgers")
            settle(page)
            page.locator("input[type=file]").first.set_input_files(ROOT / "tests" / "exports" / export)
            page.get_by_role("tab", name="Columns").wait_for(timeout=60_000)
            picture(page, folder / f"mapping-{system}-{theme}.png")
            page.get_by_role("tab", name="Sums").click()
            page.get_by_label("Control total").first.fill(control)
            page.keyboard.press("Enter")
            page.get_by_text("than the control total").or_(page.get_by_text("exactly the control total")).wait_for()
            picture(page, folder / f"sums-{system}-{theme}.png")


def pages(browser: Browser) -> Iterator[tuple[str, Page]]:
    """A page in each theme."""
    themes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for theme in themes:
        context = browser.new_context(viewport=SIZE, color_scheme=theme, locale="en-GB")
        yield theme, context.new_page()
        context.close()


def main() -> None:
    folder = Path(sys.argv[1]) if sys.argv[1:] else TARGET
    folder.mkdir(parents=True, exist_ok=True)
    program = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        home = Path(name)
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        with server(home) as address:
            pictures(browser, address, {"start": ""}, folder)
            ledger = insights(home, "import", "sample_data/ledger.csv", "--name", "Sample ledger")["ledger"]
            model = insights(home, "train", "--ledger", ledger)["model"]
            insights(home, "publish", model)
            insights(home, "backtest", "--ledger", ledger)
            insights(home, "forecast", "--ledger", ledger)
            scored = home / "scored.parquet"
            insights(home, "score", "--out", str(scored))
            pictures(browser, address, screens(scored), folder)
            uploads(browser, address, folder)
        browser.close()


if __name__ == "__main__":
    main()
