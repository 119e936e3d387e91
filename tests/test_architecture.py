"""Is the house built as docs/architecture.md says: floors, no circles, one door to each package, and its few bans kept?

Imports are counted wherever they stand: at the top, inside a function, for type checkers.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from scripts import house

ROOT = Path(__file__).parent.parent

# From the top of the house to its foundation. A package imports from the floors below its own, and from no other.
FLOORS = (
    ("app", "insights.__main__"),
    ("pages", "insights.cli", "insights.server"),
    ("insights.services",),
    ("insights.jobs",),
    ("insights.store", "insights.prediction", "insights.evaluation"),
    ("insights.model", "insights.ingest"),
    (
        "insights.features",
        "insights.portfolio",
        "insights.agreements",
        "insights.messages",
        "insights.charts",
        "insights.sandbox",
        "insights.access",
    ),
    ("insights.ledger",),
)
FLOOR = {package: floor for floor, packages in enumerate(FLOORS) for package in packages}
MAPPED = sorted(set(FLOOR) - {"app", "pages", "insights.__main__", "insights.cli"})  # packages with doors

SLOW = {"shap", "xgboost", "holidays", "sklearn"}  # seconds and hundreds of megabytes: imported where they are used
UNSAFE = {"pickle", "joblib", "shelve", "marshal", "cloudpickle"}  # models are UBJ and JSON
LONGEST_MODULE, LONGEST_PAGE = 440, 100  # lines
TABLES = {"insights.store.tables", "insights.store.user_tables"}
SESSION = "pages.ui.shared.session"  # the only home of session state
DIALOGS = "pages.ui.shared.dialogs"  # of whoever opened them, and of nobody else

HOUSE = house.build(ROOT)
PATHS = {house.name_of(ROOT, path): path for path in sorted(house.files(ROOT))}
PAGES = {name: path for name, path in PATHS.items() if path.parent == ROOT / "pages"}


@cache
def tree(name: str) -> ast.Module:
    return ast.parse(PATHS[name].read_text(encoding="utf-8"))


def package_of(module: str) -> str:
    """The package of FLOORS that a module lies in; "" for the map, `insights` itself."""
    parts = module.split(".")
    return next((name for end in range(len(parts), 0, -1) if (name := ".".join(parts[:end])) in FLOOR), "")


def arrows() -> Iterator[tuple[str, str]]:
    """(module, module that it imports), where both are of different packages."""
    for module, targets in HOUSE.modules.items():
        yield from ((module, target) for target in sorted(targets) if package_of(module) != package_of(target))


def doors(package: str) -> set[str]:
    """The modules that a package's docstring lists, one a line: `name   what it answers`."""
    lines = (ast.get_docstring(tree(package), clean=False) or "").splitlines()
    return {f"{package}.{match[1]}" for line in lines if (match := re.match(r"\s*([a-z][\w.]*)\s{2,}(?![=#])\S", line))}


def test_every_module_has_a_floor() -> None:
    assert {module for module in HOUSE.modules if not package_of(module)} == {"insights"}
    assert not HOUSE.modules["insights"], "the map imports nothing"


def test_imports_lead_downwards() -> None:
    upwards = [f"{module} -> {target}" for module, target in arrows() if FLOOR[package_of(module)] >= FLOOR[package_of(target)]]
    assert not upwards


@pytest.mark.parametrize("graph", [HOUSE.rooms, HOUSE.modules], ids=["folders", "modules"])
def test_nothing_runs_in_circles(graph: house.Graph) -> None:
    assert not house.circles(graph)


def test_a_package_is_entered_by_its_doors() -> None:
    """From outside: what its `__init__` has, and the modules that its docstring lists; the rest is the package's own affair."""
    inside = [
        f"{module} -> {target}"
        for module, target in arrows()
        if (package := package_of(target)) in MAPPED and target not in {package, *doors(package)}
    ]
    assert not inside, "take what the package offers, or list the module in the docstring of its __init__"


def test_a_door_leads_somewhere() -> None:
    where("is listed and gone", (door for package in MAPPED for door in doors(package) if door not in HOUSE.modules))


# --- the bans --------------------------------------------------------------------------------------------------------


def libraries(nodes: Iterator[ast.AST] | list[ast.stmt]) -> set[str]:
    """The first names of what statements import."""
    imports = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    named = [name for node in imports if isinstance(node, ast.Import) for name in (alias.name for alias in node.names)]
    named += [node.module for node in imports if isinstance(node, ast.ImportFrom) and node.module]
    return {name.split(".")[0] for name in named}


def at_start(module: ast.Module) -> list[ast.stmt]:
    """The statements that run when a module is imported, functions, classes and type checking apart."""
    return [node for node in module.body if not isinstance(node, ast.If)]


def where(fault: str, found: Iterator[str]) -> None:
    names = sorted(set(found))
    assert not names, f"{fault}: {', '.join(names)}"


@pytest.mark.slow
def test_the_product_keeps_the_bans() -> None:
    where("pickled", (name for name in PATHS if libraries(ast.walk(tree(name))) & UNSAFE))
    where(
        "knows the screen",
        (name for name in PATHS if name.startswith("insights") and "streamlit" in libraries(ast.walk(tree(name)))),
    )
    where("slow to import", (name for name in PATHS if libraries(at_start(tree(name))) & SLOW))
    where("trusts HTML", (name for name in PATHS for node in ast.walk(tree(name)) if keyword_named(node, "unsafe_allow_html")))
    where("opens dialogs to anybody", (name for name in PATHS if name != DIALOGS and uses(name, {"dialog"})))
    screens = [name for name in PATHS if name.startswith("pages")]
    where("draws by the clock for anybody", (name for name in screens if name != DIALOGS and uses(name, {"fragment"})))
    where("remembers by itself", (name for name in PATHS if name != SESSION and uses(name, {"session_state"})))


@pytest.mark.slow
def test_every_csv_is_written_in_one_place() -> None:
    """So that no cell of it is one that a spreadsheet would run."""
    writing = {"to_csv", "write_csv", "writerow", "writerows", "CSVWriter"}
    where("writes CSV", (name for name in PATHS if name != "insights.ledger.table_files" and uses(name, writing)))
    where("writes workbooks", (name for name in PATHS if uses(name, {"to_excel", "to_clipboard"})))


def keyword_named(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.keyword) and node.arg == name


def uses(name: str, attributes: set[str]) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr in attributes for node in ast.walk(tree(name)))


def test_modules_are_short_enough_to_read() -> None:
    lines = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in PATHS.items()}
    where("too long", (name for name, count in lines.items() if count > (LONGEST_PAGE if name in PAGES else LONGEST_MODULE)))


def test_a_page_shows_and_computes_nothing() -> None:
    where("computes", (name for name in PAGES for node in ast.walk(tree(name)) if isinstance(node, ast.ClassDef | ast.Try)))
    where("caches", (name for name in PAGES if uses(name, {"cache_data", "cache_resource"})))


def test_the_command_line_starts_without_what_is_slow() -> None:
    code = f"import sys, insights.cli; print(sorted(set(sys.modules) & {SLOW | {'streamlit', 'plotly'}}))"
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


# --- who may change what ---------------------------------------------------------------------------------------------


def writers() -> set[str]:
    """The functions of the store that record who acts, as `ledgers.add`."""
    stored = {name: name.removeprefix("insights.store.") for name in PATHS if name.startswith("insights.store.")}
    functions = [(short, node) for name, short in stored.items() for node in tree(name).body if isinstance(node, ast.FunctionDef)]
    return {f"{short}.{node.name}" for short, node in functions if "actor" in {argument.arg for argument in node.args.kwonlyargs}}


def of_store(name: str) -> set[str]:
    """What a module takes from the modules of the store, as `ledgers.add`."""
    nodes = list(ast.walk(tree(name)))
    taken = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module == "insights.store"]
    modules = {alias.asname or alias.name: alias.name for node in taken for alias in node.names}
    named = [node for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)]
    return {
        f"{modules[node.value.id]}.{node.attr}" for node in named if isinstance(node.value, ast.Name) and node.value.id in modules
    }


def test_the_store_records_who_acts() -> None:
    assert {"ledgers.add", "models.save", "publications.withdraw", "rate_tables.remove"} <= writers()


@pytest.mark.slow
def test_screens_and_commands_change_state_by_services_alone() -> None:
    """Reading may go straight to the store; what records who acts, and every transaction, is behind a service."""
    entrances = [name for name in PATHS if package_of(name) in {"pages", "insights.cli"}]
    where("writes by itself", (f"{name}: {call}" for name in entrances for call in sorted(of_store(name) & writers())))
    where("opens a transaction", (name for name in entrances if uses(name, {"database"})))


@pytest.mark.slow
def test_whoever_acts_through_a_service_is_asked_whether_he_may() -> None:
    """Each function of the services that is told who acts asks first, or does nothing but tell another one; and none writes
    without being told."""
    services = {name: tree(name) for name in PATHS if package_of(name) == "insights.services"}
    functions = {(name, node.name): node for name, module in services.items() for node in module.body if isinstance(node, DEF)}
    told = {key: node for key, node in functions.items() if "actor" in arguments(node)}
    asking = {key for key, node in told.items() if any(is_require(each) for each in node.body)}
    assert ("insights.services.ledgers", "delete") in asking
    writing = {key for key, node in functions.items() if writes(key[0], node)}
    where("writes, and asks nobody", (".".join(key) for key in writing - asking - AT_THE_DOOR))
    passing = {key for key, node in told.items() if tells_a_service(node)}
    where("neither asks nor tells another", (".".join(key) for key in set(told) - asking - passing - AT_THE_DOOR))


# Who comes in is nobody yet, and may go out, and set the own password, whatever the role.
AT_THE_DOOR = {
    ("insights.services.sign_in", name) for name in ("_newcomer", "begin", "by_issuer", "by_password", "out", "out_everywhere")
} | {("insights.services.users", name) for name in ("accept", "reset")}
DEF = ast.FunctionDef


def arguments(node: ast.FunctionDef) -> set[str]:
    return {each.arg for each in (*node.args.args, *node.args.kwonlyargs)}


def is_require(statement: ast.stmt) -> bool:
    """`require(actor, ...)`, not under any condition."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "require"


def writes(module: str, node: ast.FunctionDef) -> bool:
    """Whether a function opens a transaction, or calls what records who acts in the store."""
    stored = of_store(module) & writers()
    calls = {f"{each.func.value.id}.{each.func.attr}" for each in ast.walk(node) if is_call_of_module(each)}  # type: ignore[attr-defined]
    named = {ast.unparse(each.func) for each in ast.walk(node) if isinstance(each, ast.Call)}
    return bool({call for call in calls if call in stored} or {call for call in named if call.endswith("database.write")})


def is_call_of_module(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)


def tells_a_service(node: ast.FunctionDef) -> bool:
    """Whether who acts is handed on, to a function that is held to the same."""
    handed = [each for each in ast.walk(node) if isinstance(each, ast.Call) and hands_on(each)]
    return bool(handed)


def hands_on(call: ast.Call) -> bool:
    values = [*call.args, *(each.value for each in call.keywords)]
    return any(isinstance(value, ast.Name) and value.id == "actor" for value in values)


def test_rows_of_the_database_stay_in_the_house_of_whoever_keeps_them() -> None:
    """The store hands out records; jobs keep their own rows."""
    apart = {"insights.store", "insights.jobs"}
    where("names rows", (module for module, target in arrows() if target in TABLES and package_of(module) not in apart))


# --- names ------------------------------------------------------------------------------------------------------------

FILLERS = {"each", "found", "got", "one", "said", "theirs", "thing", "told", "what"}  # they hide what a value is


def bound(module: ast.Module) -> Iterator[str]:
    """Every name that a module gives to something: a variable, a parameter, an attribute, a function, a class."""
    for node in ast.walk(module):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.id if isinstance(node, ast.Name) else node.attr
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name


@pytest.mark.slow
def test_a_name_says_what_it_names() -> None:
    where("has a name that says nothing", (f"{name}: {filler}" for name in PATHS for filler in FILLERS & set(bound(tree(name)))))


@pytest.mark.slow
def test_no_two_classes_have_one_name() -> None:
    named: dict[str, list[str]] = {}
    for module in PATHS:
        for node in ast.walk(tree(module)):
            if isinstance(node, ast.ClassDef):
                named.setdefault(node.name, []).append(module)
    where("has the name of another", (f"{name}: {' '.join(modules)}" for name, modules in named.items() if len(modules) > 1))


# --- tests and requirements ------------------------------------------------------------------------------------------


def imported(folders: tuple[str, ...]) -> set[str]:
    paths = [ROOT / "app.py", *(path for folder in folders for path in (ROOT / folder).rglob("*.py"))]
    return {name for path in paths for name in libraries(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))}


@pytest.mark.slow
def test_tests_mock_nothing() -> None:
    for path in (ROOT / "tests").rglob("*.py"):
        assert "unittest" not in libraries(ast.walk(ast.parse(path.read_text(encoding="utf-8")))), path


DISTRIBUTIONS = {
    "argon2": "argon2-cffi",
    "fpdf": "fpdf2",
    "PIL": "pillow",
    "pyspark": "pyspark-client",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}
BY_COMMAND = {
    "psycopg",  # by the URL of a database
    "lxml-stubs",
    "mypy",
    "oidc-provider-mock",
    "pandas-stubs",
    "pytest-xdist",
    "ruff",
    "types-psutil",
    "xgboost-cpu",
}  # required, imported by no name of theirs
OURS = {"insights", "pages", "tests", "benchmarks", "scripts", "_typeshed"}


def required(name: str) -> set[str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return {match[0] for line in lines if (match := re.match(r"[a-z][\w-]*", line))}


def distributions(folders: tuple[str, ...]) -> set[str]:
    """What is imported in folders that is neither the standard library nor ours, as distributions are called."""
    return {DISTRIBUTIONS.get(name, name.replace("_", "-")) for name in imported(folders) - OURS - sys.stdlib_module_names}


@pytest.mark.slow
def test_the_product_requires_what_it_imports_and_nothing_else() -> None:
    cluster = required("requirements-cluster.txt") - {"pysail"}  # on the machines that tests need only
    assert distributions(("insights", "pages")) == (required("requirements.txt") | cluster) - BY_COMMAND


@pytest.mark.slow
def test_development_requires_what_it_imports() -> None:
    every = required("requirements.txt") | required("requirements-cluster.txt") | required("requirements-dev.txt")
    assert distributions(("insights", "pages", "tests", "scripts", "benchmarks", "sample_data")) == every - BY_COMMAND
