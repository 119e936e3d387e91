"""How is the house built: how many rooms, on how many floors, joined by how many arrows, and where do they run in circles?

    python scripts/house.py [FOLDER]

A *room* is a folder with Python in it. Where a package of the checkout's root holds modules beside its folders, each of them
is a room of its own, for it belongs to none; so is a module in the root itself, like `app.py`. An *arrow* leads from a room to
another that it imports, however often and wherever: inside a function and for type checkers too. Between a package and a
folder in it there is none, for one is part of the other. A *circle* is a set of rooms, or of modules, each of which reaches
all the others. *Floors* are the rooms on the longest way downwards, a circle counted as one. Looked at are `app.py`,
`insights/` and `pages/` of the folder (default: this checkout).
"""

import argparse
import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
HOUSE = ("app.py", "insights", "pages")
UNNAMED = ("__init__", "__main__")  # modules that no test is called after

Graph = Mapping[str, frozenset[str]]  # from -> to, both without itself; every `to` is a `from` as well


@dataclass(frozen=True)
class House:
    """What was found: modules and rooms by dotted name, and what each imports."""

    modules: Graph
    rooms: Graph
    untested: tuple[str, ...]  # modules that no test is called after
    tested: int

    @property
    def imports(self) -> int:
        return arrows(self.modules)


def build(folder: Path) -> House:
    """The house in a folder. Raises SyntaxError where a file is no Python."""
    paths = {name_of(folder, path): path for path in sorted(files(folder))}
    modules = {name: frozenset(own(named(path, name), paths)) - {name} for name, path in paths.items()}
    room = {name: room_of(folder, path) for name, path in paths.items()}
    tests = {path.stem for path in (folder / "tests").rglob("test_*.py")}
    nameable = [name for name, path in paths.items() if path.stem not in UNNAMED]
    untested = tuple(name for name in nameable if f"test_{name.rpartition('.')[2]}" not in tests)
    return House(modules, joined(modules, room), untested, len(nameable) - len(untested))


def files(folder: Path) -> Iterator[Path]:
    for part in HOUSE:
        path = folder / part
        yield from path.rglob("*.py") if path.is_dir() else [path] * path.exists()


def name_of(folder: Path, path: Path) -> str:
    """insights/words/__init__.py -> insights.words"""
    return ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")


def room_of(folder: Path, path: Path) -> str:
    """The dotted name of the folder that a module lies in; its own name where it lies loose."""
    home = path.parent.relative_to(folder)
    loose = not home.parts or (len(home.parts) == 1 and (path.parent / "__init__.py").exists())
    return name_of(folder, path) if loose else ".".join(home.parts)


def named(path: Path, name: str) -> Iterator[str]:
    """What the imports of a file name: `import a.b` gives a.b, `from a import b` a.b, which may be a module or in one."""
    package = name.split(".") if path.stem == "__init__" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            home = [*above, *([node.module] if node.module else [])]
            yield from (".".join([*home, alias.name]) for alias in node.names)


def own(names: Iterable[str], modules: Iterable[str]) -> Iterator[str]:
    """Those that are modules of the house, or stand in one."""
    known = set(modules)
    for name in names:
        parts = name.split(".")
        yield from [found for end in (len(parts), len(parts) - 1) if (found := ".".join(parts[:end])) in known][:1]


def joined(modules: Graph, room: Mapping[str, str]) -> Graph:
    """The graph of the rooms."""
    found: dict[str, set[str]] = {each: set() for each in room.values()}
    for name, targets in modules.items():
        found[room[name]] |= {room[target] for target in targets if not within(room[name], room[target])}
    return {name: frozenset(targets) for name, targets in found.items()}


def within(one: str, other: str) -> bool:
    """Whether two rooms are the same, or one is a package and the other a folder in it."""
    shorter, longer = sorted((one, other), key=len)
    return one == other or ("." in shorter and longer.startswith(f"{shorter}."))


def arrows(graph: Graph) -> int:
    return sum(map(len, graph.values()))


def circles(graph: Graph) -> list[tuple[str, ...]]:
    """The sets of two and more that reach each other, largest first."""
    found = {group for group in groups(graph).values() if len(group) > 1}
    return sorted(found, key=lambda group: (-len(group), group))


def groups(graph: Graph) -> dict[str, tuple[str, ...]]:
    """Name -> all that it reaches and that reach it, itself among them, sorted."""
    reach = {name: reached(graph, name) for name in graph}
    return {name: tuple(sorted({name} | {other for other in reach[name] if name in reach[other]})) for name in graph}


def reached(graph: Graph, start: str) -> set[str]:
    found: set[str] = set()
    ahead = list(graph[start])
    while ahead:
        if (name := ahead.pop()) not in found:
            found.add(name)
            ahead += graph[name]
    return found


def longest(graph: Graph) -> list[str]:
    """The longest way downwards, from the top; a circle is one stop, its names joined by ` = `."""
    of = groups(graph)

    @cache
    def way(group: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        below = {of[target] for name in group for target in graph[name]} - {group}
        return (group, *max((way(each) for each in sorted(below)), key=len, default=()))

    stops = max((way(group) for group in sorted(set(of.values()))), key=len, default=())
    return [" = ".join(stop) for stop in stops]


def lines(house: House) -> Iterator[str]:
    """The figures, one a line, and what they are made of."""
    yield f"rooms {len(house.rooms)}, floors {len(longest(house.rooms))}, arrows {arrows(house.rooms)}"
    yield f"circles of rooms {len(circles(house.rooms))}, of modules {len(circles(house.modules))}"
    many, chain = len(house.modules), len(longest(house.modules))
    yield f"modules {many}, own imports per module {house.imports / max(many, 1):.1f}, longest chain {chain}"
    nameable = house.tested + len(house.untested)
    yield f"modules with a test of their name {house.tested} of {nameable}: {house.tested / max(nameable, 1):.0%}"
    yield from section("floors, from the top", longest(house.rooms))
    yield from section("circles of rooms", (" = ".join(group) for group in circles(house.rooms)))
    yield from section("circles of modules", (" = ".join(group) for group in circles(house.modules)))
    yield from section("longest chain of modules", longest(house.modules))
    yield from section("rooms and the rooms they import", arrows_of(house.rooms))
    yield from section("modules without a test of their name", house.untested)


def section(title: str, entries: Iterable[str]) -> list[str]:
    return ["", f"{title}:", *([f"  {entry}" for entry in entries] or ["  none"])]


def arrows_of(rooms: Graph) -> list[str]:
    return [f"{name}: {', '.join(sorted(targets)) or '-'}" for name, targets in sorted(rooms.items())]


def main(given: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT, help="a checkout [default: this one]")
    for line in lines(build(parser.parse_args(given).folder)):
        print(line)


if __name__ == "__main__":
    main()
