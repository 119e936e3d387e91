"""What was known of an invoice strictly before a day, as numbers? Events, the kernel, the catalog of fields, samples.

events     what happened to each invoice, and which answers are known
kernel     what was known strictly before a day, as numbers
value_counts  how late invoices with the same text in an own column were
catalog    which fields a model may use, and of what kind each is
sampling   which (invoice, day) rows a model learns from, and their answers
whole_ledger  what a part of a ledger must know of all of it: counts, mergeable with +
partitions  what a part of a ledger is, and the fields of its invoices
dataset    the open invoices of a day as the rows and columns that a model reads
"""
