"""What a recipe names: the packages, how firmly, and where a line for another one goes."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from hubroam.checking.book import table, texts
from hubroam.checking.report import Finding
from hubroam.recipes import (
    Files,
    InstallConda,
    InstallPipfile,
    InstallProject,
    InstallRequirements,
    Named,
    Recipe,
    RunPostBuild,
    SyncUvLock,
    UseR,
    read_requirements,
    read_text,
)

_INSTALL = re.compile(r"\bpip3?\s+install\s+(.+)")
_CONDA = re.compile(r"(?:\S+::)?(?P<name>[\w.-]+)(?P<version>.*)")
# `>=2` alone lets any later version in
_CONDA_LIMIT = re.compile(r"<|~=|(?<![<>!])=")
_COMMIT = re.compile(r"@[0-9a-f]{40}\b")


@dataclass
class RecipeBook:
    """What a recipe names.

    Attributes:
        packages: Names of packages, in PyPI's normal form.
        named: The lines of requirements files.
        file: The file to which a line for another package is added.
        how: A sentence with ``{line}`` in it that says how.
        loose: For files whose packages have no lock: their names, and what would lock them.
        folder: The folder of the repository that the recipe is in; paths above begin with it.
    """

    packages: set[str] = field(default_factory=set)
    named: list[Named] = field(default_factory=list)
    file: str = "requirements.txt"
    how: str = "Make a file requirements.txt with the line: {line}"
    loose: dict[str, tuple[list[str], str]] = field(default_factory=dict)
    folder: str = ""

    def remedy(self, line: str) -> str:
        """What to do so that the recipe names a package.

        Args:
            line: The requirement.
        """
        return self.how.format(line=line)


def in_folder(path: str, folder: str) -> str:
    """A path of a recipe, as a path of the repository whose folder it is in."""
    return f"{folder}/{path}" if folder else path


def read_recipe_book(recipe: Recipe, files: Files, folder: str = "") -> RecipeBook:
    """Read what a recipe names; it has been built, so its files are as they must be.

    Args:
        recipe: The recipe.
        files: The files of its folder.
        folder: The folder of the repository that it is in; empty for the root.
    """
    book = _read(recipe, files)
    file = in_folder(book.file, folder)
    book.how, book.file = book.how.replace(book.file, file, 1), file
    book.named = [replace(each, path=in_folder(each.path, folder)) for each in book.named]
    book.loose = {in_folder(path, folder): each for path, each in book.loose.items()}
    book.folder = folder
    return book


def _read(recipe: Recipe, files: Files) -> RecipeBook:
    book = RecipeBook()
    if recipe.directory:
        book.file = f"{recipe.directory}/requirements.txt"
        book.how = f"Make a file {book.file} with the line: {{line}}"
    for step in recipe.steps:
        match step:
            case InstallRequirements(path):
                book.named += read_requirements(files, path).packages
                book.packages |= {
                    canonicalize_name(each.requirement.name)
                    for each in book.named
                    if not each.constraint
                }
                book.file, book.how = path, f"Add the line to {path}: {{line}}"
            case InstallProject():
                _read_project(book, files, "pyproject.toml", locked=False)
            case SyncUvLock(directory):
                path = "pyproject.toml" if directory == "." else f"{directory}/pyproject.toml"
                _read_project(book, files, path, locked=True)
            case InstallPipfile(directory, locked):
                path = "Pipfile" if directory == "." else f"{directory}/Pipfile"
                _read_pipfile(book, files, path, locked)
            case InstallConda():
                _read_conda(book, step)
            case RunPostBuild(path):
                book.packages |= set(_installed_by(read_text(files, path)))
    return book


def _read_project(book: RecipeBook, files: Files, path: str, *, locked: bool) -> None:
    if path not in files.names():
        book.file, book.how = "setup.py", "Add it to install_requires in setup.py: {line}"
        return
    document = tomllib.loads(read_text(files, path))
    lines = [
        *texts(table(document.get("project")).get("dependencies")),
        *texts(table(document.get("dependency-groups")).get("dev")),
    ]
    requirements = list(_requirements(lines))
    book.packages |= {canonicalize_name(each.name) for each in requirements}
    again = ", then run: uv lock" if locked else ""
    book.file, book.how = path, f'Add it to dependencies in {path}: "{{line}}"{again}'
    loose = [str(each) for each in requirements if not _is_exact(each.specifier) and not each.url]
    if loose and not locked:
        book.loose[path] = (loose, "Run: uv lock")


def _read_pipfile(book: RecipeBook, files: Files, path: str, locked: bool) -> None:
    book.file, book.how = path, f"Run: pipenv install {{line}}, which adds it to {path}"
    lock = f"{path}.lock"
    source = path if path in files.names() else lock
    text = read_text(files, source)
    # a lock file is JSON, which holds the same tables under other names
    document: dict[str, Any] = json.loads(text) if source == lock else tomllib.loads(text)
    keys = ("default", "develop") if source == lock else ("packages", "dev-packages")
    names = [name for key in keys for name in table(document.get(key))]
    book.packages |= {canonicalize_name(name) for name in names}
    if names and not locked:
        book.loose[path] = (names, "Run: pipenv lock")


def _read_conda(book: RecipeBook, step: InstallConda) -> None:
    book.file = step.path
    book.how = f"Add it to dependencies in {step.path}, by conda's name for it: {{line}}"
    # channel::name, and what follows says which versions
    found = [match for text in step.packages if (match := _CONDA.match(text))]
    book.packages |= {canonicalize_name(match["name"]) for match in found}
    book.packages |= {canonicalize_name(each.name) for each in _requirements(list(step.pip))}
    loose = [match[0] for match in found if not _CONDA_LIMIT.search(match["version"])]
    if loose and step.lock is None:
        remedy = "Name their versions, such as numpy=2.1, or add a lock file by conda-lock."
        book.loose[step.path] = (loose, remedy)


def _requirements(lines: list[str]) -> Iterator[Requirement]:
    for line in lines:
        try:
            yield Requirement(line)
        except InvalidRequirement:
            continue


def _installed_by(script: str) -> Iterator[str]:
    """The packages that a script's ``pip install`` names."""
    for found in _INSTALL.finditer(script):
        words = [word.strip("'\"") for word in found[1].split()]
        for requirement in _requirements([word for word in words if not word.startswith("-")]):
            yield canonicalize_name(requirement.name)


def pin_findings(book: RecipeBook, recipe: Recipe, versions: dict[str, str]) -> list[Finding]:
    """What of a recipe may be another package tomorrow.

    Args:
        book: What the recipe names.
        recipe: The recipe.
        versions: The versions that are installed now, by normal names.
    """
    exact = {
        canonicalize_name(each.requirement.name)
        for each in book.named
        if _is_exact(each.requirement.specifier)
    }
    findings = []
    for each in book.named:
        name = canonicalize_name(each.requirement.name)
        url = each.requirement.url
        if each.constraint or name in exact or (url and not _moves(url)):
            continue
        has = versions.get(name)
        pin = f"{each.requirement.name}=={has}"
        remedy = (
            "Name a commit behind an @ in the address."
            if url
            else f"Pin it to what ran here: {pin}"
            if has
            else "Pin it with == and a version."
        )
        findings.append(
            Finding(
                "not-pinned",
                "info" if _is_bounded(each.requirement.specifier) else "warning",
                f"{each.path}, line {each.line} does not pin {each.requirement.name} to one "
                "version, so readers may get another one later.",
                remedy,
                each.path,
                each.line,
            )
        )
    findings += [
        Finding(
            "not-pinned",
            "warning",
            f"{path} names packages without a lock file: {', '.join(names)}.",
            remedy,
            path,
        )
        for path, (names, remedy) in book.loose.items()
    ]
    runtime = in_folder(in_folder("runtime.txt", recipe.directory), book.folder)
    findings += [
        Finding(
            "not-pinned",
            "warning",
            f"{in_folder(step.path, book.folder)} asks for R and names no day of CRAN, so readers "
            "may get other packages later.",
            f"Add {runtime} with one line such as r-4.2-2026-11-01.",
            in_folder(step.path, book.folder),
        )
        for step in recipe.steps
        if isinstance(step, UseR) and step.date is None
    ]
    known = recipe.python or recipe.kind in ("default", "r")  # R's runtime.txt names R
    if not known and "python" not in book.packages:
        findings.append(
            Finding(
                "python-not-named",
                "info",
                "The recipe names no version of Python, so each hub takes its own.",
                book.remedy("python=3.12")
                if recipe.kind == "conda"
                else f"Add {runtime} with one line such as python-3.12.",
            )
        )
    return findings


def _is_exact(specifier: SpecifierSet) -> bool:
    return any(
        each.operator == "===" or (each.operator == "==" and not each.version.endswith(".*"))
        for each in specifier
    )


def _is_bounded(specifier: SpecifierSet) -> bool:
    return any(each.operator in ("<", "<=", "~=", "==") for each in specifier)


def _moves(url: str) -> bool:
    """Whether what is at an address of a repository may change."""
    return url.startswith(("git+", "hg+", "svn+")) and not _COMMIT.search(url)
