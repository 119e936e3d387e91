"""Who may speak to the web server, and what may a browser do with its answers?"""
