"""Does the command `report` write a PDF?"""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from insights.cli import app


@pytest.mark.usefixtures("small_workspace")
@pytest.mark.slow
def test_a_report_is_written_as_pdf(tmp_path: Path) -> None:
    out = tmp_path / "report.pdf"
    done = CliRunner().invoke(app, ["report", "--out", str(out), "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["as_of"], told["currencies"]) == ("2024-04-01", ["EUR", "USD"])
    assert out.read_bytes().startswith(b"%PDF-")


@pytest.mark.usefixtures("small_workspace")
@pytest.mark.parametrize("out", ["report.docx", "no-such-folder/report.pdf"])
def test_what_cannot_be_written_is_wrong_usage(out: str) -> None:
    assert CliRunner().invoke(app, ["report", "--out", out]).exit_code == 2
