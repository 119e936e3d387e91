"""Payment Insights without a screen. The map, from the foundation up:

    ledger/      what a receivables ledger is, what was known of it on a date, and when an invoice is on time, late or very late
    access/      who may do what, and see whom: people, roles, what each can do
    features/    what was known strictly before a day, as numbers: events, the kernel, the catalog of fields, samples
    portfolio/   amounts per bucket and customer, ageing, DSO, ADD, CEI, the list of open invoices: each formula once
    agreements/  what was agreed with customers, what holds as of a day, whom to call today
    messages/    codes and values to sentences: the only place with wording
    charts/      values to figures
    sandbox/     a child process that can compute, read what it was given and answer, for what nobody trusts
    model/       what a model is, how it is trained, and how good it is on what it has not seen
    ingest/      files as users have them become a ledger, in a child process with limits
    prediction/  every open invoice with probabilities and reasons; effects of fields; what if
    evaluation/  replay of past days: what would have been said, and what happened
    store/       where ledgers, models, predictions and the records of who did what live
    jobs/        what runs outside the web process, how far it is, what came of it
    services/    what can be done: each use case once, for screens, commands and jobs
    server/      who may speak to the web server, and what browsers may do with its answers
    cli/         python -m insights

Arrows between them: tests/test_architecture.py.
"""
