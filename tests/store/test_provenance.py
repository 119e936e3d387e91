"""A kept replay is read again only as long as nothing that it depends on has changed."""

import ast
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import insights
from insights import evaluation
from insights.evaluation import parts as evaluation_parts
from insights.prediction import parts
from insights.services import answers
from insights.store import provenance

ROOT = Path(insights.__file__).parent


def file_of(module: str) -> Path | None:
    """The file of a module of ours."""
    path = ROOT.parent.joinpath(*module.split("."))
    return next((each for each in (path.with_suffix(".py"), path / "__init__.py") if each.exists()), None)


def imported(path: Path) -> Iterator[str]:
    """What a file imports at any place of it, as names of modules (some are names within one)."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def reached(module: str) -> set[Path]:
    """The files of ours that a module needs, itself among them."""
    found: set[Path] = set()
    left = [file_of(module)]
    while left:
        path = left.pop()
        if path and path not in found:
            found.add(path)
            left += [file_of(name) for name in imported(path) if name.startswith("insights.")]
    return found


def needed(module: str) -> list[str]:
    return sorted(path.relative_to(ROOT).as_posix() for path in reached(module))


REPLAYED = [(name, provenance.PACKAGES) for name in needed(evaluation.replay_dates.__module__)]
SCORED = [(name, provenance.SCORING) for name in needed(parts.__name__)]
IN_PARTS = [(name, provenance.REPLAYING) for name in needed(evaluation_parts.__name__) if name.startswith("evaluation/")]
ASKED = [(Path(answers.__file__).relative_to(ROOT).as_posix(), packages) for packages in (answers.OF_COUNTS, answers.OF_PAYING)]


@pytest.mark.parametrize(("name", "packages"), [*REPLAYED, *SCORED, *IN_PARTS, *ASKED])
def test_changing_any_module_that_a_replay_a_scoring_or_an_answer_needs_changes_the_digest_of_its_code(
    name: str, packages: tuple[str, ...], tmp_path: Path
) -> None:
    copy = shutil.copytree(ROOT, tmp_path / "insights", ignore=shutil.ignore_patterns("__pycache__"))
    before = provenance.code_digest(copy, packages)
    with (copy / name).open("a") as file:
        file.write("\n# changed\n")
    provenance.code_digest.cache_clear()
    assert provenance.code_digest(copy, packages) != before


def test_the_code_of_a_replay_in_parts_is_all_that_it_needs() -> None:
    assert {Path(name).parent.as_posix() for name in needed(evaluation_parts.__name__)} <= set(provenance.REPLAYING)


def test_another_version_of_a_library_is_another_digest() -> None:
    installed = provenance.libraries()
    assert {"numpy", "scikit-learn"} <= set(installed)
    assert provenance.replay_digest(installed) == provenance.replay_digest(dict(installed))
    assert provenance.replay_digest(installed | {"scikit-learn": "99"}) != provenance.replay_digest(installed)
