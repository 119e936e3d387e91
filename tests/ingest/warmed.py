"""What does every parse look up first? Done once here, so that forks of the server start with it."""

from insights.ingest import parse
from insights.ingest.recognise import match, presets

match.known_names()
match.outcome_names()
presets.known_names()
for preset in presets.presets().values():
    for header in {name for names in preset.columns.values() for name in names[:1]}:
        for field in match.fields():
            match.likeness_of(field, header)
parser = parse.parse
