"""How does a file as users have it become a ledger? Nothing is lost, nothing guessed silently.

    draft = ingest.read(path, Options(...), home=INSIGHTS_HOME)   # a limited child process parses; raises Refused
    draft.questions         # unanswered; answer by replace(options, ...) and read again
    draft.matches           # field -> column, confidence, samples; the uncertain first; change by Options.maps
    draft.require()         # the Ledger, or Refused naming what to pass

    counts(ledger)                      # {reason: rows set aside}; sums to ledger.rows_set_aside
    problems_table(ledger)              # row, column, value, reason, sentence: for download
    reconciliation(ledger, control)     # per company and currency: rows, sums, difference to the control total, warnings
    difference(old, new)                # new, changed, settled, disappeared invoices
    updated(old, new)                   # the newer export, plus what only the older one has
    mappings.save(home, name, draft) / mappings.names(home) / mappings.delete(home, name)
    presets.titles()                    # {preset code: title}
    FIELDS                              # {canonical field: label}, in the order of the screen
"""

from insights.ingest.draft import REQUIRED, Draft, Match, Options, Question

__all__ = ["REQUIRED", "Draft", "Match", "Options", "Question"]
