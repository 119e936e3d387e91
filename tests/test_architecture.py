"""Do the arrows between modules point the way that docs/decisions says, and are the house's few bans kept?"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# From the top of the house to its foundation: a module imports only from its own line and those below.
LAYERS = (
    "app",
    "pages",
    "pages.ui",
    "insights.__main__ insights.cli insights.server",
    "insights.services",
    "insights.jobs",
    "insights.store insights.prediction insights.evaluation",
    "insights.ingest insights.model",
    "insights.features insights.portfolio insights.messages insights.charts",
    "insights.ledger",
)
SLOW = {"shap", "xgboost", "holidays", "sklearn"}  # seconds and hundreds of megabytes: imported where they are used
PRODUCT = [*sorted(path for folder in ("insights", "pages") for path in (ROOT / folder).rglob("*.py")), ROOT / "app.py"]
PAGES = sorted((ROOT / "pages").glob("*.py"))
RANK = {name: rank for rank, line in enumerate(LAYERS) for name in line.split()}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(nodes: Iterator[ast.AST] | list[ast.stmt]) -> Iterator[str]:
    """The modules that statements import: `from a import b` gives "a.b" where that is a module, else "a"."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def layer(module: str) -> str:
    """The longest name of LAYERS that a dotted name begins with; "" for libraries."""
    parts = module.split(".")
    return next((name for end in range(len(parts), 0, -1) if (name := ".".join(parts[:end])) in RANK), "")


def ids(paths: list[Path]) -> list[str]:
    return [path.relative_to(ROOT).as_posix() for path in paths]


@pytest.mark.parametrize("path", PRODUCT, ids=ids(PRODUCT))
def test_arrows_point_downwards(path: Path) -> None:
    own = layer(name_of(path))
    if name_of(path) == "insights":
        return  # the map: it imports nothing, as test_the_map_imports_nothing says
    assert own, f"{name_of(path)} has no place in LAYERS"
    wrong = [name for name in imports(ast.walk(tree(path))) if (other := layer(name)) and RANK[other] < RANK[own]]
    assert not wrong


def test_the_map_imports_nothing() -> None:
    assert not list(imports(ast.walk(tree(ROOT / "insights" / "__init__.py"))))


@pytest.mark.slow
@pytest.mark.parametrize("path", PRODUCT, ids=ids(PRODUCT))
def test_the_product_keeps_the_bans(path: Path) -> None:
    used = {name.split(".")[0] for name in imports(ast.walk(tree(path)))}
    assert not used & {"pickle", "joblib", "shelve", "marshal", "cloudpickle"}, "models are UBJ and JSON"
    assert path.parts[-2] == "pages" or "pages" in path.parts or path.name == "app.py" or "streamlit" not in used
    top = {name.split(".")[0] for name in imports(tree(path).body)}
    assert not top & SLOW, "imported where it is used"
    assert not [node for node in ast.walk(tree(path)) if isinstance(node, ast.keyword) and node.arg == "unsafe_allow_html"]


@pytest.mark.parametrize("path", PRODUCT, ids=ids(PRODUCT))
def test_a_module_is_short_enough_to_read(path: Path) -> None:
    longest = 440
    assert len(path.read_text(encoding="utf-8").splitlines()) <= longest


@pytest.mark.parametrize("path", PAGES, ids=ids(PAGES))
def test_a_page_shows_and_computes_nothing(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 100
    nodes = list(ast.walk(tree(path)))
    assert not [node for node in nodes if isinstance(node, ast.ClassDef | ast.Try)]
    assert not [node for node in nodes if isinstance(node, ast.Attribute) and node.attr in {"cache_data", "cache_resource"}]


def test_session_state_has_one_home() -> None:
    homes = {
        path.relative_to(ROOT).as_posix()
        for path in PRODUCT
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr == "session_state"
    }
    assert homes <= {"pages/ui/shared/session.py"}


def test_the_command_line_starts_without_what_is_slow() -> None:
    code = f"import sys, insights.cli; print(sorted(set(sys.modules) & {SLOW | {'streamlit', 'plotly'}}))"
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_tests_mock_nothing() -> None:
    for path in (ROOT / "tests").rglob("*.py"):
        assert not {name for name in imports(ast.walk(tree(path))) if name.startswith("unittest.mock")}, path


DISTRIBUTIONS = {"PIL": "pillow", "sklearn": "scikit-learn"}
BY_COMMAND = {
    "mypy",
    "lxml-stubs",
    "pandas-stubs",
    "pytest-xdist",
    "ruff",
    "xgboost-cpu",
}  # required and imported by no name of theirs


def required(name: str) -> set[str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return {match[0] for line in lines if (match := re.match(r"[a-z][\w-]*", line))}


def libraries(folders: tuple[str, ...]) -> set[str]:
    """What is imported in folders that is neither the standard library nor ours, as distributions are called."""
    paths = [ROOT / "app.py", *(path for folder in folders for path in (ROOT / folder).rglob("*.py"))]
    names = {name.split(".")[0] for path in paths for name in imports(ast.walk(tree(path)))}
    ours = {"insights", "pages", "tests", "benchmarks", "scripts", "_typeshed"}
    return {DISTRIBUTIONS.get(name, name.replace("_", "-")) for name in names - ours - sys.stdlib_module_names}


def test_the_product_requires_what_it_imports_and_nothing_else() -> None:
    assert libraries(("insights", "pages")) == required("requirements.txt") - BY_COMMAND


@pytest.mark.slow
def test_development_requires_what_it_imports() -> None:
    every = required("requirements.txt") | required("requirements-dev.txt")
    assert libraries(("insights", "pages", "tests", "scripts", "benchmarks", "sample_data")) == every - BY_COMMAND


ENTRANCES = sorted(path for folder in ("pages", "insights/cli") for path in (ROOT / folder).rglob("*.py"))


def records_who_acts(function: ast.FunctionDef) -> bool:
    return "actor" in {argument.arg for argument in function.args.kwonlyargs}


def writers() -> set[str]:
    """The functions of the store that record who acts, as `ledgers.add`."""
    paths = (ROOT / "insights" / "store").glob("*.py")
    found = ((path, node) for path in paths for node in tree(path).body if isinstance(node, ast.FunctionDef))
    return {f"{path.stem}.{node.name}" for path, node in found if records_who_acts(node)}


def test_the_store_records_who_acts() -> None:
    assert {"ledgers.add", "models.save", "publications.withdraw", "rate_tables.remove"} <= writers()


@pytest.mark.parametrize("path", ENTRANCES, ids=ids(ENTRANCES))
def test_screens_and_commands_change_state_by_services_alone(path: Path) -> None:
    """Reading may go straight to the store; what records who acts, and every transaction, is behind a service."""
    nodes = list(ast.walk(tree(path)))
    of_store = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module == "insights.store"]
    modules = {alias.asname or alias.name: alias.name for node in of_store for alias in node.names}
    called = [
        (node.value.id, node.attr) for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    ]
    used = {f"{modules[module]}.{name}" for module, name in called if module in modules}
    assert not used & writers()
    assert not [node for node in nodes if isinstance(node, ast.Attribute) and node.attr == "database"]
