"""How does a report look on paper? A PDF of headings, tiles, tables and vector charts, from plain values; nothing is computed.

Whatever comes from a ledger is text here and nothing else: no markup of it is read.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from fpdf import FPDF

Colour = tuple[int, int, int]
INK, QUIET, LINE, SHADE, WHITE = (29, 39, 51), (86, 96, 108), (205, 211, 218), (243, 245, 248), (255, 255, 255)
BLUE, SKY, ORANGE, RED, GREY = (0, 114, 178), (86, 180, 233), (230, 159, 0), (200, 70, 0), (122, 134, 154)
GOOD, BAD = (0, 112, 80), (180, 40, 20)
FONT = "Roboto"
WIDTH = 186.0  # mm between the margins
LABELS = 9.0  # mm below a chart for its labels


class Pen(NamedTuple):
    """How a line is written: size in points, colour, where it stands in its width."""

    size: float
    colour: Colour
    bold: bool = False
    align: str = "L"


@dataclass(frozen=True)
class PaperTile:
    """A figure with its name above and a line below; `good` colours that line, None leaves it quiet."""

    label: str
    value: str
    below: str = ""
    good: bool | None = None


@dataclass(frozen=True)
class PaperTable:
    """Headings and rows of text; the columns in `left` stand left, the rest right. The last rows may be totals."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]  # mm
    left: Sequence[int] = (0,)
    totals: int = 0


@dataclass(frozen=True)
class PaperBars:
    """Columns, each stacked from `parts` (bottom first), with a range drawn over it where there is one."""

    labels: Sequence[str]
    parts: Sequence[tuple[str, Colour, Sequence[float]]]
    ranges: Sequence[tuple[float, float] | None] = ()
    unit: str = ""


@dataclass(frozen=True)
class PaperLine:
    """One figure over days, gaps where it is None, with a goal as a dashed line."""

    title: str
    days: Sequence[date]
    values: Sequence[float | None]
    goal: float | None = None
    percent: bool = False


@dataclass
class Paper:
    """An A4 document; every method draws below what was drawn before."""

    title: str
    foot: str
    pdf: "FPDF" = field(init=False)

    def __post_init__(self) -> None:
        self.pdf = _document(self.title, self.foot)

    def output(self) -> bytes:
        return bytes(self.pdf.output())

    def page(self) -> None:
        self.pdf.add_page()

    def headline(self, text: str, below: Sequence[str]) -> None:
        self._text(text, 19, INK, "B", 8.5)
        for line in below:
            self._text(line, 9, QUIET, "", 4.8)
        self.pdf.ln(3)

    def section(self, text: str, note: str = "", *, room: float = 40) -> None:
        """A heading that does not stand alone: `room` mm have to follow on the page."""
        if self.pdf.will_page_break(room):
            self.page()
        self.pdf.ln(2)
        self._text(text, 12, INK, "B", 6.5)
        if note:
            self._text(note, 8, QUIET, "", 4.2)
        self.pdf.ln(1)

    def sentences(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._text(line, 9, INK, "", 4.8)

    def tiles(self, tiles: Sequence[PaperTile]) -> None:
        """Side by side, of equal width."""
        gap, height = 3.0, 20.0
        width = (WIDTH - gap * (len(tiles) - 1)) / len(tiles)
        left, top = self.pdf.l_margin, self.pdf.get_y()
        for number, tile in enumerate(tiles):
            x = left + number * (width + gap)
            self.pdf.set_draw_color(*LINE)
            self.pdf.rect(x, top, width, height)
            self._at((x + 2.5, top + 2), width - 5, tile.label, Pen(7.5, QUIET))
            self._at((x + 2.5, top + 7), width - 5, tile.value, Pen(_fitting(tile.value, width), INK, bold=True))
            colour = QUIET if tile.good is None else GOOD if tile.good else BAD
            self._at((x + 2.5, top + 14), width - 5, tile.below, Pen(7.5, colour))
        self.pdf.set_xy(left, top + height + 3)

    def table(self, table: PaperTable) -> None:
        """With its headings again on every page."""
        self.pdf.set_font(FONT, size=8)
        self.pdf.set_text_color(*INK)
        self.pdf.set_draw_color(*LINE)
        self.pdf.set_fill_color(*WHITE)
        align = tuple("LEFT" if number in table.left else "RIGHT" for number in range(len(table.headings)))
        with self.pdf.table(
            width=sum(table.widths), col_widths=tuple(table.widths), text_align=align, align="LEFT", line_height=4,
            borders_layout="HORIZONTAL_LINES", padding=(0.7, 1), headings_style=_face(QUIET, bold=True),
        ) as drawn:  # fmt: skip
            drawn.row(table.headings)
            for number, cells in enumerate(table.rows):
                last = number >= len(table.rows) - table.totals
                drawn.row(cells, style=_face(INK, bold=True, fill=SHADE) if last else None)
        self.pdf.ln(2)

    def bars(self, chart: PaperBars, height: float = 52) -> None:
        """The legend above, the axis left, the labels below."""
        tops = [sum(values[at] for _, _, values in chart.parts) for at in range(len(chart.labels))]
        highs = [span[1] for span in chart.ranges if span]
        most = ceiling(max([*tops, *highs, 1e-9]))
        left, top, width, bottom = self._frame(height, most, legend=True, unit=chart.unit)
        step = width / max(len(chart.labels), 1)
        for at, text in enumerate(chart.labels):
            x, base = left + at * step + step * 0.18, bottom
            for _, colour, values in chart.parts:
                tall = max(values[at], 0) / most * (bottom - top)
                self.pdf.set_fill_color(*colour)
                self.pdf.rect(x, base - tall, step * 0.64, tall, style="F")
                base -= tall
            span = chart.ranges[at] if chart.ranges else None
            if span:
                low, high = (bottom - max(end, 0) / most * (bottom - top) for end in span)
                self.pdf.set_draw_color(*INK)
                middle = x + step * 0.32
                self.pdf.line(middle, low, middle, high)
                for y in (low, high):
                    self.pdf.line(middle - 1.2, y, middle + 1.2, y)
            self._at((left + at * step, bottom + 1), step, text, Pen(7, QUIET, align="C"))
        self._legend([(name, colour) for name, colour, _ in chart.parts], top - 6, ranged=any(chart.ranges))
        self.pdf.set_xy(self.pdf.l_margin, bottom + LABELS)

    def lines(self, charts: Sequence[PaperLine], height: float = 42) -> None:
        """Small charts side by side."""
        gap = 6.0
        width = (WIDTH - gap * (len(charts) - 1)) / len(charts)
        top, left = self.pdf.get_y(), self.pdf.l_margin
        for number, chart in enumerate(charts):
            self._line(chart, left + number * (width + gap), top, width, height)
        self.pdf.set_xy(left, top + height + 3)

    def _line(self, chart: PaperLine, x: float, y: float, width: float, height: float) -> None:
        self._at((x, y), width, chart.title, Pen(8, INK, bold=True))
        known = [value for value in [*chart.values, chart.goal] if value is not None]
        if not known:
            self._at((x, y + height / 2), width, "undefined", Pen(8, QUIET, align="C"))
            return
        low, high = min(known), max(known)
        margin = (high - low) * 0.12 or abs(high) * 0.1 or 1.0
        low, high = low - margin if low < 0 else max(low - margin, 0.0), high + margin
        left, top, right, bottom = x + 10, y + 6, x + width, y + height - 5

        def place(at: int, value: float) -> tuple[float, float]:
            across = left + (right - left) * at / max(len(chart.days) - 1, 1)
            return across, bottom - (value - low) / (high - low) * (bottom - top)

        for share in (0.0, 0.5, 1.0):
            value = low + share * (high - low)
            self.pdf.set_draw_color(*LINE)
            self.pdf.set_line_width(0.1)
            self.pdf.line(left, place(0, value)[1], right, place(0, value)[1])
            written = f"{value:.0%}" if chart.percent else f"{value:,.0f}"
            self._at((x - 1, place(0, value)[1] - 2), 10, written, Pen(6.5, QUIET, align="R"))
        if chart.goal is not None:
            self.pdf.set_draw_color(*RED)
            self.pdf.set_dash_pattern(dash=1.5, gap=1)
            self.pdf.line(left, place(0, chart.goal)[1], right, place(0, chart.goal)[1])
            self.pdf.set_dash_pattern()
            self._at((left, place(0, chart.goal)[1] - 4), right - left, "goal", Pen(6.5, RED, align="R"))
        self.pdf.set_draw_color(*BLUE)
        self.pdf.set_line_width(0.5)
        for at in range(1, len(chart.values)):
            before, now = chart.values[at - 1], chart.values[at]
            if before is not None and now is not None:
                self.pdf.line(*place(at - 1, before), *place(at, now))
        self.pdf.set_line_width(0.2)
        for at in sorted({0, len(chart.days) // 2, len(chart.days) - 1}):
            across = min(max(place(at, low)[0] - 10, x), x + width - 20)
            self._at((across, bottom + 0.8), 20, f"{chart.days[at]:%b %Y}", Pen(6.5, QUIET, align="C"))

    def _frame(self, height: float, most: float, *, legend: bool, unit: str) -> tuple[float, float, float, float]:
        """Draws the axis of a bar chart: left, top, width and bottom of its field."""
        if self.pdf.will_page_break(height + LABELS):
            self.page()
        axis = 16.0
        left, top = self.pdf.l_margin + axis, self.pdf.get_y() + (7 if legend else 2)
        bottom = self.pdf.get_y() + height
        for share in (0.0, 0.5, 1.0):
            y = bottom - share * (bottom - top)
            self.pdf.set_draw_color(*LINE)
            self.pdf.set_line_width(0.1)
            self.pdf.line(left, y, self.pdf.l_margin + WIDTH, y)
            self._at((self.pdf.l_margin - 2, y - 2), axis, short(share * most), Pen(7, QUIET, align="R"))
        self._at((self.pdf.l_margin - 2, top - 6.5), axis, unit, Pen(7, QUIET, align="R"))
        self.pdf.set_line_width(0.2)
        return left, top, WIDTH - axis, bottom

    def _legend(self, names: Sequence[tuple[str, Colour]], y: float, *, ranged: bool) -> None:
        x = self.pdf.l_margin + 18
        for name, colour in names:
            self.pdf.set_fill_color(*colour)
            self.pdf.rect(x, y + 1, 3, 3, style="F")
            self._at((x + 4, y + 0.3), 60, name, Pen(7.5, QUIET))
            x += self.pdf.get_string_width(name) + 10
        if ranged:
            self.pdf.set_draw_color(*INK)
            self.pdf.line(x + 1.5, y + 0.8, x + 1.5, y + 4.2)
            self._at((x + 4, y + 0.3), 70, "range that held 4 of 5 past weeks", Pen(7.5, QUIET))

    def _text(self, text: str, size: float, colour: Colour, style: str, height: float) -> None:
        self.pdf.set_font(FONT, style, size)
        self.pdf.set_text_color(*colour)
        self.pdf.multi_cell(WIDTH, height, text, new_x="LMARGIN", new_y="NEXT", align="L")

    def _at(self, place: tuple[float, float], width: float, text: str, pen: Pen) -> None:
        """One line at a place, cut where it is longer than its width."""
        self.pdf.set_font(FONT, "B" if pen.bold else "", pen.size)
        self.pdf.set_text_color(*pen.colour)
        while len(text) > 1 and self.pdf.get_string_width(text) > width + 0.5:
            text = text[:-2].rstrip() + "…"
        self.pdf.set_xy(*place)
        self.pdf.cell(width, 4, text, align=pen.align)


def short(value: float) -> str:
    """A number on an axis: 1.2M, 350K, 12.

    >>> [short(value) for value in (1_250_000, 35_000, 999, 0)]
    ['1.2M', '35K', '999', '0']
    """
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        if abs(value) >= size:
            scaled = value / size
            return f"{scaled:.1f}{letter}" if abs(scaled) < 10 and round(scaled, 1) % 1 else f"{scaled:.0f}{letter}"
    return f"{value:.0f}"


def ceiling(value: float) -> float:
    """The round number at or above a positive one, at which an axis can end.

    >>> [ceiling(value) for value in (367_214, 861_266, 1000, 12)]
    [400000.0, 1000000.0, 1000.0, 12.0]
    """
    size: float = 10.0 ** math.floor(math.log10(value))
    return next(step * size for step in (1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10) if step * size >= value * (1 - 1e-9))


def _fitting(text: str, width: float) -> float:
    """The size of letters in which a figure has room."""
    return min(13.0, 13.0 * (width - 5) / max(len(text) * 2.35, 1))


def _face(colour: Colour, *, bold: bool = False, fill: Colour | None = None) -> Any:  # noqa: ANN401 - fpdf comes late
    from fpdf.fonts import FontFace

    return FontFace(emphasis="BOLD" if bold else "", color=colour, fill_color=fill)


def _document(title: str, foot: str) -> "FPDF":
    """An empty document with our font, and a foot on every page."""
    from font_roboto import Roboto, RobotoBold
    from fpdf import FPDF

    class Document(FPDF):
        def footer(self) -> None:
            self.set_y(-12)
            self.set_font(FONT, size=7.5)
            self.set_text_color(*QUIET)
            self.cell(0, 5, foot)
            self.cell(0, 5, f"{self.page_no()} of {{nb}}", align="R")

    paper = Document(format="A4")
    paper.add_font(FONT, fname=Roboto)
    paper.add_font(FONT, style="B", fname=RobotoBold)
    paper.set_margins(12, 12)
    paper.set_auto_page_break(auto=True, margin=16)
    paper.set_title(title)
    return paper
