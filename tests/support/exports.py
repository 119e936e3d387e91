"""What do several tests here build?"""

OPEN = """
invoice_id,customer_id,issue_date,due_date,paid_date,amount,region
A1,C1,2024-01-05,2024-02-05,,100.00,N
A2,C1,2024-01-10,2024-02-10,,50.00,N
A3,C2,2024-01-20,2024-02-20,2024-02-19,70.00,S
"""
