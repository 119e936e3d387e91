"""How does a test look at a screen? Opened cold by its address, run to its end, clicked, and read."""

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
from streamlit.testing.v1 import AppTest

from pages.ui.shared.widgets import FLAGGED

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
    parts = [*app.title, *app.header, *app.subheader, *app.markdown, *app.text, *app.caption, *app.html, *app.metric]
    return "\n".join(str(part.value) for part in parts)


def lists(app: AppTest) -> list[dict[str, Any]]:
    """What each list of the screen is drawn from (`pages/ui/shared/listing.py`)."""
    return [json.loads(each.proto.json) for each in app.get("bidi_component")]


def rows(app: AppTest, at: int = 0) -> pd.DataFrame:
    """The rows of a list in words, one column per column."""
    drawn = lists(app)[at]
    names = [column["name"] for column in drawn["columns"]]
    told = [{name: word(cell) for name, cell in row["cells"].items()} for group in drawn["groups"] for row in group["rows"]]
    return pd.DataFrame(told, columns=names, dtype="str")


def sheet(app: AppTest, *columns: str) -> pd.DataFrame:
    """The rows of the first list that has these columns, by heading for tables of figures."""
    at = next(at for at, drawn in enumerate(lists(app)) if {*columns} <= {column["name"] for column in drawn["columns"]})
    return rows(app, at)


def word(cell: Any) -> str:  # noqa: ANN401 - text, or what a cell is drawn from
    """The first line of a cell; of a bar its figures, of a circle its words."""
    if isinstance(cell, str):
        return cell
    return str(cell.get("text") or cell.get("said") or cell.get("alt"))


def circled(app: AppTest) -> list[bool]:
    """Which rows of the list of invoices carry the red circle."""
    return [each == FLAGGED for each in rows(app)["circle"]]


def figures(app: AppTest) -> dict[str, tuple[str, str]]:
    """What the tiles say: label -> (value, line below)."""
    return {metric.label: (metric.value, metric.delta) for metric in app.metric}
