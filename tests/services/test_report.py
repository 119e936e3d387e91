"""Does the monthly report say the sums that the screens say, as a PDF of pages?"""

import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from insights.ledger.errors import Refused
from insights.services import report
from insights.services.ledgers import commit
from insights.store import ledgers
from insights.store.store import Store
from tests.support.workspaces import ME, ledger_of, small_ledger

TODAY = date(2026, 11, 27)
HOSTILE = """
    north <b>**A**</b> 1 2024-01-05 2024-02-04 - 10000 EUR
    north Ωμέγα&Жук    2 2024-02-01 2024-03-02 - 30050 EUR
    north 株式会社       3 2024-02-01 2024-04-12 -     1 EUR
"""


def text_of(content: bytes, folder: Path) -> str:
    """What a reader of the PDF reads, by poppler."""
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext here: install Debian's package `poppler-utils`")
    (folder / "report.pdf").write_bytes(content)
    command = ["pdftotext", "-layout", str(folder / "report.pdf"), "-"]
    return subprocess.run(command, capture_output=True, check=True).stdout.decode()


@pytest.mark.slow
def test_without_a_model_it_has_ages_customers_and_figures(workspace: Store, tmp_path: Path) -> None:
    """acme owes EUR 25.00, 26 days past due; birch USD 0.99, a day past due: a part for each currency."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    gathered = report.gathered(workspace, ledger.id, date(2024, 4, 1), actor=ME, made_on=TODAY)
    content = report.pdf(gathered)
    assert content.startswith(b"%PDF-")
    said = " ".join(text_of(content, tmp_path).split())
    assert "Receivables of Example As of 1 Apr 2024 in EUR: what was known before that day, predicted by no model." in said
    assert "acme 0 25 0 0 0 25 25" in said
    assert "All 0 25 0 0 0 25 25" in said
    assert "in USD" in said
    assert "Cash to expect" not in said
    assert "Made on 27 Nov 2026" in said


@pytest.mark.slow
def test_names_are_letters_and_nothing_else(workspace: Store, tmp_path: Path) -> None:
    ledger = commit(workspace, ledger_of(HOSTILE), actor=ME)
    said = text_of(report.pdf(report.gathered(workspace, ledger.id, date(2024, 4, 1), actor=ME, made_on=TODAY)), tmp_path)
    assert "<b>**A**</b>" in said
    assert "Ωμέγα&Жук" in said


def test_a_day_on_which_nothing_is_open_is_refused(workspace: Store) -> None:
    ledger = commit(workspace, ledger_of("north A 1 2024-01-05 2024-02-04 2024-01-10 100 EUR"), actor=ME)
    with pytest.raises(Refused, match="nothing to report"):
        report.gathered(workspace, ledger.id, date(2024, 4, 1), actor=ME, made_on=TODAY)


@pytest.mark.slow
def test_with_a_model_it_says_the_cash_to_expect_and_what_will_be_unpaid(sample_workspace: Store, tmp_path: Path) -> None:
    record = ledgers.get(sample_workspace)
    gathered = report.gathered(sample_workspace, record.id, record.default_as_of, actor=ME, made_on=TODAY)
    said = " ".join(text_of(report.pdf(gathered), tmp_path).split())
    for total in gathered.aged.totals:
        forecast = gathered.forecasts[total.currency]
        assert forecast.outstanding == total.receivables
        assert total.unpaid is not None
        for minor in (total.receivables, total.unpaid, forecast.total(4), gathered.at_risk[total.currency]):
            assert f"{total.currency} {round(minor / 100):,}" in said
