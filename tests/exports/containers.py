"""The same small ledger in every container that systems put one into; `python -m tests.exports.containers` writes them."""

import json
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

FOLDER = Path(__file__).parent
HEADERS = ("Invoice No", "Customer No", "Customer Name", "Invoice Date", "Due Date", "Paid Date", "Amount")
ROWS = (
    ("7001", "000042", "Bäckerei Grün", "2024-01-02", "2024-02-01", "2024-02-03", "1234.50"),
    ("7002", "000042", "Bäckerei Grün", "2024-01-13", "2024-02-12", "", "88.00"),
    ("7003", "000077", "Café Sol", "2024-01-20", "2024-02-19", "2024-02-19", "410.25"),
)
NUMBERED = {"Amount"}


def page() -> str:
    """A web page that calls itself a spreadsheet; the name of a customer spans its rows."""
    head = "".join(f"<th>{header}</th>" for header in HEADERS)
    lines = []
    for at, row in enumerate(ROWS):
        cells = [f"<td>{cell}</td>" for cell in row]
        cells[2] = f"<td rowspan=2>{row[2]}</td>" if at == 0 else "" if at == 1 else cells[2]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    body = f"<table><tr><td colspan=7>Open items</td></tr></table><table border=1><tr>{head}</tr>{''.join(lines)}</table>"
    return f"<html><head><meta http-equiv=Content-Type content='text/html; charset=utf-8'></head><body>{body}</body></html>"


def web_archive() -> str:
    head = 'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="part"\n\n--part\n'
    part = f'Content-Type: text/html; charset="utf-8"\nContent-Transfer-Encoding: 8bit\n\n{page()}\n'
    return f"{head}{part}--part--\n".replace("\n", "\r\n")


def xml_workbook() -> str:
    def cell(header: str, text: str) -> str:
        kind = "Number" if header in NUMBERED else "DateTime" if header.endswith("Date") and text else "String"
        return f'<Cell><Data ss:Type="{kind}">{text}{"T00:00:00.000" if kind == "DateTime" else ""}</Data></Cell>'

    names = "".join(f'<Cell><Data ss:Type="String">{header}</Data></Cell>' for header in HEADERS)
    rows = "".join(f"<Row>{''.join(map(cell, HEADERS, row))}</Row>" for row in ROWS)
    return (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f'<Worksheet ss:Name="Open"><Table><Row ss:Index="3">{names}</Row>{rows}</Table></Worksheet></Workbook>'
    )


def records() -> list[dict[str, object]]:
    """Nested as programs write it, amounts as numbers."""
    return [
        {
            "invoiceNumber": row[0],
            "customer": {"id": row[1], "name": row[2]},
            "invoiceDate": f"{row[3]}T00:00:00Z",
            "dueDate": row[4],
            "paidDate": row[5] or None,
            "amount": float(row[6]),
        }
        for row in ROWS
    ]


def csv(separator: str = ",") -> str:
    return "".join(separator.join(row) + "\n" for row in (HEADERS, *ROWS))


def print_() -> str:
    """Columns aligned by blanks, dates of two figures, amounts at the right, a total below."""

    def line(row: tuple[str, ...]) -> str:
        return f"{row[0]:<12}{row[1]:<13}{row[2]:<18}{row[3]:<14}{row[4]:<12}{row[5]:<12}{row[6]:>12}".rstrip()

    lines = ["LIST OF OPEN ITEMS                 PAGE 1", "", line(HEADERS), *map(line, ROWS), f"{'Total':<81}{'1,732.75':>12}"]
    return "\n".join(lines) + "\n"


def write() -> None:
    (FOLDER / "container_page.xls").write_text(page(), encoding="utf-8")
    (FOLDER / "container_web_archive.mht").write_text(web_archive(), encoding="utf-8", newline="")
    (FOLDER / "container_xml_workbook.xls").write_text(xml_workbook(), encoding="utf-8")
    (FOLDER / "container_records.json").write_text(
        json.dumps({"data": records()}, indent=1, ensure_ascii=False), encoding="utf-8"
    )
    lines = "".join(json.dumps(record) + "\n" for record in records())
    (FOLDER / "container_lines.jsonl").write_text(lines, encoding="utf-8")
    (FOLDER / "container_print.txt").write_text(print_(), encoding="utf-8")
    (FOLDER / "container_western.csv").write_text(csv(";"), encoding="windows-1252")
    polish = csv().replace("Bäckerei Grün", "Zakład Łódź").replace("Café Sol", "Świt")
    (FOLDER / "container_central.csv").write_text(polish, encoding="windows-1250")
    japanese = csv().replace("Bäckerei Grün", "株式会社青木").replace("Café Sol", "サンプル商事")
    (FOLDER / "container_japanese.csv").write_text(japanese, encoding="cp932")
    with ZipFile(FOLDER / "container_archive.zip", "w", ZIP_DEFLATED) as archive:
        archive.writestr(ZipInfo("export/ledger.csv"), csv().encode())
        archive.writestr(ZipInfo("__MACOSX/._ledger.csv"), b"\0\1")


if __name__ == "__main__":
    write()
