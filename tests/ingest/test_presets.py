"""Can a user add a preset as one file?"""

from pathlib import Path

import pytest

from insights import ingest
from insights.ingest.draft import Options
from insights.ledger.errors import Refused
from tests.ingest import forked
from tests.ingest.examples import column, file


@pytest.mark.slow
def test_a_user_can_add_a_preset_as_one_file(tmp_path: Path) -> None:
    (tmp_path / "presets").mkdir()
    preset = """
    title = "House system"
    detect = [["Aktenzeichen"], ["Wert"]]
    [columns]
    invoice_id = ["Aktenzeichen"]
    customer_id = ["Wer"]
    issue_date = ["Am"]
    due_date = ["Bis"]
    amount = ["Wert"]
    """
    (tmp_path / "presets" / "house.toml").write_text(preset, encoding="utf-8")
    path = file(tmp_path, "Aktenzeichen,Wer,Am,Bis,Wert\n7,K1,2024-01-02,2024-02-03,5.00")
    found = ingest.read(path, home=tmp_path, run=forked.run)
    assert (found.preset, column(found.require(), "invoice_id")) == ("house", ["7"])
    assert ingest.presets.titles(tmp_path)["house"] == "House system"
    with pytest.raises(Refused, match="no preset “hause”"):
        ingest.read(path, Options(preset="hause"), home=tmp_path, run=forked.run)
    (tmp_path / "presets" / "house.toml").write_text("title = ", encoding="utf-8")
    with pytest.raises(Refused, match=r"The preset house.toml cannot be read"):
        ingest.read(path, home=tmp_path, run=forked.run)


def test_a_list_of_invoices_with_a_column_created_is_not_taken_for_a_system_s() -> None:
    """Amount due is what is open of it; in Stripe's, what was billed."""
    headers = ["Number", "Customer", "Created", "Due Date", "Amount", "Amount Paid", "Amount Due", "Status"]
    assert ingest.presets.detected(headers).code == ""
    assert ingest.presets.detected([*headers, "object", "amount_remaining"]).code == "stripe"
