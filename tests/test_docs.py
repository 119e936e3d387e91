"""Is what README, docstrings and docs say still there: commands, scripts, files, modules?"""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMAND_LINE = README + (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
README_LINES = 120  # what a newcomer reads before deciding
DOCUMENTS = sorted(
    path for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("sample_data/*.md"), *ROOT.glob("tests/**/*.md")]
)
COMMANDS = sorted(set(re.findall(r"python -m insights ([a-z][a-z-]+)", COMMAND_LINE)))
MODULES = sorted(
    path.stem if path.is_file() else path.name
    for path in (ROOT / "insights").iterdir()
    if (path.suffix == ".py" and not path.stem.startswith("__")) or (path / "__init__.py").exists()
)


@cache
def help_of(command: str) -> str:
    line = [sys.executable, "-m", "insights", *filter(None, [command]), "--help"]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def options(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_that_documents_show_exists_with_its_options(command: str) -> None:
    shown = options(" ".join(re.findall(rf"python -m insights {command}\b([^\n`]*)", COMMAND_LINE)))
    assert shown <= options(help_of(command))


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= README_LINES


def test_every_command_is_documented() -> None:
    listed = re.findall(r"^  ([a-z][a-z-]+) {2,}\S", help_of("").partition("Commands")[2], re.MULTILINE)
    assert listed
    assert set(listed) <= {*COMMANDS, *re.findall(r"`([a-z][a-z-]+)(?: [^`]*)?`", COMMAND_LINE)}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_to_files(document: Path) -> None:
    targets = re.findall(r"\]\((?!https?://|#)([^)#\s]+)", document.read_text(encoding="utf-8"))
    assert not [target for target in targets if not (document.parent / target).exists()]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_scripts_that_documents_name_exist(document: Path) -> None:
    named = re.findall(r"python ((?:scripts|benchmarks|sample_data)/\w+\.py)", document.read_text(encoding="utf-8"))
    assert not [script for script in named if not (ROOT / script).exists()]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_make_targets_that_documents_name_exist(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    code = " ".join(re.findall(r"```.*?```|`[^`\n]*`", document.read_text(encoding="utf-8"), re.DOTALL))
    assert set(re.findall(r"\bmake ([a-z]+)", code)) <= targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_and_folders_that_documents_name_exist(document: Path) -> None:
    """`insights/store/tables.py`, `pages/ui/`: what looks like a path of the project leads somewhere."""
    if "decisions" in document.parts or document.name == "CHANGELOG.md":
        return  # they speak of their day
    text = document.read_text(encoding="utf-8")
    named = re.findall(r"`((?:insights|pages|tests|docs|scripts|benchmarks|sample_data)/[\w./-]*)`", text)
    assert not [name for name in named if not (ROOT / name).exists()]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_tests_that_documents_name_exist(document: Path) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", document.read_text(encoding="utf-8"))
    assert not [test for path, test in named if f"def {test}(" not in (ROOT / path).read_text(encoding="utf-8")]


@pytest.mark.parametrize("script", ["speed", "pages", "quality"])
def test_every_benchmark_has_a_place_for_its_tables(script: str) -> None:
    """A table stands between its marks, below the command that made it."""
    text = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    sections = re.findall(
        r"<!-- ([\w-]+) -->\n\n`python benchmarks/(\w+)\.py[^`]*`\n\n.+?\n\n<!-- end of \1 -->", text, re.DOTALL
    )
    assert script in {made_by for _, made_by in sections}
    assert len(sections) == text.count("<!-- end of ")


def test_the_map_names_each_module_in_one_line() -> None:
    """`insights/__init__.py` is the map: a line per module or folder, and none for what is gone."""
    lines = (ROOT / "insights" / "__init__.py").read_text(encoding="utf-8").splitlines()
    named = [match[1] for line in lines if (match := re.match(r"\s+(\w+)(?:\.py|/)?\s{2,}\S", line))]
    assert sorted(named) == MODULES


def test_every_decision_is_dated_and_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    notes = {path.name for path in folder.glob("*.md")} - {"README.md"}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d-[a-z-]+\.md", name) for name in notes)
    assert notes == set(re.findall(r"\((\d{4}[^)]+)\)", (folder / "README.md").read_text(encoding="utf-8")))
