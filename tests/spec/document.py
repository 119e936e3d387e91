"""What does docs/rules.md say? The tables of this package, one after the other."""

from pathlib import Path

from tests.spec import amounts, due_rules, entrance, settlement
from tests.spec.rule import Rule

DOCUMENT = Path(__file__).parents[2] / "docs" / "rules.md"
RULES: tuple[Rule, ...] = (*due_rules.RULES, *settlement.RULES, *amounts.RULES, *entrance.RULES)
HEAD = """# Rules, by example

Each row of these tables is a test: the columns on the left go into the program, those on the right have to come out. The tables stand
in `tests/spec/`, and `python -m tests.spec` writes this document from them.
"""


def text() -> str:
    return "\n".join([HEAD, *(rule.markdown for rule in RULES)])
