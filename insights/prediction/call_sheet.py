"""What does an agent hold in the hand while calling a customer? A sheet of paper (PDF), and the same as a workbook.

Words come in ready to be read; amounts come as minor units, so that the workbook can add them up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

from insights.ledger.money import decimal_text, exponent

if TYPE_CHECKING:
    from fpdf import FPDF

INK, QUIET, LINE, SHADE = (29, 39, 51), (86, 96, 108), (200, 206, 214), (243, 245, 248)
LATE_INK = (176, 48, 16)
BLANK_LINES, RULED = 6, 8  # for a pen; mm
HEADINGS = ("Invoice", "Due", "Outstanding", "Expected", "On time · late · very late", "Main reason")
WIDTHS = (24, 30, 28, 22, 30, 56)  # of 190 mm
EXCEL_WIDTHS = (18, 14, 22, 16, 10, 14, 28, 60)
FONT = "Roboto"
LONGEST = 200  # characters of a cell on paper


@dataclass(frozen=True)
class SheetLine:
    """One open invoice; `mark` is a word such as "disputed"."""

    invoice: str
    due: date
    due_words: str
    outstanding: int  # minor units
    currency: str
    expected: date | None
    likely: str
    reason: str
    overdue: bool
    mark: str = ""


@dataclass(frozen=True)
class CallSheet:
    """A customer, as of a day. `facts`: name -> value; `sentences`: how it pays; `agreed`: (day, what), the newest first."""

    customer: str
    below: str  # account, company, since when
    as_of: date
    facts: Mapping[str, str]
    sentences: Sequence[str]
    lines: Sequence[SheetLine]
    agreed: Sequence[tuple[str, str]] = ()


def pdf(sheet: CallSheet) -> bytes:
    """A4 upright, with lines to write on at the end, and page numbers."""
    paper = _paper(sheet)
    paper.add_page()
    _headline(paper, sheet)
    _facts(paper, sheet.facts)
    if sheet.sentences:
        _section(paper, "How it pays")
        for sentence in sheet.sentences:
            paper.multi_cell(0, 5, sentence, new_x="LMARGIN", new_y="NEXT")
    _section(paper, f"Open invoices ({len(sheet.lines)})")
    _invoices(paper, sheet.lines)
    if sheet.agreed:
        _section(paper, "What was agreed")
        for on, sentence in sheet.agreed:
            paper.multi_cell(0, 5, f"{on}  {sentence}", new_x="LMARGIN", new_y="NEXT")
    if paper.will_page_break(BLANK_LINES * RULED + 10):
        paper.add_page()
    _section(paper, "On the call")
    for _ in range(BLANK_LINES):
        paper.ln(RULED)
        paper.line(paper.l_margin, paper.get_y(), paper.w - paper.r_margin, paper.get_y())
    return bytes(paper.output())


def _paper(sheet: CallSheet) -> "FPDF":
    """An empty document with our font and a foot on every page."""
    from font_roboto import Roboto, RobotoBold
    from fpdf import FPDF

    class CallPaper(FPDF):
        def footer(self) -> None:
            self.set_y(-12)
            self.set_font(FONT, size=8)
            self.set_text_color(*QUIET)
            self.cell(0, 5, f"{_short(sheet.customer)[:80]}, as of {_day(sheet.as_of)}")
            self.cell(0, 5, f"{self.page_no()} of {{nb}}", align="R")

    paper = CallPaper(format="A4")
    paper.add_font(FONT, fname=Roboto)
    paper.add_font(FONT, style="B", fname=RobotoBold)
    paper.set_margins(10, 12)
    paper.set_auto_page_break(auto=True, margin=16)
    paper.set_title(f"Call sheet: {sheet.customer}")
    paper.set_draw_color(*LINE)
    return paper


def _headline(paper: "FPDF", sheet: CallSheet) -> None:
    paper.set_text_color(*INK)
    paper.set_font(FONT, "B", 16)
    paper.multi_cell(0, 7, _short(sheet.customer), new_x="LMARGIN", new_y="NEXT")
    paper.set_font(FONT, size=9)
    paper.set_text_color(*QUIET)
    paper.multi_cell(0, 5, f"{sheet.below} · call sheet as of {_day(sheet.as_of)}", new_x="LMARGIN", new_y="NEXT")
    paper.ln(2)


def _facts(paper: "FPDF", facts: Mapping[str, str]) -> None:
    """Names and values, two pairs to a line."""
    pairs = list(facts.items())
    paper.set_text_color(*INK)
    with paper.table(
        width=190, col_widths=(28, 67, 28, 67), borders_layout="NONE", line_height=5, first_row_as_headings=False
    ) as table:
        for at in range(0, len(pairs), 2):
            row = table.row()
            for name, value in (*pairs[at : at + 2], ("", ""))[:2]:
                row.cell(_short(name), style=_face(QUIET))
                row.cell(_short(value), style=_face(INK, bold=True))


def _section(paper: "FPDF", heading: str) -> None:
    paper.ln(3)
    paper.set_font(FONT, "B", 11)
    paper.set_text_color(*INK)
    paper.cell(0, 7, heading, new_x="LMARGIN", new_y="NEXT")
    paper.set_font(FONT, size=9)


def _invoices(paper: "FPDF", lines: Sequence[SheetLine]) -> None:
    paper.set_font(FONT, size=8)
    right = ("LEFT", "LEFT", "RIGHT", "LEFT", "LEFT", "LEFT")
    with paper.table(
        width=190, col_widths=WIDTHS, text_align=right, borders_layout="HORIZONTAL_LINES", line_height=4.2, padding=(0.8, 1),
        headings_style=_face(QUIET, bold=True),
    ) as table:  # fmt: skip
        table.row(HEADINGS)
        for line in lines:
            row = table.row()
            row.cell("\n".join(_short(text) for text in (line.invoice, line.mark) if text))
            row.cell(f"{_day(line.due)}\n{_short(line.due_words)}", style=_face(LATE_INK if line.overdue else INK))
            row.cell(f"{_amount(line.outstanding, line.currency)}", style=_face(INK, bold=True))
            row.cell(_day(line.expected) if line.expected else "")
            row.cell(_short(line.likely))
            row.cell(_short(line.reason))


def _face(colour: tuple[int, int, int], *, bold: bool = False) -> Any:  # noqa: ANN401 - fpdf comes late
    from fpdf.fonts import FontFace

    return FontFace(emphasis="BOLD" if bold else "", color=colour)


def workbook(sheet: CallSheet) -> bytes:
    """The same as an Excel file that prints on pages one wide; text stays text, whatever it begins with."""
    import xlsxwriter

    kept = BytesIO()
    with xlsxwriter.Workbook(kept, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}) as book:
        page = book.add_worksheet("Call sheet")
        bold, big, wrapped = (
            book.add_format(look)
            for look in ({"bold": True}, {"bold": True, "font_size": 16}, {"text_wrap": True, "valign": "top"})
        )
        page.write_string(0, 0, sheet.customer, big)
        page.write_string(1, 0, f"{sheet.below} · call sheet as of {_day(sheet.as_of)}")
        at = 3
        for name, value in sheet.facts.items():
            page.write_string(at, 0, name)
            page.write_string(at, 2, value, bold)
            at += 1
        for sentence in sheet.sentences:
            at += 1
            page.write_string(at, 0, sentence)
        at = _sheet_of_invoices(book, page, sheet.lines, at + 2)
        for on, sentence in sheet.agreed:
            at += 1
            page.write_string(at, 0, on)
            page.write_string(at, 2, sentence, wrapped)
        _ready_to_print(page, sheet)
    return kept.getvalue()


def _sheet_of_invoices(book: Any, page: Any, lines: Sequence[SheetLine], at: int) -> int:  # noqa: ANN401 - xlsxwriter has no types
    """Writes the invoices from a row on; the last row written."""
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#f3f5f8", "text_wrap": True})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    on = book.add_format({"num_format": "d mmm yyyy", "valign": "top"})
    headings = ("Invoice", "Due", "", "Outstanding", "Currency", *HEADINGS[3:])
    for place, heading in enumerate(headings):
        page.write_string(at, place, heading, head)
    for line in lines:
        at += 1
        money = book.add_format(
            {"num_format": f"#,##0{'.' * bool(exponent(line.currency))}{'0' * exponent(line.currency)}", "valign": "top"}
        )
        page.write_string(at, 0, f"{line.invoice} ({line.mark})" if line.mark else line.invoice, text)
        page.write_datetime(at, 1, line.due, on)
        page.write_string(at, 2, line.due_words, text)
        page.write_number(at, 3, float(Decimal(decimal_text(line.outstanding, line.currency))), money)
        page.write_string(at, 4, line.currency, text)
        if line.expected:
            page.write_datetime(at, 5, line.expected, on)
        page.write_string(at, 6, line.likely, text)
        page.write_string(at, 7, line.reason, text)
    return at


def _ready_to_print(page: Any, sheet: CallSheet) -> None:  # noqa: ANN401 - xlsxwriter has no types
    for place, width in enumerate(EXCEL_WIDTHS):
        page.set_column(place, place, width)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    foot = f"{_short(sheet.customer)[:80]}, as of {_day(sheet.as_of)}".replace("&", "&&")
    page.set_footer(f"&L&8{foot}&R&8&P of &N")


def _short(text: str) -> str:
    """What fits a cell of a row that stays on one page, on one line; a file may hold names of any length."""
    words = " ".join(text.split())
    return words if len(words) <= LONGEST else f"{words[:LONGEST]}…"


def _amount(minor: int, currency: str) -> str:
    whole, _, part = decimal_text(minor, currency).partition(".")
    return f"{int(whole):,}{'.' * bool(part)}{part}{'' if currency == 'XXX' else f' {currency}'}"


def _day(on: date) -> str:
    return f"{on.day} {on:%b %Y}"
