"""What is a receivables ledger, what was known of it on a date, and when is an invoice on time, late or very late?"""
