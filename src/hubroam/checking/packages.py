"""The packages that pages import, beside those that the recipe names and brings."""

from __future__ import annotations

import asyncio
import json
import re
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from hubroam.checking.code import CodeFacts
from hubroam.checking.recipebook import RecipeBook
from hubroam.checking.report import Finding, PageReport, Severity
from hubroam.environments import Environment
from hubroam.environments.commands import clean_environment

# What every kernel of every hub has.
_EVERYWHERE = {"IPython", "ipykernel", "ipywidgets", "__main__"}

# Modules whose package has another name on PyPI, as far as books for teaching import them. The
# environment's own metadata say it of what is installed; this is for what is missing. There is no
# list to depend on: pipreqs, which has one, pins an IPython of 2023.
_DISTRIBUTIONS = {
    "Bio": "biopython",
    "Crypto": "pycryptodome",
    "OpenSSL": "pyOpenSSL",
    "PIL": "pillow",
    "absl": "absl-py",
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "fitz": "PyMuPDF",
    "git": "GitPython",
    "github": "PyGithub",
    "googleapiclient": "google-api-python-client",
    "jose": "python-jose",
    "jwt": "PyJWT",
    "magic": "python-magic",
    "mpl_toolkits": "matplotlib",
    "osgeo": "GDAL",
    "pptx": "python-pptx",
    "psycopg2": "psycopg2-binary",
    "pylab": "matplotlib",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "slugify": "python-slugify",
    "umap": "umap-learn",
    "usb": "pyusb",
    "vtkmodules": "vtk",
    "yaml": "PyYAML",
    "zmq": "pyzmq",
}

# Asked of the environment's own Python. Top-level names only, so that nothing is imported.
_PROBE = r"""
import importlib.metadata as metadata, importlib.util, json, sys
def found(name):
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError, AttributeError):
        return False
versions, own, requires = {}, [], []
for distribution in metadata.distributions():
    name = distribution.metadata["Name"]
    if not name:
        continue
    versions[name] = distribution.version
    origin = distribution.read_text("direct_url.json")
    if origin:
        own.append(name)
        if json.loads(origin).get("dir_info") is not None:
            requires += distribution.requires or []
modules = {}
if hasattr(metadata, "packages_distributions"):
    modules = metadata.packages_distributions()
names = json.loads(sys.argv[1])
print("\n" + json.dumps({
    "found": [name for name in names if found(name)],
    "standard": [name for name in names if name in getattr(sys, "stdlib_module_names", ())],
    "modules": {name: modules.get(name, []) for name in names},
    "versions": versions,
    "own": own,
    "requires": requires,
}))
"""


@dataclass(frozen=True)
class Installed:
    """What an environment says of the modules that pages import.

    Attributes:
        found: Those that can be imported.
        standard: Those that Python itself brings.
        modules: For each the packages that bring it.
        versions: The version of every package, by its normal name.
        direct: Normal names of packages from the repository or an address, and of what those
            from the repository ask for: the recipe names all of them in its own way.
    """

    found: frozenset[str]
    standard: frozenset[str]
    modules: Mapping[str, list[str]]
    versions: Mapping[str, str]
    direct: frozenset[str]


async def ask_environment(environment: Environment, names: Iterable[str]) -> Installed:
    """Ask an environment which packages bring modules.

    Args:
        environment: The environment.
        names: The modules.
    """
    home = environment.path.parent
    process = await asyncio.create_subprocess_exec(
        *(str(environment.path / "bin" / "python"), "-I", "-c", _PROBE),
        json.dumps(sorted(set(names))),
        cwd=home,
        env=clean_environment(home),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=DEVNULL,
    )
    output, _ = await process.communicate()
    answer = json.loads(output.splitlines()[-1])
    modules = {name: list(brought_by) for name, brought_by in answer["modules"].items()}
    for name, owner in await asyncio.to_thread(_conda_owners, environment.path):
        if name in modules:
            modules[name].append(owner)
    wanted = {_requirement_name(line) for line in answer["requires"]}
    return Installed(
        frozenset(answer["found"]),
        frozenset(answer["standard"]),
        modules,
        {canonicalize_name(name): version for name, version in answer["versions"].items()},
        frozenset(map(canonicalize_name, answer["own"])) | wanted - {""},
    )


def _conda_owners(prefix: Path) -> Iterator[tuple[str, str]]:
    """Modules of a conda environment, each with conda's name of the package that it came in.

    What conda-forge splits off as ``matplotlib-base`` or ``dask-core`` has the whole one's name.
    """
    for record in (prefix / "conda-meta").glob("*.json"):
        document = json.loads(record.read_bytes())
        owner = re.sub(r"-(base|core)$", "", document["name"])
        tops = {
            file.partition("site-packages/")[2].split("/")[0].partition(".")[0]
            for file in document.get("files", [])
            if "site-packages/" in file
        }
        for name in tops:
            yield name, owner


def _requirement_name(line: str) -> str:
    try:
        return canonicalize_name(Requirement(line).name)
    except InvalidRequirement:
        return ""


def package_findings(
    code: Mapping[str, CodeFacts],
    reports: Mapping[str, PageReport],
    installed: Installed,
    book: RecipeBook,
    local: frozenset[str],
) -> list[Finding]:
    """Packages that pages import and the recipe does not name.

    Args:
        code: What each page's code does.
        reports: How each page ran.
        installed: What the environment has.
        book: What the recipe names.
        local: Modules that are files of the book.
    """
    users: dict[str, dict[str, int]] = {}
    for path, facts in code.items():
        for use in facts.imports:
            users.setdefault(use.text, {}).setdefault(path, use.cell)
    named = book.packages | installed.direct
    findings = []
    for module, pages in sorted(users.items()):
        if module in _EVERYWHERE | installed.standard | local:
            continue
        if module not in installed.found:
            # where the page ran all the same, the import is in a function or got its package
            # while the page ran
            ran = all(reports[path].ok and not reports[path].skipped for path in pages)
            findings.append(_missing(module, pages, book, "warning" if ran else "fault"))
            continue
        brought_by = installed.modules.get(module, [])
        if brought_by and named.isdisjoint(map(canonicalize_name, brought_by)):
            version = installed.versions.get(canonicalize_name(brought_by[0]))
            line = f"{brought_by[0]}=={version}" if version else brought_by[0]
            findings.append(
                Finding(
                    "package-not-named",
                    "warning",
                    f"{_where(pages)} imports {module}, which is there only because another "
                    f"package needs {brought_by[0]}: the recipe does not name it.",
                    book.remedy(line),
                    next(iter(pages)),
                )
            )
    return findings


def _missing(module: str, pages: dict[str, int], book: RecipeBook, severity: Severity) -> Finding:
    name = _DISTRIBUTIONS.get(module)
    remedy = (
        book.remedy(name)
        if name
        else f"{book.remedy(module)} (if the package has the name of its module, as most have: "
        f"see https://pypi.org/project/{module}/ before you add it)"
    )
    return Finding(
        "package-missing",
        severity,
        f"{_where(pages)} imports {module}, which the recipe does not bring.",
        remedy,
        next(iter(pages)),
    )


def _where(pages: dict[str, int]) -> str:
    (first, cell), *others = pages.items()
    more = f" (and {len(others)} more {'page' if len(others) == 1 else 'pages'})" if others else ""
    return f"{first}, cell {cell}{more}"


def local_modules(files: Iterable[str]) -> frozenset[str]:
    """Names that may be imported from a book's own files, wherever in it they are.

    Args:
        files: The book's files.
    """
    names = set()
    for name in files:
        *folders, last = name.split("/")
        if last.endswith((".py", ".so")):
            names |= {*folders, last.partition(".")[0]}
    return frozenset(names)
