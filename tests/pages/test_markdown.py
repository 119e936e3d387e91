"""Does no text from a file get to where Streamlit looks for Markdown, except through `plain`?

Every call that draws takes sentences of our own: constants, figures and days as `format` writes them, and text that went through
`plain`. Where a function hands its parameter on to such a call, its callers are held to the same. What else is shown there stands
in OURS, with what makes sure that it is our own.
"""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeGuard

import pytest

pytestmark = pytest.mark.slow  # every module of the screens is followed

PAGES = Path(__file__).parents[2] / "pages"
SCREENS = sorted(path.relative_to(PAGES).as_posix() for path in PAGES.rglob("*.py"))

# Which arguments of a call know Markdown: by place (the receiver not counted), and by name.
LABEL = ((0,), ("label", "body", "help"))
CHOICES = ((0, 3), ("label", "format_func", "captions", "help"))  # of a radio the options, too, where no function writes them
CAPABLE: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    **dict.fromkeys(
        ("markdown", "caption", "title", "header", "subheader", "write", "info", "warning", "error", "success"), LABEL
    ),
    **dict.fromkeys(
        ("button", "form_submit_button", "download_button", "link_button", "page_link", "popover", "expander"), LABEL
    ),
    **dict.fromkeys(("selectbox", "multiselect", "text_input", "number_input", "text_area", "date_input", "slider"), LABEL),
    **dict.fromkeys(("checkbox", "toggle", "file_uploader", "toast", "tabs", "dialog", "status", "latex", "camera_input"), LABEL),
    **dict.fromkeys(("radio", "segmented_control", "pills", "select_slider"), CHOICES),
    "spinner": ((0,), ("text",)),
    "of_person": ((0,), ("title",)),  # a dialog
    "progress": ((1,), ("text",)),
    "metric": ((0, 1, 2), ("label", "value", "delta", "help")),
    "table": ((0,), ("data",)),
    "Tile": ((0, 1, 2, 3), ("label", "value", "below", "explained")),
    "Step": ((0,), ("label",)),
    **dict.fromkeys(
        ("TextColumn", "NumberColumn", "ImageColumn", "DateColumn", "Column", "ButtonColumn", "ProgressColumn"), ((), ("help",))
    ),
}
# What writes figures, days and currencies (which are known codes), and what escapes: nothing of it can be Markdown.
WRITTEN = {
    "amount",
    "count",
    "day",
    "days",
    "expected",
    "figure",
    "money",
    "moneys",
    "moment",
    "overdue",
    "past_due",
    "percent",
    "round_money",
    "round_moneys",
    "round_range",
    "short_moneys",
    "percents",
}
ESCAPED = {"plain", "names_of_currencies"}
NUMBERS = {"len", "round", "sum", "min", "max", "int", "abs", "bool", "columns"}
THEMSELVES = {"Tile", "Step", "Page"}  # their arguments are looked at where they are made

# What else is drawn, and why it is our own.
OURS: Mapping[str, set[str]] = {
    "release_list.py": {"release_table.nobody(waiting)"},  # our own words
    "ui/ageing/age_matrix.py": {"aged.ranges.ends[-1]"},  # a number of days
    "ui/cash/weeks.py": {"between(forecast.range_13)", "between(forecast.range_4)"},  # amounts in a known code
    "ui/figures/figure_details.py": {
        "{code: words.label for code, words in WITH_GOALS.items() if code not in silent}",  # from our own table of figures
    },
    "ui/figures/figure_tiles.py": {
        "_change(values, words.unit)",  # figures in a sentence
        "WITH_GOALS[PROMISES_KEPT].formula",  # from our own table of figures
        "WITH_GOALS[PROMISES_KEPT].label",
        "words.formula",
        "words.label",
    },
    "ui/ledgers/spellings.py": {"ingest.alike(ledger.invoices)"},  # groups, which are counted
    "ui/worklist/worklist_table.py": {"worklist.known.currency", "weights.prevention"},  # a known code; a number
    "ui/customers/changed_habits.py": {"sentences.rule(len(trends), len(changed), FALSE_SHARE)"},  # two counts and a share
    "ui/customers/customer_details.py": {"_lateness(insights.average_days_late)"},  # days, in words
    "ui/customers/customer_table.py": {"_limits(view)", "words.formula", "words.label"},  # percentages; our own table
    "ui/customers/release_table.py": {"_of_limits(view, waiting)", "waiting.threshold"},  # our own words; a number
    "ui/invoices/invoice_list.py": {"neighbours(view, key)"},  # of which only whether there is one is shown
    "ui/ledgers/mapping.py": {
        "_label(match.field)",  # escapes by itself
        "ingest.presets.titles(session.workspace().home)",  # choices of select boxes, in one tuple with their labels
        "work.draft.preset",
        "work.options.date_order",
        "work.options.decimal",
    },
    "ui/ledgers/update.py": {
        "_kinds(difference)",  # counts in words
        "_sums(difference.disappeared, 'outstanding', 'open')",  # amounts in known codes
        "_sums(difference.new, 'amount')",
        "_sums(difference.settled, 'amount')",
        "difference.changed",  # tables, of which rows are counted
        "difference.disappeared",
        "difference.new",
        "difference.settled",
    },  # tables, of which rows are counted
    "ui/models/backtest.py": {"given.letter"},  # A to D
    "ui/models/comparison.py": {
        "_letter(comparison, other)",  # A to D
        "_letter(comparison, record.id)",
        "_verdict(comparison.difference(other), _letter(comparison, other))",  # figures in a sentence
    },
    "ui/models/consequences.py": {"_money_late(now)"},  # amounts in a known code
    "ui/models/field_switches.py": {"messages.group(group)"},  # from the catalog of fields
    "ui/models/model_details.py": {
        "_csv(record.metrics.to_json())",  # contents of files, in one list with their labels
        "card(record, ledger)",
        "json.dumps(metrics, indent=1)",
        "_decimal(loss)",  # figures
        "_decimal(past.log_loss)",
        "_decimal(rates.log_loss)",
        "_decimal(published_loss)",
        "map(fmt.day, metrics.judged)",  # days
    },
    "ui/overview/role_tiles.py": {
        "ranges.columns[-1]",  # of an address, in one tuple with a tile's words
        "session.link(view, currency=money)",  # parameters of an address, in one tuple with the page
        "total.parts[-1]",  # amounts, in one tuple with a tile's words
        "total.parts[0]",
        "total.receivables",
        "words.label",  # from our own table of figures
    },
    "ui/shared/frame.py": {"_model_line(view)", "newest.version"},  # escapes the ledger's name by itself; a number
    "ui/shared/links.py": {"session.last_list(lists)"},  # one of our own names
    "ui/shared/tiles.py": {"tile.below", "tile.explained", "tile.label", "tile.value"},  # looked at where tiles are made
    "ui/shared/training_progress.py": {"left(made, clock)"},  # a time in words
    "ui/shared/widgets.py": {"step.label"},  # looked at where steps are made
}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def functions(path: Path) -> tuple[ast.FunctionDef, ...]:
    return tuple(node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef))


@cache
def imported(path: Path) -> Mapping[str, tuple[str, str]]:
    """What the names that a file imports from modules stand for: the module, and the name there."""
    nodes = [node for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom)]
    return {alias.asname or alias.name: (node.module or "", alias.name) for node in nodes for alias in node.names}


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""


def receiver(call: ast.Call) -> str:
    return call.func.value.id if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) else ""


class Place(NamedTuple):
    """Where an expression stands: the file, and the functions around it, outermost first."""

    path: Path
    around: tuple[ast.FunctionDef, ...]


@cache
def calls(path: Path) -> tuple[tuple[Place, ast.Call], ...]:
    found: list[tuple[Place, ast.Call]] = []

    def walk(node: ast.AST, around: tuple[ast.FunctionDef, ...]) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Call):
                found.append((Place(path, around), child))
            walk(child, (*around, child) if isinstance(child, ast.FunctionDef) else around)

    walk(tree(path), ())
    return tuple(found)


@cache
def modules(path: Path, of: str = "") -> frozenset[str]:
    """Names that a file imports, from a package or any: what is called on them is a function, not a part of the screen."""
    nodes = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Import | ast.ImportFrom)]
    kept = [node for node in nodes if not of or (isinstance(node, ast.ImportFrom) and (node.module or "").startswith(of))]
    return frozenset((alias.asname or alias.name).split(".")[0] for node in kept for alias in node.names) - {"st"}


def parameters(function: ast.FunctionDef) -> list[str]:
    return [each.arg for each in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]


def assigned(function: ast.FunctionDef | ast.Module, name: str) -> Iterator[ast.expr]:
    """What a name stands for in a function: the right sides, and what is iterated over."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            yield from (value for target in node.targets for value in matched(target, node.value, name))
        elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr) and node.value is not None:
            yield from matched(node.target, node.value, name)
        elif isinstance(node, ast.For | ast.comprehension):
            yield from matched(node.target, node.iter, name)


def matched(target: ast.expr, value: ast.expr, name: str) -> Iterator[ast.expr]:
    """The part of a value that a name in a target gets; the whole where that cannot be told."""
    if isinstance(target, ast.Name):
        yield from [value] if target.id == name else []
    elif isinstance(target, ast.Tuple | ast.List):
        many = len(target.elts)
        parts = value.elts if isinstance(value, ast.Tuple) else value.args if zipped(value) else []
        parts = parts if len(parts) == many else [value] * many
        for each, part in zip(target.elts, parts, strict=True):
            yield from matched(each, part, name)


def zipped(value: ast.expr) -> TypeGuard[ast.Call]:
    return isinstance(value, ast.Call) and name_of(value) == "zip"


class Reading:
    """Follows what is drawn back to where it comes from."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.paths = folder, sorted(folder.rglob("*.py"))
        self.handed: dict[tuple[Path, str], set[str]] = {}  # file and function -> its parameters that are drawn
        self.holes: dict[str, set[str]] = {}  # file -> what is not certainly ours

    def drawn(self, place: Place, call: ast.Call) -> Iterator[ast.expr]:
        name, on = name_of(call), receiver(call)
        if name in CAPABLE and (name in THEMSELVES or (isinstance(call.func, ast.Attribute) and on not in modules(place.path))):
            at, names = CAPABLE[name] if name != "table" or on == "st" else ((), ())  # others have tables, too
            yield from (each for number, each in enumerate(call.args) if number in at)
            yield from (each.value for each in call.keywords if each.arg in names)
            if CAPABLE[name] == CHOICES and len(call.args) == 2 and "format_func" not in {each.arg for each in call.keywords}:
                yield call.args[1]
        if isinstance(call.func, ast.Name) or on in modules(place.path, "pages"):
            for path, function in self.meant(place.path, name, on):
                given = dict(zip(parameters(function), call.args, strict=False))
                given |= {each.arg: each.value for each in call.keywords if each.arg}
                yield from (value for each, value in given.items() if each in self.handed.get((path, function.name), ()))

    def read(self) -> "Reading":
        """Until no further parameter is found to be drawn."""
        while True:
            before = {function: set(found) for function, found in self.handed.items()}
            for path in self.paths:
                for place, call in calls(path):
                    for each in self.drawn(place, call):
                        self.follow(place, each, frozenset())
            if before == self.handed:
                return self

    def follow(self, place: Place, node: ast.expr, seen: frozenset[str]) -> None:  # noqa: C901, PLR0912 - a case per kind
        match node:
            case ast.Constant() | ast.Compare() | ast.UnaryOp():
                return
            case ast.JoinedStr(values=parts) | ast.BoolOp(values=parts):
                self.all(place, parts, seen)
            case ast.FormattedValue(value=value, format_spec=spec):
                if not (spec and ast.unparse(spec).rstrip("'\"")[-1:] in set("dfg%e,")):
                    self.follow(place, value, seen)
            case ast.BinOp(left=left, right=right):
                self.all(place, [left, right], seen)
            case ast.IfExp(body=body, orelse=other):
                self.all(place, [body, other], seen)
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                self.all(place, parts, seen)
            case ast.Dict(keys=keys, values=values):
                self.all(place, [each for each in (*keys, *values) if each], seen)
            case ast.Starred(value=value) | ast.NamedExpr(value=value) | ast.Lambda(body=value):
                self.follow(place, value, seen)
            case ast.ListComp(elt=value) | ast.GeneratorExp(elt=value) | ast.SetComp(elt=value):
                self.follow(place, value, seen)
            case ast.DictComp(value=value) | ast.Subscript(value=value) if not isinstance(value, ast.Attribute):
                self.follow(place, value, seen)
            case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name)) if name.isupper():
                return
            case ast.Attribute(attr=name) if name.isupper():
                return
            case ast.Call():
                self.call(place, node, seen)
            case ast.Name(id=name):
                self.name(place, node, seen) if not name.isupper() else None
            case _:
                self.hole(place, node)

    def all(self, place: Place, nodes: list[ast.expr], seen: frozenset[str]) -> None:
        for each in nodes:
            self.follow(place, each, seen)

    def call(self, place: Place, call: ast.Call, seen: frozenset[str]) -> None:
        name, on = name_of(call), receiver(call)
        if name in NUMBERS | ESCAPED | THEMSELVES or (name in WRITTEN and on == "fmt"):
            return
        if name in {"join", "zip", "enumerate", "list", "tuple", "sorted", "reversed", "dict"}:
            self.all(place, call.args, seen)
        elif name in {"items", "values", "keys", "capitalize", "lower", "strip", "replace", "get"} and isinstance(
            call.func, ast.Attribute
        ):
            self.follow(place, call.func.value, seen)
        else:
            self.hole(place, call)

    def name(self, place: Place, node: ast.Name, seen: frozenset[str]) -> None:
        if node.id in seen:
            return
        for function in reversed(place.around):
            if node.id in parameters(function):
                self.handed.setdefault((place.path, function.name), set()).add(node.id)
                return
            if values := list(assigned(function, node.id)):
                self.all(place, values, seen | {node.id})
                return
        values = list(assigned(tree(place.path), node.id)) if not place.around else []
        self.all(place, values, seen | {node.id}) if values else self.hole(place, node)

    def meant(self, path: Path, name: str, on: str) -> list[tuple[Path, ast.FunctionDef]]:
        """The functions that a call may be of: those of its file or of its import; where neither has it, all of this name."""
        module, original = imported(path).get(on or name, ("", name))
        places = [self.file(f"{module}.{original}")] if on else [path, self.file(module)]
        known = name if on else original
        found = [(each, function) for each in places if each for function in functions(each) if function.name in (name, known)]
        if found:
            return found
        return [(each, function) for each in self.paths for function in functions(each) if function.name == name]

    def file(self, module: str) -> Path | None:
        """The file of a module of the screens."""
        package, *parts = module.split(".")
        path = self.folder.joinpath(*parts).with_suffix(".py")
        return path if package == "pages" and path in self.paths else None

    def hole(self, place: Place, node: ast.expr) -> None:
        self.holes.setdefault(place.path.relative_to(self.folder).as_posix(), set()).add(ast.unparse(node))


@cache
def holes() -> Mapping[str, set[str]]:
    return Reading(PAGES).read().holes


@pytest.mark.parametrize("name", SCREENS)
def test_what_knows_markdown_is_given_our_own_words(name: str) -> None:
    assert holes().get(name, set()) == OURS.get(name, set())


@pytest.mark.parametrize(
    ("screen", "found"),
    [
        ('st.caption(f"Of {record.name}")', {"record.name"}),
        ('st.caption(f"Of {plain(record.name)}, {fmt.day(record.day)}, {len(record.rows)} rows, {record.share:.1%}")', set()),
        ("told = record.name\nst.expander(told)", {"record.name"}),
        ('st.button("Go", help=record.name)', {"record.name"}),
        ('a, b = st.columns(2)\nb.metric("Sum", total(record))', {"total(record)"}),
        ('st.radio("Which", record.names)', {"record.names"}),
        ('st.radio("Which", record.names, format_func=plain)', {"plain"}),
        ('st.selectbox("Which", record.names)', set()),  # a list of text
        ('def draw(label):\n    st.toggle(label)\ndraw("Ours")', set()),
        ("def draw(label):\n    st.toggle(label)\ndef outer(name):\n    draw(name)\nouter(record.name)", {"record.name"}),
        ("def draw(label):\n    st.toggle(label)\nfor each in record.names:\n    draw(label=each)", {"record.names"}),
        ('with st.spinner("Reading " + path.name):\n    read()', {"path.name"}),
        ('st.warning("Ours" if record.ours else record.name)', {"record.name"}),
        ('st.markdown(" ".join(each.name for each in record))', {"each.name"}),
        ('Tile("Sum", record.name)', {"record.name"}),
        ("st.text(record.name)", set()),
    ],
)
def test_it_would_be_seen_if_it_were_not(screen: str, found: set[str], tmp_path: Path) -> None:
    (tmp_path / "screen.py").write_text(screen)
    assert Reading(tmp_path).read().holes.get("screen.py", set()) == found


@pytest.mark.parametrize(
    ("screen", "found"),
    [
        ("from pages import mine\nmine.draw(record.name)", {"record.name"}),
        ("from pages import other\nother.draw(record.name)", set()),
        ("from pages.mine import draw\ndraw(record.name)", {"record.name"}),
        ("from pages.mine import draw as shown\nshown(record.name)", {"record.name"}),
        ("from pages.other import draw\ndraw(record.name)", set()),
        ("def draw(label):\n    st.text(label)\ndraw(record.name)", set()),
        ("from pages import package\npackage.draw(record.name)", {"record.name"}),  # handed on from who knows where
        ("draw(record.name)", {"record.name"}),
    ],
)
def test_functions_of_one_name_are_told_apart(screen: str, found: set[str], tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def draw(label):\n    st.toggle(label)\n")
    (tmp_path / "other.py").write_text("def draw(label):\n    st.text(label)\n")
    (tmp_path / "screen.py").write_text(screen)
    assert Reading(tmp_path).read().holes.get("screen.py", set()) == found
