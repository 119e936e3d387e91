"""How does what nobody trusts run without harm? In a child process that can compute, read what it was given, and answer.

limits    what the child may use, and how many run at once
walls     what the child gives up before it looks at anything: called in the child
folders   folders that go with the process that needs them
start     starts a child when it is its turn, watches it, and ends it
"""
