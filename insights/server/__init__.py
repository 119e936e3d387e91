"""Who may speak to the web server, and what may a browser do with its answers?

doors          middleware: which hosts and origins are let in, and the headers of every answer
sign_in        middleware: who has signed in, asked at every request and message
forms          the pages to sign in, sign out, and about oneself
upload_limits  middleware: how much is taken of one person, and of all, at the same time
operations     middleware: what whoever runs the server asks it, and its log
memory         what nobody needs any more goes back to the system
first_paint    middleware: the styles that a page has before the program speaks
"""
