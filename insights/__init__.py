"""Payment Insights without a screen. The map:

    errors      what may go wrong in a way the user can mend
    money       integer minor units, and their text
    ledger      what a receivables ledger is, and what was known of it on a date
    outcomes    when an invoice is on time, late or very late, and since when that is known
    ingest/     files as users have them become a ledger, in a child process with limits
    sample      the invented ledger for those who have none at hand
    rates       amounts in another currency, and totals in one, by dated rates only
    events      what happened to each invoice, and which answers are known
    features    what was known strictly before a day, as numbers: the kernel
    fields      which fields a model may use, of what kind, and the ledger's own columns among them
    leaks       which own columns tell how an invoice ended
    fieldbook   what each field is: label, share missing, values
    filters     which invoices a model learns from
    learnable   how many invoices a model would learn from, and what each bucket holds
    timing      when an open invoice will be paid: a date and a range
    sampling    which (invoice, day) rows a model learns from, and their answers
    voices      what a model's stage is made of: boosted trees, a straight line
    model       what a model is: predict, save, load
    training    how a model is made: folds, rounds, calibration, refit
    evaluation  how good probabilities are, beside baselines
    metrics     what a model says of itself
    card        what should travel with a model: its card
    effects     how each field moves a model over many past days
    explain     why: contributions of the model's voices, by theme
    whatif      the same invoice with another amount, terms or dates
    scoring     every open invoice with probabilities and reasons, and files of them
    backtest/   replay of past days: what would have been said, and what happened
    portfolio/  amounts per bucket and customer, ageing, DSO, ADD, CEI: each formula once
    worklist    the list of open invoices: filter, sort, page, sum
    charts      values to figures
    effect_charts  effects of fields, and one invoice step by step, to figures
    words/      codes and values to sentences: the only place with wording
    workspace/  where ledgers, models, predictions and the records of who did what live
    migrations/  how their database came to be as it is
    jobs        what runs outside the web process, how far it is, what came of it
    leakage     may these fields be learned from, and who said so
    leases      who may work on a job, and until when
    worker      the process that does the jobs
    cli/        python -m insights

Arrows between them: tests/test_architecture.py.
"""
