"""Which column is which, how are its dates and numbers written, and what has to be asked?"""
