"""How is a problem said to the user? Codes and values become sentences here, and nowhere else."""

import re

from insights.ledger.ledger import Problem
from insights.messages.plurals import noun

PAYMENTS_FILE = "payments file"  # the column of problems of a file of payments

PROBLEMS = {
    # rows that are set aside
    "customer_missing": "no customer is named",
    "issue_missing": "the issue date is empty",
    "due_missing": "the due date is empty and cannot be derived",
    "amount_missing": "the amount is empty",
    "amount_zero": "the amount is zero",
    "amount_absurd": "the amount {value} is too large to be one",
    "date_unreadable": "“{value}” is no date",
    "number_unreadable": "“{value}” is no number",
    "currency_unknown": "“{value}” is no currency code of ISO 4217",
    "due_before_issue": "due on {value}, before it was issued",
    "terms_too_long": "due on {value}, more than 400 days after it was issued",
    "paid_before_issue": "paid on {value}, before it was issued",
    "date_far": "{value} lies years away from nearly all other dates of this column",
    "paid_but_outstanding": "it has a paid date, and still {value} is outstanding",
    "said_paid_but_outstanding": "its status says that it is paid, and still {value} is outstanding",
    "unpaid_but_paid_date": "its status says that it is not paid, and still it was paid on {value}",
    "written_off_undated": "it is written off ({value}), but no day says when",
    "settled_without_date": "it is settled ({value}), but no day says when",
    "outstanding_above_amount": "more is outstanding ({value}) than the amount",
    "outstanding_sign": "the outstanding amount {value} has the other sign than the amount",
    "duplicate": "{value} stands in the file twice, with the same due date and amount",
    "row_wider": "the row has more values than the header has names",
    # what is said of the file, or of a row that is used
    "outcome_column": "it tells how the payment went, so it is never used to predict",
    "numbered": (
        "{number} [row has|rows have] no document number: each got one made of company, customer, dates, amount and occurrence, "
        "the same in every later export"
    ),
    "further_lines": (
        "{number} [row repeats|rows repeat] an invoice number with another due date or amount: "
        "[it is a further line|they are further lines] of it"
    ),
    "looks_repeated": (
        "{number} [row equals|rows equal] an earlier one in customer, dates and amount under another number: "
        "[it is|they are] used"
    ),
    "customer_from_group_rows": "the customer was taken from the group rows above the invoices",
    "amount_is_outstanding": "the file has no original amount, so what is outstanding counts as the amount",
    "due_derived": "{number} due [date was|dates were] missing and derived from the terms",
    "order_from_other_column": "nothing in it proves the order of day and month; the other date columns prove: {value}",
    "buddhist_years": "its years are those of the Buddhist calendar ({value}): 543 were taken off",
    "mark_from_other_column": "nothing in it proves the decimal mark; the other columns prove: {value}",
    "sheet_chosen": "of the sheets of this workbook, “{value}” was read",
    "dates_ahead": (
        "{number} [day of issue or payment lies|days of issue or payment lie] ahead, up to {value}: the ledger ends before, "
        "and what is paid only then is still open"
    ),
    "text_mended": "its letters had been garbled on the way (Ã¼ for ü), and were put right",
    "filled_down": "each customer is named once: blank cells were filled with the customer above, as the totals below show",
    "no_paid_dates": "no row has a paid date: ageing and amounts work, training does not",
    "settled_undated": "{number} settled [row has|rows have] no paid date: nothing can be learned from [it|them]",
    "looks_cut": (
        "the export seems to hold only what is open or was settled since {value}; earlier days would show slow payers only"
    ),
    "currency_from_header": "the file names no currency but {value} in this header: all amounts are taken to be in it",
    "currency_from_group_rows": "no column names a currency; rows above the invoices do: {value}",
    "preset_unverified": "what is known of {value} is from descriptions, not from an export: look at the columns first",
    "running_balance": "it is the sum of the amounts so far, so it does not say what is open of a row",
    "currency_from_signs": "the file has no column of currencies; the signs in the amounts name them: {value}",
    "sign_of_several": "the amounts bear {value}, which several currencies use: the currency stays unnamed until you name it",
    "outstanding_converted": "what is open in part was converted from it at the rate of the row",
    "may_be_no_invoice": (
        "{number} open [invoice says|invoices say] {value} there, as what was credited or cancelled does; [it counts|they count] "
        "as owed"
    ),
    "may_be_paid": (
        "{number} open [invoice says|invoices say] {value} there, as what was paid does; [it counts|they count] as owed"
    ),
    "currency_blank": (
        "{number} [row names|rows name] no currency, others do ({value}): [it stands|they stand] apart, unnamed, until you say "
        "which it is"
    ),
    "no_currency": "the file names no currency",
    "ids_rounded": "{number} customer [id has|ids have] lost figures in a spreadsheet: different customers may have become one",
    "ids_restored": (
        "{number} customer [id|ids] that a spreadsheet had rounded got [its|their] true figures back from the attributes file"
    ),
    "attributes_missing": "{number} [customer is|customers are] not in the attributes file",
    "attributes_repeated": "{number} [row|rows] of the attributes file [repeats|repeat] a customer: the first one counts",
    "matched_oldest_first": "payments name no invoice here: they were applied to the oldest invoices of the customer",
    "payments_oldest_first": "{number} [payment names|payments name] no invoice: applied to the oldest invoices of the customer",
    "payments_unmatched": "{number} ({value}) found no invoice, or none for a part: listed with [its line|their lines]",
    "total_agrees": "the total row of the file agrees: {value}",
    "subtotals_agree": "{number} further [total row of the file agrees|total rows of the file agree]",
    "columns_agree": "{number} [row keeps|rows keep] it",
    "runs": "it adds up row by row: a running balance, not what is open",
    "running_agrees": "the running balance of the file agrees",
    "contradiction_accepted": "accepted as it is: {value}",
    "unit_of_amounts": "its amounts are in {value}, as it says",
    "ageing_is_open": "what is open is the sum of these columns by age, which is less than the amount where a part was paid",
    "totals_left_out": "{number} [row is a total|rows are totals] of the rows above ({value}), and left out",
    "counted_by_sign": (
        "{number} [row is|rows are] neither an invoice nor a payment by its type ({value}): what is above 0 counts as owed, "
        "what is below 0 as a credit"
    ),
    "written_off_stated": "{number} [invoice is|invoices are] settled by a write-off, as this column has all of the amount",
    "share_of_amount": "it is a share of the amount",
    "allowances_counted": "{number} [invoice is|invoices are] settled with it: what was paid and it make up the amount",
    "without_tax": "it is what is owed, not “{value}”: that is without tax, or of a line, as its name says",
    "gross_added": "it is without tax: the amount is it and “{value}”, since that is what is open",
    "part_payments": (
        "{number} [invoice was|invoices were] paid in part only: the paid date is that of a payment, and the rest is open"
    ),
    "customer_spellings": "{value} may be one customer under several ids; merge them if they are",
    "fees_added": "{number} [amount counts|amounts count] it in, since what is outstanding includes it",
    "paid_later": "paid on {value} only, and the file says what is still open: until that day it counts as open",
    "overpaid": "more was paid than invoiced ({value}): what is beyond it counts as a payment on account",
    "payment_unmatched": "the payment of {value} found no invoice, or none for a part of it",
    "payment_negative": "{value} is no payment but money that went back: it was not applied",
    "payment_unreadable": "the date or the amount ({value}) of the payment cannot be read",
    "united": "its first line is row {number}",
    "united_unlike": "only {number} {value} columns are those of the first file, so it may be no export of the same kind",
    "was_divided": "amounts in {value} were multiplied by 100, as raw tables store them divided",
}


WITHOUT_VALUE = {  # the same where no row is spoken of, but a reason with all its rows
    "due_before_issue": "due before it was issued",
    "terms_too_long": "due more than 400 days after it was issued",
    "paid_before_issue": "paid before it was issued",
    "paid_but_outstanding": "it has a paid date, and still something is outstanding",
    "said_paid_but_outstanding": "its status says that it is paid, and still something is outstanding",
    "unpaid_but_paid_date": "its status says that it is not paid, and still it has a paid date",
}
AGREEMENTS = {"total_agrees", "subtotals_agree", "columns_agree", "running_agrees"}  # what the figures of a file bear out

IGNORED = {
    "blank": "blank [line|lines]",
    "title": "title [line|lines]",
    "rule": "[line|lines] of dashes",
    "repeated_header": "repeated [header|headers]",
    "total": "[total|totals]",
    "group": "group [heading|headings]",
    "footer": "[footer|footers]",
    "line_of_document": "further [line|lines] of a document whose total stands on its first",
    "line_summed": "further [line|lines] of a document, added to its first",
    "payment_of_document": "further [payment|payments] of an invoice that stands once per payment",
    "used_credit": "used-up [credit|credits]",
    "applied": "[payment or credit|payments and credits] applied to [its invoice|their invoices]",
    "hidden": "hidden [row|rows]",
    "other_table": "[row|rows] of another table",
    "other_snapshot": "[row|rows] of other snapshots",
    "carried": "[row|rows] that carry a balance on or are a total, as you said",
    "other_document": "[row|rows] of another kind than invoices and credits",
    "cancelled": "cancelled [document|documents]",
}
PROOFS = {
    "chosen": "you said so",
    "mapping": "the saved mapping says so",
    "preset": "the preset of this system names it",
    "name": "its very name",
    "spelling": "it is called so but for a letter, and its cells fit",
    "alike": "its name is only like it",
    "content": "only its cells leave no other reading",
}
MANY = 2  # a count that asks for the plural
CHOICE = re.compile(r"\[([^|\]]*)\|([^\]]*)\]")


def number(text: str, count: int | None) -> str:
    """A sentence with its words in the number that the count asks for: `number("[row|rows]", 1) == "row"`; None: many."""
    return CHOICE.sub(lambda match: noun(MANY if count is None else count, match[1], match[2]), text)


def counted(count: int, singular: str, many: str = "") -> str:
    """`counted(1, "row") == "1 row"`, `counted(1234, "row") == "1,234 rows"`."""
    return f"{count:,} {noun(count, singular, many)}"


def ignored(code: str, count: int | None = None) -> str:
    """What rows that are no rows of a ledger are called: "totals", or with their count "1 total"."""
    words = number(IGNORED.get(code, code.replace("_", " ")), count)
    return words if count is None else f"{count:,} {words}"


def proof(code: str) -> str:
    """By what a column was found."""
    return PROOFS.get(code, code.replace("_", " "))


def problem(entry: Problem, file: str = "") -> str:
    """A problem as a sentence: "Row 12, DueDate: due on 2024-01-03, before it was issued."

    With the file that the row is of: "Row 12 of bsad.txt, DueDate: ...".
    """
    known = PROBLEMS.get(entry.reason, entry.reason.replace("_", " "))
    text = number(known, entry.number).replace("{value}", entry.value)
    text = text if entry.number is None else text.replace("{number}", f"{entry.number:,}")
    place = _place(entry, file)
    return f"{place}: {text}." if place else f"{text[:1].upper()}{text[1:]}."


def _place(entry: Problem, file: str) -> str:
    """Row, file and column as far as they are known; columns and files as they are spelt."""
    of_payments = entry.column == PAYMENTS_FILE
    file, column = (f"the {PAYMENTS_FILE}", "") if of_payments else (file, entry.column)
    if not entry.row:
        return PAYMENTS_FILE.capitalize() if of_payments else column
    row = f"Row {entry.row}" + (f" of {file}" if file else "")
    return f"{row}, {column}" if column else row


def reason(code: str) -> str:
    """What a reason code means, without a value: for lists of reasons with their counts."""
    known = WITHOUT_VALUE.get(code) or PROBLEMS.get(code, code.replace("_", " "))
    text = re.sub(r"^{number} (?:\({value}\) )?", "", number(known, None))
    text = re.sub(r"^{value} ", "it ", text)
    return re.sub(r":? ?{(?:value|number)}", "", text.replace("“{value}”", "the value").replace(" ({value})", ""))
