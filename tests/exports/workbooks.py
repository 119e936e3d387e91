"""Which workbooks does the corpus hold? This script writes them again: `python tests/exports/workbooks.py`."""

import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

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


PLAIN: Rows = [[cell.isoformat() if isinstance(cell, date) else cell for cell in row] for row in MIXED]


def write(path: Path, sheets: Mapping[str, Rows]) -> None:
    """A workbook; dates are real date cells."""
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
        book.set_properties({"created": datetime(2024, 1, 1, tzinfo=UTC)})
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
        archive.writestr(ZipInfo("mimetype"), KIND, ZIP_STORED)
        archive.writestr(ZipInfo("META-INF/manifest.xml"), MANIFEST)
        archive.writestr(ZipInfo("content.xml"), f"{content}{table}</office:spreadsheet></office:body></office:document-content>")


def _ods_cell(cell: Cell) -> str:
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, date):
        return f'<table:table-cell office:value-type="date" office:date-value="{cell}"><text:p>{cell}</text:p></table:table-cell>'
    if isinstance(cell, float):
        return f'<table:table-cell office:value-type="float" office:value="{cell}"><text:p>{cell}</text:p></table:table-cell>'
    return f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'


def write_xls(path: Path, name: str, rows: Rows) -> None:
    """An Excel 97 workbook of one sheet, as small as it can be: a compound file with one stream of BIFF8 records."""
    cells = b"".join(_xls_cell(at, k, cell) for at, row in enumerate(rows) for k, cell in enumerate(row) if cell is not None)
    bound = struct.pack("<IBBBB", 0, 0, 0, len(name), 0) + name.encode("latin-1")
    head = len(_record(0x809, bytes(16))) + len(_record(0x85, bound)) + len(_record(0x0A))
    bound = struct.pack("<I", head) + bound[4:]
    body = _record(0x809, _bof(0x0005)) + _record(0x85, bound) + _record(0x0A)
    body += _record(0x809, _bof(0x0010)) + cells + _record(0x0A)
    path.write_bytes(_compound("Workbook", body))


def _record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _bof(kind: int) -> bytes:
    return struct.pack("<HHHHII", 0x0600, kind, 0, 1997, 0, 0x0600)


def _xls_cell(row: int, column: int, cell: Cell) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(cell, float):
        return _record(0x203, place + struct.pack("<d", cell))
    text = str(cell)
    return _record(0x204, place + struct.pack("<HB", len(text), 1) + text.encode("utf-16-le"))


def _compound(name: str, stream: bytes) -> bytes:
    """A compound file: header, allocation table, directory, the stream in sectors of 512 bytes."""
    sectors = max(8, -(-len(stream) // 512))  # fewer would belong into the small stream
    chain = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, sectors + 2), 0xFFFFFFFE]
    table = struct.pack("<128I", *(chain + [0xFFFFFFFF] * (128 - len(chain))))
    none = 0xFFFFFFFF
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[none] * 108)
    entries = _entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + _entry(name, 2, none, 2, sectors * 512) + bytes(256)
    return header + table + entries + stream.ljust(sectors * 512, b"\0")


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    none = 0xFFFFFFFF
    return text.ljust(64, b"\0") + struct.pack("<HBBIII36xIQ", len(text), kind, 1, none, none, child, start, size)


if __name__ == "__main__":
    write(FOLDER / "odoo_invoices_list.xlsx", {"Sheet1": ODOO})
    write(FOLDER / "akaunting.xlsx", AKAUNTING)
    write(FOLDER / "generic_mixed.xlsx", {"Notes": [["Made by hand"]], "Ledger 2024": MIXED})
    write_xls(FOLDER / "generic_mixed.xls", "Ledger", PLAIN)
    write_ods(FOLDER / "generic_mixed.ods", "Ledger", MIXED)
