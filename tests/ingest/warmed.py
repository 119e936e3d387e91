"""Which files does every parse read first? Loaded once here, so that forks of the server start with them."""

from insights.ingest import match, parse, presets

match.known_names()
presets.known_names()
parser = parse.parse
