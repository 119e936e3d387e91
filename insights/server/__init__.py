"""Who may speak to the web server, and what may a browser do with its answers?

doors        middleware: which hosts and origins are let in, and the headers of every answer
first_paint  middleware: the styles that a page has before the program speaks
"""
