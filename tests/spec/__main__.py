"""Writes docs/rules.md from the tables of this package."""

from tests.spec.document import DOCUMENT, text

DOCUMENT.write_text(text(), encoding="utf-8")
