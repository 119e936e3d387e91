"""What does a model say of the open invoices, why, and what would it say of others?

scoring   every open invoice with probabilities and reasons
parts     a ledger scored in parts, with the same bits as in one piece
payments_expected  each open invoice by day and week, as expected cash
export    the file of scored invoices
call_sheet  what an agent holds in the hand while calling a customer, as PDF and workbook
explain   why: contributions, as reasons
when      on what the expected date of an overdue invoice rests
effects   how each field moves a model over past days
what_if   the same invoice with another amount, terms or dates
"""
