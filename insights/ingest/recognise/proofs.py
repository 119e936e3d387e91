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

    def proof(found: Match) -> str:
        if found.field in chosen:
            return "chosen"
        if found.field in mapped:
            return "mapping"
        if compact(found.column) in map(compact, preset.get(found.field, ())):
            return "preset"
        return "name" if found.confidence == CERTAIN else UNSURE

    return tuple(replace(found, proof=found.proof or proof(found)) for found in matches)
