"""Is the difference between contacted customers and others said with its interval, and hidden where it stood there before?"""

import pyarrow as pa
import pytest

from insights.evaluation.contacted import CASES, association

Case = tuple[str, bool, bool, float, bool]  # customer, before, contacted, predicted, paid


def cases(*rows: Case) -> pa.Table:
    names = ("customer_id", "before", "contacted", "predicted", "paid")
    full = [{"company": "", "overdue": False, **dict(zip(names, row, strict=True))} for row in rows]
    return pa.Table.from_pylist(full, schema=CASES)


def groups(many: int, *, before: bool, contacted_pay: int, others_pay: int) -> list[Case]:
    """So many customers of each group with one invoice each, said to be paid with 50 per cent; of ten so many paid."""
    return [
        (f"{name}{at}", before, contacted, 0.5, at % 10 < pay)
        for name, contacted, pay in (("c", True, contacted_pay), ("o", False, others_pay))
        for at in range(many)
    ]


def test_the_difference_is_that_of_what_was_paid_beyond_what_was_predicted() -> None:
    """
    contacted  A 0.5 paid, A 0.9 not paid, B 0.7 paid   paid 2/3, predicted 0.7: -0.0333
    others     C 0.4 paid, D 0.8 not paid               paid 1/2, predicted 0.6: -0.1
    """
    found = association(
        cases(
            ("A", False, True, 0.5, True),
            ("A", False, True, 0.9, False),
            ("B", False, True, 0.7, True),
            ("C", False, False, 0.4, True),
            ("D", False, False, 0.8, False),
        ),
        fewest=2,
    )
    assert (found.contacted.customers, found.contacted.invoices, found.others.invoices) == (2, 3, 2)
    assert found.contacted.surplus is not None
    assert found.contacted.surplus.mean == pytest.approx(2 / 3 - 0.7)
    assert found.difference is not None
    assert found.difference.mean == pytest.approx((2 / 3 - 0.7) - (0.5 - 0.6))
    assert found.difference.low < found.difference.mean < found.difference.high
    assert found.state == "no_week_before"


def test_few_customers_say_nothing() -> None:
    found = association(cases(*groups(19, before=False, contacted_pay=9, others_pay=1)))
    assert (found.state, found.difference, found.contacted.customers) == ("too_few", None, 19)
    assert association(cases()).state == "too_few"


def test_a_difference_that_was_there_in_the_week_before_is_not_said_to_be_apart() -> None:
    after = groups(40, before=False, contacted_pay=8, others_pay=4)
    same = association(cases(*after, *groups(40, before=True, contacted_pay=8, others_pay=4)))
    assert same.state == "as_before"
    assert same.beyond is not None
    assert same.beyond.mean == pytest.approx(0)


def test_a_difference_that_was_not_there_before_is_apart() -> None:
    """80 against 40 per cent afterwards, 50 against 50 in the week before."""
    after = groups(40, before=False, contacted_pay=8, others_pay=4)
    found = association(cases(*after, *groups(40, before=True, contacted_pay=5, others_pay=5)))
    assert found.state == "apart"
    assert found.before is not None
    assert found.beyond is not None
    assert [found.before.mean, found.beyond.mean] == pytest.approx([0, 0.4])
    assert found.beyond.low > 0


def test_that_all_of_a_group_paid_leaves_room_for_chance() -> None:
    """Of 30 customers all paid, said were 50 per cent: 30 / (30 + 1.96^2) of the next ones at the least, so +38.6 points."""
    found = association(cases(*groups(30, before=False, contacted_pay=10, others_pay=5)))
    assert found.contacted.surplus is not None
    assert [found.contacted.surplus.mean, found.contacted.surplus.high] == pytest.approx([0.5, 0.5])
    assert found.contacted.surplus.low == pytest.approx(30 / (30 + 1.96**2) - 0.5)


def test_a_customer_counts_once_in_the_interval_however_many_invoices_he_has() -> None:
    one = groups(30, before=False, contacted_pay=7, others_pay=4)
    once, tenfold = association(cases(*one)), association(cases(*(one * 10)))
    assert once.difference is not None
    assert once.difference == tenfold.difference
