"""Is this the ledger that was meant? What was read, set aside and ignored, what it comes to, and the last decisions."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from insights import ingest, messages
from insights.ingest import ControlKey, ReconciledPart, Reconciliation
from insights.ledger.errors import Refused
from insights.ledger.ledger import UNKNOWN, Aside, Ledger
from insights.ledger.money import NO_CURRENCY
from insights.services import mappings
from pages.ui.ledgers import set_aside, upload
from pages.ui.ledgers.update import Follows
from pages.ui.ledgers.upload import Upload
from pages.ui.shared import format as fmt
from pages.ui.shared import session, sheets
from pages.ui.shared.tiles import Tile, row

PREVIEW = 20
ASIDE = ("Rows set aside", "Their amounts")
MAY_BE_EMPTY = ("company", "terms", "disputed")  # columns of the preview that are left out then
MONEY = ("amount", "outstanding")
MOST_COMPANIES = 30  # with a control total of their own


def rows(work: Upload, checked: Reconciliation) -> None:
    """Rows read = used + set aside + ignored."""
    left_out = [messages.ignored(reason, count) for reason, count in sorted(work.draft.ignored.items()) if count]
    dated = checked.settled_dated / checked.settled if checked.settled else None
    row(
        Tile("Rows read", fmt.count(checked.rows_read), explained="Rows read = used + set aside + ignored."),
        Tile("Used", fmt.count(checked.rows_used)),
        Tile("Set aside", fmt.count(checked.rows_set_aside), "reasons below" if checked.rows_set_aside else ""),
        Tile("Ignored", fmt.count(checked.rows_ignored), "no rows of a ledger" if left_out else ""),
        Tile("Settled and dated", fmt.percent(dated), f"of {fmt.count(checked.settled)} settled"),
    )
    if left_out:
        st.caption("Ignored: " + messages.plain(", ".join(left_out)))


def controls(work: Upload, ledger: Ledger) -> Reconciliation:
    """Asks for the control totals, and gives the reconciliation against those that were entered."""
    plain = ingest.reconciliation(ledger)
    st.text(
        "The net balance (open invoices less credit notes and payments on account) according to your books, if you know it: "
        "the sums of this file are compared with it."
    )
    entered: dict[ControlKey, str] = {}
    for column, currency in zip(st.columns(max(4, len(plain.net_balances))), plain.net_balances, strict=False):
        with column:
            _control(
                work,
                currency,
                "Control total" if currency == NO_CURRENCY else f"Control total, {messages.plain(currency)}",
                entered,
            )
    if len({part.company for part in plain.parts}) > 1:
        with st.expander("Control totals per company"):
            for part in plain.parts[:MOST_COMPANIES]:
                name, total = st.columns([3, 1], vertical_alignment="center")
                name.text(part.company or "(no company)")
                with total:
                    label = "Control total" if part.currency == NO_CURRENCY else f"Control total, {messages.plain(part.currency)}"
                    _control(work, (part.company, part.currency), label, entered)
    return ingest.reconciliation(ledger, entered) if entered else plain


def _control(work: Upload, key: ControlKey, label: str, entered: dict[ControlKey, str]) -> None:
    """One control total, added to those `entered`; what is no amount is said so beside it."""
    place = key if isinstance(key, str) else "-".join(key)
    text = st.text_input(label, key=f"control-{work.key}-{place}", placeholder="1234567.89").strip()
    if not text:
        return
    try:
        ingest.amount(text, key if isinstance(key, str) else key[1])
    except Refused:
        st.caption(":red[This is no amount: write it as 1234567.89.]")
    else:
        entered[key] = text


def totals(work: Upload, checked: Reconciliation) -> None:
    """What the rows come to per company and currency, and how that compares with the control totals."""
    for control in checked.controls:
        balance = fmt.money(control.balance, control.currency)
        whose = "" if control.company is None else f" of {control.company or '(no company)'}"
        if control.difference:
            apart = fmt.money(abs(control.difference), control.currency)
            side = "more" if control.difference > 0 else "less"
            _stands_out(f"The net balance{whose} of this file is {balance}, {apart} {side} than the control total.", "difference")
        else:
            _stands_out(f"The net balance{whose} of this file is {balance}: exactly the control total.", "check_circle", "green")
    aside = _together(work.draft.aside)
    lines = [_line(part, aside.pop((part.company, part.currency), None)) for part in checked.parts]
    lines += [_line(ReconciledPart(*key, 0, 0, 0, 0, 0, 0), part) for key, part in aside.items()]
    if not work.draft.aside:
        lines = [{name: value for name, value in line.items() if name not in ASIDE} for line in lines]
    sheets.figures(lines, "Sums per company and currency", key=f"sums-{work.key}", texts=2)
    span = f"Issued {fmt.day(checked.first_issue)} to {fmt.day(checked.last_issue)}"
    if checked.first_paid:
        span += f", paid {fmt.day(checked.first_paid)} to {fmt.day(checked.last_paid)}"
    st.caption(span)


def _together(parts: Iterable[Aside]) -> dict[tuple[str, str], Aside]:
    """What was set aside per company and currency, whatever the reason."""
    together: dict[tuple[str, str], Aside] = {}
    for part in parts:
        key = (part.company, part.currency)
        before = together.get(key, Aside(*key, 0, 0))
        together[key] = Aside(*key, before.rows + part.rows, before.amount + part.amount)
    return together


def _line(part: ReconciledPart, aside: Aside | None) -> dict[str, str]:
    """One company in one currency, as text."""
    return {
        "Company": part.company or fmt.NOTHING,
        "Currency": fmt.NOTHING if part.currency == NO_CURRENCY else part.currency,
        "Invoices": fmt.count(part.invoices),
        "Credits": fmt.count(part.credits),
        "Invoiced": fmt.amount(part.amount, part.currency),
        "Receivables": fmt.amount(part.receivables, part.currency),
        "Credit notes": fmt.amount(part.credit, part.currency),
        "On account": fmt.amount(part.on_account, part.currency),
        "Net balance": fmt.amount(part.net_balance, part.currency),
        ASIDE[0]: fmt.count(aside.rows if aside else 0),
        ASIDE[1]: fmt.amount(aside.amount if aside else 0, part.currency),
    }


def _stands_out(sentence: str, icon: str, colour: str = "orange") -> None:
    """A sentence that may hold names from the file, so it is no Markdown, in a box of its own."""
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":{colour}[:material/{icon}:]", width="content")
        st.text(sentence)


def problems(work: Upload, ledger: Ledger) -> None:
    """The rows that were set aside, by reason and one by one, what was noted of others, and all of both as a file."""
    noted = ingest.remarked(ledger)
    if ledger.rows_set_aside:
        set_aside.reasons(work.draft.aside, key=f"reasons-{work.key}")
        set_aside.sentences(ingest.problems_table(ledger, set_aside.MOST), "Set aside because", key=f"aside-{work.key}")
    else:
        st.markdown(":material/check: No row was set aside.")
    if noted:
        with st.expander(f"Noted of single rows: {fmt.count(noted)}", icon=":material/sticky_note_2:"):
            set_aside.sentences(ingest.remarks_table(ledger, set_aside.MOST), "Noted", key=f"noted-{work.key}")
    if ledger.rows_set_aside or noted:
        set_aside.download(ledger, key=f"problems-{work.key}")


def cells(work: Upload) -> None:
    """The first rows as they stand in the file, while questions about them are open."""
    with st.expander("The first rows of the file", icon=":material/table_rows:"):
        rows = work.draft.preview
        cells = [
            [str(cell or "") for cell in line] for line in zip(*(column.to_pylist() for column in rows.columns), strict=True)
        ]
        sheets.sheet(rows.column_names, cells, "The first rows of the file", key=f"cells-{work.key}")


def preview(ledger: Ledger) -> None:
    """The first rows as they were understood."""
    rows = ledger.invoices.slice(0, PREVIEW).to_pylist()
    names = [
        name for name in ledger.invoices.column_names if name != "row" and not (name in MAY_BE_EMPTY and _is_empty(rows, name))
    ]
    places = ingest.places(ledger, [row["row"] for row in rows])
    headings = ["Row", *(ingest.FIELDS.get(name, name.removeprefix("x:")) for name in names)]
    cells = [[str(line), *(_cell(row, name) for name in names)] for row, (_, line) in zip(rows, places, strict=True)]
    if any(file for file, _ in places):
        headings, cells = ["File", *headings], [[file, *line] for (file, _), line in zip(places, cells, strict=True)]
    money = {ingest.FIELDS[name] for name in MONEY}
    align = ["right" if heading in money else "text" for heading in headings]
    sheets.sheet(headings, cells, "The first rows of the ledger", key=f"first-{ledger.id}", align=align)


def _is_empty(rows: Sequence[Mapping[str, Any]], name: str) -> bool:
    return not any(row[name] for row in rows)


def _cell(row: Mapping[str, Any], name: str) -> str:
    """One value of the ledger as it is shown; days as in files."""
    value = row[name]
    if name in MONEY:
        return fmt.amount(value, row["currency"])
    if name == "currency":
        return fmt.NOTHING if value == NO_CURRENCY else str(value)
    if name == "settled_by" and value == UNKNOWN and not row["paid_date"]:
        return ""
    if name in ("kind", "settled_by"):
        return str(value).replace("_", " ")
    return "" if value is None else str(value)


def warnings(work: Upload) -> None:
    """What the ledger cannot do because of what the file lacks: it stands out."""
    for warning in ingest.reconciliation(work.draft.ledger).warnings if work.draft.ledger else ():
        _stands_out(messages.problem(warning), "info")


def notes(work: Upload) -> None:
    """What else was noted about the file as a whole."""
    warned = ingest.reconciliation(work.draft.ledger).warnings if work.draft.ledger else ()
    reasons = {warning.reason for warning in warned} | {"united"}  # each row is named by its file
    with st.container(gap="xxsmall"):
        for note in work.draft.notes:
            if note.reason not in reasons:
                st.text(f"•  {messages.problem(note)}")


def commit(work: Upload, ledger: Ledger, follows: Follows | None) -> str | None:
    """The last decisions and the button; the id of the ledger once it is committed."""
    with st.form(f"commit-{work.key}"):
        called, button = st.columns([4, 2], vertical_alignment="bottom")
        name = called.text_input("Name of this ledger", follows.update.older.name if follows else work.options.name)
        pressed = button.form_submit_button("Commit this ledger", type="primary", icon=":material/check:", width="stretch")
        through = _complete_through(work, ledger)
        st.text(
            f"This file is taken to know everything through {fmt.day(through)}, and every invoice since "
            f"{fmt.day(ledger.history_starts)}, however it ended."
        )
        decided = _last_decisions(work, ledger, through, follows.update.difference.unstable if follows else ())
        remember = bool(ingest.mappings.answered(work.options)) and st.checkbox(
            "Remember these columns and answers, so that the next file with these headers is read without a question", value=True
        )
        if not pressed:
            return None
    if remember:
        mappings.remember(session.workspace(), name, work.draft, work.options, actor=session.person())
    before = {"complete_through": ledger.complete_through, "history_starts": ledger.history_starts}
    changed = {key: value for key, value in decided.items() if value != before.get(key)}
    return upload.commit(
        work, name, changed, follows.update.older if follows else None, append=follows.append if follows else False
    )


def _complete_through(work: Upload, ledger: Ledger) -> date:
    """The day of which the file says that it is, else its last one; the user's own, where there is one."""
    own = work.draft.report_date
    if own is None or work.options.complete_through is not None:
        return ledger.complete_through
    st.text(f"Its last entry is of {fmt.day(ledger.complete_through)}; its title says “{own.title}”.")
    return own.day


def _last_decisions(work: Upload, ledger: Ledger, complete_through: date, unstable: Sequence[str]) -> dict[str, Any]:
    """What has a default that few change, folded away: fields of Options."""
    label = "Other days, columns known at issue" if ledger.further else "Other days"
    with st.expander(label, icon=":material/event:"):
        through, starts = st.columns(2)
        decided: dict[str, Any] = {
            "complete_through": through.date_input(
                "Complete through", complete_through, format="YYYY-MM-DD", required=True,
                help="The last day of which everything is in this file: up to it, what is not marked as paid was not paid.",
            ),
            "history_starts": starts.date_input(
                "History starts", ledger.history_starts, format="YYYY-MM-DD", required=True,
                help="From when all invoices are here, however they ended: before it, exports often hold slow payers only.",
            ),
        }  # fmt: skip
        if ledger.further:
            decided["known_at_issue"] = tuple(
                st.multiselect(
                    "Further columns that are known when an invoice is issued (only these may become fields of a model)",
                    [name for name in (*ledger.further, "disputed") if name not in unstable],
                    [name for name in work.options.known_at_issue if name not in unstable],
                    help="A status, a dispute flag or a segment may have changed since: such a column tells the future.",
                )
            )
    return decided


def save_mapping(work: Upload) -> None:
    """Keeps the columns and the answers under a name, so that the next file of this source needs none."""
    with st.form(f"save-mapping-{work.key}", border=False):
        name, button = st.columns([3, 2], vertical_alignment="bottom")
        called = name.text_input("Remember these columns and answers for the next file of this source, as", work.draft.mapping)
        if button.form_submit_button("Remember", icon=":material/bookmark:"):
            mappings.save(session.workspace(), called, work.draft, work.options, actor=session.person())
            st.toast("Remembered: the next file with these headers is read the same way.", icon=":material/bookmark:")
    if work.draft.mapping and st.button(
        "Forget what was remembered, and read again without it",
        key=f"forget-{work.key}",
        icon=":material/bookmark_remove:",
        type="tertiary",
    ):
        mappings.forget(session.workspace(), work.draft.mapping, actor=session.person())
        upload.again(work, {"mapping": ""})
