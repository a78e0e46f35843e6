"""What a page's code tells before it runs: imports, absolute paths, addresses it fetches from."""

from __future__ import annotations

import ast
import re
import shlex
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

from IPython.core.inputtransformer2 import TransformerManager

from hubroam.checking.pages import Cell, Page

# Folders that a reader's session does not have: homes, drives, mounted disks.
_ABSOLUTE = re.compile(
    r"/(home|Users|root|mnt|media|Volumes|scratch)/[^/\s]|[A-Za-z]:[\\/](?![\\/])\S|~[/\\]\S|\\\\\w+\\\w"
)
_ADDRESS = re.compile(r"(?:https?|ftp|s3|gs)://[^\s'\"]+")
# Functions that fetch from the address that they are given.
_FETCHES = re.compile(
    r"(.*\.)?(read_\w+|urlopen|urlretrieve|get|request|stream|open|open_\w+|load|load_\w+|loadtxt"
    r"|genfromtxt|imread|fetch\w*|download\w*|retrieve|geturl|from_url|from_file|Request|wget)"
)
# Functions that fetch although no address is written there.
_DATASETS = re.compile(
    r"(.*\.)?datasets\.fetch_\w+|(sns|seaborn)\.load_dataset|(yf|yfinance)\.download"
    r"|nltk\.download|(datasets\.)?load_dataset|pooch\.retrieve|gdown\.download|fetch_openml"
)
_PROGRAMS = {"curl", "wget", "gdown", "kaggle"}
# Cell magics whose body is Python.
_PYTHON_MAGICS = {"capture", "prun", "time", "timeit"}
_OPTIONAL = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}


@dataclass(frozen=True)
class Use:
    """Something that a cell does.

    Attributes:
        cell: The cell's number.
        line: The line of the page's file; None in a notebook.
        text: What it is: the module, the path, the address.
    """

    cell: int
    line: int | None
    text: str


@dataclass
class CodeFacts:
    """What the code of a page does.

    Attributes:
        imports: Modules, by their first name; not those that it can do without.
        paths: Absolute paths that it writes out.
        fetches: Addresses, or functions, that it fetches data from.
        installs: Commands that install packages.
    """

    imports: list[Use] = field(default_factory=list)
    paths: list[Use] = field(default_factory=list)
    fetches: list[Use] = field(default_factory=list)
    installs: list[Use] = field(default_factory=list)


def read_code(page: Page) -> CodeFacts:
    """Read the code of a page that is in Python; a cell that is not Python is passed over."""
    facts = CodeFacts()
    addresses: dict[str, str] = {}
    for cell in page.cells:
        if "skip-execution" in cell.tags:
            continue
        tree = _parse(cell.source)
        if tree is not None:
            _Walk(cell, facts, addresses).visit(tree)
    return facts


def _parse(source: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of invalid escapes: they are the author's
            code = TransformerManager().transform_cell(source)
            # IPython lets a cell await
            flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            tree = compile(code, "<cell>", "exec", flags, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return tree if isinstance(tree, ast.Module) else None


class _Walk(ast.NodeVisitor):
    """Walks one cell.

    Args:
        cell: The cell.
        facts: Takes what is found.
        addresses: Names that the page has given to addresses.
    """

    def __init__(self, cell: Cell, facts: CodeFacts, addresses: dict[str, str]) -> None:
        self._cell = cell
        self._facts = facts
        self._addresses = addresses
        self._optional = 0

    def _use(self, node: ast.AST, text: str) -> Use:
        line = self._cell.line
        if line is not None:
            line += getattr(node, "lineno", 1) - 1
        return Use(self._cell.number, line, text)

    def visit_Import(self, node: ast.Import) -> None:
        """``import a.b``."""
        self._import(node, [alias.name for alias in node.names])

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """``from a.b import c``; a relative one is of the book itself."""
        if not node.level and node.module:
            self._import(node, [node.module])

    def _import(self, node: ast.AST, names: list[str]) -> None:
        if not self._optional:
            self._facts.imports += [self._use(node, name.split(".")[0]) for name in names]

    def visit_Try(self, node: ast.Try) -> None:
        """What is imported in ``try`` and excused by ``except ImportError`` is optional."""
        caught = {name for handler in node.handlers for name in _names(handler.type)}
        excused = not caught.isdisjoint(_OPTIONAL)
        self._optional += excused
        for part in [*node.body, *node.handlers]:
            self.visit(part)
        self._optional -= excused
        for part in [*node.orelse, *node.finalbody]:
            self.visit(part)

    def visit_Expr(self, node: ast.Expr) -> None:
        """A text that stands alone is a comment."""
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Remember names that are given to addresses."""
        address = _address(node.value, self._addresses)
        if address:
            for target in node.targets:
                if isinstance(target, ast.Name):
                    self._addresses[target.id] = address
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """A text that is an absolute path."""
        if isinstance(node.value, str) and _is_path(node.value):
            self._facts.paths.append(self._use(node, node.value))

    def visit_Call(self, node: ast.Call) -> None:
        """A call that may fetch, or run a program."""
        name = _dotted(node.func)
        command = _command(name, node)
        if command is not None:
            self._command(node, name, command)
            return
        if _DATASETS.fullmatch(name):
            self._facts.fetches.append(self._use(node, f"{name}()"))
        elif _FETCHES.fullmatch(name):
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            found = (_address(value, self._addresses) for value in given)
            self._facts.fetches += [self._use(node, address) for address in found if address]
        self.generic_visit(node)

    def _command(self, node: ast.Call, magic: str, text: str) -> None:
        """A line of the shell, or a magic and what follows it."""
        if magic.endswith("run_cell_magic"):
            words, body = text.split(), node.args[2]
            if words[0] in _PYTHON_MAGICS and isinstance(body, ast.Constant):
                tree = _parse(str(body.value))
                if tree is not None:
                    # the body begins on the line after the magic
                    ast.increment_lineno(tree, 1)
                    self.visit(tree)
            return
        try:
            words = shlex.split(text, comments=True)
        except ValueError:
            words = text.split()
        if re.match(r"(python3? -m )?(pip3?|conda|mamba) install\b", " ".join(words)):
            self._facts.installs.append(self._use(node, text))
        elif words and (words[0] in _PROGRAMS or words[:2] == ["git", "clone"]):
            address = _ADDRESS.search(text)
            self._facts.fetches.append(self._use(node, address[0] if address else text))
        self._facts.paths += [self._use(node, word) for word in words if _is_path(word)]


def _names(node: ast.expr | None) -> Iterator[str]:
    """The names of what an ``except`` catches; of a bare one, everything."""
    if node is None:
        yield "BaseException"
    elif isinstance(node, ast.Tuple):
        for element in node.elts:
            yield from _names(element)
    else:
        yield _dotted(node).rpartition(".")[2]


def _dotted(node: ast.expr) -> str:
    """``a.b.c`` as it is written; empty for what is no such name."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            return f"{_dotted(value)}.{name}"
        case ast.Call(func=function):
            return f"{_dotted(function)}()"
    return ""


def _command(name: str, node: ast.Call) -> str | None:
    """What a magic or a line of the shell says, as IPython hands it on; None for other calls."""
    if not name.startswith("get_ipython()."):
        return None
    texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
    words = [text for text in texts if isinstance(text, str)]
    return " ".join(words[:2]) if words else None


def _address(node: ast.expr, known: dict[str, str]) -> str | None:
    """The address that an expression begins with, if it does."""
    match node:
        case ast.Constant(value=str(text)):
            found = _ADDRESS.match(text)
            return found[0] if found else None
        case ast.Name(id=name):
            return known.get(name)
        case ast.JoinedStr(values=[first, *_]):
            return _address(first, known)
        case ast.FormattedValue(value=value):
            return _address(value, known)
        case ast.BinOp(left=left):
            return _address(left, known)
    return None


def _is_path(text: str) -> bool:
    return len(text) < 300 and "\n" not in text and _ABSOLUTE.match(text) is not None
