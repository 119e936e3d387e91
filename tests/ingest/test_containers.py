"""Is the same ledger read the same, whatever a system packed it into?"""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from insights.ingest.draft import Options
from insights.ingest.extract import encodings, files
from insights.ingest.parse import parse
from insights.ledger.errors import Refused
from tests.exports import containers
from tests.ingest.examples import assert_nothing_lost, column

MADE = sorted(path.name for path in containers.FOLDER.glob("container_*"))


@pytest.mark.parametrize("name", MADE)
def test_the_same_ledger_comes_out_of_every_container(name: str) -> None:
    found = parse(containers.FOLDER / name, Options()).require()
    assert_nothing_lost(found)
    assert column(found, "invoice_id") == [row[0] for row in containers.ROWS]
    assert column(found, "customer_id") == [row[1] for row in containers.ROWS]
    assert [str(day or "") for day in column(found, "paid_date")] == [row[5] for row in containers.ROWS]
    assert column(found, "amount") == [123450, 8800, 41025]


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("container_western.csv", ["Bäckerei Grün", "Café Sol"]),
        ("container_central.csv", ["Zakład Łódź", "Świt"]),
        ("container_japanese.csv", ["株式会社青木", "サンプル商事"]),
        ("container_print.txt", ["Bäckerei Grün", "Café Sol"]),
        ("container_page.xls", ["Bäckerei Grün", "Café Sol"]),
    ],
)
def test_names_come_out_as_they_are_written(name: str, names: list[str]) -> None:
    found = parse(containers.FOLDER / name, Options()).require()
    assert list(dict.fromkeys(column(found, "customer_name"))) == names


WORDS = [
    ("windows-1252", "Müller GmbH\nJürgen Groß"),
    ("windows-1252", "København\nSørensen"),
    ("windows-1252", "São João\nCafé “Estrela”"),
    ("windows-1252", "Señor Muñoz\n100 €"),
    ("windows-1250", "Gęś Świętokrzyska"),
    ("windows-1250", "Dvořák\nČerný"),
    ("iso8859-2", "Świętokrzyska\nŁódź"),
    ("windows-1251", "Иванов и сыновья"),
    ("koi8-r", "Иванов и сыновья"),
    ("windows-1253", "Παπαδόπουλος"),
    ("cp850", "Müller\nBäcker"),
    ("mac-roman", "Müller\nAndré"),
    ("cp932", "株式会社青木"),
    ("euc-jp", "サンプル商事"),
    ("gb18030", "上海贸易有限公司"),
    ("big5", "台北貿易有限公司"),
]


@pytest.mark.parametrize(("encoding", "words"), WORDS)
def test_an_encoding_is_proven_by_what_the_words_become(encoding: str, words: str) -> None:
    assert encodings.proven(encodings.readings(words.encode(encoding).split(b"\n"))) == encoding


def test_an_encoding_that_two_alphabets_explain_is_asked_for_and_then_read(tmp_path: Path) -> None:
    """Jenő in Hungarian is Jenõ in Portuguese."""
    path = tmp_path / "ledger.csv"
    path.write_text("invoice,customer,invoice date,due date,amount\n1,Jenő,2025-01-02,2025-02-01,5.00\n", encoding="windows-1250")
    asked = parse(path, Options()).questions
    assert [question.option for question in asked] == ["encoding"]
    assert ("windows-1250", "windows-1250: Jenő") in asked[0].choices
    assert column(parse(path, Options(encoding="windows-1250")).require(), "customer_id") == ["Jenő"]
    with pytest.raises(Refused, match="no encoding “klingon”"):
        parse(path, Options(encoding="klingon"))


def test_an_encoding_that_a_known_header_needs_is_proven(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_text("Facture;Client;Date facture;Échéance;Montant\n1;Forêt;02/01/2025;28/02/2025;5,00\n", encoding="windows-1252")
    assert column(parse(path, Options(date_order="dmy", maps={"due_date": "Échéance"})).require(), "customer_id") == ["Forêt"]


def archive(parts: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in parts.items():
            target.writestr(name, data)
    return sink.getvalue()


CSV = containers.csv().encode()
OTHER = b"name,colour\nred,7\n"


@pytest.mark.parametrize(
    "make",
    [
        lambda: gzip.compress(CSV),
        lambda: archive({"readme.md": b"see ledger", "ledger.csv": CSV}),
        lambda: archive({"a/colours.csv": OTHER, "b/ledger.csv": CSV}),
    ],
)
def test_an_archive_is_opened_and_its_ledger_found(make: Callable[[], bytes], tmp_path: Path) -> None:
    path = tmp_path / "export.bin"
    path.write_bytes(make())
    assert column(parse(path, Options()).require(), "invoice_id") == ["7001", "7002", "7003"]


def test_two_ledgers_in_an_archive_are_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    path.write_bytes(archive({"2024.csv": CSV, "2025.csv": CSV.replace(b"700", b"800")}))
    assert [question.option for question in parse(path, Options()).questions] == ["sheet"]
    assert column(parse(path, Options(sheet="2025.csv")).require(), "invoice_id") == ["8001", "8002", "8003"]
    assert files.sheets(path) == ["2024.csv", "2025.csv"]


def test_a_json_document_of_several_lists_is_read_like_a_workbook_of_several_sheets(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_text(json.dumps({"meta": [{"page": 1}], "result": {"invoices": containers.records()}}), encoding="utf-8")
    draft = parse(path, Options())
    assert draft.sheets == ("meta", "result.invoices")
    assert column(draft.require(), "customer_id") == ["000042", "000042", "000077"]


def test_what_a_json_document_lacks_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_text('[\n {\n "invoice": "1", "customer": "C1", "amount": 100.5}\n]', encoding="utf-8")
    assert [question.field for question in parse(path, Options()).questions] == ["issue_date", "due_date"]


def test_a_print_with_dashes_below_its_names_is_cut_where_the_dashes_are(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text(
        "CUSTOMER_ID INVOICE_NO ISSUE_DATE DUE_DATE        AMOUNT\n"
        "----------- ---------- ---------- ---------- -----------\n"
        "C1          R1         2025-01-15 2025-02-14      100.00\n"
        "C2          R2         2025-01-16 2025-02-15    2,000.00\n\n2 rows selected.\n",
        encoding="utf-8",
    )
    found = parse(path, Options()).require()
    assert_nothing_lost(found)
    assert column(found, "amount") == [10000, 200000]


def test_letters_that_were_garbled_on_the_way_are_put_right_and_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "twice.csv"
    rows = (
        "invoice,customer,invoice date,due date,amount\n1,Müller,2025-01-02,2025-02-01,5.00\n2,Señor,2025-01-02,2025-02-01,5.00\n"
    )
    path.write_text(rows.encode().decode("windows-1252"), encoding="utf-8")
    draft = parse(path, Options())
    assert column(draft.require(), "customer_id") == ["Müller", "Señor"]
    assert "text_mended" in {note.reason for note in draft.notes}


@pytest.mark.parametrize("name", ["hex", "utf-7", "unicode_escape", "idna", "utf-32", "none"])
def test_an_encoding_in_which_no_separator_can_be_told_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_bytes(CSV)
    with pytest.raises(Refused, match="There is no encoding"):
        parse(path, Options(encoding=name))
