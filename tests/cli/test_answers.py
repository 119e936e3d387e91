"""Can every question about a file be answered on the command line, by import and by predict alike?"""

from dataclasses import fields

import pytest
import typer.main

from insights.cli import app
from insights.ingest.draft import Options

SPELLED = {"maps": "map"}
ASKED = {
    *(
        "maps",
        "sheet",
        "encoding",
        "header",
        "table",
        "fill_down",
        "hidden_rows",
        "snapshot",
        "date_order",
        "decimal",
        "currency",
    ),
    *("terms_days", "types", "statuses", "currencies", "sign", "hundredths", "repeated"),
}


@pytest.mark.parametrize("command", ["import", "predict"])
def test_every_answer_has_an_option(command: str) -> None:
    known = {name for option in typer.main.get_command(app).commands[command].params for name in option.opts}  # type: ignore[attr-defined]
    assert {f"--{SPELLED.get(name, name).replace('_', '-')}" for name in ASKED} <= known
    assert not ASKED - {field.name for field in fields(Options)}
