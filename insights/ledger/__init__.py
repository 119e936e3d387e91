"""What is a receivables ledger, what was known of it on a date, and when is an invoice on time, late or very late?

errors           what may go wrong in a way the user can mend
ledger           its columns, and what was open and outstanding as of a day
keys             what names an invoice, in every table and address
outcomes         due rules: on time, late, very late, and since when that is known
money            integer minor units, and their text
exchange_rates   amounts in another currency, and totals in one, by dated rates only
row_filters      which invoices a model learns from
whole_files      all of a file, or nothing of it
table_files      tables as CSV, Parquet and XLSX in which no formula comes alive
"""
