"""What was agreed with customers, does it still hold, and whom should one call today?

Agreements are events: appended, never changed, undone by another event. They belong to customers, not to ledgers, and bear the
as-of day of the list on which they were entered. A list as of a day shows the events of days up to and including it, none later.

events     what may be agreed, and what each kind holds
state      what holds as of a day
promises   kept, partly kept or broken, by what was paid; how often a customer keeps its word
ranking    the worklist: money likely to slip per customer, the gates under it, the order
expected   what promises, overrides and disputes do to expected dates and to the forecast

None of it is ever a field of a model: who is called often is called because he pays late (`evaluation.leakage` holds that).
"""
