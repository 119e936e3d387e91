"""What is told of a ledger that was read: how, what it comes to, what was set aside, and what changed since an earlier one?"""

from dataclasses import asdict
from datetime import date
from decimal import Decimal as Exact
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pyarrow as pa

    from insights.ingest import Draft, LedgerDiff
    from insights.ledger.ledger import Aside, Ledger
    from insights.services.versions import Proposal, Update
    from insights.store.records import LedgerRecord
    from insights.store.store import Store

SHOWN = 5  # invoices of each kind of difference; --changes FILE has all
KINDS = ("new", "settled", "changed", "disappeared")


def import_report(store: "Store", record: "LedgerRecord") -> dict[str, Any]:
    """Of a ledger that is kept."""
    from insights.store import ledgers

    return {
        "ledger": record.id,
        "name": record.name,
        "lineage": record.lineage_id,
        "version": record.version,
        "rows_read": record.rows_read,
        "rows_used": record.rows,
        "rows_set_aside": record.rows_set_aside,
        "rows_ignored": record.rows_ignored,
        "problems": dict(record.problems),
        "complete_through": record.complete_through,
        "history_starts": record.history_starts,
        "outstanding": texts(record.outstanding),
        "balance": texts(ledgers.balance(store, record)),
        "aside": None if (aside := ledgers.aside(store, record)) is None else aside_report(aside),
    }


def aside_report(parts: "Iterable[Aside]") -> list[dict[str, Any]]:
    """What was set aside, with amounts, per reason, company and currency."""
    from insights.ledger.money import decimal_text

    return [asdict(part) | {"amount": decimal_text(part.amount, part.currency)} for part in parts]


def texts(sums: "Mapping[str, int]") -> dict[str, str]:
    """Minor units per currency as decimal text."""
    from insights.ledger.money import decimal_text

    return {currency: decimal_text(minor, currency) for currency, minor in sums.items()}


def draft_report(draft: "Draft", ledger: "Ledger") -> dict[str, Any]:
    """Of a ledger that may not be kept yet: as `import_report`, and how it was read."""
    from insights import ingest, portfolio
    from insights.ledger.money import decimal_text
    from insights.messages.problems import AGREEMENTS, problem
    from insights.store.ledgers import problem_counts

    seen = ingest.reconciliation(ledger)
    owed = portfolio.net_balances(ledger, ledger.last_as_of, ["currency"])
    return {
        "ledger": ledger.id,
        "name": ledger.name,
        "rows_read": seen.rows_read,
        "rows_used": seen.rows_used,
        "rows_set_aside": seen.rows_set_aside,
        "rows_ignored": seen.rows_ignored,
        "problems": problem_counts(ledger),
        "ignored": dict(draft.ignored),
        "complete_through": seen.complete_through,
        "report_date": draft.report_date.day if draft.report_date else None,
        "history_starts": seen.history_starts,
        "outstanding": texts(portfolio.per_currency(owed, "receivables")),
        "balance": texts(portfolio.per_currency(owed, "net_balance")),
        "issued": [seen.first_issue, seen.last_issue],
        "paid": [seen.first_paid, seen.last_paid] if seen.first_paid else [],
        "settled": seen.settled,
        "settled_dated": seen.settled_dated,
        "preset": draft.preset,
        "mapping": draft.mapping,
        **columns_report(draft),
        "spellings": [[spelling._asdict() for spelling in same] for same in ingest.alike(ledger.invoices)],
        "agreements": [problem(note) for note in draft.notes if note.reason in AGREEMENTS],
        "parts": [
            {
                "company": part.company,
                "currency": part.currency,
                "invoices": part.invoices,
                "credits": part.credits,
                "amount": decimal_text(part.amount, part.currency),
                "outstanding": decimal_text(part.receivables, part.currency),
                "balance": decimal_text(part.net_balance, part.currency),
                "credit": decimal_text(part.credit, part.currency),
                "on_account": decimal_text(part.on_account, part.currency),
            }
            for part in seen.parts
        ],
        "aside": aside_report(draft.aside),
    }


def reasons_report(ledger: "Ledger") -> list[dict[str, Any]]:
    """The same per reason, most rows first: code, sentence, rows, and amount per currency (None where it was not counted)."""
    from insights import ingest
    from insights.messages.problems import reason

    if ledger.aside is None:
        counts = ingest.counts(ledger).items()
        return [{"reason": code, "sentence": reason(code), "rows": rows, "amounts": None} for code, rows in counts]
    return [
        {
            "reason": code,
            "sentence": reason(code),
            "rows": sum(part.rows for part in parts),
            "amounts": texts({part.currency: part.amount for part in parts}),
        }
        for code, parts in ingest.by_reason(ledger.aside).items()
    ]


def reasons_lines(report: list[dict[str, Any]]) -> list[str]:
    """The same for people."""
    from insights.messages.problems import counted

    return [
        f"  {counted(part['rows'], 'row')}"
        + (f", {' and '.join(f'{text} {code}' for code, text in part['amounts'].items())}" if part["amounts"] else "")
        + f": {part['sentence']}"
        for part in report
    ]


def columns_report(draft: "Draft") -> dict[str, Any]:
    """Which column became what and by what proof, and which columns were not used."""
    used = {match.field: match for match in draft.matches if match.accepted and match.column}
    taken = {match.column for match in used.values()}
    return {
        "columns": {name: {"column": match.column, "proof": match.proof} for name, match in used.items()},
        "unused": [header for header in draft.headers if header not in taken],
    }


def columns_lines(report: dict[str, Any]) -> list[str]:
    """The same for people."""
    from insights.messages.problems import proof

    lines = [
        f"  {name.replace('_', ' ')}: column “{used['column']}” ({proof(used['proof'])})"
        for name, used in report["columns"].items()
    ]
    unused = ", ".join(f"“{header}”" for header in report["unused"])
    return ["Columns:", *lines, *([f"  in no field of the ledger: {unused}"] if unused else [])]


def report_lines(report: dict[str, Any]) -> list[str]:
    """The same for people: rows read = used + set aside + ignored, sums, dates."""
    from insights.messages.problems import counted, ignored, reason

    left_out = ", ".join(ignored(code, number) for code, number in sorted(report["ignored"].items()) if number)
    title = (
        f"Ledger {report['ledger']} ({report['name']})" if report["ledger"] else f"Preview of {report['name']}: nothing is kept"
    )
    return [
        title,
        f"{counted(report['rows_read'], 'row')} read: {report['rows_used']:,} used, "
        f"{report['rows_set_aside']:,} set aside, {report['rows_ignored']:,} ignored" + (f" ({left_out})" if left_out else ""),
        *(f"  set aside: {number:,} x {reason(code)}" for code, number in report["problems"].items()),
        *columns_lines(report),
        *report["agreements"],
        *(
            [f"Remembered as “{name}”: files with these columns are read so; mappings --forget “{name}” forgets it"]
            if (name := report.get("remembered"))
            else []
        ),
        *(f"Merged, and remembered with the ledger: {name} is {customer}" for name, customer in report.get("merges", {}).items()),
        *(f"  perhaps one customer, merged by {_merge(same)}" for same in report["spellings"][:SHOWN]),
        f"History from {report['history_starts']}, complete through {report['complete_through']}",
        *(
            [f"  the file is of {day} by its title: pass --complete-through {day} if it knows everything through that day"]
            if (day := report["report_date"]) and day > report["complete_through"]
            else []
        ),
        f"Issued {_span(report['issued'])}" + (f", paid {_span(report['paid'])}" if report["paid"] else ""),
        f"{report['settled']:,} settled, {report['settled_dated']:,} with a payment date",
        *part_lines(report["parts"]),
        *(
            f"Set aside: {_of(part)}{part['amount']} {part['currency']} in {counted(part['rows'], 'row')}: "
            + reason(part["reason"])
            for part in report["aside"]
        ),
    ]


def _merge(same: list[dict[str, str]]) -> str:
    """The options that merge spellings of one customer into the first."""
    first, *others = (spelling["customer_id"] for spelling in same)
    return " ".join(f"--merge '{other}={first}'" for other in others)


def _span(days: list[date]) -> str:
    return f"{days[0]} to {days[1]}"


def _of(part: dict[str, Any]) -> str:
    return f"{part['company']}: " if part["company"] else ""


def part_lines(parts: list[dict[str, Any]]) -> list[str]:
    """Receivables per company and currency, and the net balance where it is another figure."""
    lines = []
    for part in parts:
        less = [
            f"{name} {part[key]}" for key, name in (("credit", "credit notes"), ("on_account", "on account")) if Exact(part[key])
        ]
        lines.append(
            f"Receivables: {_of(part)}{part['outstanding']} {part['currency']}"
            + (f", net balance {part['balance']} ({', '.join(less)})" if less else "")
        )
    return lines


# What changed since an earlier ledger


def version_report(store: "Store", kept: "Ledger", proposal: "Proposal | None") -> dict[str, Any]:
    """Which version of a ledger was kept, and of which one its invoices show it to be the next, where nobody said so."""
    from insights.store import ledgers

    seems = None
    if proposal:
        seems = {"ledger": proposal.ledger.id, "name": proposal.ledger.name, "version": proposal.ledger.version}
        seems["shared"] = proposal.shared
    own = ledgers.get(store, kept.id) if kept.id else None
    version = {"lineage": own.lineage_id, "version": own.version} if own else {"lineage": "", "version": None}
    return {**version, "next_version_of": seems}


def version_lines(report: dict[str, Any]) -> list[str]:
    """The same for people."""
    from insights.messages.problems import counted

    which = f"Version {report['version']} of this ledger" if report["version"] else "The next version of a ledger here"
    if not (seems := report["next_version_of"]):
        return [which]
    shares = f"it shares {counted(seems['shared'], 'invoice')} with version {seems['version']}"
    return [f"{which}: {shares}, {seems['name']} ({seems['ledger']}); --own keeps a file by itself"]


def difference_report(update: "Update") -> dict[str, Any]:
    older, difference = update.older, update.difference
    counts = {kind: len(getattr(difference, kind)) for kind in KINDS}
    return {
        "against": older.id,
        "name": older.name,
        **counts,
        "redated": difference.redated,
        "amounts_changed": difference.amounts_changed,
        "customers_changed": [asdict(customer) for customer in difference.customers],
        "unchanged": difference.unchanged,
        "unstable": difference.unstable,
    }


def difference_lines(update: "Update") -> list[str]:
    """How many invoices differ, the first of each kind, and the columns that are not known at issue."""
    from insights.messages.problems import counted

    older, difference = update.older, update.difference
    counts = ", ".join(f"{len(getattr(difference, kind)):,} {kind}" for kind in KINDS)
    lines = [f"Since {older.name} ({older.id}): {counts}, {difference.unchanged:,} unchanged"]
    if update.newer.complete_through < older.complete_through:
        lines.append(f"  it ends before that one, complete through {older.complete_through}: is it the older of the two?")
    if len(difference.changed):
        lines.append(
            f"  of the changed, {difference.redated:,} with other dates, {difference.amounts_changed:,} with other amounts"
        )
    lines += [
        f"  {counted(customer.invoices, 'invoice')} of customer {customer.was} {'stands' if customer.invoices == 1 else 'stand'} "
        f"under {customer.now} now"
        for customer in difference.customers[:SHOWN]
    ]
    for kind in KINDS:
        table = getattr(difference, kind)
        lines += [f"  {kind}: {_invoice(row)}" for row in table.slice(0, SHOWN).to_pylist()]
        if len(table) > SHOWN:
            lines.append(f"  {kind}: {len(table) - SHOWN:,} more")
    if difference.unstable:
        lines.append(f"  changed for some invoice, and so not known at issue: {', '.join(difference.unstable)}")
    return lines


def _invoice(row: dict[str, Any]) -> str:
    from insights.ledger.money import decimal_text

    paid = f", paid {row['paid_date']}" if row["paid_date"] else ""
    was = f" ({', '.join(row['was'])})" if "was" in row else ""
    amount = decimal_text(row["amount"], row["currency"])
    return f"{row['invoice_id']} of {row['customer_name']}, {amount} {row['currency']}, due {row['due_date']}{paid}{was}"


def changes_table(difference: "LedgerDiff | None") -> "pa.Table":
    """One row per invoice that differs: how, which it is, and what it is now (of one that disappeared: what it was).

    Empty where there is no earlier version.
    """
    import pyarrow as pa

    from insights.ledger.money import decimal_text

    rows = [{**row, "difference": kind} for kind in KINDS for row in getattr(difference, kind).to_pylist()] if difference else []
    plain = ("company", "customer_id", "customer_name", "invoice_id", "line", "kind", "currency")
    dates = ("issue_date", "due_date", "paid_date")
    return pa.table(
        {
            "difference": pa.array([row["difference"] for row in rows], pa.string()),
            **{name: pa.array([row[name] for row in rows], pa.string()) for name in plain},
            **{
                name: pa.array([decimal_text(row[name], row["currency"]) for row in rows], pa.string())
                for name in ("amount", "outstanding")
            },
            **{name: pa.array([row[name] for row in rows], pa.date32()) for name in dates},
            "changed": pa.array([", ".join(row.get("was", ())) for row in rows], pa.string()),
        }
    )
