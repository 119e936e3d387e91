"""Does every field have a name, an explanation and a theme?"""

import numpy as np

from insights import messages
from insights.features.catalog import FIELDS, field
from insights.messages.fields import GROUPS, NAMES, THEMES
from insights.messages.reasons import MISSING, SAID
from insights.prediction.explain import Themes
from tests.support.explained import OWN


def test_themes_share_the_fields_out_among_them() -> None:
    fields = (*FIELDS, *OWN)
    themes = Themes.of(fields)
    assert sorted(np.concatenate(themes.members).tolist()) == list(range(len(fields)))
    assert len(set(themes.names)) == len(themes.names) >= 9
    for name, members in zip(themes.names, themes.members, strict=True):
        assert {field(fields[n]).theme for n in members} == {name}


def test_every_field_has_a_name_an_explanation_a_theme_a_group_and_a_sentence() -> None:
    for name, found in FIELDS.items():
        label, told = NAMES[name]
        assert label
        assert told.endswith(".")
        assert messages.theme(found.theme) == THEMES[found.theme]
        assert messages.group(found.group) == GROUPS[found.group]
        assert name in SAID
    assert set(SAID) <= set(FIELDS)
    assert set(MISSING) <= set(FIELDS)
    assert len({label for label, _ in NAMES.values()}) == len(NAMES), "no two fields are called the same"


def test_a_further_column_is_called_as_the_file_calls_it() -> None:
    found = {"theme": "own", "field": "x:Sales region", "value": "North", "effect": 3.2, "of": "on_time"}
    assert messages.reason(found) == "Sales region: North: +3 points"
