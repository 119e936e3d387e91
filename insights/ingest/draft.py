"""What did the user decide about a file, and what was made of it so far?"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pyarrow as pa

from insights.ingest.report_date import ReportDate
from insights.ledger.errors import Refused
from insights.ledger.ledger import Aside, Ledger, Problem

LONGEST_TERMS = 400  # days from issue date to due date
REQUIRED = ("customer_id", "issue_date", "due_date", "amount")


@dataclass(frozen=True)
class Options:
    """Everything a user may decide about a file; the defaults decide by proof or ask.

    `maps`: canonical field -> column header; "" as header leaves the field without a column.
    """

    maps: Mapping[str, str] = field(default_factory=dict)
    complete_through: date | None = None  # None: the latest issue or paid date
    history_starts: date | None = None  # None: the later of first issue and first paid date
    known_at_issue: tuple[str, ...] = ()  # further columns (header), and "disputed"
    name: str = ""  # of the ledger; "" = the file's name
    preset: str = ""  # "" = detect; "none" = do not use one
    mapping: str = ""  # a saved mapping; "" = recognise by the headers; "none" = do not use one
    date_order: str = ""  # "dmy", "mdy", "ymd", "julian": for columns that do not prove it; overrides contradictions; "typed"
    decimal: str = ""  # "." or ",": the same for numbers
    currency: str = ""  # of rows that name none, and of amounts in the company's own currency
    types: Mapping[str, str] = field(
        default_factory=dict
    )  # word ("*": all others) -> invoice, credit, payment, write-off, ignore
    statuses: Mapping[str, str] = field(default_factory=dict)  # the same -> open, paid, partial, void, write-off
    currencies: Mapping[str, str] = field(default_factory=dict)  # name or sign -> code of ISO 4217: "$" -> "CAD"
    merges: Mapping[str, str] = field(default_factory=dict)  # customer id or name -> the customer that it is another spelling of
    sign: str = ""  # of amounts mostly below 0: "turned" (they are owed) or "stated" (they are credits)
    encoding: str = ""  # of text files; "" = by proof
    sheet: str = ""  # "" = the sheet that fits best; "*" = all sheets, one below the other
    header: str = ""  # the line of the names of the columns, or "none"; "" = the row that looks like it
    table: str = ""  # of several tables below each other: its number, "*" = all
    fill_down: str = ""  # "yes": blank customers are those above; "no": they are missing
    hidden_rows: str = ""  # of a spreadsheet: "use" them, or "leave" them out
    snapshot: str = ""  # of invoices as of several days: the day that is meant
    more: tuple[Path, ...] = ()  # further files of the same shape (SAP: BSID and BSAD)
    payments: Path | None = None  # dated payments, joined by document or oldest first
    attributes: Path | None = None  # one row per customer, joined by customer id
    terms_days: int | None = None  # due dates that are missing: so many days after issue
    hundredths: str = ""  # raw tables: SAP stores yen and won "divided" by 100, JD Edwards two "implied" decimals; or "whole"
    repeated: str = ""  # rows with one document number: "lines" of it, whose amounts add up, or its "totals" again and again
    accept_contradiction: str = ""  # "yes": take the rows although figures of the file contradict each other
    tolerance: str = "1"  # a residual up to this amount and up to `tolerance_percent` counts as settled
    tolerance_percent: float = 1.0


@dataclass(frozen=True)
class Match:
    """A canonical field and the column that was found for it; `accepted` = it is used, by this `proof`.

    `proof`: chosen (by the user), mapping (a saved one), preset, name (of the field), spelling (but for a letter), content; what
    is not accepted is alike. `words.proof` says it.
    """

    field: str
    column: str  # "" = none found
    confidence: int  # 0-100; 85 and more is accepted
    samples: tuple[str, ...] = ()  # up to three values
    accepted: bool = True
    proof: str = ""


@dataclass(frozen=True)
class Question:
    """What the file does not prove.

    Answer it by `question.answered(options, value)`.
    """

    option: str  # a field of Options
    field: str  # the canonical field it is about
    column: str
    sentence: str
    choices: tuple[tuple[str, str], ...]  # (value, label: how the examples would read)
    argument: str  # what to pass on the command line, e.g. "--date-order dmy"
    # of a question about one word ("types", "statuses", "currencies"): its choices are "WORD=MEANING"; of one about columns
    # that may be one field or another ("maps"): they are "FIELD=COLUMN"
    word: str = ""

    def answered(self, options: Options, value: str) -> Options:
        """Options with the answer `value`, one of the choices."""
        if self.option == "terms_days":
            return replace(options, terms_days=int(value))
        if self.option == "complete_through":
            return replace(options, complete_through=date.fromisoformat(value))
        if self.option == "maps" and self.word:
            name, _, header = value.partition("=")
            return replace(options, maps={**options.maps, name: header})
        if self.option == "maps":
            return replace(options, maps={**options.maps, self.field: value})
        if self.word:
            word, _, meaning = value.rpartition("=")
            words = {**getattr(options, self.option), word: meaning}
            return replace(options, **{self.option: words})  # type: ignore[arg-type]
        return replace(options, **{self.option: value})  # type: ignore[arg-type]


class Asked(Refused):
    """A question without whose answer a file cannot even be read."""

    def __init__(self, question: Question) -> None:
        super().__init__(f"{question.sentence} (pass {question.argument})", "questions_open", questions=(question,))
        self.question = question


@dataclass(frozen=True)
class Draft:
    """A file as it was read, before it is committed."""

    ledger: Ledger | None  # None while questions are open
    matches: tuple[Match, ...]  # the uncertain ones first
    questions: tuple[Question, ...]
    headers: tuple[str, ...]
    ignored: Mapping[str, int]  # reason -> rows that are no ledger rows: blank, title, total, group, repeated, ...
    notes: tuple[Problem, ...]  # about the file as a whole (row 0): `words.problem` makes the sentences
    decided: Mapping[str, str]  # column -> "dmy", "mdy", "ymd", "." or ","
    preview: pa.Table  # the first rows as text under `headers`
    preset: str = ""
    mapping: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    report_date: ReportDate | None = None  # of which day a title says that the file is, where it ends before

    @property
    def aside(self) -> tuple[Aside, ...]:
        """What was set aside, per company, currency and reason; nothing while questions are open."""
        return self.ledger.aside or () if self.ledger else ()

    def require(self) -> Ledger:
        """The ledger; raises Refused with what has to be said first."""
        if self.ledger is None:
            asked = " ".join(f"{question.sentence} (pass {question.argument})" for question in self.questions)
            raise Refused(asked or "This file holds no ledger.", "questions_open", questions=self.questions)
        return self.ledger
