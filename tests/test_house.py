"""Does `scripts/house.py` count rooms, floors, arrows and circles as it says? On little houses, invented."""

from pathlib import Path

import pytest

from scripts.house import House, arrows, build, circles, lines, longest, main


def built(folder: Path, text: str) -> House:
    """The house of lines like `path: what it imports; and what else`; a path with nothing behind it is an empty file."""
    for line in text.strip().splitlines():
        name, _, statements = line.strip().partition(":")
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(statement.strip() for statement in statements.split(";")), encoding="utf-8")
    return build(folder)


def test_rooms_are_folders_and_what_lies_loose(tmp_path: Path) -> None:
    """
    app.py: from pages import main
    insights/__init__.py:
    insights/money.py:
    insights/words/__init__.py:
    insights/words/reasons.py: from insights import money
    pages/main.py: from insights.words import reasons; import streamlit
    pages/ui/parts.py: from insights.money import minor_units
    benchmarks/speed.py: from insights import money
    """
    house = built(tmp_path, test_rooms_are_folders_and_what_lies_loose.__doc__ or "")
    assert house.rooms == {
        "app": {"pages"},
        "pages": {"insights.words"},
        "pages.ui": {"insights.money"},
        "insights.words": {"insights.money"},
        "insights.money": set(),
        "insights": set(),
    }
    assert arrows(house.rooms) == 4
    assert longest(house.rooms) == ["app", "pages", "insights.words", "insights.money"]
    assert not circles(house.rooms)


def test_an_arrow_counts_once_wherever_the_import_stands(tmp_path: Path) -> None:
    """
    insights/store/tables.py:
    insights/store/files.py: from insights.store.tables import Row
    insights/model/save.py: import insights.store.tables
    insights/model/load.py: def load(): from insights.store import files, tables
    insights/model/near.py: from . import save; from ..store.files import Path
    """
    house = built(tmp_path, test_an_arrow_counts_once_wherever_the_import_stands.__doc__ or "")
    assert house.rooms == {"insights.model": {"insights.store"}, "insights.store": set()}
    assert house.modules["insights.model.load"] == {"insights.store.files", "insights.store.tables"}
    assert house.modules["insights.model.near"] == {"insights.model.save", "insights.store.files"}
    assert house.imports == 6


def test_a_package_and_a_folder_in_it_are_one_house_from_outside(tmp_path: Path) -> None:
    """
    insights/ingest/draft.py:
    insights/ingest/parse.py: from insights.ingest.extract import files
    insights/ingest/extract/files.py: from insights.ingest import draft; from insights.ledger import money
    insights/ledger/money.py:
    """
    house = built(tmp_path, test_a_package_and_a_folder_in_it_are_one_house_from_outside.__doc__ or "")
    assert house.rooms == {"insights.ingest": set(), "insights.ingest.extract": {"insights.ledger"}, "insights.ledger": set()}
    assert not circles(house.rooms)
    assert len(circles(house.modules)) == 0


def test_a_circle_is_one_stop_on_the_way_down(tmp_path: Path) -> None:
    """
    insights/a/top.py: from insights.b import left
    insights/b/left.py: from insights.c import right
    insights/b/lower.py: from insights.d import ground
    insights/c/right.py: from insights.b import lower
    insights/d/ground.py: from insights.d import ground, cellar
    insights/d/cellar.py: from insights.d import ground
    """
    house = built(tmp_path, test_a_circle_is_one_stop_on_the_way_down.__doc__ or "")
    assert circles(house.rooms) == [("insights.b", "insights.c")]
    assert circles(house.modules) == [("insights.d.cellar", "insights.d.ground")]
    assert longest(house.rooms) == ["insights.a", "insights.b = insights.c", "insights.d"]
    assert len(longest(house.modules)) == 5


def test_a_module_has_a_test_of_its_name_anywhere_under_tests(tmp_path: Path) -> None:
    """
    insights/store/__init__.py:
    insights/store/files.py:
    insights/store/tables.py:
    tests/store/test_files.py:
    """
    house = built(tmp_path, test_a_module_has_a_test_of_its_name_anywhere_under_tests.__doc__ or "")
    assert (house.tested, house.untested) == (1, ("insights.store.tables",))
    assert "modules with a test of their name 1 of 2: 50%" in list(lines(house))


def test_an_empty_folder_is_a_house_without_rooms(tmp_path: Path) -> None:
    assert next(lines(build(tmp_path))) == "rooms 0, floors 0, arrows 0"


def test_a_file_that_is_no_python_is_named(tmp_path: Path) -> None:
    with pytest.raises(SyntaxError) as refused:
        built(tmp_path, "insights/broken.py: def")
    assert str(refused.value.filename).endswith("broken.py")


@pytest.mark.slow
def test_this_house_is_looked_at_unless_another_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    built(tmp_path, "insights/a/b.py:")
    main([str(tmp_path)])
    assert capsys.readouterr().out.startswith("rooms 1, floors 1, arrows 0\n")
    main([])
    here = capsys.readouterr().out
    assert "\n  insights.__main__: insights.cli\n" in here
    assert int(here.split()[1].rstrip(",")) > 1
