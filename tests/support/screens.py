"""How does a test look at a screen? Opened cold by its address, run to its end, clicked, and read."""

import re
from pathlib import Path

from streamlit.testing.v1 import AppTest

from pages.ui.shared.widgets import circle

MAIN = Path(__file__).parents[2] / "pages" / "main.py"
FAILED = re.compile(r"error [0-9a-f]{8}")
PATIENCE = 180  # seconds a run may take: a limit against endless ones, not a measure of speed


def screen(page: str, /, **asked: str) -> AppTest:
    """A page opened cold by an address; it stands without an exception."""
    app = AppTest.from_file(str(MAIN), default_timeout=PATIENCE)
    app.switch_page(f"{page.removesuffix('.py')}.py")
    app.query_params.update(asked)
    return standing(app.run())


def standing(app: AppTest) -> AppTest:
    assert not app.exception, app.exception
    assert not (failed := [error.value for error in app.error if FAILED.search(error.value)]), failed
    return app


def click(app: AppTest, label: str) -> AppTest:
    """The screen after a press of the button with this label."""
    next(each for each in app.button if each.label == label).click()
    return app.run()


def said(app: AppTest) -> str:
    """Everything that a page says outside grids and charts."""
    parts = [*app.title, *app.subheader, *app.markdown, *app.text, *app.caption, *app.html, *app.metric]
    return "\n".join(str(part.value) for part in parts)


def circled(app: AppTest) -> list[bool]:
    """Which rows of the list of invoices carry the red circle."""
    circles = {circle(flagged=flagged): flagged for flagged in (True, False)}
    return [circles[each] for each in app.dataframe[0].value["circle"]]


def figures(app: AppTest) -> dict[str, tuple[str, str]]:
    """What the tiles say: label -> (value, line below)."""
    return {metric.label: (metric.value, metric.delta) for metric in app.metric}
