"""By what was each column found: the user's word, a saved mapping, a preset, its very name, or likeness?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from insights.ingest.draft import Match
from insights.ingest.recognise.match import CERTAIN, compact

UNSURE = "alike"  # the name is only like a known one, and the cells fit


def proven(
    matches: Sequence[Match], *, chosen: Mapping[str, str], mapped: Mapping[str, str], preset: Mapping[str, Sequence[str]]
) -> tuple[Match, ...]:
    """Matches with their proof; `chosen` are the user's columns, `mapped` those of a saved mapping, `preset` those it names."""

    def proof(entry: Match) -> str:
        if entry.field in chosen:
            return "chosen"
        if entry.field in mapped:
            return "mapping"
        if compact(entry.column) in map(compact, preset.get(entry.field, ())):
            return "preset"
        return "name" if entry.confidence == CERTAIN else UNSURE

    return tuple(replace(entry, proof=entry.proof or proof(entry)) for entry in matches)
