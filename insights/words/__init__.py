"""Which words does a user read? Codes and values come in, sentences go out; the only place to translate."""

from insights.words.fields import field, field_help, group, theme
from insights.words.problems import problem
from insights.words.reasons import reason, warning

__all__ = ["field", "field_help", "group", "problem", "reason", "theme", "warning"]
