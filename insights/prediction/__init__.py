"""What does a model say of the open invoices, why, and what would it say of others?"""
