"""Which workbooks does the corpus hold? This script writes them again: `python tests/exports/workbooks.py`."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import xlsxwriter

FOLDER = Path(__file__).parent
KIND = "application/vnd.oasis.opendocument.spreadsheet"
MANIFEST = (
    '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{KIND}"/></manifest:manifest>'
)
Cell = str | float | date | None
Rows = Sequence[Sequence[Cell]]

ODOO: Rows = [
    [
        "Number",
        "Invoice Partner Display Name",
        "Invoice/Bill Date",
        "Due Date",
        "Total Signed",
        "Amount Due Signed",
        "Payment Status",
        "Status",
    ],
    ["29 Jan 2024 (2)", None, None, None, 1790.0, 140.0, None, None],
    ["INV/2024/00011", "Azure Interior", date(2024, 1, 29), date(2024, 2, 28), 1150.0, 0.0, "Paid", "Posted"],
    ["INV/2024/00012", "Azure Interior", date(2024, 1, 29), date(2024, 2, 28), 640.0, 140.0, "Partially Paid", "Posted"],
    ["11 Mar 2024 (3)", None, None, None, 450.5, 450.5, None, None],
    ["INV/2024/00013", "Deco Addict", date(2024, 3, 11), date(2024, 4, 10), 475.5, 475.5, "Not Paid", "Posted"],
    ["RINV/2024/0004", "Deco Addict", date(2024, 3, 11), date(2024, 3, 11), -25.0, -25.0, "Not Paid", "Posted"],
    ["INV/2024/00014", "Gemini Furniture", date(2024, 3, 11), date(2024, 4, 10), 99.0, 0.0, "Reversed", "Posted"],
]
AKAUNTING: Mapping[str, Rows] = {
    "invoices": [
        [
            "invoice_number",
            "order_number",
            "status",
            "invoiced_at",
            "due_at",
            "amount",
            "currency_code",
            "currency_rate",
            "contact_name",
        ],
        ["INV-00001", None, "paid", "2024-01-10", "2024-02-09", 500.0, "USD", 1.0, "Blue Bakery"],
        ["INV-00002", None, "partial", "2024-02-01", "2024-03-02", 300.0, "USD", 1.0, "Blue Bakery"],
        ["INV-00003", None, "draft", "2024-02-03", "2024-03-04", 10.0, "USD", 1.0, "Red Roofing"],
        ["INV-00004", None, "sent", "2024-02-20", "2024-03-21", 77.7, "EUR", 0.9, "Red Roofing"],
    ],
    "invoice_transactions": [
        ["invoice_number", "transaction_number", "paid_at", "amount", "currency_code", "currency_rate", "payment_method"],
        ["INV-00001", "TRA-1", "2024-01-20", 200.0, "USD", 1.0, "cash"],
        ["INV-00001", "TRA-2", "2024-02-15", 300.0, "USD", 1.0, "bank"],
        ["INV-00002", "TRA-3", "2024-02-28", 120.0, "USD", 1.0, "bank"],
        ["INV-00099", "TRA-4", "2024-02-29", 5.0, "USD", 1.0, "bank"],
    ],
}
MIXED: Rows = [
    ["Customer No", "Invoice No", "Invoice Date", "Due Date", "Paid Date", "Amount", "Region"],
    [1000.0, 71001.0, date(2024, 1, 2), date(2024, 2, 1), date(2024, 2, 3), 1234.5, "N"],
    ["0042", "71002", "13.01.2024", "12.02.2024", None, "1.500,25", "S"],
    [1000.0, "71003", 45337.0, date(2024, 3, 15), None, 88.0, "N"],
]


def write(path: Path, sheets: Mapping[str, Rows]) -> None:
    """A workbook; dates are real date cells."""
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, date):
                        sheet.write_datetime(at, column, cell)
                    elif cell is not None:
                        sheet.write(at, column, cell)


def write_ods(path: Path, name: str, rows: Rows) -> None:
    """An OpenDocument spreadsheet of one sheet, as small as it can be."""
    body = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    names = " ".join(f'xmlns:{key}="urn:oasis:names:tc:opendocument:xmlns:{key}:1.0"' for key in ("office", "table", "text"))
    table = f'<table:table table:name="{name}">{body}</table:table>'
    content = f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {names}><office:body><office:spreadsheet>'
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", KIND, ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        archive.writestr("content.xml", f"{content}{table}</office:spreadsheet></office:body></office:document-content>")


def _ods_cell(cell: Cell) -> str:
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, date):
        return f'<table:table-cell office:value-type="date" office:date-value="{cell}"><text:p>{cell}</text:p></table:table-cell>'
    if isinstance(cell, float):
        return f'<table:table-cell office:value-type="float" office:value="{cell}"><text:p>{cell}</text:p></table:table-cell>'
    return f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'


if __name__ == "__main__":
    write(FOLDER / "odoo_invoices_list.xlsx", {"Sheet1": ODOO})
    write(FOLDER / "akaunting.xlsx", AKAUNTING)
    write(FOLDER / "generic_mixed.xlsx", {"Notes": [["Made by hand"]], "Ledger 2024": MIXED})
    write_ods(FOLDER / "generic_mixed.ods", "Ledger", MIXED)
