"""Is a saved mapping recognised, and does what the user says count more?"""

import json
from datetime import date
from pathlib import Path

import pytest

from insights import ingest
from insights.ingest.draft import Options
from insights.ingest.parse import parse
from insights.ingest.recognise import mappings
from insights.ledger.errors import Refused
from tests.ingest import forked
from tests.ingest.examples import column, draft, file
from tests.support.exports import OPEN


@pytest.mark.slow
def test_a_saved_mapping_is_recognised_by_the_headers_whatever_their_order(tmp_path: Path) -> None:
    odd = "Nr,Kd,Von,Bis,Summe X\n1,K1,2/1/2024,2/3/2024,5.00"
    options = Options(
        maps={"invoice_id": "Nr", "customer_id": "Kd", "issue_date": "Von", "due_date": "Bis", "amount": "Summe X"},
        date_order="dmy",
    )
    mappings.save(tmp_path, "Branch list", draft(tmp_path, odd, options), options)
    assert mappings.names(tmp_path) == ["Branch list"]
    again = file(tmp_path, "summe x,KD,nr,von,BIS\n5.00,K1,1,2/1/2024,2/3/2024", "later.csv")
    found = ingest.read(again, home=tmp_path, run=forked.run)
    assert (found.mapping, column(found.require(), "due_date")) == ("Branch list", [date(2024, 3, 2)])
    assert ingest.read(again, Options(mapping="none"), home=tmp_path, run=forked.run).ledger is None
    mappings.delete(tmp_path, "Branch list")
    assert mappings.names(tmp_path) == []
    with pytest.raises(Refused, match="no saved mapping “Branch list”"):
        ingest.read(again, Options(mapping="Branch list"), home=tmp_path, run=forked.run)


def test_what_the_user_says_now_counts_more_than_a_saved_mapping(tmp_path: Path) -> None:
    text = "Nr,Kd,Von,Bis,Summe,Netto\n1,K1,2024-01-02,2024-02-03,5.00,4.00"
    options = Options(maps={"invoice_id": "Nr", "customer_id": "Kd", "issue_date": "Von", "due_date": "Bis", "amount": "Summe"})
    mappings.save(tmp_path, "a", draft(tmp_path, text, options), options)
    known = mappings.saved(tmp_path)
    assert column(parse(file(tmp_path, text), Options(maps={"amount": "Netto"}), known).require(), "amount") == [400]


def test_a_damaged_mapping_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "x.json").write_text("{", encoding="utf-8")
    assert mappings.saved(tmp_path) == ()


def test_a_mapping_is_kept_as_readable_json(tmp_path: Path) -> None:
    options = Options(currency="EUR")
    path = mappings.save(tmp_path, "Größe 1", draft(tmp_path, OPEN, options), options)
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert kept["maps"]["amount"] == "amount"
    assert kept["answers"] == {"preset": "", "currency": "EUR"}
