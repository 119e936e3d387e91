"""Which cells does a file hold? One reader per kind of file."""
