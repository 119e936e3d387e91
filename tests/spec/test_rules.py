"""Does the product answer every row of the rules as the table says, and does the documentation show these tables?"""

import pytest

from tests.spec.document import DOCUMENT, RULES, text
from tests.spec.rule import Row, Rule

CASES = [pytest.param(rule, row, id=f"{rule.title}: {' | '.join(row.values())}") for rule in RULES for row in rule.rows]


@pytest.mark.parametrize(("rule", "row"), CASES)
def test_the_product_answers_as_the_table_says(rule: Rule, row: Row) -> None:
    assert rule.answer(row) == tuple(row[name] for name in rule.answers)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.title)
def test_the_answers_are_the_last_columns_and_no_row_stands_there_twice(rule: Rule) -> None:
    asked = [tuple(cell for name, cell in row.items() if name not in rule.answers) for row in rule.rows]
    assert tuple(rule.rows[0])[-len(rule.answers) :] == rule.answers
    assert len(set(asked)) == len(asked)


def test_the_documentation_shows_these_tables() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == text(), "python -m tests.spec writes it again"
