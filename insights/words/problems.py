"""How is a problem said to the user? Codes and values become sentences here, and nowhere else."""

from insights.ledger import Problem

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
    "settled_without_date": "it is settled ({value}), but no day says when",
    "outstanding_above_amount": "more is outstanding ({value}) than the amount",
    "outstanding_sign": "the outstanding amount {value} has the other sign than the amount",
    "duplicate": "{value} stands in the file twice, with the same due date and amount",
    # what is said of the file, or of a row that is used
    "outcome_column": "it tells how the payment went, so it is never used to predict",
    "numbered": (
        "{value} rows have no document number: each got one made of company, customer, dates, amount and occurrence, "
        "the same in every later export"
    ),
    "further_lines": "{value} rows repeat an invoice number with another due date or amount: they are further lines of it",
    "looks_repeated": "{value} rows equal an earlier one in customer, dates and amount under another number: they are used",
    "customer_from_group_rows": "the customer was taken from the group rows above the invoices",
    "amount_is_outstanding": "the file has no original amount, so what is outstanding counts as the amount",
    "due_derived": "{value} due dates were missing and derived from the terms",
    "order_from_other_column": "nothing in it proves the order of day and month; the other date columns prove: {value}",
    "mark_from_other_column": "nothing in it proves the decimal mark; the other columns prove: {value}",
    "sheet_chosen": "of the sheets of this workbook, “{value}” was read",
    "no_paid_dates": "no row has a paid date: ageing and amounts work, training does not",
    "settled_undated": "{value} settled rows have no paid date: without it they teach nothing",
    "looks_cut": (
        "the export seems to hold only what is open or was settled since {value}; earlier days would show slow payers only"
    ),
    "currency_from_header": "the file names no currency but {value} in this header: all amounts are taken to be in it",
    "no_currency": "the file names no currency",
    "ids_rounded": "{value} customer ids have lost figures in a spreadsheet: different customers may have become one",
    "ids_restored": "{value} customer ids that a spreadsheet had rounded got their true figures back from the attributes file",
    "attributes_missing": "{value} customers are not in the attributes file",
    "attributes_repeated": "{value} rows of the attributes file repeat a customer: the first one counts",
    "matched_oldest_first": "payments name no invoice here: they were applied to the oldest invoices of the customer",
    "payments_oldest_first": "{value} payments name no invoice: they were applied to the oldest ones of the customer",
    "payments_unmatched": "{value} found no invoice, or none for a part: they are listed with their lines",
    "payment_unmatched": "the payment of {value} found no invoice, or none for a part of it",
    "payment_negative": "{value} is no payment but money that went back: it was not applied",
    "payment_unreadable": "the date or the amount ({value}) of the payment cannot be read",
    "was_divided": "amounts in {value} were multiplied by 100, as raw tables store them divided",
}


IGNORED = {
    "blank": "blank lines",
    "title": "title lines",
    "rule": "lines of dashes",
    "repeated_header": "repeated headers",
    "total": "totals",
    "group": "group headings",
    "footer": "footers",
}


def ignored(code: str) -> str:
    """What rows that are no rows of a ledger are called: "totals"."""
    return IGNORED.get(code, code.replace("_", " "))


def problem(entry: Problem) -> str:
    """A problem as a sentence: "Row 12, DueDate: due on 2024-01-03, before it was issued"."""
    text = PROBLEMS.get(entry.reason, entry.reason.replace("_", " ")).replace("{value}", entry.value)
    place = ", ".join(filter(None, [f"row {entry.row}" if entry.row else "", entry.column]))
    sentence = f"{place}: {text}" if place else text
    return sentence[:1].upper() + sentence[1:] + "."


def reason(code: str) -> str:
    """What a reason code means, without a value: for lists of reasons with their counts."""
    return (
        PROBLEMS.get(code, code.replace("_", " "))
        .replace("“{value}”", "the value")
        .replace("{value} ", "")
        .replace(" {value}", "")
        .replace("({value})", "")
    )
