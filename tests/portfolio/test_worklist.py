"""The open-invoice list: filters, sorts, pages, counts and sums."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.ledger.exchange_rates import ExchangeRates, Rate
from insights.ledger.keys import InvoiceKey
from insights.ledger.ledger import SCHEMA, Ledger
from insights.portfolio import buckets, worklist
from insights.portfolio.snapshot import PREDICTIONS
from insights.portfolio.worklist import ALL, NOT_DUE, NOT_DUE_FLAGGED, OVERDUE, WorklistFilter
from tests.support.portfolio import ledger_of

REASON = {"theme": "punctuality", "field": "late_share", "value": "0.5", "effect": -18.0, "of": "on_time", "contribution": -1.0}
DEFAULTS: dict[str, Any] = {
    "company": "",
    "customer_id": "C1",
    "customer_name": "Acme",
    "invoice_id": "1",
    "line": "1",
    "currency": "EUR",
    "amount": 10000,
    "outstanding": 10000,
    "issue_date": date(2026, 1, 1),
    "due_date": date(2026, 1, 31),
    "days_past_due": -5,
    "p_on_time": 0.4,
    "p_late": 0.4,
    "p_very_late": 0.2,
    "expected_date": date(2026, 2, 3),
    "confidence": "High",
    "no_history": False,
    "reasons": [REASON],
}


def predictions(*rows: dict[str, Any]) -> pa.Table:
    """Predictions that differ from DEFAULTS as said."""
    full = [DEFAULTS | {"invoice_id": str(at), "position": at} | row for at, row in enumerate(rows, 1)]
    return pa.Table.from_pylist([{"due_by": row["due_date"]} | row for row in full], schema=PREDICTIONS)


def ids(page: worklist.Page) -> list[str]:
    found: list[str] = page.rows["invoice_id"].to_pylist()
    return found


def test_the_first_tab_holds_what_is_not_yet_due_and_below_the_threshold() -> None:
    """Due today can still be on time; exactly 50 per cent is not flagged; overdue is beyond prevention."""
    source = predictions(
        {"days_past_due": -5, "p_on_time": 0.49999},
        {"days_past_due": 0, "p_on_time": 0.1},
        {"days_past_due": -5, "p_on_time": 0.5},
        {"days_past_due": 1, "p_on_time": 0.0},
    )
    assert sorted(ids(worklist.select(source, WorklistFilter()))) == ["1", "2"]
    assert ids(worklist.select(source, WorklistFilter(tab=OVERDUE))) == ["4"]
    assert sorted(ids(worklist.select(source, WorklistFilter(tab=NOT_DUE)))) == ["1", "2", "3"]
    assert len(ids(worklist.select(source, WorklistFilter(tab=ALL)))) == 4


def test_the_threshold_moves_the_flag() -> None:
    source = predictions({"p_on_time": 0.49}, {"p_on_time": 0.2})
    assert ids(worklist.select(source, WorklistFilter(threshold=0.3))) == ["2"]


def test_a_company_with_its_own_threshold_is_flagged_by_it_alone() -> None:
    """Below 0.3, but north below 0.6 and south below 0.1: of 0.5 and 0.2 each, north's two and the second of the rest."""
    places = [(company, p) for company in ("north", "south", "west") for p in (0.5, 0.2)]
    source = predictions(*({"company": company, "p_on_time": p} for company, p in places))
    wanted = WorklistFilter(threshold=0.3, own_thresholds={"north": 0.6, "south": 0.1}, search="acme")
    assert sorted(ids(worklist.select(source, wanted))) == ["1", "2", "6"]


def test_every_tab_has_its_count_and_its_sums_per_currency() -> None:
    """Two flagged in EUR, one overdue in JPY: never added."""
    overdue_yen = {"outstanding": 900, "currency": "JPY", "days_past_due": 3, "p_on_time": 0.0}
    source = predictions({"outstanding": 5}, {"outstanding": 7}, overdue_yen)
    totals = worklist.tabs(source, WorklistFilter(tab=OVERDUE))
    assert totals[NOT_DUE_FLAGGED] == worklist.OpenTotal(2, {"EUR": 12})
    assert totals[OVERDUE] == worklist.OpenTotal(1, {"JPY": 900})
    assert totals[ALL] == worklist.OpenTotal(3, {"EUR": 12, "JPY": 900})


def test_the_tabs_follow_the_other_filters() -> None:
    source = predictions({"customer_name": "Acme"}, {"customer_name": "Bolt"})
    assert worklist.tabs(source, WorklistFilter(search="bolt"))[ALL].count == 1


def test_search_finds_parts_of_name_account_and_invoice_in_any_case() -> None:
    source = predictions(
        {"customer_name": "Grünhagen Maschinenbau"},
        {"customer_id": "K-77"},
        {"invoice_id": "RE-100%"},
        {"customer_name": "Other"},
    )
    assert ids(worklist.select(source, WorklistFilter(tab=ALL, search=" GRÜNHAGEN "))) == ["1"]
    assert ids(worklist.select(source, WorklistFilter(tab=ALL, search="k-7"))) == ["2"]
    assert ids(worklist.select(source, WorklistFilter(tab=ALL, search="0%"))) == ["RE-100%"]
    assert ids(worklist.select(source, WorklistFilter(tab=ALL, search="_"))) == []


@pytest.mark.parametrize("hostile", ["'; DROP VIEW source; --", "%", '"', "\\", "x' OR '1'='1"])
def test_what_is_typed_is_only_ever_text(hostile: str) -> None:
    source = predictions({"customer_name": "plain"}, {"customer_name": f"odd {hostile} name"})
    assert ids(worklist.select(source, WorklistFilter(search=hostile))) == ["2"]
    assert ids(worklist.select(source, WorklistFilter(companies=(hostile,)))) == []
    assert ids(worklist.select(source, WorklistFilter(), sort=hostile)) == ["1", "2"]


def test_amounts_are_compared_in_whole_units_of_their_currency() -> None:
    """100 EUR is 10000 cents, 100 JPY is 100 yen, 100 KWD is 100000 fils."""
    source = predictions(
        {"currency": "EUR", "outstanding": 9999},
        {"currency": "EUR", "outstanding": 10000},
        {"currency": "JPY", "outstanding": 100},
        {"currency": "KWD", "outstanding": 99999},
    )
    assert sorted(ids(worklist.select(source, WorklistFilter(outstanding=(100, None))))) == ["2", "3"]
    assert sorted(ids(worklist.select(source, WorklistFilter(outstanding=(None, 99.995))))) == ["1"]


def test_bounds_of_days_past_due_are_inclusive() -> None:
    source = predictions(*({"days_past_due": days} for days in (-1, 0, 1, 30, 31)))
    assert sorted(ids(worklist.select(source, WorklistFilter(tab=ALL, past_due=(1, 30))))) == ["3", "4"]


def test_company_currency_and_customer_narrow_it() -> None:
    source = predictions(
        {"company": "North", "currency": "EUR"},
        {"company": "South", "currency": "GBP"},
        {"company": "South", "currency": "EUR", "customer_id": "C2"},
    )
    assert ids(worklist.select(source, WorklistFilter(companies=("North",)))) == ["1"]
    assert sorted(ids(worklist.select(source, WorklistFilter(companies=("North", "South"), currencies=("EUR",))))) == ["1", "3"]
    assert ids(worklist.select(source, WorklistFilter(customer=("South", "C2")))) == ["3"]
    assert (
        ids(worklist.select(source, WorklistFilter(customer=("South", "C2"), apart_from=InvoiceKey("South", "C2", "3", "1"))))
        == []
    )
    assert worklist.choices(source) == {"company": ["North", "South"], "currency": ["EUR", "GBP"]}


def test_the_largest_amount_at_risk_comes_first() -> None:
    """1000 at 60 per cent late is less than 2000 at 40, and more than 500 at 100."""
    source = predictions(
        {"outstanding": 100000, "p_on_time": 0.4},
        {"outstanding": 200000, "p_on_time": 0.6},
        {"outstanding": 50000, "p_on_time": 0.0},
    )
    assert ids(worklist.select(source, WorklistFilter(tab=ALL))) == ["2", "1", "3"]


@pytest.mark.slow
@pytest.mark.parametrize("sort", sorted(worklist.SORTS))
def test_every_sort_gives_a_total_order_both_ways(sort: str) -> None:
    source = predictions(*({"line": str(at), "invoice_id": "same"} for at in range(5)))
    for ascending in (True, False):
        pages = [
            worklist.select(source, WorklistFilter(), sort=sort, ascending=ascending, page=page, size=2) for page in (1, 2, 3)
        ]
        assert [line for page in pages for line in page.rows["line"].to_pylist()] == ["0", "1", "2", "3", "4"]


def test_a_page_beyond_the_last_is_the_last() -> None:
    source = predictions(*({} for _ in range(5)))
    page = worklist.select(source, WorklistFilter(), page=99, size=2)
    assert (page.page, page.pages, len(page.rows)) == (3, 3, 1)
    assert worklist.select(source, WorklistFilter(), page=-1, size=2).page == 1


def test_nothing_selected_is_an_empty_page() -> None:
    page = worklist.select(predictions({}), WorklistFilter(search="nobody"))
    assert (page.rows.num_rows, page.total, page.page, page.pages) == (0, worklist.OpenTotal(0, {}), 1, 1)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "days_past_due": st.integers(-40, 90),
                "p_on_time": st.sampled_from([0.0, 0.3, 0.49999, 0.5, 0.50001, 1.0]),
                "outstanding": st.integers(1, 10**12),
                "currency": st.sampled_from(["EUR", "JPY", "KWD", "XXX"]),
                "customer_name": st.text(max_size=8),
            }
        ),
        max_size=30,
    ),
    st.sampled_from(worklist.TABS),
    st.text(max_size=2),
)
def test_pages_counts_sums_and_export_are_the_same_selection(rows: list[dict[str, Any]], tab: str, search: str) -> None:
    """Against plain Python: what is on the pages is what is counted, summed and exported."""
    source, wanted = predictions(*rows), WorklistFilter(tab=tab, search=search)
    first = worklist.select(source, wanted, size=7)
    paged = [row for page in range(1, first.pages + 1) for row in ids(worklist.select(source, wanted, page=page, size=7))]
    assert paged == worklist.selected(source, wanted)["invoice_id"].to_pylist()
    counted = worklist.tabs(source, wanted)[tab]
    assert (first.total.count, first.total.sums) == (counted.count, counted.sums)
    needle = search.strip().lower()
    expected = [
        row
        for at, row in enumerate(rows, 1)
        if {
            NOT_DUE_FLAGGED: not overdue(row) and row["p_on_time"] < 0.5,
            NOT_DUE: not overdue(row),
            OVERDUE: overdue(row),
            ALL: True,
        }[tab]
        and (not needle.isascii() or needle in "\n".join((row["customer_name"].lower(), "c1", str(at))))
    ]
    if needle.isascii() and all(row["customer_name"].isascii() for row in rows):
        assert first.total.count == len(expected) == len(paged)
        assert sum(first.total.sums.values()) == sum(row["outstanding"] for row in expected)


def overdue(row: dict[str, Any]) -> bool:
    """Past its last day on time, here the due date."""
    return bool(row["days_past_due"] > 0)


def test_what_is_past_due_but_may_still_be_on_time_is_not_overdue() -> None:
    """Within grace days, or due on a Sunday and seen on Monday: it can still be prevented, so it stands in the first tab."""
    source = predictions(
        {"days_past_due": 3, "p_on_time": 0.2, "due_by": date(2026, 2, 3)}, {"days_past_due": 9, "p_on_time": 0.0}
    )
    assert ids(worklist.select(source, WorklistFilter())) == ["1"]
    assert ids(worklist.select(source, WorklistFilter(tab=OVERDUE))) == ["2"]


def test_a_parquet_file_gives_what_its_table_gives(tmp_path: Path) -> None:
    source = predictions({"outstanding": 5}, {"p_on_time": 0.9}, {"days_past_due": 4, "p_on_time": 0.0})
    path = tmp_path / "it's 100% predictions.parquet"
    pq.write_table(source, path)
    assert worklist.tabs(path, WorklistFilter()) == worklist.tabs(source, WorklistFilter())
    assert ids(worklist.select(path, WorklistFilter(tab=ALL))) == ids(worklist.select(source, WorklistFilter(tab=ALL)))


def test_an_export_has_the_columns_of_its_source() -> None:
    source = predictions({})
    assert worklist.selected(source, WorklistFilter()).column_names == source.column_names


def test_one_invoice_is_found_by_its_key() -> None:
    source = predictions({"company": "North", "invoice_id": "7", "line": "2", "outstanding": 42}, {"invoice_id": "7"})
    found = worklist.invoice(source, InvoiceKey("North", "C1", "7", "2"))
    assert found is not None
    assert found["outstanding"] == 42
    assert found["reasons"] == [REASON]
    assert worklist.invoice(source, InvoiceKey("North", "C1", "7", "3")) is None
    assert worklist.invoice(source, InvoiceKey("North", "C1", "", "2")) is None


def test_two_customers_may_have_invoices_of_one_number() -> None:
    source = predictions(
        {"customer_id": "C1", "invoice_id": "7", "outstanding": 42}, {"customer_id": "C2", "invoice_id": "7", "outstanding": 43}
    )
    company = source["company"][0].as_py()
    for customer, outstanding in (("C1", 42), ("C2", 43), ("", 42)):  # "": a link of an earlier version
        found = worklist.invoice(source, InvoiceKey(company, customer, "7", "1"))
        assert found is not None
        assert found["outstanding"] == outstanding
    others = worklist.select(source, WorklistFilter(tab=worklist.ALL, apart_from=InvoiceKey(company, "C1", "7", "1")))
    assert others.rows["customer_id"].to_pylist() == ["C2"]


def test_without_a_model_the_list_is_shown_without_probabilities() -> None:
    """Open as of 1 March: A (not due), B (overdue); C was paid before, D is issued on the day."""
    rows = [
        ("A", date(2026, 2, 1), date(2026, 3, 3), None),
        ("B", date(2026, 1, 1), date(2026, 1, 31), date(2026, 3, 1)),
        ("C", date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 28)),
        ("D", date(2026, 3, 1), date(2026, 3, 31), None),
    ]
    fixed = {"company": "", "customer_id": "C1", "customer_name": "Acme", "line": "1", "kind": "invoice", "currency": "EUR"}
    table = [
        {"row": at, **fixed, "settled_by": "payment", "amount": 100, "outstanding": 100, "invoice_id": name}
        | {"issue_date": issued, "due_date": due, "paid_date": paid}
        for at, (name, issued, due, paid) in enumerate(rows)
    ]
    ledger = Ledger(pa.Table.from_pylist(table, schema=SCHEMA), date(2026, 3, 31), date(2026, 1, 1))
    source = worklist.unscored(ledger, date(2026, 3, 1))
    totals = worklist.tabs(source, WorklistFilter())
    assert (totals[NOT_DUE_FLAGGED].count, totals[NOT_DUE].count, totals[OVERDUE].count, totals[ALL].count) == (0, 1, 1, 2)
    page = worklist.select(source, WorklistFilter(tab=ALL), sort="due_date", ascending=True)
    assert ids(page) == ["B", "A"]
    assert page.rows["p_on_time"].to_pylist() == [None, None]


def test_amounts_of_several_currencies_are_compared_by_rates_or_currency_by_currency() -> None:
    """A yen has no minor units: JPY 900 000 is 5 000 euro. Two invoices are in euro, so euro comes first where no rates are."""
    source = predictions(
        {"outstanding": 100_000, "amount": 100_000},
        {"outstanding": 900_000, "amount": 900_000, "currency": "JPY"},
        {"outstanding": 700_000, "amount": 700_000},
    )
    rates = {"EUR": 1.0, "JPY": 5000 / 900_000}
    assert ids(worklist.select(source, WorklistFilter(tab=ALL))) == ["3", "1", "2"]
    assert ids(worklist.select(source, WorklistFilter(tab=ALL), rates=rates)) == ["3", "2", "1"]
    assert ids(worklist.select(source, WorklistFilter(tab=ALL), rates={"EUR": 1.0})) == ["3", "1", "2"], "a rate is missing"
    assert ids(worklist.select(source, WorklistFilter(tab=ALL), sort="outstanding", ascending=True, rates=rates)) == [
        "1",
        "2",
        "3",
    ]


def test_rates_are_those_known_on_the_day_and_none_where_one_is_missing() -> None:
    known = ExchangeRates.of(
        [Rate(date(2026, 1, 1), "USD", "EUR", Decimal("0.9")), Rate(date(2026, 2, 1), "USD", "EUR", Decimal(1))]
    )
    assert worklist.in_one_currency(known, ["USD", "EUR"], "EUR", date(2026, 1, 31)) == {"USD": 0.9, "EUR": 1.0}
    assert worklist.in_one_currency(known, ["USD", "GBP"], "EUR", date(2026, 1, 31)) is None


probability = st.tuples(*[st.floats(0.01, 1)] * 3).map(lambda p: [each / sum(p) for each in p])


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(1, 10**9), probability, st.sampled_from("AB"), st.sampled_from(["EUR", "JPY"]), st.integers(-9, 9)),
        min_size=1,
        max_size=12,
    )
)
def test_the_sums_above_a_list_are_those_of_its_rows_however_it_is_listed(rows: list[tuple[Any, ...]]) -> None:
    """To the minor unit: row by row, by customer, and what the buckets of the customers' screen say of the same invoices."""
    source = predictions(
        *(
            {
                "outstanding": owed, "p_on_time": p[0], "p_late": p[1], "p_very_late": p[2], "customer_id": customer,
                "currency": currency, "days_past_due": past,
            }
            for owed, p, customer, currency, past in rows
        )
    )  # fmt: skip
    page = worklist.select(source, WorklistFilter(tab=ALL))
    grouped = worklist.by_customer(source, WorklistFilter(tab=ALL))
    for name in ("outstanding", "at_risk", "very_late"):
        total = page.total.sums if name == "outstanding" else getattr(page.total, name)
        assert total == plain_sums([(row["currency"], row[name]) for row in page.rows.to_pylist()])
        assert total == plain_sums([(group.currency, getattr(group, name)) for group in grouped.groups])
    customers = buckets.customers(source)
    assert page.total.at_risk == buckets.sums(customers, "at_risk")
    assert sorted(ids(page)) == sorted(number for group in grouped.groups for number in group.rows["invoice_id"].to_pylist())


def plain_sums(amounts: list[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for currency, minor in amounts:
        sums[currency] = sums.get(currency, 0) + minor
    return sums


def test_by_customer_lists_ten_invoices_of_each_and_counts_the_rest() -> None:
    """B has more at risk; of A's thirteen invoices ten are listed, and all are summed."""
    source = predictions(
        *({"customer_id": "A", "outstanding": 100} for _ in range(13)), {"customer_id": "B", "outstanding": 10_000}
    )
    page = worklist.by_customer(source, WorklistFilter(tab=ALL))
    assert [(group.customer_id, group.count, len(group.rows), group.outstanding) for group in page.groups] == [
        ("B", 1, 1, 10_000),
        ("A", 13, worklist.MOST_OF_CUSTOMER, 1300),
    ]
    second = worklist.by_customer(source, WorklistFilter(tab=ALL), page=2, size=1)
    assert ([group.customer_id for group in second.groups], second.pages, second.customers) == (["A"], 2, 2)


def test_neighbours_are_those_of_the_list_in_its_order() -> None:
    source = predictions({"outstanding": 300}, {"outstanding": 100}, {"outstanding": 200})
    key = InvoiceKey("", "C1", "3", "1")
    before, after = worklist.neighbours(source, WorklistFilter(tab=ALL), key)
    assert before
    assert after
    assert (before.invoice_id, after.invoice_id) == ("1", "2")
    assert worklist.neighbours(source, WorklistFilter(tab=OVERDUE), key) == (None, None)
    assert worklist.neighbours(source, WorklistFilter(tab=ALL), before)[0] is None


def test_the_reason_of_an_overdue_invoice_is_why_it_may_become_very_late() -> None:
    """That it is overdue everybody sees; where nothing else is known, that is what there is."""
    overdue = REASON | {"theme": "overdue", "field": "days_past_due"}
    source = predictions(
        {"days_past_due": 3, "reasons": [overdue, REASON], "outstanding": 2},
        {"days_past_due": 9, "reasons": [overdue], "outstanding": 1},
    )
    page = worklist.select(source, WorklistFilter(tab=ALL))
    assert [row["theme"] for row in page.rows["reason"].to_pylist()] == ["punctuality", "overdue"]
    assert [worklist.main_reason(row, 0.5) for row in source.to_pylist()] == page.rows["reason"].to_pylist()


def test_the_reason_of_a_flagged_invoice_speaks_against_it_in_every_list() -> None:
    """The strongest one speaks for the customer; of what is not flagged it is the one that is shown."""
    speaks_for, against = REASON | {"effect": 40.0, "theme": "habit"}, REASON | {"effect": -5.0, "theme": "amount"}
    both = {"reasons": [speaks_for, against]}
    source = predictions(
        {"p_on_time": 0.45, "outstanding": 5, **both},
        {"p_on_time": 0.55, "outstanding": 4, **both},
        {"p_on_time": 0.45, "outstanding": 3, "reasons": [speaks_for]},
    )
    expected = ["amount", "habit", "average"]
    wanted = WorklistFilter(tab=ALL)
    assert [row["theme"] for row in worklist.select(source, wanted).rows["reason"].to_pylist()] == expected
    (group,) = worklist.by_customer(source, wanted).groups
    assert [row["theme"] for row in group.rows["reason"].to_pylist()] == expected
    higher = worklist.select(source, replace(wanted, threshold=0.6)).rows["reason"].to_pylist()
    assert [row["theme"] for row in higher] == ["amount", "amount", "average"]


def test_of_an_overdue_invoice_nothing_is_given_that_makes_very_late_less_likely() -> None:
    overdue = REASON | {"theme": "overdue", "field": "days_past_due", "effect": 0.0}
    sooner = REASON | {"of": "very_late", "effect": -3.0}
    source = predictions({"days_past_due": 3, "p_on_time": 0.0, "reasons": [overdue, sooner]})
    assert worklist.select(source, WorklistFilter(tab=ALL)).rows["reason"].to_pylist()[0]["theme"] == "overdue"


def test_disputed_is_a_state_at_the_export_and_known_on_no_earlier_day() -> None:
    ledger = ledger_of(
        {"amount": 1, "disputed": True}, {"amount": 1}, {"amount": 1, "disputed": True, "paid_date": date(2026, 2, 1)},
        complete_through=date(2026, 3, 1),
    )  # fmt: skip
    assert worklist.disputed(ledger, date(2026, 3, 2)).tolist() == [0]
    assert worklist.disputed(ledger, date(2026, 3, 1)).tolist() == []
    source = worklist.unscored(ledger, date(2026, 3, 2))
    only = WorklistFilter(tab=ALL, positions=worklist.disputed(ledger, date(2026, 3, 2)))
    assert ids(worklist.select(source, only)) == ["I0"]
