"""Where do ledgers, models, predictions and the records of who did what live? SQL for what changes, files for what does not.

store          the home folder and the database
database       how the database is opened, brought up to date, read and written
postgres       how a PostgreSQL is reached, and locks there
records        what a list shows of a ledger, model, job or publication
ledgers        ledgers as immutable Parquet
divided        a ledger in parts that was too large for memory
lineages       which ledgers are versions of one
models         models as UBJ and JSON
publications   what is active, and what was
predictions    predictions as immutable Parquet
answers        what was computed of a whole ledger and is asked by every screen
cash           expected cash, beside the predictions
replays        replays of past days, kept while they may be needed
backtests      reports of backtests
agreements     what was agreed with customers, and by which weights the worklist is ranked
shown_lists    each day's worklist as it was shown, first and whenever it changed
list_changes   what changed in a list from one time it was shown to the next
billing_plans  what will be invoiced, by a file of the user's
scenarios      what-ifs of the cash ahead, kept by name
rate_tables    tables of exchange rates
archives       a model out as one file, and in
integrity      whether all that is kept is as it was written
backups        the whole workspace at one moment, and back from there
copies         a database as a file at one moment, tried with the next migration, loaded into another
transfer       all rows of one database into another, whichever kind each is
users          who may sign in, and their invitations
sessions       in which browsers somebody signed in
attempts       how often somebody tried to, of late
upgrades       a workspace of an earlier version, as it is and as it would be
audit          who did what, when, from where, and what was before
provenance     with which code and libraries something was made
digests        whether a file is as it was written
files          atomic writes, digests, locks
tables         the tables of the database
user_tables    those of users and their sessions
seals          whether a row is as it was written, and the chain of records
settings       every setting, and where its value comes from
housekeeping   what is removed when nobody needs it
reserve        room to delete where no byte is free
signing        by what a workspace knows again what it wrote itself
crash_points   where a test may let a process die

Reading is for everybody: `ledgers.listed(Store.open())`. What changes the store is a use case of `insights.services`, which says
who acts, and does in one transaction what belongs together.
"""
