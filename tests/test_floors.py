"""Imports point down only, and never in a circle."""

import ast
import graphlib
from pathlib import Path

import hubroam

PACKAGE = Path(hubroam.__file__).parent

FLOORS = [
    {"errors", "network", "resources", "images", "asker", "leftovers"},
    {"providerinfo", "spec", "links", "launchlink", "profile", "events", "addresses", "hubbases"},
    {
        "inquiry",
        "discovery",
        "client",
        "roam",
        "providers",
        "recipes",
        "environments",
        "book",
        "building",
    },
    {"hub", "doctor", "checking"},
    {"binder", "demo"},
    {"cli", "__main__"},
]


def floor_of(room: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if room in rooms)


def modules() -> dict[str, Path]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = path
    return found


MODULES = modules()


def imports(name: str, path: Path) -> set[str]:
    """The modules of the package that a module imports, but for those it needs for types only."""
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    package = [part for part in package if part]
    needed: set[str] = set()
    for node in walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            dotted = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            start = ".".join(
                [*(["hubroam", *base] if node.level else []), *filter(None, [node.module])]
            )
            dotted = [f"{start}.{alias.name}" for alias in node.names]
        else:
            continue
        for full in dotted:
            if full.split(".")[0] != "hubroam":
                continue
            inner = full.split(".")[1:]
            while inner and ".".join(inner) not in MODULES:
                inner = inner[:-1]
            if inner:
                needed.add(".".join(inner))
    return needed - {name}


def walk(tree: ast.AST):
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node
        yield from walk(node)


def test_every_room_has_a_floor():
    rooms = {name.split(".")[0] for name in MODULES if name}
    assert rooms <= set().union(*FLOORS)


def test_no_import_points_up():
    upward = [
        f"{name} imports {other}"
        for name, path in MODULES.items()
        if name
        for other in imports(name, path)
        if floor_of(other.split(".")[0]) > floor_of(name.split(".")[0])
    ]
    assert upward == []


def test_no_circle():
    # a package's commands register themselves with it: that circle is meant, and inside one room
    graph = {
        name: {
            other for other in imports(name, path) if (name, other.split(".")[0]) != ("cli", "cli")
        }
        for name, path in MODULES.items()
    }
    list(graphlib.TopologicalSorter(graph).static_order())


def test_the_walk_sees_imports():
    assert "errors" in imports("events", PACKAGE / "events.py")


def test_specs_and_links_need_only_the_standard_library():
    import sys

    for name in ("errors", "spec", "links", "addresses"):
        tree = ast.parse((PACKAGE / f"{name}.py").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                tops = {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                tops = {(node.module or "").split(".")[0]}
            else:
                continue
            assert tops <= sys.stdlib_module_names | {"hubroam"}, name
