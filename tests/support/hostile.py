"""Files that nobody means well with."""

HEADER = "invoice_id,customer_id,issue_date,due_date,amount\n"


ROW = "A1,C1,2024-01-05,2024-02-05,10.00\n"
