"""How do the rows of a file become invoices, credits and payments?"""
