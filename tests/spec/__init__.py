"""The rules that accountants care about, as tables of inputs and answers: tests, and `docs/rules.md`.

    python -m tests.spec        # writes docs/rules.md

A module of this package has RULES: each a title, a few sentences, a table in Markdown whose last columns are the answers, and the
product's own answer to a row.
"""
