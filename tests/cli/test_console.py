"""When is progress written, and does a terminal only show what comes from files?"""

import json
import unicodedata

import pytest

from insights.cli import console
from insights.ledger.errors import Refused


def test_progress_is_written_when_the_stage_changes(capfd: pytest.CaptureFixture[str]) -> None:
    tell = console.progress(as_json=False)
    for share in (0.0, 0.001, 0.002):
        tell("features", share)
    tell("on_time", 0.5)
    assert capfd.readouterr().err == "features: 0%\non_time: 50%\n"


HOSTILE = "Ada\x1b]0;owned\x07\x1b[31m\r\x9b2J\u202egnp.exe\u2066\udcff\x00\x7f"


def test_what_a_terminal_would_obey_is_written_out(capfd: pytest.CaptureFixture[str]) -> None:
    """Colours, titles, carriage returns, reversed text and broken file names, in lines, notes, tables and JSON."""
    console.ready()
    console.say(f"Ledger {HOSTILE} kept", *console.table(["a\nb"], [[f"{HOSTILE}\n"]]))
    console.note(HOSTILE)
    console.refuse(Refused(HOSTILE, "hostile"), as_json=True)
    out, err = capfd.readouterr()
    assert [sign for sign in out + err if unicodedata.category(sign) in {"Cc", "Cf", "Cs"} and sign != "\n"] == []
    assert out.startswith("Ledger Ada\\x1b]0;owned\\x07\\x1b[31m\\x0d\\x9b2J\\u202egnp.exe\\u2066\\udcff\\x00\\x7f kept\na b\n")
    assert json.loads(out.splitlines()[-1])["sentence"] == HOSTILE, "a machine reads the very text"


def test_other_scripts_and_line_breaks_are_shown_as_they_are() -> None:
    assert console.shown("Müller 株式会社 שלום\n\ttotal") == "Müller 株式会社 שלום\n\ttotal"
