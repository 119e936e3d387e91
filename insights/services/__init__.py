"""What can be done with the product? Each use case once, for screens, commands and jobs alike.

ledgers         commit, delete, say what is a version of what
versions        the next version of a ledger: recognised, compared, kept
training        train a model and keep it
predictions     the predictions of a ledger as of a day, computed once
answers         what all screens ask of a ledger as of a day, computed with each scoring
cash            the cash of the weeks ahead: forecast, replays, what if
billing_plan    what will be invoiced, by a file of the user's: read, kept, removed
scenarios       what-ifs of the cash ahead, kept by name
ageing          what is owed by age, and what will probably still be unpaid later
figures         how fast sales turn into cash, month by month, beside goals; what moved most
changed_habits  the customers who now pay otherwise than they used to, as a table with sentences
customer_groups  of one owner's customers, or of a group of them
report          the monthly report of a manager as PDF
overviews        whose overview does somebody see first?
predict         a file in, a scored file out, nothing kept
parts           a ledger scored in parts, by many machines over one folder
part_engines    by what the parts are scored: processes, or a cluster
publishing      publish (a threshold too), publish the first, roll back
quality_gate    what a model must pass before it is published
flag_changes    which flags would change
thresholds      what a threshold makes of the work: calls, money, what it catches
comparison      recipes on the same past days
backtests       the past replayed, and kept
monitoring      what was shown, held against what happened
leakage_guard   may these fields be learned from, and who said so
models          name one, delete one
model_card      what should travel with a model
model_archive   a model out as one file, and in
agreements      agree on something with a customer, undo it; what holds as of a day
agreed_file     what another system has agreed, and ours for another
worklist        whom to call today, why, and who is held back; its weights
shown_lists     each day's worklist as it was shown, with what was done; did it help
release         whose orders should not go out
mappings        remember the columns of a kind of file, and forget them
reach           what of all that somebody may see
exports         rows out, on record
uploads         files in, on record
who_did_what    the record of who did what, for people who may read it
rates           keep and remove tables of exchange rates; amounts in one currency by them
sample          the invented ledger for those who have none at hand
entrance        how people sign in, under which address, which proxies are believed
issuer          sign in by an OpenID Connect provider, and check the connection to it
users           who may sign in: add, invite, reset, disable
sign_in         prove who one is, be signed in, and out again
attempts        how often somebody may try
passwords       what is kept of a password
backups         copy the workspace, look whether all is as it was written, bring a copy back
background      long work in a process of its own: start, cancel
health          what works, for whoever runs the server
upgrade         a workspace of an earlier version, backed up and tried first
failures        what is said where something fails that nobody asked for
contents        what a workspace holds, looked at once

A use case takes the store first and, where it changes what is kept, who acts as `actor`; what it refuses it says in a sentence.
"""
