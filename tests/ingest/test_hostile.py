"""Does every hostile or broken file end in a sentence, or in a ledger that lost nothing, while the server lives?"""

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from insights import ingest
from insights.ledger.errors import Refused
from tests.ingest import corpus, forked
from tests.ingest.examples import aside, assert_nothing_lost, column
from tests.support.hostile import HEADER, ROW

CONTENT = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def workbook(parts: dict[str, str | bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return sink.getvalue()


def sheet(rows: str, before: str = "") -> bytes:
    """A hand-made XLSX with these rows of XML."""
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    relation = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    types = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
    return workbook(
        {
            "[Content_Types].xml": CONTENT,
            "_rels/.rels": f'<Relationships {package}><Relationship Id="r1" Type="{types}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook {space} {relation}><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": (
                f'<Relationships {package}><Relationship Id="r1" Type="{types}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
            ),
            "xl/worksheets/sheet1.xml": f"{before}<worksheet {space}><sheetData>{rows}</sheetData></worksheet>",
        }
    )


def real_workbook(rows: int = 20) -> bytes:
    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink) as book:
        page = book.add_worksheet()
        for at, line in enumerate([HEADER.strip(), *[ROW.strip()] * rows]):
            page.write_row(at, 0, line.split(","))
    return sink.getvalue()


def parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def far_cell() -> bytes:
    return sheet('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')


def far_from_its_row() -> bytes:
    """A cell whose address is not that of its row, as in a damaged file."""
    return sheet(f'<row r="1"><c r="A1"><v>1</v></c><c r="B{"9" * 400}"><v>2</v></c></row>')


def zip_bomb() -> bytes:
    """A part that says it unpacks to 3 GB."""
    packed = workbook({"[Content_Types].xml": CONTENT, "xl/workbook.xml": "<a/>", "xl/worksheets/sheet1.xml": b" " * 1000})
    at = packed.rindex(b"PK\x01\x02")
    return packed[: at + 24] + (3 << 30).to_bytes(4, "little") + packed[at + 28 :]


def entities() -> bytes:
    return sheet("<row r='1'><c r='A1'><v>&x;</v></c></row>", '<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>')


def encrypted() -> bytes:
    return sandbox_ole(b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 4000)


def sandbox_ole(body: bytes) -> bytes:
    return bytes.fromhex("d0cf11e0a1b11ae1") + body


def long_parquet() -> bytes:
    zeros = pa.chunked_array([pa.repeat(pa.scalar(0, pa.int8()), 20_000_000)])
    return parquet(pa.table({"customer_id": zeros}))


def columns(count: int) -> bytes:
    names = ",".join(f"c{k}" for k in range(count))
    return f"{names}\n{','.join('1' * count)}\n".encode()


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty.csv": (lambda: b"", "This file is empty"),
    "blank lines.csv": (lambda: b"\n\n  \n\r\n", "This file is empty"),
    "zeros.csv": (lambda: b"\0" * 5000, "This file is empty"),
    "mark only.csv": (lambda: b"\xef\xbb\xbf\n", "This file is empty"),
    "header only.csv": (HEADER.encode, "no rows"),
    "one word.csv": (lambda: b"hello\n", "fewer than two columns"),
    "prose.txt": (lambda: b"Dear all, please find the ledger attached.\nBest regards\n", "fewer than two columns|No header|no rows|No column"),
    "picture.csv": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "This is an image"),
    "report.pdf": (lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "This is a PDF"),
    "page.xls": (lambda: b"<html><table></table></html>", "This is a web page .HTML. without a table"),
    "frames.xls": (lambda: b"<html><frameset><frame src='sheet001.htm'></frameset></html>", "Its sheets are in files of their own"),
    "archive.mht": (lambda: b"MIME-Version: 1.0\nContent-Type: text/html\n\n<p>nothing</p>", "This web archive"),
    "data.json": (lambda: b'{"customer_id": 1}', "holds no list of records"),
    "cut.json": (lambda: b'[{"customer_id": 1}, {"cust', "This JSON document is damaged"),
    "deep.json": (lambda: b'[{"a": ' + b"[" * 200_000 + b"]" * 200_000 + b"}]", "nested too deeply"),
    "deep.html": (lambda: b"<table>" + b"<tr><td><table>" * 50_000, "web page|table|damaged"),
    "wide.html": (lambda: b"<table><tr>" + b"<td colspan=1000>a</td>" * 30 + b"</table>", "more than 2,000 columns"),
    "entities.xls": (
        lambda: b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
        b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">&b;</Workbook>',
        "entity definition",
    ),
    "cut.xml.xls": (lambda: b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Wor', "damaged"),
    "nested.zip": (lambda: workbook({"inner.txt": workbook({"a.csv": "x"})}), "holds another archive"),
    "pictures.zip": (lambda: workbook({"a.png": "x", "b.png": "y"}), "holds no file that may be a table"),
    "bomb.csv.gz": (lambda: gzip.compress(gzip.compress(bytes(200 << 20))), "holds another archive"),
    "data.xml": (lambda: b"<?xml version='1.0'?><ledger/>", "This is an XML document"),
    "ledger.csv.gz": (lambda: gzip.compress(HEADER.encode())[:-9], "This archive is damaged"),
    "program.csv": (lambda: b"\x7fELF" + bytes(range(1, 32)) * 50, "This is a program"),
    "noise.csv": (lambda: bytes((k * 7 + k // 3) % 32 for k in range(5000)), "This is a binary file"),
    "far cell.xlsx": (far_cell, r"spans 1,048,576 rows and 16,384 columns"),
    "far from its row.xlsx": (far_from_its_row, r"spans 999,999,999,999 rows and 2 columns"),
    "bomb.xlsx": (zip_bomb, r"unpacks to 3.2 GB; the limit is 1.1 GB"),
    "entities.xlsx": (entities, "document type or entity definition"),
    "encrypted.xlsx": (encrypted, "protected by a password"),
    "truncated.xlsx": (lambda: real_workbook()[:1500], "damaged or incomplete"),
    "flipped.xlsx": (lambda: real_workbook().replace(b"sheet1", b"sheex1"), "damaged or incomplete|no rows|empty"),
    "zip.xlsx": (lambda: workbook({"readme.txt": "nothing"}), "no table"),
    "empty sheet.xlsx": (lambda: sheet(""), "This file is empty|no table"),
    "broken off.ods": (
        lambda: workbook({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a><table:table-row>"}),
        "damaged or incomplete",
    ),
    "broken xml.xlsx": (lambda: sheet("<row r='1'><c r='A1'><v>1</row>"), "damaged or incomplete"),
    "fake.xls": (lambda: sandbox_ole(b"\xff" * 3000), "damaged or incomplete"),
    "long.parquet": (long_parquet, "holds 20,000,000 rows"),
    "truncated.parquet": (lambda: parquet(pa.table({"a": [1, 2]}))[:-20], "Parquet file is damaged"),
    "footer.parquet": (lambda: b"PAR1" + b"\xff" * 200 + b"PAR1", "Parquet file is damaged"),
    "no rows.parquet": (lambda: parquet(pa.table({"customer_id": pa.array([], pa.string()), "amount": pa.array([], pa.int64())})), "no rows|No column"),
    "wide.csv": (lambda: columns(5000), "5,000 columns"),
    "long line.csv": (lambda: HEADER.encode() + b"x" * (3 << 20), "characters: this is no table"),
    "all faulty.csv": ((HEADER + "A1,C1,2024-03-05,2024-02-05,10.00\n").encode, "The only row cannot be used"),
    "contradiction.csv": (
        (HEADER + "A1,C1,13/01/2024,05/02/2024,10.00\nA2,C1,01/13/2024,05/02/2024,10.00\n").encode,
        "contradicts itself",
    ),
    "marks.csv": (lambda: b"invoice_id;customer_id;issue_date;due_date;amount\n1;a;2024-01-05;2024-02-05;1,5\n2;a;2024-01-05;2024-02-05;1.5\n", "contradicts itself"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", REFUSED)
def test_a_broken_file_ends_in_a_sentence(name: str, tmp_path: Path) -> None:
    make, sentence = REFUSED[name]
    path = tmp_path / name
    path.write_bytes(make())
    with pytest.raises(Refused, match=sentence):
        ingest.read(path, run=forked.run).require()


READ: dict[str, tuple[bytes, list[str]]] = {
    "formula.csv": ((HEADER + "=1+1,=cmd|'/c calc'!A0,2024-01-05,2024-02-05,10.00\n").encode(), ["=cmd|'/c calc'!A0"]),
    "markup.csv": (
        (HEADER + "A1,<script>alert(1)</script>,2024-01-05,2024-02-05,10.00\n").encode(),
        ["<script>alert(1)</script>"],
    ),
    "sql.csv": ((HEADER + "A1,'; DROP TABLE ledgers; --,2024-01-05,2024-02-05,10.00\n").encode(), ["'; DROP TABLE ledgers; --"]),
    "path.csv": ((HEADER + "A1,../../etc/passwd,2024-01-05,2024-02-05,10.00\n").encode(), ["../../etc/passwd"]),
    "right to left.csv": ((HEADER + "A1,\u202egnp.exe,2024-01-05,2024-02-05,10.00\n").encode(), ["\u202egnp.exe"]),
    "emoji.csv": ((HEADER + "A1,Café ☕ 😀,2024-01-05,2024-02-05,10.00\n").encode(), ["Café ☕ 😀"]),
    "zero byte.csv": ((HEADER + "A1,C\0 1,2024-01-05,2024-02-05,10.00\n").encode(), ["C\0 1"]),
    "line break.csv": ((HEADER + 'A1,"C\n1",2024-01-05,2024-02-05,10.00\n' + ROW.replace("A1", "A2")).encode(), ["C\n1", "C1"]),
    "carriage returns.csv": ((HEADER + ROW).replace("\n", "\r").encode(), ["C1"]),
    "mixed line ends.csv": (
        HEADER.encode() + ROW.encode() + ROW.replace("A1", "A2").replace("\n", "\r\n").encode(),
        ["C1", "C1"],
    ),
    "no last line end.csv": ((HEADER + ROW).strip().encode(), ["C1"]),
    "byte-order mark.csv": ((HEADER + ROW).encode("utf-8-sig"), ["C1"]),
    "utf-16.csv": ((HEADER + ROW.replace("C1", "Żółw")).encode("utf-16"), ["Żółw"]),
    "utf-16 without mark.csv": ((HEADER + ROW).encode("utf-16-le"), ["C1"]),
    "windows-1252.csv": ((HEADER + ROW.replace("C1", "Müller €")).encode("cp1252"), ["Müller €"]),
    "tabs.tsv": ((HEADER + ROW).replace(",", "\t").encode(), ["C1"]),
    "pipes.txt": ((HEADER + ROW).replace(",", "|").encode(), ["C1"]),
    "quoted.csv": (
        ("\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in (HEADER + ROW).split())).encode(),
        ["C1"],
    ),
    "doubled quotes.csv": (
        (HEADER + 'A1,"Acme ""Best"" Ltd, London",2024-01-05,2024-02-05,10.00\n').encode(),
        ['Acme "Best" Ltd, London'],
    ),
    "quote inside.csv": ((HEADER + 'A1,12" pipes,2024-01-05,2024-02-05,10.00\n').encode(), ['12" pipes']),
    "wrong name.csv": (real_workbook(1), ["C1"]),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", READ)
def test_a_strange_file_is_read_and_hostile_cells_stay_data(name: str, tmp_path: Path) -> None:
    data, customers = READ[name]
    path = tmp_path / name
    path.write_bytes(data)
    found = ingest.read(path, run=forked.run).require()
    assert column(found, "customer_id") == customers
    assert_nothing_lost(found)


@pytest.mark.slow
def test_a_quotation_mark_that_is_never_closed_swallows_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "open quote.csv"
    rows = [f"A{k},C1,2024-01-05,2024-02-05,10.00" for k in range(50)]
    rows[20] = 'A20,"C1,2024-01-05,2024-02-05,10.00'
    path.write_text(HEADER + "\n".join(rows), encoding="utf-8")
    found = ingest.read(path, run=forked.run).require()
    assert (found.rows_read, len(found.invoices), [row for row, *_ in aside(found)]) == (50, 49, [22])


@pytest.mark.slow
def test_rows_with_too_few_or_too_many_cells_are_kept_or_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "ragged.csv"
    path.write_text(HEADER + ROW + "A2,C1,2024-01-05\nA3,C1,2024-01-05,2024-02-05,10.00,x,y,z\n", encoding="utf-8")
    found = ingest.read(path, run=forked.run).require()
    assert column(found, "invoice_id") == ["A1"]
    assert [(row, reason) for row, _, _, reason in aside(found)] == [(3, "amount_missing"), (4, "row_wider")]


def test_the_corpus_and_these_files_are_at_least_forty_broken_ones() -> None:
    assert len(REFUSED) + len(READ) >= 40
    assert list(corpus.files())


def repeated_cells(path: Path) -> Path:
    """A kilobyte that asks for gigabytes."""
    cell = '<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="16384"><text:p>1</text:p></table:table-cell>'
    names = " ".join(f'xmlns:{key}="urn:oasis:names:tc:opendocument:xmlns:{key}:1.0"' for key in ("office", "table", "text"))
    row = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'
    table = f'<table:table table:name="S">{row}</table:table>'
    body = f"<office:document-content {names}><office:body><office:spreadsheet>{table}</office:spreadsheet></office:body></office:document-content>"
    path.write_bytes(workbook({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": body}))
    return path


@pytest.mark.slow
def test_a_spreadsheet_that_repeats_a_cell_for_ever_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"damaged|memory|spans"):
        ingest.read(repeated_cells(tmp_path / "repeated.ods"), run=forked.run)
