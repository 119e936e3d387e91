"""Which words does a user read? Codes and values come in, sentences go out; the only place to translate.

plurals    the number of a noun
problems   rows set aside, and what is said of a file
cash       what is said about a cash forecast
kpis       what a manager's figures are called, and their formulas
grades     what a backtest was worth
worklist   why a customer is on the worklist, or held back
habits     how a customer pays
agreements   what was agreed, and how well a customer keeps its word
"""

from insights.messages.fields import field, field_help, group, theme
from insights.messages.plain import plain
from insights.messages.problems import ignored, problem
from insights.messages.reasons import already, date_of_late, date_of_very_late, reason, warning

__all__ = [
    "already",
    "date_of_late",
    "date_of_very_late",
    "field",
    "field_help",
    "group",
    "ignored",
    "plain",
    "problem",
    "reason",
    "theme",
    "warning",
]
