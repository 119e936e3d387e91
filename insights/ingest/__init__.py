"""How does a file as users have it become a ledger? Nothing is lost, nothing guessed silently.

draft = ingest.read(path, Options(...), home=INSIGHTS_HOME)   # a limited child process parses; raises Refused
draft.questions         # unanswered; answer by replace(options, ...) and read again
draft.matches           # field -> column, confidence, samples; the uncertain first; change by Options.maps
with_settings(draft, options)   # other days, other columns known at issue: without reading again, if only_settings(before, after)
draft.require()         # the Ledger, or Refused naming what to pass

counts(ledger)                      # {reason: rows set aside}; sums to ledger.rows_set_aside
by_reason(ledger.aside)             # {reason: rows and amount set aside, a part per currency}
problems_table(ledger, most)        # rows set aside, or the first of them: file, row, column, value, reason, sentence
places(ledger, rows)                # file and line of rows, where several files were united
remarks_table(ledger, most)         # the same of rows that are used, and of payments without an invoice
every_problem(ledger)               # both in parts, for download: there may be millions
reconciliation(ledger, control)     # per company and currency: rows, sums, difference to the control total, warnings
difference(old, new)                # new, changed, settled, disappeared invoices
alike(customers)                    # customers that may be one under several ids
shared(old, new)                    # how many invoices of two tables are the same, with the same issue date
updated(old, new)                   # the newer export, plus what only the older one has
mappings.save(home, name, draft, options) / mappings.names(home) / mappings.delete(home, name)
presets.titles()                    # {preset code: title}
FIELDS                              # {canonical field: label}, in the order of the mapping screen

Besides, by module:

    rate_table           a file of dated rates becomes exchange rates
    billing_plan         a file of what will be invoiced, and sentences for rows that say nothing
    event_table          a file with one event a row, as named text
    recognise.meanings   what words for types and statuses mean
"""

from insights.ingest.draft import LONGEST_TERMS, REQUIRED, Draft, Match, Options, Question
from insights.ingest.normalise.spellings import Spelling, alike
from insights.ingest.recognise import mappings, presets
from insights.ingest.recognise.match import fields
from insights.ingest.reconcile import (
    Control,
    ControlKey,
    ReconciledPart,
    Reconciliation,
    amount,
    by_reason,
    counts,
    every_problem,
    places,
    problems_table,
    reconciliation,
    remarked,
    remarks_table,
)
from insights.ingest.sandbox import read
from insights.ingest.settings import only_settings, with_settings
from insights.ingest.update import CustomerChange, LedgerDiff, difference, shared, updated

FIELDS = {field.name: field.label for field in fields().values() if not field.outcome}

__all__ = [
    "FIELDS",
    "LONGEST_TERMS",
    "REQUIRED",
    "Control",
    "ControlKey",
    "CustomerChange",
    "Draft",
    "LedgerDiff",
    "Match",
    "Options",
    "Question",
    "ReconciledPart",
    "Reconciliation",
    "Spelling",
    "alike",
    "amount",
    "by_reason",
    "counts",
    "difference",
    "every_problem",
    "mappings",
    "only_settings",
    "places",
    "presets",
    "problems_table",
    "read",
    "reconciliation",
    "remarked",
    "remarks_table",
    "shared",
    "updated",
    "with_settings",
]
